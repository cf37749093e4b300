/**
 * TokenBuckets: so many a second for each key, and a burst. For what a peer may send us and ask of us. A key whose bucket is
 * full again is as one never seen, and is forgotten, so that only those are held that came lately. Bounded besides: above its
 * capacity the key that was longest silent goes.
 */
import { assert, type Instant } from '@patina/base'

/** Whole numbers, because there is one for each peer. */
interface Bucket {
  milliTokens: number
  atMs: number
}

const MILLI = 1_000
/** Old keys that are looked at with each use: twice as many as one use can add. */
const FORGOTTEN_PER_USE = 2

export interface Rate {
  readonly perSecond: number
  readonly burst: number
  readonly keysMax: number
}

export class TokenBuckets {
  readonly #rate: Rate
  /** Insertion order is order of the last use. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(rate: Rate) {
    assert(rate.perSecond > 0 && rate.burst >= 1 && rate.keysMax >= 1, 'a rate that allows nothing')
    this.#rate = rate
  }

  size(): number {
    return this.#buckets.size
  }

  /** True, and paid for, where this key has a token left. */
  take(key: string, now: Instant): boolean {
    const { perSecond, burst, keysMax } = this.#rate
    this.#forgetFull(now)
    const known = this.#buckets.get(key)
    const atMs = Math.floor(now)
    if (known === undefined) {
      this.#buckets.set(key, { milliTokens: (burst - 1) * MILLI, atMs })
      if (this.#buckets.size > keysMax) this.#dropOldest()
      return true
    }
    // A token a second is a thousandth of one a millisecond.
    const refill = Math.max(0, atMs - known.atMs) * perSecond
    known.milliTokens = Math.min(burst * MILLI, known.milliTokens + refill)
    known.atMs = Math.max(known.atMs, atMs)
    if (known.milliTokens < MILLI) return false
    known.milliTokens -= MILLI
    this.#buckets.delete(key)
    this.#buckets.set(key, known)
    return true
  }

  #forgetFull(now: Instant): void {
    const { perSecond, burst } = this.#rate
    let looked = 0
    for (const [key, { milliTokens, atMs }] of this.#buckets) {
      looked += 1
      if (looked > FORGOTTEN_PER_USE || milliTokens + (now - atMs) * perSecond < burst * MILLI) return
      this.#buckets.delete(key)
    }
  }

  #dropOldest(): void {
    const oldest = this.#buckets.keys().next()
    if (!oldest.done) this.#buckets.delete(oldest.value)
  }
}
