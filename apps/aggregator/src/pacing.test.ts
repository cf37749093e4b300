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
  assert.equal(pacing.nextAt(), 15)
  assert.equal(pacing.looks(instant(14)), false)
  assert.equal(pacing.looks(instant(15)), true)
  assert.equal(pacing.looks(instant(16)), false)
  pacing.note(instant(20))
  assert.equal(pacing.nextAt(), 30)
})

test('lines without a pause put the look off, but not for ever', () => {
  const pacing = new Pacing()
  for (let ms = 0; ms < 50; ms += 5) pacing.note(instant(ms))
  assert.equal(pacing.looks(instant(49)), false)
  assert.equal(pacing.looks(instant(50)), true)
})
