/**
 * Alarm: waits until a moment or until somebody rings, whichever comes first. A ring that nobody waits for is kept for the
 * next who does, so that what happens between a look and the wait is not missed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { elapsed, type Instant, instant, NEVER } from '@patina/base'

/** setTimeout takes no more. */
const WAIT_MS_MAX = 2 ** 31 - 1
const NOBODY: Instant = instant(Number.NEGATIVE_INFINITY)

export class Alarm {
  readonly #now: () => Instant
  #until: Instant = NOBODY
  #wake: (() => void) | undefined
  #rung = false

  constructor(now: () => Instant) {
    this.#now = now
  }

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  /** Something is due then: rings where somebody waits for longer. Who does not wait will look by itself. */
  bringForward(at: Instant): void {
    if (at < this.#until) this.ring()
  }

  /** May return early. Never rejects: an aborted signal ends it. */
  async wait(until: Instant, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) await this.#sleep(until, signal)
    this.#rung = false
  }

  async #sleep(until: Instant, signal: AbortSignal): Promise<void> {
    const rung = new AbortController()
    this.#wake = () => rung.abort()
    this.#until = until
    const ms = until === NEVER ? WAIT_MS_MAX : Math.min(WAIT_MS_MAX, elapsed(this.#now(), until))
    await sleep(ms, undefined, { signal: AbortSignal.any([signal, rung.signal]) }).catch(() => {})
    this.#wake = undefined
    this.#until = NOBODY
  }
}
