/**
 * The frames with which a connection's two ends agree or part (docs/protocol.md): hello (hello.ts), welcome, refusal,
 * goodbye, and attach and switch of a session's connection for its backlog.
 * Pure codec; who sends which when: rendezvous.ts. A refusal tells its reason to the other end, so that both name the
 * same one; the reason is the speaker's word and nothing hangs on it but a log line and a counter.
 */
import {
  ACTOR_BYTES,
  type ActorId,
  actorFromBytes,
  actorToBytes,
  ByteWriter,
  type DecodeError,
  decode,
  LANES,
  type Result,
} from '@patina/base'
import { encodeFrame } from '../framing.ts'
import { encodeHello, type Hello, PROCESS_BYTES } from '../hello.ts'
import type { StreamRefusal } from '../transport.ts'

/** `duplicate` ends a connection that another one of the pair makes superfluous: no failure. */
export type RefusalReason = StreamRefusal | 'duplicate'

export interface Refusal {
  readonly reason: RefusalReason
  readonly detail: string
}

/** Codes are places in this list; it only grows. */
const REASONS: readonly RefusalReason[] = [
  'duplicate',
  'not-patina',
  'other-cluster',
  'incompatible-version',
  'own-actor',
  'hello-timeout',
  'too-many-sessions',
  'no-session',
]
const DETAIL_BYTES_MAX = 400
const CONTROL = LANES[0]
const BACKLOG = LANES[3]

/** "This connection carries my backlog of the session that rests on this word of mine." */
export interface AttachWord {
  readonly actor: ActorId
  readonly process: string
  /** Of the speaker's hello or welcome on which the listener's end of the session rests. */
  readonly moment: number
  /** The how-manieth of the speaker in this session, from 1. */
  readonly serial: number
}

export function helloFrame(hello: Hello): Uint8Array {
  return encodeFrame('hello', CONTROL, encodeHello(hello))
}

export function welcomeFrame(moment: number): Uint8Array {
  return encodeFrame('welcome', CONTROL, new ByteWriter(8).varint(moment).toBytes())
}

export function goodbyeFrame(): Uint8Array {
  return encodeFrame('goodbye', CONTROL, new Uint8Array(0))
}

export function refusalFrame(refusal: Refusal): Uint8Array {
  const detail = Buffer.from(refusal.detail).subarray(0, DETAIL_BYTES_MAX)
  const code = Math.max(0, REASONS.indexOf(refusal.reason))
  return encodeFrame('refusal', CONTROL, new ByteWriter().varint(code).raw(detail).toBytes())
}

export function attachFrame({ actor, process, moment, serial }: AttachWord): Uint8Array {
  const writer = new ByteWriter()
  writer.raw(actorToBytes(actor)).raw(Buffer.from(process, 'hex')).varint(moment).varint(serial)
  return encodeFrame('attach', BACKLOG, writer.toBytes())
}

/** What later versions add behind it is skipped. */
export function decodeAttach(payload: Uint8Array): Result<AttachWord, DecodeError> {
  return decode(payload, (reader) => {
    const actor = actorFromBytes(reader.raw(ACTOR_BYTES))
    const process = Buffer.from(reader.raw(PROCESS_BYTES)).toString('hex')
    const word = { actor, process, moment: reader.varint('moment'), serial: reader.varint('serial') }
    reader.raw(reader.remaining())
    return word
  })
}

/** On the main connection: from here on the backlog is in connection `serial`. */
export function switchFrame(serial: number): Uint8Array {
  return encodeFrame('switch', BACKLOG, new ByteWriter(8).varint(serial).toBytes())
}

export function decodeSwitch(payload: Uint8Array): Result<number, DecodeError> {
  return decode(payload, (reader) => {
    const serial = reader.varint('serial')
    reader.raw(reader.remaining())
    return serial
  })
}

/** The moment of a welcome; what later versions add behind it is skipped. */
export function decodeWelcome(payload: Uint8Array): Result<number, DecodeError> {
  return decode(payload, (reader) => {
    const moment = reader.varint('moment')
    reader.raw(reader.remaining())
    return moment
  })
}

/** A reason of a later version reads as `incompatible-version`. The detail is a stranger's text: shortened, printable. */
export function decodeRefusal(payload: Uint8Array): Result<Refusal, DecodeError> {
  return decode(payload, (reader) => {
    const reason = REASONS[reader.varint('refusal')] ?? 'incompatible-version'
    const text = Buffer.from(reader.raw(reader.remaining())).toString('utf8', 0, DETAIL_BYTES_MAX)
    return { reason, detail: `the peer refuses: ${text.replace(/[^\x20-\x7e]/g, '?')}` }
  })
}
