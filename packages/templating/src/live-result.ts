/**
 * LiveResult: one query whose result stays current. It watches the query; where the text asks for an order the rows are read
 * anew when somebody wants them after a change, because changes of a live result come without their place in it.
 * When the source is away the last rows stay, and watching is tried again until nobody uses the result any more.
 */
import { must } from '@patina/base'
import { LiveTable, type QueryEvent, TooManyRows } from './core/live-table.ts'
import { asksForOrder, type Query } from './core/query.ts'
import { type Outcome, readOutcome, type Settled } from './outcome.ts'
import { pause } from './pause.ts'
import { QueryRefused, type QuerySource } from './query-source.ts'

export type SourceEvent =
  | { readonly kind: 'source-lost'; readonly sql: string; readonly reason: string }
  | { readonly kind: 'source-back'; readonly sql: string }

/** Of one result: what one template can look at, and a few hundred MB at worst. */
export const RESULT_ROWS_MAX = 200_000

/** Pauses between tries to watch: doubling. A source that has answered for a while begins anew. */
const RETRY_MS_FIRST = 100
const RETRY_MS_MAX = 10_000
const STEADY_MS = 10_000

export interface LiveResultParts {
  readonly source: QuerySource
  readonly onSource: (event: SourceEvent) => void
  /** A number that no other outcome has had. */
  readonly nextRevision: () => number
}

export class LiveResult {
  readonly #query: Query
  readonly #parts: LiveResultParts
  readonly #ordered: boolean
  readonly #listeners = new Set<() => void>()
  readonly #end = new AbortController()
  #table = new LiveTable(RESULT_ROWS_MAX)
  #revision = 0
  /** The newest outcome that is known; for ordered queries of revision `#outcomeRevision`. */
  #outcome: Outcome | undefined
  #outcomeRevision = 0
  /** Resolved at the first outcome. */
  readonly #first: PromiseWithResolvers<void> = Promise.withResolvers()
  #lost = false

  constructor(query: Query, parts: LiveResultParts) {
    this.#query = query
    this.#parts = parts
    this.#ordered = asksForOrder(query.sql)
    void this.#follow()
  }

  /** Returns how to leave; the last who leaves ends it. */
  join(onChange: () => void): () => void {
    // Each holder is its own, though two hand in the same function.
    const listener = (): void => onChange()
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      if (this.isUnused()) this.#end.abort()
    }
  }

  get revision(): number {
    return this.#revision
  }

  /** Its rows may be old: the source is away. */
  isStale(): boolean {
    return this.#lost
  }

  isUnused(): boolean {
    return this.#listeners.size === 0
  }

  async settled(signal: AbortSignal): Promise<Settled> {
    await unlessAborted(this.#first.promise, signal)
    const revision = this.#revision
    if (this.#outcome !== undefined && this.#outcomeRevision === revision)
      return { revision, outcome: this.#outcome }
    const outcome = this.#ordered
      ? await readOutcome(this.#parts.source, this.#query, signal)
      : must(this.#table.rows(), 'a result that was told of is complete')
    // What changed while it was read raised the revision, and is read in its turn.
    this.#outcome = outcome
    this.#outcomeRevision = revision
    return { revision, outcome }
  }

  async #follow(): Promise<void> {
    const { signal } = this.#end
    for (let tries = 0; !signal.aborted; tries += 1) {
      const began = performance.now()
      try {
        for await (const event of this.#parts.source.watch(this.#query, signal)) this.#apply(event)
      } catch (cause) {
        if (signal.aborted) return
        this.#failed(cause)
      }
      if (performance.now() - began >= STEADY_MS) tries = 0
      const ms = Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 2 ** Math.min(tries, 10))
      await pause(ms * (0.5 + Math.random() / 2), signal)
    }
  }

  #apply(event: QueryEvent): void {
    if (this.#ordered ? event.kind !== 'eoq' && event.kind !== 'changes' : !this.#table.apply(event)) return
    if (this.#lost) this.#parts.onSource({ kind: 'source-back', sql: this.#query.sql })
    this.#lost = false
    this.#changed()
  }

  #failed(cause: unknown): void {
    const refused = cause instanceof QueryRefused || cause instanceof TooManyRows
    const reason = cause instanceof Error ? cause.message : String(cause)
    if (refused) {
      const known = this.#outcome
      this.#table = new LiveTable(RESULT_ROWS_MAX)
      // The same refusal at each try is no news.
      if (known !== undefined && 'failure' in known && known.failure === reason) return
      this.#changed({ failure: reason })
    } else if (!this.#lost) {
      this.#lost = true
      this.#parts.onSource({ kind: 'source-lost', sql: this.#query.sql, reason })
    }
  }

  /** `outcome`: where it is known already. */
  #changed(outcome?: Outcome): void {
    this.#revision = this.#parts.nextRevision()
    if (outcome !== undefined) {
      this.#outcome = outcome
      this.#outcomeRevision = this.#revision
    }
    this.#first.resolve()
    for (const listener of this.#listeners) listener()
  }
}

async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
