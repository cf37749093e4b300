/**
 * ActorId: a writer with its own sequence of versions, 16 random bytes created with its database.
 * In memory 32 lower-case hex digits, so that string order is byte order and ids can be map keys.
 */
import { assert } from './assert.ts'

export type ActorId = string & { readonly brand: 'ActorId' }

/** Bytes of an actor id on the wire and on disk. */
export const ACTOR_BYTES = 16

const PATTERN = /^[0-9a-f]{32}$/
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** True where the text is an actor id in its one accepted form. */
export function isActorId(text: string): text is ActorId {
  return PATTERN.test(text)
}

/** Checked constructor: asserts 32 lower-case hex digits. For text from outside ask `isActorId` first. */
export function actorId(text: string): ActorId {
  assert(isActorId(text), `not an actor id: ${text.slice(0, 40)}`)
  return text
}

/** Reads 16 bytes at `offset`; asserts that they are there. */
export function actorFromBytes(bytes: Uint8Array, offset = 0): ActorId {
  assert(bytes.length >= offset + ACTOR_BYTES, `an actor id has ${ACTOR_BYTES} bytes`)
  let text = ''
  for (let i = offset; i < offset + ACTOR_BYTES; i += 1) text += HEX[bytes[i] as number]
  return text as ActorId
}

export function actorToBytes(actor: ActorId): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ACTOR_BYTES)
  for (let i = 0; i < ACTOR_BYTES; i += 1)
    bytes[i] = 16 * digit(actor.charCodeAt(2 * i)) + digit(actor.charCodeAt(2 * i + 1))
  return bytes
}

/** Value of a lower-case hex digit: '0' is 0x30, 'a' is 0x61. */
function digit(unit: number): number {
  return unit < 0x61 ? unit - 0x30 : unit - 0x57
}

/** Byte order of two actors: the last but one tie-break of the merge order. */
export function compareActors(a: ActorId, b: ActorId): number {
  return a < b ? -1 : a > b ? 1 : 0
}
