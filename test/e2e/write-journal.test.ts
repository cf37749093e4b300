import assert from 'node:assert/strict'
import test from 'node:test'
import { WriteJournal } from './write-journal.ts'

test('an acknowledged write must be there, and one without an answer may', () => {
  const journal = new WriteJournal()
  journal.acknowledged('a', 1)
  journal.unanswered('a', 2)
  journal.unanswered('b', 3)
  const holds = (rows: readonly (readonly [string, number])[]): boolean =>
    journal.contradictions(new Map(rows)).length === 0
  assert.ok(holds([['a', 1]]))
  assert.ok(
    holds([
      ['a', 2],
      ['b', 3],
    ]),
  )
  assert.ok(!holds([]))
  assert.ok(
    !holds([
      ['a', 1],
      ['b', 4],
    ]),
  )
  assert.deepEqual([journal.acknowledgedCount, journal.unansweredCount], [1, 2])
})

test('an acknowledged write follows what was sent before it; a row that was deleted stays away', () => {
  const journal = new WriteJournal()
  journal.unanswered('a', 1)
  journal.acknowledged('a', 2)
  assert.equal(journal.contradictions(new Map([['a', 1]])).length, 1)
  journal.acknowledged('a', undefined)
  assert.deepEqual(journal.contradictions(new Map()), [])
  assert.match(journal.contradictions(new Map([['a', 2]]))[0] as string, /a holds 2 and may hold nothing/)
})

test('a row that nobody wrote is told, and not more than a few', () => {
  const journal = new WriteJournal()
  assert.match(journal.contradictions(new Map([['x', 1]]))[0] as string, /nobody wrote it/)
  const strangers = Array.from({ length: 50 }, (_, i) => [`x${i}`, i] as const)
  assert.equal(journal.contradictions(new Map(strangers)).length, 10)
})
