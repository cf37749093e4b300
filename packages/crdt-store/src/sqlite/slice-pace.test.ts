import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SlicePace } from './slice-pace.ts'

test('slices that take too long get smaller, short ones grow again, within their bounds', () => {
  const pace = new SlicePace({ schemaSliceRowsMax: 100, schemaSliceMs: 10 })
  const after = (ms: number): number => {
    pace.took(ms)
    return pace.rows
  }
  assert.deepEqual(
    [pace.rows, after(11), after(7), after(50), after(11), after(11), after(11)],
    [100, 50, 50, 25, 12, 8, 8],
  )
  assert.deepEqual([after(4), after(0), after(0), after(0), after(0)], [16, 32, 64, 100, 100])
})

test('a bound below the least rows is kept; without a time nothing changes', () => {
  const one = new SlicePace({ schemaSliceRowsMax: 1, schemaSliceMs: 10 })
  one.took(99)
  assert.equal(one.rows, 1)
  const steady = new SlicePace({ schemaSliceRowsMax: 100, schemaSliceMs: Number.POSITIVE_INFINITY })
  steady.took(1e9)
  assert.equal(steady.rows, 100)
})
