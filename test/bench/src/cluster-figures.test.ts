import assert from 'node:assert/strict'
import { test } from 'node:test'
import { costSamples } from './cluster-figures.ts'

test('a cost is the time used since before, by unit of work', () => {
  const before = new Map([['main, origin', 1]])
  const after = new Map([
    ['main, origin', 3],
    ['store, origin', 0.5],
  ])
  assert.deepEqual(costSamples('write', 1_000, { before, after }), [
    { what: 'CPU per write, main, origin', value: 2_000, unit: 'µs' },
    { what: 'CPU per write, store, origin', value: 500, unit: 'µs' },
  ])
})
