/** Chance: the generator of Park and Miller (1988), so that a test does the same in each run and one line runs it again. */

const MULTIPLIER = 48_271
const MODULUS = 0x7fff_ffff

export class Chance {
  #state: number

  /** `seed` in 1…2^31−2. */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 1 || seed >= MODULUS) throw new RangeError(`not a seed: ${seed}`)
    this.#state = seed
  }

  /** In 0…bound−1. */
  below(bound: number): number {
    this.#state = (this.#state * MULTIPLIER) % MODULUS
    return this.#state % bound
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }
}
