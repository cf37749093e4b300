import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Prng } from '@patina/base'
import { localLatency, worldLatency } from './latency.ts'

test('a local network draws between its bounds', () => {
  const latency = localLatency(1, 5)
  const prng = new Prng(1)
  const drawn = Array.from({ length: 1_000 }, () => latency.oneWayMs(0, 1, prng))
  assert.ok(drawn.every((ms) => ms >= 1 && ms <= 5))
  assert.ok(Math.min(...drawn) < 1.2 && Math.max(...drawn) > 4.8)
})

test('real regions: near is near, far is far, and jitter is at most 15 %', () => {
  const latency = worldLatency()
  const prng = new Prng(1)
  const between = (a: number, b: number): number[] =>
    Array.from({ length: 200 }, () => latency.oneWayMs(a, b, prng))
  const nodeIn = (region: string): number =>
    Array.from({ length: 100 }, (_, node) => node).find((node) => latency.regionOf(node) === region) ?? -1
  const same = between(nodeIn('ams'), nodeIn('ams'))
  assert.ok(Math.max(...same) < 3)
  const far = between(nodeIn('ams'), nodeIn('syd'))
  assert.ok(Math.min(...far) > 100 && Math.max(...far) < 150)
  assert.ok(Math.max(...far) / Math.min(...far) <= 1.1501)
})
