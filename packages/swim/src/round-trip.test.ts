import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { defaultConfig } from './config.ts'
import { ackTimeoutMs, lowestRoundTripMs, type RoundTrip, sampleRoundTrip } from './round-trip.ts'

function after(samples: readonly number[]): RoundTrip {
  const trip = samples.reduce<RoundTrip | undefined>(sampleRoundTrip, undefined)
  assert.ok(trip !== undefined)
  return trip
}

function timeout(smoothedMs: number, variationMs: number): number {
  return ackTimeoutMs(defaultConfig, { ...after([1]), smoothedMs, variationMs }, undefined)
}

test('RFC 6298 §2: the first sample and a second one', () => {
  const { smoothedMs, variationMs } = after([100])
  assert.deepEqual([smoothedMs, variationMs], [100, 50])
  const second = after([100, 180])
  assert.deepEqual([second.smoothedMs, second.variationMs], [110, 57.5])
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
