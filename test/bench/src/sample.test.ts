import assert from 'node:assert/strict'
import test from 'node:test'
import { percentile, type Sample, spread, summarize, verdict } from './sample.ts'

function repetition(plain: number, store: number): Sample[] {
  return [
    { what: 'plain', value: plain, unit: 'rows/s' },
    { what: 'store', value: store, unit: 'rows/s', of: 'plain', goal: { floor: 0.4, aim: 0.5 } },
  ]
}

test('a ratio is made within each repetition, and then the median is taken', () => {
  // The medians of the figures would give 40 / 100; no repetition had that ratio.
  const summary = summarize([repetition(100, 10), repetition(50, 40), repetition(200, 100)])[1]
  assert.deepEqual(summary?.ratio, { median: 0.5, min: 0.1, max: 0.8 })
  assert.deepEqual(summary?.value, { median: 40, min: 10, max: 100 })
})

test('a sample that another one is divided by must be there', () => {
  assert.throws(() => summarize([[{ what: 'a', value: 1, unit: 'ms', of: 'b' }]]), /no sample is named "b"/)
})

test('two samples of one name would hide each other', () => {
  const twice: Sample[] = [1, 2].map((value) => ({ what: 'a', value, unit: 'ms' }))
  assert.throws(() => summarize([twice]), /two samples are named "a"/)
})

test('the median of an even number of values is between the middle ones', () => {
  assert.deepEqual(spread([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 })
})

test('percentiles are values that were there', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i)
  assert.equal(percentile(values, 0.5), 51)
  assert.equal(percentile(values, 0.99), 100)
  assert.equal(percentile([7], 1), 7)
})

test('a rate reaches its goal from above, a time from below; without a goal there is no verdict', () => {
  const judged = (unit: 'rows/s' | 'ms', value: number, goal = {}): string =>
    verdict({ what: 'x', unit, value: spread([value]), of: undefined, ratio: undefined, goal })
  assert.equal(judged('rows/s', 5, { floor: 4, aim: 6 }), 'floor')
  assert.equal(judged('rows/s', 7, { floor: 4, aim: 6 }), 'aim')
  assert.equal(judged('rows/s', 3, { floor: 4, aim: 6 }), 'not reached')
  assert.equal(judged('ms', 5, { floor: 4 }), 'not reached')
  assert.equal(judged('ms', 3, { floor: 4 }), 'floor')
  assert.equal(judged('ms', 3, { aim: 4 }), 'aim')
  assert.equal(judged('ms', 5, { aim: 4 }), 'not reached')
  assert.equal(judged('ms', 3), '')
})
