/**
 * Frames of a session (docs/protocol.md) and how messages are cut into them and joined again. Pure. The carrier keeps
 * frame boundaries (one WebSocket message each), so a frame has no length of its own:
 *
 *   byte 0: kind in the high four bits, lane in the low four
 *   whole: the message · first: varint total length, bytes · next: bytes · goodbye: nothing
 *   hello, welcome, refusal, attach, switch: ws/handshake-frames.ts · packed: packing.ts
 *
 * Frames of different lanes may interleave; within a lane a message is complete before the next begins.
 */
import {
  assert,
  ByteWriter,
  type DecodeError,
  decode,
  err,
  LANES,
  type Lane,
  must,
  ok,
  type Result,
} from '@patina/base'
import { limits } from './limits.ts'

const KINDS = [
  'hello',
  'welcome',
  'refusal',
  'goodbye',
  'whole',
  'first',
  'next',
  'attach',
  'switch',
  'packed',
] as const
export type FrameKind = (typeof KINDS)[number]
/** Codes begin with 1, so that a frame of zeros is none of ours. */
const KIND_CODE_FIRST = 1
const LANE_BITS = 4
const LANE_MASK = 0x0f
const HEAD_BYTES = 1
/** Head and the varint of a total of at most 18 MiB. */
const FIRST_HEAD_BYTES_MAX = 5

/** The payload is a view of the frame. */
export interface Frame {
  readonly kind: FrameKind
  readonly lane: Lane
  readonly payload: Uint8Array
}

export function encodeFrame(kind: FrameKind, lane: Lane, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEAD_BYTES + payload.length)
  frame[0] = headByte(kind, lane)
  frame.set(payload, HEAD_BYTES)
  return frame
}

/** The lane of a frame of our own. */
export function laneOfFrame(frame: Uint8Array): Lane {
  return must(LANES[(frame[0] ?? 0) & LANE_MASK], 'a frame of our own has a lane')
}

export function decodeFrame(bytes: Uint8Array): Result<Frame, DecodeError> {
  const head = bytes[0]
  if (head === undefined) return err({ kind: 'truncated', wantBytes: HEAD_BYTES, haveBytes: 0 })
  if (bytes.length > limits.frameBytesMax)
    return err({ kind: 'out-of-range', what: 'frame length', got: String(bytes.length) })
  const kind = KINDS[(head >> LANE_BITS) - KIND_CODE_FIRST]
  const lane = LANES[head & LANE_MASK]
  if (kind === undefined || lane === undefined)
    return err({ kind: 'out-of-range', what: 'frame head', got: String(head) })
  return ok({ kind, lane, payload: bytes.subarray(HEAD_BYTES) })
}

/** The frame that begins at `offset` of the message (0: its first), and the offset of the next one. */
export function cutFrame(
  lane: Lane,
  message: Uint8Array,
  offset: number,
): { readonly frame: Uint8Array; readonly next: number } {
  assert(message.length <= limits.messageBytesMax, `a message of ${message.length} bytes`)
  const room = limits.frameBytesMax - HEAD_BYTES
  if (offset === 0 && message.length <= room)
    return { frame: encodeFrame('whole', lane, message), next: message.length }
  if (offset > 0) {
    const next = Math.min(message.length, offset + room)
    return { frame: encodeFrame('next', lane, message.subarray(offset, next)), next }
  }
  const next = limits.frameBytesMax - FIRST_HEAD_BYTES_MAX
  const writer = new ByteWriter(limits.frameBytesMax)
  writer.u8(headByte('first', lane)).varint(message.length).raw(message.subarray(0, next))
  return { frame: writer.toBytes(), next }
}

/** A message under way: memory grows with what has arrived, not with what was announced. */
interface Assembly {
  readonly total: number
  readonly parts: Uint8Array[]
  bytes: number
}

/** Joins the frames of one direction of a session. After an error the session must end. */
export class MessageJoiner {
  readonly #assemblies = new Map<Lane, Assembly>()

  /** The message that this frame completes, as bytes of its own; undefined where more is to come. */
  add(frame: Frame): Result<Uint8Array | undefined, DecodeError> {
    switch (frame.kind) {
      case 'whole':
        if (this.#assemblies.has(frame.lane)) return malformed('a message inside another of its lane')
        return ok(Uint8Array.from(frame.payload))
      case 'first':
        return this.#begin(frame)
      case 'next':
        return this.#extend(frame.lane, frame.payload)
      default:
        return malformed(`${frame.kind} inside a session`)
    }
  }

  /** Forgets what has arrived of a message of this lane: the sender begins it anew elsewhere. */
  drop(lane: Lane): void {
    this.#assemblies.delete(lane)
  }

  #begin(frame: Frame): Result<undefined, DecodeError> {
    if (this.#assemblies.has(frame.lane)) return malformed('a message inside another of its lane')
    const begun = decode(frame.payload, (reader) => ({
      total: reader.varint('message length', limits.messageBytesMax),
      part: reader.raw(reader.remaining()),
    }))
    if (!begun.ok) return begun
    const { total, part } = begun.value
    // A sender cuts only what does not fit, so that a part is never empty and a first one never complete.
    if (part.length === 0 || part.length >= total) return malformed('a message cut without need')
    this.#assemblies.set(frame.lane, { total, parts: [Uint8Array.from(part)], bytes: part.length })
    return ok(undefined)
  }

  #extend(lane: Lane, part: Uint8Array): Result<Uint8Array | undefined, DecodeError> {
    const assembly = this.#assemblies.get(lane)
    if (assembly === undefined) return malformed('the continuation of no message')
    if (part.length === 0) return malformed('an empty continuation')
    assembly.bytes += part.length
    if (assembly.bytes > assembly.total) return malformed('a message longer than announced')
    assembly.parts.push(Uint8Array.from(part))
    if (assembly.bytes < assembly.total) return ok(undefined)
    this.#assemblies.delete(lane)
    return ok(joined(assembly))
  }
}

function joined(assembly: Assembly): Uint8Array {
  const message = new Uint8Array(assembly.total)
  let at = 0
  for (const part of assembly.parts) {
    message.set(part, at)
    at += part.length
  }
  return message
}

function headByte(kind: FrameKind, lane: Lane): number {
  const laneCode = LANES.indexOf(lane)
  assert(laneCode >= 0, `not a lane: ${lane}`)
  return ((KINDS.indexOf(kind) + KIND_CODE_FIRST) << LANE_BITS) | laneCode
}

function malformed(what: string): Result<never, DecodeError> {
  return err({ kind: 'malformed', what })
}
