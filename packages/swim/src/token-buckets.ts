/**
 * TokenBuckets: so many a second for each key, and a burst. For what a peer may send us and ask of us. Bounded: above its
 * capacity the key that was longest silent is forgotten, and begins with a full bucket when it comes again.
 */
import { assert, type Instant } from '@patina/base'

interface Bucket {
  tokens: number
  at: Instant
}

const MS_PER_SECOND = 1_000

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

  /** True, and paid for, where this key has a token left. */
  take(key: string, now: Instant): boolean {
    const { perSecond, burst, keysMax } = this.#rate
    const known = this.#buckets.get(key)
    if (known === undefined) {
      this.#buckets.set(key, { tokens: burst - 1, at: now })
      if (this.#buckets.size > keysMax) this.#dropOldest()
      return true
    }
    const refill = (Math.max(0, now - known.at) / MS_PER_SECOND) * perSecond
    known.tokens = Math.min(burst, known.tokens + refill)
    known.at = now
    if (known.tokens < 1) return false
    known.tokens -= 1
    this.#buckets.delete(key)
    this.#buckets.set(key, known)
    return true
  }

  #dropOldest(): void {
    const oldest = this.#buckets.keys().next()
    if (!oldest.done) this.#buckets.delete(oldest.value)
  }
}
