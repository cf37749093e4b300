/** Instants and durations: arithmetic that cannot run backwards, and an end of time. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { after, earliest, elapsed, instant, millis, NEVER } from './time.ts'

test('after and elapsed undo each other; time that runs backwards has not passed', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (start, duration) => {
      const end = after(instant(start), millis(duration))
      assert.equal(elapsed(instant(start), end), duration)
      if (duration > 0) assert.equal(elapsed(end, instant(start)), 0)
    }),
  )
})

test('never comes after everything', () => {
  assert.equal(earliest(NEVER, instant(5)), 5)
  assert.equal(earliest(instant(4), instant(5)), 4)
  assert.equal(after(NEVER, millis(1)), NEVER)
})

test('what is no time is refused', () => {
  assert.throws(() => instant(Number.NaN), /not an instant/)
  assert.throws(() => millis(-1), /not a duration/)
  assert.throws(() => millis(Number.NaN), /not a duration/)
})
