import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant, NEVER } from '@patina/base'
import { Pacing } from './pacing.ts'

test('a burst is folded until it is quiet', () => {
  const pacing = new Pacing()
  for (const ms of [0, 30, 60]) pacing.note(instant(ms))
  assert.equal(pacing.isDue(instant(109)), false)
  assert.equal(pacing.isDue(instant(110)), true)
})

test('constant change waits for a second at the most', () => {
  const pacing = new Pacing()
  for (let ms = 0; ms < 1_000; ms += 20) {
    pacing.note(instant(ms))
    assert.equal(pacing.isDue(instant(ms)), false)
  }
  assert.equal(pacing.isDue(instant(1_000)), true)
  pacing.sent()
  assert.equal(pacing.nextAt(), NEVER)
})

test('one look for what is urgent, when the lines of a change are there', () => {
  const pacing = new Pacing()
  pacing.note(instant(0))
  pacing.note(instant(5))
  assert.equal(pacing.nextAt(), 10)
  assert.equal(pacing.looks(instant(9)), false)
  assert.equal(pacing.looks(instant(10)), true)
  assert.equal(pacing.looks(instant(11)), false)
  pacing.note(instant(12))
  assert.equal(pacing.nextAt(), 22)
})
