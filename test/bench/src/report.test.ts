import assert from 'node:assert/strict'
import test from 'node:test'
import { changesOf, digits, tableOf } from './report.ts'
import { summarize } from './sample.ts'

test('three digits that count', () => {
  assert.deepEqual([0.012345, 1.5, 99.94, 1234567.8, Number.NaN].map(digits), [
    '0.0123',
    '1.5',
    '99.9',
    '1,234,568',
    '–',
  ])
})

test('a table has a line for each figure, all of one width, and says what was not reached', () => {
  const lines = tableOf(
    summarize([
      [
        { what: 'plain', value: 100, unit: 'rows/s' },
        { what: 'store', value: 30, unit: 'rows/s', of: 'plain', goal: { floor: 0.4 } },
      ],
    ]),
  ).split('\n')
  assert.equal(lines.length, 4)
  assert.equal(new Set(lines.map((line) => line.length)).size, 1)
  assert.match(lines[3] as string, /store .* 0\.3 .* not reached/)
})

test('a change says by how much, and a loss above 10 % is marked', () => {
  const lines = changesOf([
    { what: 'a', before: 0.5, now: 0.6, gain: 0.2 },
    { what: 'b', before: 0.5, now: 0.4, gain: -0.2 },
  ]).split('\n')
  assert.match(lines[2] as string, /\+20\.0 %/)
  assert.doesNotMatch(lines[2] as string, /word/)
  assert.match(lines[3] as string, /−20\.0 %.*needs a word/)
})
