/**
 * Chunking: the row changes of a version → payloads of about 64 KiB, each with its run of seqs. One larger row is a
 * chunk alone. Receivers keep chunks as they are, so the cut is made once, by the writer.
 */
import { CHUNK_BYTES_MAX, type Seq } from '@patina/base'
import { type KeyedRowChange, PayloadWriter, rowChangeBytes, rowChangeBytesMax } from './changeset.ts'

export interface PayloadChunk {
  readonly firstSeq: Seq
  readonly lastSeq: Seq
  readonly payload: Uint8Array
}

/** A version that no chunk or no version may be as large as. */
export interface TooLarge {
  readonly kind: 'row-too-large' | 'version-too-large'
  readonly bytes: number
  readonly bytesMax: number
}

/** Room for the header in a chunk. */
const HEADER_BYTES_MAX = 128

/** One buffer for the rows of all chunks, unless a chunk was larger than this. */
const RETAINED_BYTES_MAX = 256 * 1024
let writer = new PayloadWriter()

/** Cuts a version; `changes` is not empty. */
export function cutChunks(
  changes: readonly KeyedRowChange[],
  limits: { readonly chunkBytesTarget: number; readonly versionBytesMax: number },
): readonly PayloadChunk[] | TooLarge {
  const chunks: PayloadChunk[] = []
  let total = 0
  let next = 0
  const close = (): void => {
    const payload = writer.toBytes()
    total += payload.length
    chunks.push({ firstSeq: (next - writer.count) as Seq, lastSeq: (next - 1) as Seq, payload })
    startChunk()
  }
  startChunk()
  for (const change of changes) {
    if (!fits(change, limits.chunkBytesTarget)) {
      const bytes = rowChangeBytes(change)
      if (bytes > CHUNK_BYTES_MAX - HEADER_BYTES_MAX - 64 * 1024)
        return { kind: 'row-too-large', bytes, bytesMax: CHUNK_BYTES_MAX }
      if (writer.count > 0 && writer.bytes + bytes > limits.chunkBytesTarget) close()
    }
    writer.add(change)
    next += 1
  }
  close()
  if (total > limits.versionBytesMax)
    return { kind: 'version-too-large', bytes: total, bytesMax: limits.versionBytesMax }
  return chunks
}

function startChunk(): void {
  if (writer.bytes > RETAINED_BYTES_MAX) writer = new PayloadWriter()
  else writer.clear()
}

/** Whether a change surely goes into the chunk, without a look at its texts: a unit is at most three bytes. */
function fits(change: KeyedRowChange, chunkBytesTarget: number): boolean {
  return writer.bytes + rowChangeBytesMax(change) <= Math.min(chunkBytesTarget, RETAINED_BYTES_MAX)
}
