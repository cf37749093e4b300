/**
 * NewerVersion: what a later version of membership might send: the same packets with fields that this one does not know,
 * on every level, a higher version that it understands, and now and then a body of a kind that there is not yet. Made of
 * the bytes of this version, without its codec, so that a mistake there does not hide itself here.
 */
import { defaultConfig } from '@patina/swim'

/** Of swim.proto's Packet. */
const FIELD = { sender: 2, gossip: 7, protocolMax: 10, records: 15 } as const
/** Not in swim.proto, and never to be. */
/** Numbers that the schema is nowhere near. */
export const UNKNOWN_FIELD = 100
export const UNKNOWN_BODY = 101
const LENGTH_DELIMITED = 2
const VARINT = 0
const NEWER_PROTOCOL = 2
const UNKNOWN = [...key(UNKNOWN_FIELD, LENGTH_DELIMITED), 3, 0xff, 0x00, 0x7f]

/** Packets that have no room for more are left as they are, as a sender would leave something out. */
export function asNewer(bytes: Uint8Array): Uint8Array {
  const out: number[] = []
  for (const { field, wire, payload } of fieldsOf(bytes)) {
    const isRecord = field === FIELD.sender || field === FIELD.records
    const body = isRecord ? [...payload, ...UNKNOWN] : payload
    // Every other gossip, by its length, which differs all the time.
    const isNewBody = field === FIELD.gossip && bytes.length % 2 === 0
    out.push(...key(isNewBody ? UNKNOWN_BODY : field, wire))
    if (wire === LENGTH_DELIMITED) out.push(...varint(body.length))
    out.push(...body)
  }
  out.push(...key(FIELD.protocolMax, VARINT), NEWER_PROTOCOL, ...UNKNOWN)
  const isTooLong =
    bytes.length <= defaultConfig.datagramBytesMax && out.length > defaultConfig.datagramBytesMax
  return isTooLong ? bytes : Uint8Array.from(out)
}

interface Field {
  readonly field: number
  readonly wire: number
  /** Without its length; of a varint its own bytes. */
  readonly payload: readonly number[]
}

function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  for (let at = 0; at < bytes.length; ) {
    const head = readVarint(bytes, at)
    const [field, wire] = [head.value >> 3, head.value & 7]
    const number = readVarint(bytes, head.end)
    if (wire === VARINT) {
      yield { field, wire, payload: [...bytes.subarray(head.end, number.end)] }
      at = number.end
    } else if (wire === LENGTH_DELIMITED) {
      at = number.end + number.value
      yield { field, wire, payload: [...bytes.subarray(number.end, at)] }
    } else throw new Error(`a packet has no fields of wire type ${wire}`)
  }
}

function readVarint(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } {
  let value = 0
  let end = from
  for (let shift = 0; ; shift += 7, end += 1) {
    const byte = bytes[end] as number
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return { value, end: end + 1 }
  }
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}

function key(field: number, wire: number): number[] {
  return varint((field << 3) | wire)
}
