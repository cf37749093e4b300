/**
 * CopyWaits: transactions that wait until other members hold their version durably (`?wait=N`). The node machine counts
 * and keeps the time; here each waiting request is found again by its token.
 */
import type { Version } from '@patina/base'
import type { NodeEvent } from '@patina/node'

export interface Counted {
  /** Other members that have said that they hold it durably. */
  readonly copies: number
  /** As many as were asked for. */
  readonly reached: boolean
}

export class CopyWaits {
  readonly #feed: (event: NodeEvent) => void
  /** As many as transactions may be under way. */
  readonly #waiting = new Map<number, (counted: Counted) => void>()
  #lastToken = 0

  constructor(feed: (event: NodeEvent) => void) {
    this.#feed = feed
  }

  wait(version: Version, copies: number, timeoutMs: number): Promise<Counted> {
    this.#lastToken += 1
    const token = this.#lastToken
    return new Promise((resolve) => {
      this.#waiting.set(token, resolve)
      this.#feed({ kind: 'await-copies', token, version, copies, timeoutMs })
    })
  }

  counted(token: number, counted: Counted): void {
    this.#waiting.get(token)?.(counted)
    this.#waiting.delete(token)
  }

  /** The machine is not driven any more: nobody else will be counted. */
  close(): void {
    for (const token of [...this.#waiting.keys()]) this.counted(token, { copies: 0, reached: false })
  }
}
