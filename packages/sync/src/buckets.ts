/**
 * Buckets: 256 groups of actors by the hash of their ids, so that two nodes that differ tell each other of the few actors
 * that may be the reason instead of all that ever wrote. The hash of a bucket is the root hash over its actors
 * (knowledge-digest.ts); a scope is a set of buckets as bits.
 */
import { type ActorId, type ActorKnowledge, actorToBytes } from '@patina/base'
import { HASH_BYTES, hash128 } from './hash128.ts'
import { rootHash } from './knowledge-digest.ts'

/** A set of buckets: bit b % 8 of byte b / 8 stands for bucket b. 32 bytes. */
export type Scope = Uint8Array

export const BUCKETS = 256
export const BUCKETS_BYTES: number = BUCKETS * HASH_BYTES
export const SCOPE_BYTES: number = BUCKETS / 8

/** Ids are random in practice, but nothing says so: the first byte of their hash is. */
export function bucketOf(actor: ActorId): number {
  return hash128(actorToBytes(actor))[0] as number
}

/** By entry, which is a value and lives until something of its actor changes: most actors are gone, and never change. */
const bucketMemo = new WeakMap<ActorKnowledge, number>()

function bucketOfEntry(entry: ActorKnowledge): number {
  const bucket = bucketMemo.get(entry) ?? bucketOf(entry.actor)
  bucketMemo.set(entry, bucket)
  return bucket
}

/** The hashes of all buckets, one after the other. Linear in the number of ranges. */
export function bucketHashes(knowledge: readonly ActorKnowledge[], salt: Uint8Array): Uint8Array {
  const byBucket = Map.groupBy(knowledge, bucketOfEntry)
  const empty = rootHash([], salt)
  const hashes = new Uint8Array(BUCKETS_BYTES)
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const held = byBucket.get(bucket)
    hashes.set(held === undefined ? empty : rootHash(held, salt), bucket * HASH_BYTES)
  }
  return hashes
}

/** The buckets whose hashes are not the same; undefined where all are. */
export function differingBuckets(ours: Uint8Array, theirs: Uint8Array): Scope | undefined {
  const scope = new Uint8Array(SCOPE_BYTES)
  for (let i = 0; i < BUCKETS_BYTES; i += 1) {
    const bucket = Math.floor(i / HASH_BYTES)
    if (ours[i] !== theirs[i]) scope[bucket >> 3] = (scope[bucket >> 3] as number) | (1 << (bucket & 7))
  }
  return scope.some((bits) => bits !== 0) ? scope : undefined
}

/** The actors of the scope's buckets, and the others. Both keep their order. */
export function splitByScope(
  knowledge: readonly ActorKnowledge[],
  scope: Scope,
): { readonly inside: ActorKnowledge[]; readonly outside: ActorKnowledge[] } {
  const { inside = [], outside = [] } = Object.groupBy(knowledge, (entry) =>
    isInScope(scope, bucketOfEntry(entry)) ? 'inside' : 'outside',
  )
  return { inside, outside }
}

function isInScope(scope: Scope, bucket: number): boolean {
  return ((scope[bucket >> 3] as number) & (1 << (bucket & 7))) !== 0
}
