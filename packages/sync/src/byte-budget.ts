/**
 * ByteBudget: so many bytes a second, and as many at once after a pause (a token bucket). What is sent or taken may put it
 * into debt once, because a message is not cut for it; nothing more goes before the debt is paid. OriginBudgets: one for
 * each origin; bounded, the origin that was silent for longest is forgotten, and its bucket would be full again anyhow.
 */
import { type ActorId, after, assert, elapsed, type Instant, millis } from '@patina/base'

const MS_PER_SECOND = 1_000

export class ByteBudget {
  #perSecond: number
  #bytes: number
  #at: Instant | undefined

  constructor(perSecond: number) {
    assert(perSecond > 0, 'a budget that allows nothing')
    this.#perSecond = perSecond
    this.#bytes = perSecond
  }

  /** From now on; a debt stays, and is paid at the new pace. */
  change(perSecond: number, now: Instant): void {
    assert(perSecond > 0, 'a budget that allows nothing')
    const left = this.left(now)
    this.#perSecond = perSecond
    this.#bytes = Math.min(perSecond, left)
  }

  /** What may go at once; below 0: the debt. */
  left(now: Instant): number {
    if (this.#at !== undefined) {
      const refill = (elapsed(this.#at, now) / MS_PER_SECOND) * this.#perSecond
      this.#bytes = Math.min(this.#perSecond, this.#bytes + refill)
    }
    this.#at = now
    return this.#bytes
  }

  spend(bytes: number, now: Instant): void {
    this.#bytes = this.left(now) - bytes
  }

  /** When something may go; `now` or before where it may already. */
  opensAt(now: Instant): Instant {
    const left = this.left(now)
    return left > 0 ? now : after(now, millis(((1 - left) / this.#perSecond) * MS_PER_SECOND))
  }
}

export class OriginBudgets {
  #perSecond: number
  readonly #originsMax: number
  /** In order of the last use. */
  readonly #budgets = new Map<ActorId, ByteBudget>()

  constructor(perSecond: number, originsMax: number) {
    this.#perSecond = perSecond
    this.#originsMax = originsMax
  }

  change(perSecond: number, now: Instant): void {
    this.#perSecond = perSecond
    for (const budget of this.#budgets.values()) budget.change(perSecond, now)
  }

  of(origin: ActorId): ByteBudget {
    const budget = this.#budgets.get(origin) ?? new ByteBudget(this.#perSecond)
    this.#budgets.delete(origin)
    this.#budgets.set(origin, budget)
    if (this.#budgets.size > this.#originsMax) this.#dropOldest()
    return budget
  }

  #dropOldest(): void {
    const oldest = this.#budgets.keys().next()
    if (!oldest.done) this.#budgets.delete(oldest.value)
  }
}
