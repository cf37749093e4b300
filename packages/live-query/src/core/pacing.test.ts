/** When a query runs: at once when idle, after as long a rest as the last run took. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant, NEVER } from '@patina/base'
import { Pacing } from './pacing.ts'

test('an idle query runs at once, and a current one not at all', () => {
  const pacing = new Pacing('current', instant(100))
  assert.equal(pacing.due, NEVER)
  pacing.changed()
  assert.equal(pacing.due, instant(100))
})

test('a stale one is due from the start', () => {
  assert.equal(new Pacing('stale', instant(7)).due, instant(7))
})

test('the next run waits as long as the last one took, and takes all changes of the meantime', () => {
  const pacing = new Pacing('stale', instant(0))
  pacing.started(instant(10))
  pacing.changed()
  pacing.changed()
  pacing.finished(instant(30))
  assert.equal(pacing.due, instant(50))
  pacing.started(instant(50))
  pacing.finished(instant(51))
  assert.equal(pacing.due, NEVER)
  pacing.changed()
  assert.equal(pacing.due, instant(52))
})
