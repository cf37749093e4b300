import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Range, RangeSet } from '@patina/base'
import fc from 'fast-check'
import { numbersToRanges, rangesToNumbers } from './wire-ranges.ts'

const BOUNDS = { min: 0, max: Number.MAX_SAFE_INTEGER }
const sets: fc.Arbitrary<Range[]> = fc
  .array(fc.tuple(fc.nat(10_000), fc.nat(50)))
  .map((pairs) => [...RangeSet.of(pairs.map(([first, span]) => ({ first, last: first + span })))])

describe('ranges as numbers', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(sets, (ranges) =>
        assert.deepEqual(numbersToRanges('test', rangesToNumbers(ranges), BOUNDS), ranges),
      ),
    )
  })

  it('are canonical or refused, whatever the numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(5), fc.maxSafeNat())), (numbers) => {
        try {
          const ranges = numbersToRanges('test', numbers, BOUNDS)
          assert.deepEqual([...RangeSet.of(ranges)], ranges)
        } catch (cause) {
          assert.equal((cause as Error).constructor.name, 'DecodeFailure')
        }
      }),
    )
  })

  it('outside their bounds, adjacent or cut in half are refused', () => {
    const bounds = { min: 1, max: 100 }
    for (const numbers of [[0, 0], [100, 1], [1, 0, 1, 0], [1, 0, 0, 0], [1], [1, 0, 2]])
      assert.throws(() => numbersToRanges('test', numbers, bounds), `${numbers}`)
    assert.deepEqual(numbersToRanges('test', [1, 0, 2, 97], bounds), [
      { first: 1, last: 1 },
      { first: 3, last: 100 },
    ])
  })

  it('a thousand gaps of one are two thousand small numbers', () => {
    const ranges = Array.from({ length: 1_000 }, (_, i) => ({ first: 1e9 + 2 * i, last: 1e9 + 2 * i }))
    assert.ok(
      rangesToNumbers(ranges)
        .slice(1)
        .every((n) => n < 128),
    )
  })
})
