/**
 * CatchUp: has this node got what its cluster has? The word of one peer is not enough: who begins at the same time as we do holds as little, and
 * says that we are equal. So everybody who can be asked has told all that it holds, and nothing of it is missing. Who cannot be reached is waited
 * for no longer than `reachMs` from the first moment on at which nothing was missing: then the word of one will do. Once it is so it stays so,
 * whatever comes later (docs/adr/0046).
 */
import { after, type Instant, type Millis, NEVER } from '@patina/base'

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

  /** At a moment at which somebody has told what it holds, and nothing is missing. `haveAllTold`: all that have a session have. */
  nothingMissing(haveAllTold: boolean, now: Instant): void {
    if (this.#isDone) return
    this.#isDone = this.#isOver || (haveAllTold && this.#areAllReached)
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
