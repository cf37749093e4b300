/**
 * LiveResult: the result of a SELECT at one agent, kept current by `patina watch --json` as a process beside it, as a router
 * in that region would keep it. Each line of the watch is applied at once and remembered by its moment.
 */
import { fileURLToPath } from 'node:url'
import { type Parameter, StepFailure, waitUntil } from '@patina/test-cluster'
import { LineProcess } from './line-process.ts'
import { RowSet } from './row-set.ts'

const PATINA = fileURLToPath(new URL('../../../apps/agent/src/main.ts', import.meta.url))
const DEADLINE_MS = 30_000
/** What is measured are the moments of events; this only bounds how late they are noticed. */
const POLL_MS = 2

export class LiveResult {
  readonly #watch: LineProcess
  readonly #rows: RowSet = new RowSet()
  #changedAt = 0

  constructor(apiPort: number, sql: string) {
    const args = ['watch', '--json', '--api-addr', `127.0.0.1:${apiPort}`, sql]
    this.#watch = new LineProcess(PATINA, args, (line) => {
      this.#rows.apply(line)
      this.#changedAt = performance.now()
    })
  }

  /** The first cell of each row, in order. */
  ids(): readonly Parameter[] {
    return this.#rows.firstCells()
  }

  /** Waits until the result has exactly these first cells; gives the moment of the event that made it so. */
  async untilIds(what: string, ids: readonly string[]): Promise<number> {
    const wanted = JSON.stringify(ids.toSorted())
    return await waitUntil({ what, deadlineMs: DEADLINE_MS, pollMs: POLL_MS }, async () => {
      if (this.#watch.hasExited()) throw new StepFailure(`patina watch ended: ${this.#watch.errors()}`)
      return this.#rows.isComplete && JSON.stringify(this.ids()) === wanted ? this.#changedAt : undefined
    })
  }

  async remove(): Promise<void> {
    this.abandon()
    await this.#watch.exited
  }

  abandon(): void {
    this.#watch.kill()
  }
}
