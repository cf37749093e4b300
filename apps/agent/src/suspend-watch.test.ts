import assert from 'node:assert/strict'
import { test } from 'node:test'
import { watchSuspends } from './suspend-watch.ts'

test('a suspended machine is noticed once; neither rounding nor a running clock is one', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let [monotonicMs, bootMs] = [100, 5_000]
  const told: number[] = []
  const stop = watchSuspends({ monotonicMs: () => monotonicMs, bootMs: () => bootMs }, (forMs) =>
    told.push(forMs),
  )
  const pass = (ranMs: number, suspendedMs: number): void => {
    monotonicMs += ranMs
    bootMs += ranMs + suspendedMs
    t.mock.timers.tick(1_000)
  }
  pass(1_000, 0)
  pass(90_000, 0)
  pass(1_000, 999)
  pass(1_000, -999)
  assert.deepEqual(told, [])
  pass(1_000, 60_000)
  assert.deepEqual(told, [60_000])
  pass(1_000, 0)
  assert.equal(told.length, 1)
  stop()
  pass(1_000, 60_000)
  assert.equal(told.length, 1)
})
