/**
 * RateLimit: at most one permission per key and interval. Answers that a peer can provoke go through one, so that
 * junk or a quarrel of two views cannot become a storm. Bounded: above its capacity the oldest key is forgotten.
 */
import type { Instant } from '@patina/base'

export class RateLimit {
  readonly #intervalMs: number
  readonly #capacity: number
  /** Insertion order is order of the last permission. */
  readonly #last = new Map<string, Instant>()

  constructor(intervalMs: number, capacity: number) {
    this.#intervalMs = intervalMs
    this.#capacity = capacity
  }

  /** True, and remembered, where the last permission for this key is an interval ago. */
  allows(key: string, now: Instant): boolean {
    const last = this.#last.get(key)
    if (last !== undefined && now - last < this.#intervalMs) return false
    this.#last.delete(key)
    this.#last.set(key, now)
    if (this.#last.size > this.#capacity) {
      const oldest = this.#last.keys().next()
      if (!oldest.done) this.#last.delete(oldest.value)
    }
    return true
  }
}
