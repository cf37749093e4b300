import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ReplayWindow } from './replay-window.ts'

test('the window agrees with a set of everything received', () => {
  const counters = fc.array(fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 2 ** 40 })), { maxLength: 200 })
  fc.assert(
    fc.property(counters, (arrivals) => {
      const window = new ReplayWindow(64)
      const seen = new Set<number>()
      let newest = -1
      for (const counter of arrivals) {
        const expected = counter > newest - 64 && !seen.has(counter)
        assert.equal(window.accept(counter), expected, `counter ${counter}, newest ${newest}`)
        if (expected) seen.add(counter)
        newest = Math.max(newest, counter)
      }
    }),
  )
})

test('the edges: counter 0, the last one inside, the first one outside, the highest safe integer', () => {
  const window = new ReplayWindow(64)
  assert.equal(window.accept(0), true)
  assert.equal(window.accept(0), false)
  assert.equal(window.accept(64), true)
  assert.equal(window.accept(0), false, 'outside now')
  assert.equal(window.accept(1), true)
  assert.equal(window.accept(Number.MAX_SAFE_INTEGER), true)
  assert.equal(window.accept(Number.MAX_SAFE_INTEGER), false)
})
