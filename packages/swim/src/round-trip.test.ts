import assert from 'node:assert/strict'
import test from 'node:test'
import { defaultConfig } from './config.ts'
import { ackTimeoutMs, sampleRoundTrip } from './round-trip.ts'

test('RFC 6298 §2: the first sample and a second one', () => {
  const first = sampleRoundTrip(undefined, 100)
  assert.deepEqual(first, { smoothedMs: 100, variationMs: 50 })
  assert.deepEqual(sampleRoundTrip(first, 180), { smoothedMs: 110, variationMs: 57.5 })
})

test('the timeout follows the peer, between its bounds', () => {
  assert.equal(ackTimeoutMs(defaultConfig, undefined), 500)
  assert.equal(ackTimeoutMs(defaultConfig, { smoothedMs: 1, variationMs: 1 }), 100)
  assert.equal(ackTimeoutMs(defaultConfig, { smoothedMs: 150, variationMs: 20 }), 250)
  assert.equal(ackTimeoutMs(defaultConfig, { smoothedMs: 900, variationMs: 20 }), 500)
})
