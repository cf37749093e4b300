/** The hybrid logical clock: never backwards, follows others up to the drift limit, whatever the wall clock does. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { HLC_DRIFT_MAX_MICROS, hlc, isHlc, observe, tick } from './hlc.ts'

const micros: fc.Arbitrary<number> = fc.nat(10 ** 7)
const step = fc.record({ wall: micros, remote: fc.option(micros, { nil: undefined }) })

test('any history of ticks and observations only moves forward, and every tick is greater than all before', () => {
  fc.assert(
    fc.property(fc.array(step), (history) => {
      let last = hlc(0)
      let lastTick = hlc(0)
      for (const { wall, remote } of history) {
        const before = last
        last = remote === undefined ? tick(last, wall) : observe(last, hlc(remote), wall)
        assert.ok(last >= before)
        if (remote !== undefined) continue
        assert.ok(last > lastTick && last >= wall)
        lastTick = last
      }
    }),
  )
})

test('a remote timestamp is followed up to the drift limit and ignored above it', () => {
  const wall = 1_000_000
  const limit = wall + HLC_DRIFT_MAX_MICROS
  assert.equal(observe(hlc(5), hlc(limit), wall), limit)
  assert.equal(observe(hlc(5), hlc(limit + 1), wall), 5)
  assert.equal(observe(hlc(wall), hlc(3), wall), wall)
  assert.equal(observe(hlc(5), hlc(Number.MAX_SAFE_INTEGER), wall), 5)
})

test('no remote can push the clock further ahead of the wall clock than the limit', () => {
  fc.assert(
    fc.property(micros, fc.maxSafeNat(), micros, (last, remote, wall) => {
      const next = observe(hlc(last), hlc(remote), wall)
      assert.ok(next === last || next <= wall + HLC_DRIFT_MAX_MICROS)
    }),
  )
})

test('a wall clock that stands still or steps back still gives distinct timestamps', () => {
  const first = tick(hlc(0), 500)
  const second = tick(first, 500)
  assert.deepEqual([first, second, tick(second, 100)], [500, 501, 502])
})

test('a timestamp is a safe integer of at least 0', () => {
  assert.equal(isHlc(0), true)
  assert.equal(isHlc(-1), false)
  assert.equal(isHlc(1.5), false)
  assert.equal(isHlc(2 ** 53), false)
  assert.throws(() => hlc(Number.NaN), /not a timestamp/)
})
