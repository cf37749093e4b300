/**
 * Packing: frames of the backlog as zstd, level 1, where that helps, and back (docs/protocol.md, "The backlog's connection").
 * Each frame stands alone: its window is at most a frame, so that whoever unpacks needs no more memory than two frames,
 * whatever a stranger claims. Synchronous: 0.1 ms for 64 KiB, less than the way to another thread.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { type DecodeError, err, type Result } from '@patina/base'
import { decodeFrame, encodeFrame, type Frame } from './framing.ts'
import { limits } from './limits.ts'

/** 2^16 = frameBytesMax. */
const WINDOW_LOG = 16
const PACK = {
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_windowLog]: WINDOW_LOG },
} as const
const UNPACK = {
  maxOutputLength: limits.frameBytesMax,
  params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG },
} as const

/** Below it the frame's own costs weigh more than what is saved. */
const PACKED_BYTES_MIN = 1_024
/** A packed frame is at most this share of the plain one, or goes plain. */
const HELPS_AT_MOST = 7 / 8
/** Frames that go plain after one that did not become smaller: what follows is most often more of the same. */
const PAUSE_FRAMES = 16

/** Of one connection. */
export class FramePacker {
  #pause = 0

  /** The frame as it is to be sent: packed, or as it is. */
  pack(frame: Uint8Array): Uint8Array {
    if (frame.length < PACKED_BYTES_MIN) return frame
    if (this.#pause > 0) {
      this.#pause -= 1
      return frame
    }
    const packed = encodeFrame('packed', 'backlog', zstdCompressSync(frame, PACK))
    if (packed.length <= frame.length * HELPS_AT_MOST) return packed
    this.#pause = PAUSE_FRAMES
    return frame
  }
}

/** The frame inside; any other one as it is. What is inside is a part of a message in the same lane. */
export function unpackFrame(frame: Frame): Result<Frame, DecodeError> {
  if (frame.kind !== 'packed') return { ok: true, value: frame }
  const bytes = unpacked(frame.payload)
  if (bytes === undefined) return err({ kind: 'malformed', what: 'a packed frame' })
  const inner = decodeFrame(bytes)
  if (!inner.ok) return inner
  const isPart = inner.value.kind === 'whole' || inner.value.kind === 'first' || inner.value.kind === 'next'
  if (isPart && inner.value.lane === frame.lane) return inner
  return err({ kind: 'malformed', what: `a packed ${inner.value.kind}` })
}

/** Undefined for what is no zstd, more than a frame, or asks for a greater window. */
function unpacked(payload: Uint8Array): Uint8Array | undefined {
  try {
    return zstdDecompressSync(payload, UNPACK)
  } catch {
    return undefined
  }
}
