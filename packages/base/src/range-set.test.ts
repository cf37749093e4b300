/** RangeSet against the plainest model there is: a Set of integers. Every mutation is followed by a check of I-RANGE-1. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { type Range, RangeSet } from './range-set.ts'

const TOP = 40

const range: fc.Arbitrary<Range> = fc
  .tuple(fc.nat(TOP), fc.nat(TOP))
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }))
const ranges: fc.Arbitrary<Range[]> = fc.array(range, { maxLength: 12 })
const step: fc.Arbitrary<Range & { readonly add: boolean }> = fc
  .tuple(range, fc.boolean())
  .map(([{ first, last }, add]) => ({ first, last, add }))

function integersOf(input: Iterable<Range>): Set<number> {
  const integers = new Set<number>()
  for (const { first, last } of input) for (let n = first; n <= last; n += 1) integers.add(n)
  return integers
}

function filtered(integers: ReadonlySet<number>, keep: (n: number) => boolean): Set<number> {
  return new Set([...integers].filter(keep))
}

/** I-RANGE-1, and the same integers as the model. */
function assertSame(set: RangeSet, model: ReadonlySet<number>): void {
  let previousLast = -2
  for (const { first, last } of set) {
    assert.ok(first <= last && first > previousLast + 1, `I-RANGE-1 broken: ${set}`)
    previousLast = last
  }
  assert.deepEqual(
    [...integersOf(set)],
    [...model].sort((a, b) => a - b),
  )
  assert.equal(set.count(), model.size)
  assert.equal(set.isEmpty(), model.size === 0)
  assert.equal(set.last(), model.size === 0 ? undefined : Math.max(...model))
}

test('add and delete, in any order, do what they do to a set of integers and say whether something changed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const set = new RangeSet()
      const model = new Set<number>()
      for (const { first, last, add } of steps) {
        const sizeBefore = model.size
        for (let n = first; n <= last; n += 1) add ? model.add(n) : model.delete(n)
        const changed = add ? set.add(first, last) : set.delete(first, last)
        assert.equal(changed, model.size !== sizeBefore)
        assertSame(set, model)
      }
    }),
  )
})

test('intersect, subtract and missingIn agree with the sets of integers and leave their operands alone', () => {
  fc.assert(
    fc.property(ranges, ranges, range, (ours, theirs, window) => {
      const [a, b] = [RangeSet.of(ours), RangeSet.of(theirs)]
      const [x, y] = [integersOf(ours), integersOf(theirs)]
      assertSame(
        a.intersect(b),
        filtered(x, (n) => y.has(n)),
      )
      assertSame(
        a.subtract(b),
        filtered(x, (n) => !y.has(n)),
      )
      assertSame(
        a.missingIn(window.first, window.last),
        filtered(integersOf([window]), (n) => !x.has(n)),
      )
      assertSame(a, x)
      assertSame(b, y)
    }),
  )
})

test('has, containsRange and containsAll agree with the sets of integers', () => {
  fc.assert(
    fc.property(ranges, ranges, range, (ours, theirs, window) => {
      const [a, b] = [RangeSet.of(ours), RangeSet.of(theirs)]
      const [x, y] = [integersOf(ours), integersOf(theirs)]
      for (let n = 0; n <= TOP + 1; n += 1) assert.equal(a.has(n), x.has(n))
      assert.equal(
        a.containsRange(window.first, window.last),
        [...integersOf([window])].every((n) => x.has(n)),
      )
      assert.equal(
        a.containsAll(b),
        [...y].every((n) => x.has(n)),
      )
    }),
  )
})

test('addAll is union, deleteAll is difference, equals is sameness, whatever the order of the ranges', () => {
  fc.assert(
    fc.property(ranges, ranges, (ours, theirs) => {
      const union = RangeSet.of(ours)
      union.addAll(RangeSet.of(theirs))
      assertSame(union, integersOf([...ours, ...theirs]))
      assert.ok(union.equals(RangeSet.of([...theirs, ...ours].reverse())))
      const difference = RangeSet.of(ours)
      difference.deleteAll(RangeSet.of(theirs))
      assert.ok(difference.equals(RangeSet.of(ours).subtract(RangeSet.of(theirs))))
      assert.equal(union.equals(difference), integersOf(union).size === integersOf(difference).size)
    }),
  )
})

test('a clone lives its own life', () => {
  const original = RangeSet.of<number>([{ first: 1, last: 5 }])
  const copy = original.clone()
  copy.add(7)
  original.delete(1)
  assert.equal(`${original}`, '2-5')
  assert.equal(`${copy}`, '1-5,7')
})

test('a set of very many ranges can be cloned', () => {
  const set = new RangeSet()
  for (let n = 0; n < 150_000; n += 1) set.add(2 * n)
  assert.ok(set.clone().equals(set))
})

test('the greatest safe integer is an ordinary member', () => {
  const top = Number.MAX_SAFE_INTEGER
  const set = RangeSet.of([{ first: top - 1, last: top }])
  assert.equal(set.has(top), true)
  assert.equal(set.add(top - 2), true)
  assert.equal(set.size, 1)
  assert.equal(`${set.missingIn(top - 4, top)}`, `${top - 4}-${top - 3}`)
})

test('an empty window misses nothing; a reversed or negative range is a bug of the caller', () => {
  const set = RangeSet.of<number>([{ first: 3, last: 4 }])
  assert.equal(set.missingIn(1, 0).isEmpty(), true)
  assert.throws(() => set.add(2, 1), /not a range/)
  assert.throws(() => set.delete(-1, 1), /not a range/)
  assert.throws(() => set.add(0.5), /not a range/)
  assert.throws(() => set.add(0, Number.MAX_SAFE_INTEGER + 1), /not a range/)
})
