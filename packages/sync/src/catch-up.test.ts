import assert from 'node:assert/strict'
import { beforeEach, it } from 'node:test'
import { type Instant, instant, millis, NEVER } from '@patina/base'
import { CatchUp } from './catch-up.ts'

const REACH_MS = millis(5_000)
let subject: CatchUp

beforeEach(() => {
  subject = new CatchUp(REACH_MS)
})

function at(ms: number): Instant {
  return instant(ms)
}

it('is done where all that are known of have told all, and nothing is missing', () => {
  assert.deepEqual([subject.isDone, subject.nextDeadline()], [false, NEVER])
  subject.nothingMissing(true, at(1))
  assert.equal(subject.isDone, true)
  subject.reached(false)
  subject.nothingMissing(false, at(2))
  assert.deepEqual([subject.isDone, subject.nextDeadline()], [true, NEVER])
})

it('waits for who has not told, and for who has no session', () => {
  subject.nothingMissing(false, at(0))
  assert.equal(subject.isDone, false)
  subject.reached(false)
  subject.nothingMissing(true, at(10))
  assert.equal(subject.isDone, false)
  subject.reached(true)
  assert.equal(subject.isDone, false, 'something may be missing now')
  subject.nothingMissing(true, at(20))
  assert.equal(subject.isDone, true)
})

it('waits so long and no longer, and even then something may be missing', () => {
  subject.reached(false)
  subject.nothingMissing(true, at(100))
  subject.nothingMissing(true, at(3_000))
  assert.equal(subject.nextDeadline(), 5_100)
  assert.equal(subject.isWaitingOver(at(5_099)), false)
  assert.equal(subject.isWaitingOver(at(5_100)), true)
  assert.equal(subject.isDone, false)
  assert.deepEqual([subject.isWaitingOver(at(9_000)), subject.nextDeadline()], [false, NEVER])
  subject.nothingMissing(false, at(9_001))
  assert.equal(subject.isDone, true)
})
