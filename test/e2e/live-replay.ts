/** LiveReplay: a live result as packages/client tells it, replayed into the rows that a program would hold. */
import type { Cell, Client, Subscription } from '@patina/client'
import { StepFailure, waitUntil } from '@patina/test-cluster'

export class LiveReplay {
  readonly sql: string
  readonly #subscription: Subscription
  readonly #rows = new Map<number, string>()
  #isComplete = false
  #gate: Promise<void> = Promise.resolve()
  /** Results that began after the first, although changes of it were known: what `from` could not bring back. */
  snapshotsAfterChanges = 0
  /** Why it ended; undefined while it goes on. */
  failure: unknown
  readonly ended: Promise<void>

  /** `attemptsMax`: how often in a row it knocks at an agent that is not there. */
  constructor(client: Client, sql: string, options: { readonly attemptsMax?: number } = {}) {
    this.sql = sql
    this.#subscription = client.subscribe(sql, { resnapshot: true, ...options })
    this.ended = this.#follow().catch((cause: unknown) => {
      this.failure = cause
    })
  }

  /** The rows as sorted JSON; undefined while a result is not complete. */
  rows(): readonly string[] | undefined {
    return this.#isComplete ? [...this.#rows.values()].sort() : undefined
  }

  /** Reads nothing until the returned function is called. */
  pause(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#gate = promise
    return resolve
  }

  async close(): Promise<void> {
    this.#subscription.close()
    await this.ended
  }

  async #follow(): Promise<void> {
    for await (const event of this.#subscription) {
      switch (event.kind) {
        case 'columns':
          // Change 0 is the one that nobody can resume from: `from=0` asks for all rows.
          if (this.#changes > 0) this.snapshotsAfterChanges += 1
          this.#rows.clear()
          this.#isComplete = false
          break
        case 'row':
          this.#rows.set(event.rowId, textOf(event.cells))
          break
        case 'eoq':
          this.#isComplete = true
          this.#changes = event.changeId ?? 0
          break
        case 'change':
          this.#changes = event.changeId
          if (event.change === 'delete') this.#rows.delete(event.rowId)
          else this.#rows.set(event.rowId, textOf(event.cells))
          break
      }
      await this.#gate
    }
  }

  #changes = 0
}

/** Waits until each result is what its query gives when it is run afresh. */
export async function untilCurrent(
  live: readonly LiveReplay[],
  client: Client,
  deadlineMs: number,
): Promise<void> {
  for (const replay of live)
    await waitUntil({ what: `the result of ${replay.sql} is current`, deadlineMs }, async () => {
      if (replay.failure !== undefined) throw new StepFailure(`${replay.sql}: ${replay.failure}`)
      const fresh = (await client.query(replay.sql).all()).map(textOf).sort()
      return JSON.stringify(fresh) === JSON.stringify(replay.rows()) ? true : undefined
    })
}

function textOf(cells: readonly Cell[]): string {
  return JSON.stringify(cells)
}
