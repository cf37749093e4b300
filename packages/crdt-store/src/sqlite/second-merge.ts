/**
 * Merges once more what is held already. A version that is held only as cleared may turn out not to be beaten, when the claim
 * rested on another half of a fork; and of an abandoned actor two different contents stand under one number, of which this
 * file has one, and the cells of both are written anew. Merging is idempotent, so that too much of it does no harm. Whole versions
 * only: all chunks in one call.
 */
import { type ApplyOutcome, changesetChecksum, decodeChangesetHeader, RangeSet, type Seq } from '@patina/base'
import type { LogEntry } from './log.ts'
import { applyRows, type RemoteContext } from './remote-write.ts'
import { resolveChunks } from './resolve-changes.ts'

/** A chunk, and where it stood in the caller's list. */
interface Chunk extends LogEntry {
  readonly at: number
}

/** Outcomes by position; undefined where the version is not held and goes the usual way. */
export function mergeAgain(
  changesets: readonly Uint8Array[],
  context: RemoteContext,
): (ApplyOutcome | undefined)[] {
  const outcomes: (ApplyOutcome | undefined)[] = changesets.map(() => undefined)
  const versions = Map.groupBy(
    changesets.flatMap((bytes, at) => chunkOf(bytes, at, context)),
    ({ actor, header: { version, ts } }) => `${actor}/${version}/${ts}`,
  )
  for (const chunks of versions.values()) {
    const outcome = mergeVersion(chunks, context)
    for (const { at } of chunks) outcomes[at] = outcome
  }
  return outcomes
}

/** What is damaged or not held is not for here. */
function chunkOf(bytes: Uint8Array, at: number, { draft, actors }: RemoteContext): Chunk[] {
  const decoded = decodeChangesetHeader(bytes)
  if (!decoded.ok) return []
  const { header, checksum, payloadOffset } = decoded.value
  if (!draft.has(header.actor, header.version)) return []
  if (changesetChecksum(bytes, payloadOffset) !== checksum) return []
  return [
    { at, actor: actors.ordinalOf(header.actor), header, checksum, payload: bytes.subarray(payloadOffset) },
  ]
}

function mergeVersion(chunks: readonly Chunk[], context: RemoteContext): ApplyOutcome {
  const [{ actor, header }] = chunks as readonly [Chunk]
  const stamp = { actor, version: header.version }
  const [known] = context.log.chunksOf(stamp)
  if (known !== undefined && (known.ts === header.ts || !context.isAbandoned(actor)))
    return { kind: 'duplicate' }
  if (!areWhole(chunks))
    return { kind: 'dropped', reason: 'held already, and not all of its chunks came together' }
  const resolved = resolveChunks(inOrder(chunks), context.tables)
  if (!resolved.ok) return { kind: 'dropped', reason: resolved.error }
  const live = applyRows(resolved.value, stamp, context)
  if (live === 0) return { kind: 'duplicate' }
  if (known !== undefined) context.log.raiseLive(stamp, live)
  else for (const chunk of chunks) context.log.append(chunk, chunk.header.firstSeq === 0 ? live : 0)
  return { kind: 'applied' }
}

function areWhole(chunks: readonly Chunk[]): boolean {
  const seqs = new RangeSet<Seq>()
  for (const { header } of chunks) seqs.add(header.firstSeq, header.lastSeq)
  return chunks.every(({ header }) => seqs.containsRange(0 as Seq, header.versionLastSeq))
}

function inOrder(chunks: readonly Chunk[]): Parameters<typeof resolveChunks>[0] {
  return chunks
    .map(({ header, payload }) => ({ first_seq: header.firstSeq, last_seq: header.lastSeq, payload }))
    .sort((a, b) => a.first_seq - b.first_seq)
}
