import assert from 'node:assert/strict'
import test from 'node:test'
import { formatCount, formatMs, formatTable, percentile } from './figures.ts'

test('a percentile is a sample: the nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at)
  assert.deepEqual(
    [0.5, 0.99, 1, 0].map((share) => percentile(hundred, share)),
    [50, 99, 100, 1],
  )
  assert.equal(percentile([7], 0.99), 7)
  assert.ok(Number.isNaN(percentile([], 0.5)))
})

test('durations and counts are rounded for people', () => {
  assert.deepEqual([0.04, 4.24, 9.96, 37.6, 999.4, 1350, 12_345].map(formatMs), [
    '0.0 ms',
    '4.2 ms',
    '10.0 ms',
    '38 ms',
    '999 ms',
    '1.35 s',
    '12.35 s',
  ])
  assert.equal(formatCount(10_000), '10,000')
})

test('the table aligns both columns', () => {
  assert.equal(
    formatTable([
      { what: 'load', value: '1.20 s' },
      { what: 'rows held', value: '3' },
    ]),
    '  load       1.20 s\n  rows held       3',
  )
})
