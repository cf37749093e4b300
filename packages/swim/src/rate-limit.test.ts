import assert from 'node:assert/strict'
import test from 'node:test'
import { instant } from '@patina/base'
import { RateLimit } from './rate-limit.ts'

test('one permission per key and interval; a refusal does not prolong it', () => {
  const limit = new RateLimit(100, 10)
  const asked = [0, 50, 99, 100, 150].map((at) => limit.allows('a', instant(at)))
  assert.deepEqual(asked, [true, false, false, true, false])
  assert.ok(limit.allows('b', instant(50)))
})

test('above its capacity the key that was allowed longest ago is forgotten', () => {
  const limit = new RateLimit(1_000, 2)
  limit.allows('a', instant(0))
  limit.allows('b', instant(1))
  limit.allows('c', instant(2))
  assert.ok(!limit.allows('b', instant(3)))
  assert.ok(!limit.allows('c', instant(3)))
  assert.ok(limit.allows('a', instant(3)))
})

test('who comes once is not kept for long', () => {
  const limit = new RateLimit(1_000, 4_096)
  for (let peer = 0; peer < 1_000; peer += 1) limit.allows(`peer ${peer}`, instant(100 * peer))
  assert.equal(limit.size(), 10)
})
