import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDuration } from './duration.ts'

test('times have a unit', () => {
  for (const [text, ms] of [
    ['50ms', 50],
    ['1.5s', 1_500],
    [' 5m ', 300_000],
    ['2h', 7_200_000],
    ['0s', 0],
  ] as const)
    assert.equal(parseDuration(text), ms, text)
  for (const text of ['', '5', 's', '-1s', '1 s', '1d', '1e3s', 'Infinity', '1s2'])
    assert.equal(parseDuration(text), undefined, text)
})
