import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { nextRing, type Ring, ringAt } from './ring.ts'

test('six rings: the same site to the other side of the world', () => {
  const rings = [0, 5.9, 6, 14, 15, 49, 50, 99, 100, 199, 200, 5_000].map(ringAt)
  assert.deepEqual(rings, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
})

test('a member on a bound stays where it is, and one that moved goes one ring at a time', () => {
  assert.deepEqual([nextRing(0, 7.9), nextRing(0, 8), nextRing(1, 4.1), nextRing(1, 3.9)], [0, 1, 1, 0])
  assert.deepEqual([nextRing(0, 250), nextRing(5, 1)], [1, 4])
  assert.equal(nextRing(undefined, 250), 5)
})

test('whatever is measured: a ring, and after enough of the same measurement the right one or its neighbour', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.double({ min: 0, max: 1_000, noNaN: true }), (start, latency) => {
      let ring = start as Ring
      for (let i = 0; i < 6; i += 1) ring = nextRing(ring, latency)
      assert.ok(Math.abs(ring - ringAt(latency)) <= 1)
      assert.equal(nextRing(ring, latency), ring)
    }),
  )
})
