/**
 * RangeSet: a set of integers as sorted, disjoint, non-adjacent inclusive ranges. The one interval type of
 * the project: versions held, versions missing, seqs of a partial version. Costs grow with the number of ranges,
 * never with the number of integers; adding at the end is O(1).
 */
import { assert } from './assert.ts'

export interface Range<N extends number = number> {
  readonly first: N
  readonly last: N
}

export class RangeSet<N extends number = number> {
  /** I-RANGE-1: first0 ≤ last0, last0 + 1 < first1 ≤ last1, … all safe integers ≥ 0. */
  readonly #bounds: number[] = []

  /** A set of the given ranges, in any order, overlapping or not. */
  static of<N extends number>(ranges: Iterable<Range<N>>): RangeSet<N> {
    const set = new RangeSet<N>()
    for (const { first, last } of ranges) set.add(first, last)
    return set
  }

  /** Number of ranges. */
  get size(): number {
    return this.#bounds.length / 2
  }

  isEmpty(): boolean {
    return this.#bounds.length === 0
  }

  /** Number of integers in the set. */
  count(): number {
    let count = 0
    for (const { first, last } of this) count += last - first + 1
    return count
  }

  *[Symbol.iterator](): IterableIterator<Range<N>> {
    for (let i = 0; i < this.#bounds.length; i += 2)
      yield { first: this.#bounds[i] as N, last: this.#bounds[i + 1] as N }
  }

  /** The greatest integer of the set. */
  last(): N | undefined {
    return this.#bounds.at(-1) as N | undefined
  }

  /** Adds first…last; false when all of it was there already. */
  add(first: N, last: N = first): boolean {
    assertRange(first, last)
    const bounds = this.#bounds
    // Ranges [from, to) overlap or touch the new one; they and it become one.
    const from = this.#firstEndingAtOrAfter(first - 1)
    let to = from
    while (to < bounds.length && (bounds[to] as number) <= last + 1) to += 2
    if (from === to) {
      bounds.splice(from, 0, first, last)
      return true
    }
    if (to === from + 2 && (bounds[from] as number) <= first && (bounds[from + 1] as number) >= last)
      return false
    const merged = [Math.min(first, bounds[from] as number), Math.max(last, bounds[to - 1] as number)]
    bounds.splice(from, to - from, ...merged)
    return true
  }

  /** Removes first…last; false when none of it was there. */
  delete(first: N, last: N = first): boolean {
    assertRange(first, last)
    const bounds = this.#bounds
    const from = this.#firstEndingAtOrAfter(first)
    let to = from
    while (to < bounds.length && (bounds[to] as number) <= last) to += 2
    if (from === to) return false
    const kept: number[] = []
    if ((bounds[from] as number) < first) kept.push(bounds[from] as number, first - 1)
    if ((bounds[to - 1] as number) > last) kept.push(last + 1, bounds[to - 1] as number)
    bounds.splice(from, to - from, ...kept)
    return true
  }

  has(n: N): boolean {
    return this.containsRange(n, n)
  }

  /** True where every integer of first…last is in the set. */
  containsRange(first: N, last: N): boolean {
    assertRange(first, last)
    const at = this.#firstEndingAtOrAfter(last)
    return at < this.#bounds.length && (this.#bounds[at] as number) <= first
  }

  /** True where every integer of `other` is in this set. */
  containsAll(other: RangeSet<N>): boolean {
    for (const { first, last } of other) if (!this.containsRange(first, last)) return false
    return true
  }

  addAll(other: Iterable<Range<N>>): void {
    for (const { first, last } of other) this.add(first, last)
  }

  deleteAll(other: Iterable<Range<N>>): void {
    for (const { first, last } of other) this.delete(first, last)
  }

  /** What both sets hold; linear in the number of ranges. */
  intersect(other: RangeSet<N>): RangeSet<N> {
    const shared = new RangeSet<N>()
    const [ours, theirs] = [this.#bounds, other.#bounds]
    let [a, b] = [0, 0]
    while (a < ours.length && b < theirs.length) {
      const first = Math.max(ours[a] as number, theirs[b] as number)
      const last = Math.min(ours[a + 1] as number, theirs[b + 1] as number)
      if (first <= last) shared.#bounds.push(first, last)
      if ((ours[a + 1] as number) < (theirs[b + 1] as number)) a += 2
      else b += 2
    }
    return shared
  }

  /** What this set holds and `other` does not; linear in the number of ranges. */
  subtract(other: RangeSet<N>): RangeSet<N> {
    const rest = new RangeSet<N>()
    const theirs = other.#bounds
    let b = 0
    for (const range of this) {
      let first: number = range.first
      while (b < theirs.length && (theirs[b + 1] as number) < first) b += 2
      for (let i = b; i < theirs.length && (theirs[i] as number) <= range.last; i += 2) {
        if ((theirs[i] as number) > first) rest.#bounds.push(first, (theirs[i] as number) - 1)
        first = (theirs[i + 1] as number) + 1
      }
      if (first <= range.last) rest.#bounds.push(first, range.last)
    }
    return rest
  }

  /** What first…last holds and this set does not. Empty where first > last. */
  missingIn(first: N, last: N): RangeSet<N> {
    const whole = new RangeSet<N>()
    if (first <= last) whole.add(first, last)
    return whole.subtract(this)
  }

  clone(): RangeSet<N> {
    const copy = new RangeSet<N>()
    // One by one: spread into a call would overflow the stack at some 100,000 bounds.
    for (const bound of this.#bounds) copy.#bounds.push(bound)
    return copy
  }

  equals(other: RangeSet<N>): boolean {
    return (
      this.#bounds.length === other.#bounds.length && this.#bounds.every((n, i) => n === other.#bounds[i])
    )
  }

  toString(): string {
    return [...this].map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
  }

  /** Index of the first range whose end is ≥ n; binary search, the tail first because appending is the common case. */
  #firstEndingAtOrAfter(n: number): number {
    const bounds = this.#bounds
    if (bounds.length === 0 || (bounds.at(-1) as number) < n) return bounds.length
    let low = 0
    let high = bounds.length / 2 - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((bounds[2 * middle + 1] as number) < n) low = middle + 1
      else high = middle
    }
    return 2 * low
  }
}

function assertRange(first: number, last: number): void {
  assert(
    Number.isSafeInteger(first) && Number.isSafeInteger(last) && first >= 0 && first <= last,
    `not a range: ${first}…${last}`,
  )
}
