/**
 * EntryWatch: every change of a region's rows of the global table, as a live result of one global agent tells it. What was published for a
 * moment only is there, too. It judges nothing.
 */
import type { RunningNode } from '@patina/test-cluster'
import { ROLLUP } from './tiers.ts'

export interface EntryChange {
  readonly atMs: number
  readonly change: 'insert' | 'update' | 'delete'
  readonly app: string
  readonly instances: number
  readonly healthy: number
}

/** A test makes some hundred. */
const CHANGES_MAX = 100_000

export class EntryWatch {
  readonly changes: EntryChange[] = []
  readonly #gone = new AbortController()
  /** Why it ended before it was closed. */
  broken: string | undefined

  /** Resolves when the rows as they are now are there: all that follows is in `changes`. */
  static async open(node: RunningNode, region: string): Promise<EntryWatch> {
    const watch = new EntryWatch()
    const sql = `SELECT app, region, instances, healthy FROM ${ROLLUP} WHERE region = ?`
    const answer = await fetch(`http://127.0.0.1:${node.apiPort}/v1/subscriptions`, {
      method: 'POST',
      headers: { ...node.api.authorization, 'content-type': 'application/json' },
      body: JSON.stringify([sql, [region]]),
      signal: watch.#gone.signal,
    })
    if (!answer.ok || answer.body === null) throw new Error(`${node.name}: ${answer.status}`)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    watch.#follow(answer.body, resolve).catch((cause: Error) => {
      if (!watch.#gone.signal.aborted) watch.broken = cause.message
      reject(cause)
    })
    await promise
    return watch
  }

  close(): void {
    this.#gone.abort()
  }

  async #follow(body: ReadableStream<Uint8Array>, whole: () => void): Promise<void> {
    let rest = ''
    const utf8 = new TextDecoder()
    for await (const chunk of body) {
      const lines = (rest + utf8.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() as string
      for (const line of lines) if (line !== '') this.#take(JSON.parse(line) as Line, whole)
    }
    throw new Error('the live result ended')
  }

  #take({ eoq, change: told }: Line, whole: () => void): void {
    if (eoq !== undefined) whole()
    if (told === undefined || this.changes.length >= CHANGES_MAX) return
    const [change, , [app, , instances, healthy]] = told
    this.changes.push({ atMs: performance.now(), change, app, instances, healthy })
  }
}

interface Line {
  readonly eoq?: object
  readonly change?: readonly [
    change: EntryChange['change'],
    rowId: number,
    cells: readonly [app: string, region: string, instances: number, healthy: number],
    changeId: number,
  ]
}
