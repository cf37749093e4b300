/**
 * CopyWaits: transactions that wait until other members hold their version durably (`?wait=N`). The node machine counts
 * and keeps the time; here each waiting request is found again by its token. A machine that ends meanwhile answers nobody,
 * so each wait has a deadline of its own behind the machine's.
 */
import type { Version } from '@patina/base'
import type { NodeEvent } from '@patina/node'

export interface Counted {
  /** Other members that have said that they hold it durably. */
  readonly copies: number
  /** As many as were asked for. */
  readonly reached: boolean
}

interface Waiting {
  readonly resolve: (counted: Counted) => void
  readonly deadline: NodeJS.Timeout
}

/** The machine is asked at its deadline, which a busy loop may be late for. */
const GRACE_MS = 1_000
const NONE: Counted = { copies: 0, reached: false }

export class CopyWaits {
  readonly #feed: (event: NodeEvent) => void
  /** As many as transactions may be under way. */
  readonly #waiting = new Map<number, Waiting>()
  #lastToken = 0

  constructor(feed: (event: NodeEvent) => void) {
    this.#feed = feed
  }

  wait(version: Version, copies: number, timeoutMs: number): Promise<Counted> {
    this.#lastToken += 1
    const token = this.#lastToken
    return new Promise((resolve) => {
      const deadline = setTimeout(() => this.counted(token, NONE), timeoutMs + GRACE_MS)
      this.#waiting.set(token, { resolve, deadline })
      this.#feed({ kind: 'await-copies', token, version, copies, timeoutMs })
    })
  }

  counted(token: number, counted: Counted): void {
    const waiting = this.#waiting.get(token)
    if (waiting === undefined) return
    this.#waiting.delete(token)
    clearTimeout(waiting.deadline)
    waiting.resolve(counted)
  }

  /** The machine is not driven any more: nobody else will be counted. */
  close(): void {
    for (const token of [...this.#waiting.keys()]) this.counted(token, NONE)
  }
}
