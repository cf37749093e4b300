import assert from 'node:assert/strict'
import { test } from 'node:test'
import { millis, Prng } from '@patina/base'
import fc from 'fast-check'
import { reconnectDelayMs } from './backoff.ts'

const options = { firstMs: millis(100), capMs: millis(5_000) }

test('a delay lies between half and all of the doubled first delay, never above the cap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer(), (failures, seed) => {
      const full = Math.min(5_000, 100 * 2 ** (failures - 1))
      const delay = reconnectDelayMs(failures, new Prng(seed), options)
      assert.ok(delay >= Math.floor(full / 2) && delay <= full, `${delay} of ${full}`)
    }),
  )
})

test('delays of different nodes differ and the same seed repeats them', () => {
  const delays = (seed: number): number[] => {
    const prng = new Prng(seed)
    return Array.from({ length: 8 }, (_, i) => reconnectDelayMs(i + 1, prng, options))
  }
  assert.deepEqual(delays(7), delays(7))
  assert.notDeepEqual(delays(7), delays(8))
})
