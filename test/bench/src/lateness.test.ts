import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latenessBetween, parseLateness } from './lateness.ts'

const text = (counts: readonly number[]): string =>
  ['0.001', '0.01', '0.1', '+Inf']
    .map((bound, i) => `patina_deadline_late_seconds_bucket{le="${bound}"} ${counts[i]}`)
    .join('\n')

test('what was added between two looks, as the bounds of its buckets', () => {
  const before = parseLateness(text([10, 10, 12, 12]))
  const late = latenessBetween(before, parseLateness(text([110, 208, 212, 212])))
  assert.deepEqual(late, { p99Ms: 10, maxMs: 100, count: 200 })
})

test('an agent without the histogram is told apart from one that is on time', () => {
  assert.throws(() => parseLateness('patina_ready 1'), /has no patina_deadline_late_seconds/)
})
