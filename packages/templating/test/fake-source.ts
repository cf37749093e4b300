/**
 * FakeSource: a QuerySource in memory. Tests put rows under a text; who watches it hears of them. It can be away, refuse, and
 * count what is asked.
 */
import type { QueryEvent } from '../src/core/live-table.ts'
import type { Cell, Query, Rows } from '../src/core/query.ts'
import { QueryRefused, type QuerySource } from '../src/query-source.ts'

export class FakeSource implements QuerySource {
  readonly #rows = new Map<string, readonly (readonly Cell[])[]>()
  readonly #watchers = new Set<() => void>()
  readonly watched: string[] = []
  readonly read: (query: Query) => Promise<Rows>
  reads = 0
  away = false
  /** Watches go on, reads do not. */
  readFails = false

  constructor() {
    this.read = async (query) => {
      this.reads += 1
      if (this.readFails) throw new Error('it cannot be read')
      return this.#rowsOf(query)
    }
  }

  /** Without rows the query is refused. */
  put(sql: string, rows: readonly (readonly Cell[])[] | undefined): void {
    if (rows === undefined) this.#rows.delete(sql)
    else this.#rows.set(sql, rows)
    this.wake()
  }

  /** Watches that are away try again at once, those that stand look. */
  wake(): void {
    for (const watcher of this.#watchers) watcher()
  }

  /** Each change is told as a result that begins anew. */
  async *watch(query: Query, signal: AbortSignal): AsyncGenerator<QueryEvent> {
    this.watched.push(query.sql)
    let seen: unknown
    for (;;) {
      const { columns, rows } = this.#rowsOf(query)
      if (rows !== seen) {
        seen = rows
        yield { kind: 'columns', columns }
        for (const [rowId, cells] of rows.entries()) yield { kind: 'row', rowId, cells }
        yield { kind: 'eoq' }
      }
      await this.#woken(signal)
      signal.throwIfAborted()
    }
  }

  get watchers(): number {
    return this.#watchers.size
  }

  #rowsOf({ sql }: Query): Rows {
    if (this.away) throw new Error('nobody answers')
    const rows = this.#rows.get(sql)
    if (rows === undefined) throw new QueryRefused(`no such table (${sql})`)
    return { columns: ['a'], rows }
  }

  async #woken(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const watcher = (): void => resolve()
    this.#watchers.add(watcher)
    signal.addEventListener('abort', watcher, { once: true })
    await promise
    this.#watchers.delete(watcher)
  }
}
