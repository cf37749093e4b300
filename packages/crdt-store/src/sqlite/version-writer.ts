/**
 * An own version on its way out: stamped row changes → changesets, in the log and for peers. The row clocks are written
 * already; knowledge follows with the commit.
 */
import { encodeChangeset, type LocalCommit, type Seq, type Version } from '@patina/base'
import type { KeyedRowChange } from '../core/changeset.ts'
import { cutChunks } from '../core/chunking.ts'
import { RequestRefused } from '../errors.ts'
import type { StoreParts } from './store-parts.ts'

/** Row changes of one version, and how many cells and lives it owns with them. */
export interface StampedChanges {
  /** Not empty. */
  readonly changes: readonly KeyedRowChange[]
  readonly live: number
}

/** Encodes and logs the version under a time of its own. Throws RequestRefused where it is too large to travel. */
export function writeVersion(
  parts: StoreParts,
  { changes, live }: StampedChanges,
  version: Version,
): LocalCommit {
  const { self, limits, log, clock } = parts
  const ts = clock.tick()
  const chunks = cutChunks(changes, limits)
  if ('kind' in chunks)
    throw new RequestRefused(
      chunks.kind,
      `the change has ${chunks.bytes} bytes, ${chunks.bytesMax} are allowed; split it into several requests`,
    )
  const versionLastSeq = (changes.length - 1) as Seq
  const changesets = chunks.map(({ firstSeq, lastSeq, payload }) => {
    const header = { actor: self.actor, version, firstSeq, lastSeq, versionLastSeq, ts, flags: 0 }
    const bytes = encodeChangeset(header, payload)
    const checksum = checksumOf(bytes, payload)
    log.append({ actor: self.ordinal, header, checksum, payload }, firstSeq === 0 ? live : 0)
    return bytes
  })
  return { version, ts, changesets, ...about(changes) }
}

/** What a version is about, as far as its sender wants to know. */
function about(changes: readonly KeyedRowChange[]): Pick<LocalCommit, 'deletes' | 'tables'> {
  const tables = new Set<string>()
  let deletes = false
  let last: string | undefined
  for (const { table, causalLength } of changes) {
    if (causalLength % 2 === 0) deletes = true
    if (table === last) continue
    tables.add(table)
    last = table
  }
  return { deletes, tables: [...tables] }
}

/** The last four bytes of the header, which ends where the payload begins. */
function checksumOf({ buffer, length }: Uint8Array<ArrayBuffer>, payload: Uint8Array): number {
  return new DataView(buffer).getUint32(length - payload.length - 4, true)
}
