/**
 * Pacing: when one query runs again. At once when it is idle; after a run it rests as long as the run took, so that a
 * costly query has at most half of the time and changes that come meanwhile share the next run. There is no fixed delay.
 */
import { after, elapsed, type Instant, NEVER } from '@patina/base'

export class Pacing {
  #isDirty: boolean
  /** Rest after the last run. */
  #restUntil: Instant
  #startedAt: Instant = NEVER

  /** A query that has just run, or one whose result is not known to be current. */
  constructor(state: 'current' | 'stale', now: Instant) {
    this.#isDirty = state === 'stale'
    this.#restUntil = now
  }

  /** Something that the query reads has changed. */
  changed(): void {
    this.#isDirty = true
  }

  /** When it is to run next; NEVER: nothing has changed since the last run. */
  get due(): Instant {
    return this.#isDirty ? this.#restUntil : NEVER
  }

  /** A run sees what was committed before it; what changes from now on asks for another. */
  started(now: Instant): void {
    this.#isDirty = false
    this.#startedAt = now
  }

  finished(now: Instant): void {
    this.#restUntil = after(now, elapsed(this.#startedAt, now))
    this.#startedAt = NEVER
  }
}
