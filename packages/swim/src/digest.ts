/**
 * Digest: what is known of all members in 2 kB. A hash of 64 bits for each record, combined by exclusive or in 256 buckets
 * by the first byte of the actor, so that order does not matter and one difference shows in one bucket. Pure.
 * Not for secrets: who can forge records is kept out by the transport.
 */
import type { ActorId } from '@patina/base'
import { DIGEST_BYTES } from './codec.ts'
import type { MemberRecord } from './member.ts'

const HASH_BYTES = 8
const BYTE_DIGITS = 2
const WORD_DIGITS = 8
const ACTOR_DIGITS = 32
const TWO_32 = 2 ** 32
const [ZERO, NINE, LETTER_A] = [48, 57, 97] as const

export function bucketOf(actor: ActorId): number {
  return numberAt(actor, 0, BYTE_DIGITS)
}

/** The digest of a set of records that changes: whatever is told of a member costs the same, however many there are. */
export class Digest {
  readonly #words = new Uint32Array(DIGEST_BYTES / 4)

  /** Takes a record in; or out again, where it is in. */
  toggle(record: MemberRecord): void {
    toggle(this.#words, record)
  }

  /** Of these records and one more. */
  with(record: MemberRecord): Uint8Array {
    const words = this.#words.slice()
    toggle(words, record)
    return bytesOf(words)
  }
}

export function digestOf(records: Iterable<MemberRecord>): Uint8Array {
  const words = new Uint32Array(DIGEST_BYTES / 4)
  for (const record of records) toggle(words, record)
  return bytesOf(words)
}

/** True where a digest cannot tell them apart. A suspect counts as alive: rumors settle it before two views could compare it. */
export function isSameInDigest(a: MemberRecord, b: MemberRecord): boolean {
  return (
    a.actor === b.actor &&
    a.generation === b.generation &&
    a.incarnation === b.incarnation &&
    weightOf(a) === weightOf(b) &&
    a.told?.generation === b.told?.generation &&
    a.told?.incarnation === b.told?.incarnation
  )
}

function toggle(words: Uint32Array, record: MemberRecord): void {
  const at = 2 * bucketOf(record.actor)
  words[at] = (words[at] as number) ^ hash(record, 0x9e3779b9)
  words[at + 1] = (words[at + 1] as number) ^ hash(record, 0x85ebca6b)
}

function bytesOf(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(DIGEST_BYTES)
  const view = new DataView(bytes.buffer)
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true)
  return bytes
}

function weightOf({ state }: MemberRecord): number {
  if (state === 'down') return 1
  return state === 'left' ? 2 : 0
}

/** Numbers of the buckets in which two digests differ. */
export function differingBuckets(a: Uint8Array, b: Uint8Array): number[] {
  const buckets: number[] = []
  for (let at = 0; at < DIGEST_BYTES; at += HASH_BYTES) {
    const differs = a.subarray(at, at + HASH_BYTES).some((byte, i) => byte !== b[at + i])
    if (differs) buckets.push(at / HASH_BYTES)
  }
  return buckets
}

function hash(record: MemberRecord, seed: number): number {
  const { actor, generation, incarnation, told } = record
  let h = seed
  for (let at = 0; at < ACTOR_DIGITS; at += WORD_DIGITS) h = mixed(h, numberAt(actor, at, WORD_DIGITS))
  h = mixed(mixed(h, generation >>> 0), Math.floor(generation / TWO_32))
  h = mixed(h, incarnation)
  h = mixed(h, weightOf(record))
  const toldGeneration = told?.generation ?? 0
  h = mixed(mixed(h, toldGeneration >>> 0), Math.floor(toldGeneration / TWO_32))
  return mixed(h, told?.incarnation ?? 0)
}

/** So many lower-case hex digits; without a text of their own, because a large table hashes millions. */
function numberAt(actor: ActorId, at: number, digits: number): number {
  let number = 0
  for (let i = at; i < at + digits; i += 1) {
    const code = actor.charCodeAt(i)
    number = (number << 4) | (code > NINE ? code - LETTER_A + 10 : code - ZERO)
  }
  return number >>> 0
}

/** One step of MurmurHash3 with its finalizer, so that similar records have nothing in common. */
function mixed(h: number, word: number): number {
  let x = Math.imul(h ^ Math.imul(word, 0xcc9e2d51), 0x1b873593)
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}
