import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { defaultConfig } from './config.ts'
import {
  ackTimeoutMs,
  calmSampleMs,
  lowestRoundTripMs,
  type RoundTrip,
  sampleRoundTrip,
  smoothedRoundTripMs,
} from './round-trip.ts'

function after(samples: readonly number[]): RoundTrip {
  const trip = samples.reduce<RoundTrip | undefined>(sampleRoundTrip, undefined)
  assert.ok(trip !== undefined)
  return trip
}

function timeout(smoothedMs: number, variationMs: number): number {
  const [smoothedMicros, variationMicros] = [1_000 * smoothedMs, 1_000 * variationMs]
  return ackTimeoutMs(defaultConfig, { ...after([1]), smoothedMicros, variationMicros }, undefined)
}

test('RFC 6298 §2: the first sample and a second one', () => {
  const { smoothedMicros, variationMicros } = after([100])
  assert.deepEqual([smoothedMicros, variationMicros], [100_000, 50_000])
  const second = after([100, 180])
  assert.deepEqual([second.smoothedMicros, second.variationMicros], [110_000, 57_500])
  assert.equal(smoothedRoundTripMs(second), 110)
})

test('the timeout follows the peer, between its bounds', () => {
  assert.equal(timeout(1, 1), 100)
  assert.equal(timeout(150, 20), 250)
  assert.equal(timeout(900, 20), 500)
})

test('before the first ack: twice the estimate and 50 ms, else the longest wait', () => {
  assert.equal(ackTimeoutMs(defaultConfig, undefined, undefined), 500)
  assert.equal(ackTimeoutMs(defaultConfig, undefined, 120), 290)
  assert.equal(ackTimeoutMs(defaultConfig, undefined, 4), 100)
  assert.equal(ackTimeoutMs(defaultConfig, undefined, 400), 500)
})

test('the lowest is one of the last 10 to 20 samples, and at most the lowest of the last ten', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { minLength: 3, maxLength: 60 }), (samples) => {
      const lowest = lowestRoundTripMs(after(samples)) as number
      assert.ok(samples.slice(-20).includes(lowest))
      assert.ok(lowest <= Math.min(...samples.slice(-10)))
    }),
  )
  assert.equal(lowestRoundTripMs(after([5, 4])), undefined)
  assert.equal(lowestRoundTripMs(undefined), undefined)
})

test('every number of it is a small integer, whatever was measured', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { minLength: 1 }), (samples) => {
      for (const value of Object.values(after(samples)))
        assert.ok(Number.isInteger(value) && value >= 0 && value <= 2 ** 30, `${value}`)
    }),
  )
})

test('a spike counts for no more than the path has varied, a slower path for all it is before long', () => {
  const calm = [10, 11, 10, 12, 10].reduce(
    (known: RoundTrip | undefined, ms) => sampleRoundTrip(known, ms),
    undefined,
  )
  assert.equal(calmSampleMs(undefined, 70), 70)
  assert.equal(calmSampleMs(calm, 9), 9)
  assert.ok(calmSampleMs(calm, 4_000) < 25)
  assert.equal(calmSampleMs(sampleRoundTrip(calm, 40), 40), 40)
})
