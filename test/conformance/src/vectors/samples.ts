/** Names and numbers that many vectors share, and small ways to damage bytes. */
import { type ActorId, actorId, type Hlc, hlc } from '@patina/base'

export const ACTOR_A: ActorId = actorId('000102030405060708090a0b0c0d0e0f')
export const ACTOR_B: ActorId = actorId('f0e0d0c0b0a090807060504030201000')
export const ACTOR_C: ActorId = actorId('7fffffffffffffffffffffffffffffff')
/** 1 January 2026. */
export const TS: Hlc = hlc(1_767_225_600_000_000)

export function bytesOf(...bytes: readonly number[]): Uint8Array {
  return Uint8Array.from(bytes)
}

/** Numbers from 0, so that a missing or doubled byte is seen. */
export function counting(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (from + i) & 0xff)
}

export function cut(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.slice(0, length)
}

/** With one byte changed; a negative place counts from the end. */
export function withByte(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at < 0 ? bytes.length + at : at] = byte
  return copy
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}
