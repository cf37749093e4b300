/**
 * Zipf: ranks drawn with probability proportional to 1 / rank^s (Zipf 1949), from a seeded generator. A table of
 * cumulative weights and a binary search: n numbers of memory, log n steps a draw. Weights are rounded to integers, so
 * that a draw is exact integer arithmetic.
 */
import { assert, type Prng } from '@patina/base'

/** The sum of all weights: one draw of 32 bits. */
const TOTAL = 2 ** 32

export class Zipf {
  /** Strictly rising; the last is TOTAL. */
  readonly #cumulative: Float64Array

  /** `count` ranks from 0 (the most frequent), exponent `s` ≥ 0 (0: uniform). */
  constructor(count: number, s: number) {
    assert(Number.isInteger(count) && count >= 1 && count <= 2 ** 24, `not a count: ${count}`)
    assert(s >= 0, `not an exponent: ${s}`)
    const weights = Float64Array.from({ length: count }, (_, rank) => (rank + 1) ** -s)
    const scale = (TOTAL - count) / weights.reduce((sum, weight) => sum + weight, 0)
    let sum = 0
    this.#cumulative = weights.map((weight) => {
      // One for every rank, so that none has probability 0.
      sum += 1 + Math.floor(weight * scale)
      return sum
    })
    this.#cumulative[count - 1] = TOTAL
  }

  /** A rank from 0. */
  draw(prng: Prng): number {
    const point = prng.u32()
    let low = 0
    let high = this.#cumulative.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#cumulative[middle] as number) <= point) low = middle + 1
      else high = middle
    }
    return low
  }
}
