/**
 * Pacing: when changes of a roll-up are sent. A burst is folded: after 50 ms without a change, at the latest 1 s after the
 * first. What is urgent does not wait for that, but for 10 ms without a change and 50 ms at the latest: many such changes share
 * a write, and of an agent without marks the guard should see more than a part of one. Pure; time is an argument.
 */
import { after, earliest, type Instant, type Millis, millis, NEVER } from '@patina/base'

export const QUIET_MS: Millis = millis(50)
export const CEILING_MS: Millis = millis(1_000)
/** Without marks: lines of one transaction mostly arrive without a pause. */
export const URGENT_QUIET_MS: Millis = millis(10)
export const URGENT_CEILING_MS: Millis = millis(50)

export class Pacing {
  #lookAt: Instant = NEVER
  #lookCeilingAt: Instant = NEVER
  #quietAt: Instant = NEVER
  #ceilingAt: Instant = NEVER

  /** Something has changed. */
  note(now: Instant): void {
    this.#quietAt = after(now, QUIET_MS)
    if (this.#ceilingAt === NEVER) this.#ceilingAt = after(now, CEILING_MS)
    if (this.#lookCeilingAt === NEVER) this.#lookCeilingAt = after(now, URGENT_CEILING_MS)
    this.#lookAt = earliest(after(now, URGENT_QUIET_MS), this.#lookCeilingAt)
  }

  /** Is it time to look for what is urgent? True once. */
  looks(now: Instant): boolean {
    if (now < this.#lookAt) return false
    this.#lookAt = NEVER
    this.#lookCeilingAt = NEVER
    return true
  }

  /** Is it time to send? */
  isDue(now: Instant): boolean {
    return now >= this.#quietAt || now >= this.#ceilingAt
  }

  sent(): void {
    this.#lookAt = NEVER
    this.#lookCeilingAt = NEVER
    this.#quietAt = NEVER
    this.#ceilingAt = NEVER
  }

  /** The next moment at which `looks` or `isDue` answers otherwise. */
  nextAt(): Instant {
    return earliest(this.#lookAt, earliest(this.#quietAt, this.#ceilingAt))
  }
}
