/**
 * SharedHistory: files of several members that hold the same rows, written by any number of actors that are all gone: as in a
 * fleet whose hosts have been replaced again and again.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actorId, decodeChangesetHeader, encodeChangeset, seq, version } from '@patina/base'
import { openEmpty, openFilled, servedBy } from './filled-store.ts'

export interface History {
  readonly rows: number
  readonly actors: number
}

const BATCH_BYTES = 1_048_576
/** In one call of `apply`. */
const CHANGESETS_AT_ONCE = 512
/** Chunks of a version would have to be numbered; below this a version of the reference fleet is one chunk. */
const ROWS_PER_CHUNK_MAX = 250

/** Each actor has written as many versions as the others, one more or less. */
export function writeHistory({ rows, actors }: History, paths: readonly string[]): void {
  const rowsPerVersion = Math.min(Math.ceil(rows / actors), ROWS_PER_CHUNK_MAX)
  const folder = mkdtempSync(join(tmpdir(), 'patina-bench-'))
  try {
    const source = openFilled(join(folder, 'source.db'), { rows, rowsPerVersion })
    const changesets = [...servedBy(source, BATCH_BYTES)].flat().map((bytes, n) => ofActor(bytes, n, actors))
    source.close()
    for (const path of paths) {
      const store = openEmpty(path)
      for (let at = 0; at < changesets.length; at += CHANGESETS_AT_ONCE)
        store.apply(changesets.slice(at, at + CHANGESETS_AT_ONCE))
      store.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The n-th version of all, as one of `actors` has written it. */
function ofActor(bytes: Uint8Array, n: number, actors: number): Uint8Array {
  const decoded = decodeChangesetHeader(bytes)
  if (
    !decoded.ok ||
    decoded.value.header.firstSeq !== seq(0) ||
    decoded.value.header.lastSeq !== decoded.value.header.versionLastSeq
  )
    throw new Error('a version of the history is not one whole changeset')
  const { header, payloadOffset } = decoded.value
  const actor = actorId((n % actors).toString(16).padStart(32, '0'))
  const renamed = { ...header, actor, version: version(1 + Math.floor(n / actors)) }
  return encodeChangeset(renamed, bytes.subarray(payloadOffset))
}
