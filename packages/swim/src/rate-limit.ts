/**
 * RateLimit: at most one permission per key and interval. Answers that a peer can provoke go through one, so that
 * junk or a quarrel of two views cannot become a storm. A key whose interval is over is as one never seen, and is forgotten.
 * Bounded besides: above its capacity the oldest key goes.
 */
import type { Instant } from '@patina/base'

/** Old keys that are looked at with each permission: twice as many as one can add. */
const FORGOTTEN_PER_USE = 2

export class RateLimit {
  readonly #intervalMs: number
  readonly #capacity: number
  /** Insertion order is order of the last permission. */
  readonly #last = new Map<string, Instant>()

  constructor(intervalMs: number, capacity: number) {
    this.#intervalMs = intervalMs
    this.#capacity = capacity
  }

  size(): number {
    return this.#last.size
  }

  /** True, and remembered, where the last permission for this key is an interval ago. */
  allows(key: string, now: Instant): boolean {
    const last = this.#last.get(key)
    if (last !== undefined && now - last < this.#intervalMs) return false
    this.#last.delete(key)
    this.#forgetOver(now)
    this.#last.set(key, now)
    if (this.#last.size > this.#capacity) {
      const oldest = this.#last.keys().next()
      if (!oldest.done) this.#last.delete(oldest.value)
    }
    return true
  }

  #forgetOver(now: Instant): void {
    let looked = 0
    for (const [key, last] of this.#last) {
      looked += 1
      if (looked > FORGOTTEN_PER_USE || now - last < this.#intervalMs) return
      this.#last.delete(key)
    }
  }
}
