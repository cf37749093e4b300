import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Distribution } from './distribution.ts'

test('percentiles are values of the list, by the nearest rank', () => {
  const hundred = new Distribution(Array.from({ length: 100 }, (_, i) => 100 - i))
  assert.deepEqual(
    [1, 50, 99, 100].map((percent) => hundred.percentile(percent)),
    [1, 50, 99, 100],
  )
  assert.equal(hundred.mean(), 50.5)
  assert.equal(new Distribution(Array.from({ length: 1_000 }, (_, i) => i + 1)).percentile(50), 500)
})

test('nothing has zeros for all', () => {
  const nothing = new Distribution([])
  assert.deepEqual([nothing.percentile(99), nothing.max(), nothing.mean(), nothing.count], [0, 0, 0, 0])
})

test('bins hold every value once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }),
      fc.integer({ min: 1, max: 50 }),
      (values, count) => {
        const bins = new Distribution(values).bins(count)
        assert.equal(bins.length, count)
        assert.equal(
          bins.reduce((sum, bin) => sum + bin.count, 0),
          values.length,
        )
      },
    ),
  )
})
