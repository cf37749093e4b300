/**
 * MachineWaits: requests that wait until the node machine has answered: copies elsewhere (`?wait=N`), a comparison with a
 * peer. The machine keeps the time; here each waiting request is found again by its token. A machine that ends meanwhile answers
 * nobody, so each wait has a deadline of its own behind the machine's.
 */
import type { NodeEvent } from '@patina/node'

interface Waiting<T> {
  readonly resolve: (answer: T) => void
  readonly deadline: NodeJS.Timeout
}

/** The machine is asked at its deadline, which a busy loop may be late for. */
const GRACE_MS = 1_000

export class MachineWaits<T> {
  readonly #feed: (event: NodeEvent) => void
  readonly #none: T
  /** As many as requests of the kind may be under way. */
  readonly #waiting = new Map<number, Waiting<T>>()
  #lastToken = 0

  /** `none`: the answer where there is none. */
  constructor(feed: (event: NodeEvent) => void, none: T) {
    this.#feed = feed
    this.#none = none
  }

  /** `timeoutMs`: the machine's own. */
  ask(eventOf: (token: number) => NodeEvent, timeoutMs: number): Promise<T> {
    this.#lastToken += 1
    const token = this.#lastToken
    return new Promise((resolve) => {
      const deadline = setTimeout(() => this.answered(token, this.#none), timeoutMs + GRACE_MS)
      this.#waiting.set(token, { resolve, deadline })
      this.#feed(eventOf(token))
    })
  }

  answered(token: number, answer: T): void {
    const waiting = this.#waiting.get(token)
    if (waiting === undefined) return
    this.#waiting.delete(token)
    clearTimeout(waiting.deadline)
    waiting.resolve(answer)
  }

  /** The machine is not driven any more: nobody else will be answered. */
  close(): void {
    for (const token of [...this.#waiting.keys()]) this.answered(token, this.#none)
  }
}
