import assert from 'node:assert/strict'
import test from 'node:test'
import { compare, entryOf } from './baseline.ts'
import { type Summary, spread, type Unit } from './sample.ts'

function summary(what: string, unit: Unit, ratio: number | undefined): Summary {
  return { what, unit, value: spread([1]), of: 'x', ratio: ratio && spread([ratio]), goal: {} } as Summary
}

test('a rate that rises and a time that falls have gained; what is not in both is left out', () => {
  const now = [summary('insert', 'rows/s', 0.6), summary('trip', 'µs', 3), summary('new', 'ms', 1)]
  const before = { date: '2026-01-01', host: 'x', ratios: { insert: 0.5, trip: 4, gone: 1 } }
  const changes = compare(now, before)
  assert.deepEqual(
    changes.map(({ what, gain }) => [what, Math.round(gain * 100)]),
    [
      ['insert', 20],
      ['trip', 25],
    ],
  )
  assert.deepEqual(compare(now, undefined), [])
})

test('an entry keeps three digits of each ratio, and no figures', () => {
  const entry = entryOf([summary('a', 'ms', 0.123456), summary('b', 'ms', undefined)], '2026-11-21', 'host')
  assert.deepEqual(entry, { date: '2026-11-21', host: 'host', ratios: { a: 0.123 } })
})
