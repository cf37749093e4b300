/**
 * CatchUp: has this node got what its cluster has? The word of one peer is not enough: who begins at the same time as we do holds as little, and
 * says that we are equal. So everybody who can be asked has told all that it holds, and nothing of it is missing. Who cannot be reached is waited
 * for no longer than `reachMs` from the first moment on at which nothing was missing: then the word of one will do. Once it is so it stays so,
 * whatever comes later (docs/adr/0044).
 */
import { after, type Instant, type Millis, NEVER } from '@patina/base'

/** What is known when nothing is missing. */
export interface Hearing {
  /** Some peer has told what it holds, in this life of the process. */
  readonly some: boolean
  /** All that have a session have told all that they hold. */
  readonly connected: boolean
}

export class CatchUp {
  readonly #reachMs: Millis
  #areAllReached = true
  #waitsUntil: Instant = NEVER
  #isOver = false
  #isDone = false

  constructor(reachMs: Millis) {
    this.#reachMs = reachMs
  }

  get isDone(): boolean {
    return this.#isDone
  }

  /** Whether all members have a session, as far as anybody knows who there is. */
  reached(all: boolean): void {
    this.#areAllReached = all
  }

  /** At a moment at which nothing is missing that anybody has told of. */
  nothingMissing(heard: Hearing, now: Instant): void {
    if (!heard.some || this.#isDone) return
    this.#isDone = this.#isOver || (heard.connected && this.#areAllReached)
    if (this.#isDone) this.#waitsUntil = NEVER
    else if (this.#waitsUntil === NEVER) this.#waitsUntil = after(now, this.#reachMs)
  }

  /** True once, when the waiting is over: look again. */
  isWaitingOver(now: Instant): boolean {
    if (now < this.#waitsUntil) return false
    this.#waitsUntil = NEVER
    this.#isOver = true
    return true
  }

  nextDeadline(): Instant {
    return this.#waitsUntil
  }
}
