import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ActorId, type ActorKnowledge, actorId, hlc, Prng, version } from '@patina/base'
import { BUCKETS, bucketHashes, bucketOf, differingBuckets, splitByScope } from './buckets.ts'

const SALT = new Uint8Array(8).fill(3)

function actor(n: number): ActorId {
  return actorId(n.toString(16).padStart(32, '0'))
}

function held(n: number, last = 9): ActorKnowledge {
  const have = [{ first: version(1), last: version(last) }]
  return { actor: actor(n), have, partials: [], head: version(last), headTs: hlc(1) }
}

function many(count: number): ActorKnowledge[] {
  return Array.from({ length: count }, (_, n) => held(n))
}

describe('buckets', () => {
  it('get about as many actors each, also where ids are not random', () => {
    const counts = new Map<number, number>()
    for (let n = 0; n < 25_600; n += 1)
      counts.set(bucketOf(actor(n)), (counts.get(bucketOf(actor(n))) ?? 0) + 1)
    assert.equal(counts.size, BUCKETS)
    assert.ok(Math.max(...counts.values()) < 150 && Math.min(...counts.values()) > 60)
  })

  it('of the same holdings are the same in any order, and no scope', () => {
    const knowledge = many(500)
    assert.equal(
      differingBuckets(bucketHashes(knowledge, SALT), bucketHashes(knowledge.toReversed(), SALT)),
      undefined,
    )
  })

  it('differ with the salt, all of them', () => {
    const scope = differingBuckets(bucketHashes(many(9), SALT), bucketHashes(many(9), new Uint8Array(8)))
    assert.deepEqual(scope, new Uint8Array(32).fill(255))
  })

  it('that differ are those of the actors that differ, and split the knowledge by them', () => {
    const prng = new Prng(7)
    for (let round = 0; round < 50; round += 1) {
      const knowledge = many(prng.between(1, 400))
      const changed = new Set(Array.from({ length: prng.between(1, 9) }, () => prng.below(500)))
      const others = knowledge.filter((_, n) => !changed.has(n))
      for (const n of changed) others.push(held(n, 10))
      const scope = differingBuckets(bucketHashes(knowledge, SALT), bucketHashes(others, SALT))
      assert.ok(scope !== undefined)
      const wanted = new Set([...changed].map((n) => bucketOf(actor(n))))
      const { inside, outside } = splitByScope(knowledge, scope)
      assert.ok(inside.every((entry) => wanted.has(bucketOf(entry.actor))))
      assert.ok(outside.every((entry) => !wanted.has(bucketOf(entry.actor))))
      assert.equal(inside.length + outside.length, knowledge.length)
    }
  })
})
