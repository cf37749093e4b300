import assert from 'node:assert/strict'
import test from 'node:test'
import { instant } from '@patina/base'
import { TokenBuckets } from './token-buckets.ts'

const taken = (buckets: TokenBuckets, key: string, atMs: number, times: number): number =>
  Array.from({ length: times }, () => buckets.take(key, instant(atMs))).filter(Boolean).length

test('a burst, then as many as the rate gives, each key for itself', () => {
  const buckets = new TokenBuckets({ perSecond: 20, burst: 40, keysMax: 10 })
  assert.equal(taken(buckets, 'a', 0, 100), 40)
  assert.equal(taken(buckets, 'b', 0, 100), 40)
  assert.equal(taken(buckets, 'a', 500, 100), 10)
  assert.equal(taken(buckets, 'a', 600_000, 100), 40, 'never more than the burst')
})

test('who asks in vain does not lose what it earns meanwhile', () => {
  const buckets = new TokenBuckets({ perSecond: 1, burst: 1, keysMax: 10 })
  assert.equal(taken(buckets, 'a', 0, 1), 1)
  for (let at = 100; at < 1_000; at += 100) assert.equal(taken(buckets, 'a', at, 1), 0)
  assert.equal(taken(buckets, 'a', 1_001, 1), 1)
})

test('bounded: the key that was silent longest is forgotten', () => {
  const buckets = new TokenBuckets({ perSecond: 1, burst: 1, keysMax: 2 })
  for (const key of ['a', 'b', 'c']) assert.equal(taken(buckets, key, 0, 2), 1)
  assert.equal(taken(buckets, 'a', 0, 1), 1)
  assert.equal(taken(buckets, 'c', 0, 1), 0)
})

test('who was silent until its bucket was full is not kept; who waits for a token is', () => {
  const buckets = new TokenBuckets({ perSecond: 10, burst: 10, keysMax: 4_096 })
  for (let at = 0; at < 60_000; at += 100) {
    taken(buckets, 'busy', at, 20)
    taken(buckets, `peer ${at}`, at, 1)
  }
  assert.ok(buckets.size() <= 4, `${buckets.size()} are kept`)
  assert.equal(taken(buckets, 'busy', 60_000, 20), 1)
})
