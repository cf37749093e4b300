/**
 * Prng: the only source of chance in cores; the same seed gives the same history on every machine. xoshiro128**
 * (Blackman & Vigna, 2018) seeded by splitmix32. Integers only, so that no rounding differs. Not for secrets.
 */
import { assert } from './assert.ts'

export class Prng {
  readonly #state: Uint32Array

  constructor(seed: number) {
    this.#state = splitmix32(seed >>> 0)
  }

  /** Uniform in 0…2^32−1. */
  u32(): number {
    const s = this.#state
    const [s0, s1, s2, s3] = [s[0] as number, s[1] as number, s[2] as number, s[3] as number]
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0
    s[2] = s2 ^ s0
    s[3] = s3 ^ s1
    s[1] = s1 ^ (s2 ^ s0)
    s[0] = s0 ^ (s3 ^ s1)
    s[2] = s2 ^ s0 ^ (s1 << 9)
    s[3] = rotateLeft(s3 ^ s1, 11)
    return result
  }

  /** Uniform in 0…bound−1; bound in 1…2^32. */
  below(bound: number): number {
    assert(Number.isInteger(bound) && bound >= 1 && bound <= 2 ** 32, `not a bound: ${bound}`)
    const limit = 2 ** 32 - (2 ** 32 % bound)
    for (;;) {
      const n = this.u32()
      if (n < limit) return n % bound
    }
  }

  /** Uniform in first…last, both included. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1)
  }

  /** True in `numerator` of `denominator` cases. */
  chance(numerator: number, denominator: number): boolean {
    return this.below(denominator) < numerator
  }

  /** One of the items; there must be one. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  /** Shuffles in place (Fisher–Yates) and returns the array. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i -= 1) {
      const j = this.below(i + 1)
      ;[items[i], items[j]] = [items[j] as T, items[i] as T]
    }
    return items
  }

  /** Up to `count` distinct items in random order; the input stays as it is. */
  sample<T>(items: readonly T[], count: number): T[] {
    const pool = [...items]
    const size = Math.min(count, pool.length)
    for (let i = 0; i < size; i += 1) {
      const j = this.between(i, pool.length - 1)
      ;[pool[i], pool[j]] = [pool[j] as T, pool[i] as T]
    }
    return pool.slice(0, size)
  }

  /** An independent generator, so that one consumer's draws do not shift another's. */
  fork(): Prng {
    return new Prng(this.u32())
  }
}

function rotateLeft(n: number, bits: number): number {
  return (n << bits) | (n >>> (32 - bits))
}

function splitmix32(seed: number): Uint32Array {
  const state = new Uint32Array(4)
  let x = seed
  for (let i = 0; i < 4; i += 1) {
    x = (x + 0x9e3779b9) >>> 0
    let z = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    state[i] = z ^ (z >>> 15)
  }
  return state
}
