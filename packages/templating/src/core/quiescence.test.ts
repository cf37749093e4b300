import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant, millis } from '@patina/base'
import { dueAt, withChange } from './quiescence.ts'

const WAIT = { quietMs: millis(50), ceilingMs: millis(200) }

test('a burst is over after a quiet time, and at its ceiling though changes go on', () => {
  let burst = withChange(undefined, instant(1_000))
  assert.equal(dueAt(burst, WAIT), 1_050)
  burst = withChange(burst, instant(1_040))
  assert.equal(dueAt(burst, WAIT), 1_090)
  for (let at = 1_080; at < 1_400; at += 40) burst = withChange(burst, instant(at))
  assert.equal(dueAt(burst, WAIT), 1_200)
})
