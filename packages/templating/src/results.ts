/**
 * Results: the results that templates have asked for, each once, however many templates ask. A result is dropped when the last
 * template lets it go. `live` ones stay current; `plain` ones are read once, for who renders once.
 */
import { type Query, queryKey } from './core/query.ts'
import { LiveResult, type SourceEvent } from './live-result.ts'
import { type Outcome, readOutcome, type Settled } from './outcome.ts'
import type { QuerySource } from './query-source.ts'

/** One result, as one template holds it. */
export interface HeldResult {
  /** Waits for the first result. Throws what the source threw where it is away, and the reason of the signal. */
  settled(signal: AbortSignal): Promise<Settled>
  /** Of what `settled` would give now. */
  revision(): number
  release(): void
}

export interface ResultsOptions {
  readonly source: QuerySource
  readonly mode: 'live' | 'plain'
  /** Told once when a live result loses its source, and once when it has it again. */
  readonly onSource: (event: SourceEvent) => void
  /** Nobody holds the result of this key any more. */
  readonly onDrop: (key: string) => void
}

export class Results {
  readonly #options: ResultsOptions
  readonly #live = new Map<string, LiveResult>()
  /** Of all results: one that is asked for anew is not taken for the one that was dropped. */
  #lastRevision = 0

  constructor(options: ResultsOptions) {
    this.#options = options
  }

  /** How many different queries are followed. */
  get size(): number {
    return this.#live.size
  }

  /** How many of them may be old: their source is away. */
  get stale(): number {
    return [...this.#live.values()].filter((live) => live.isStale()).length
  }

  /** `onChange` is called whenever the outcome may be another. */
  hold(query: Query, onChange: () => void): HeldResult {
    const { source, mode, onSource, onDrop } = this.#options
    const nextRevision = (): number => {
      this.#lastRevision += 1
      return this.#lastRevision
    }
    if (mode === 'plain') return plainResult(source, query, nextRevision())
    const key = queryKey(query)
    const live = this.#live.get(key) ?? new LiveResult(query, { source, onSource, nextRevision })
    this.#live.set(key, live)
    const leave = live.join(onChange)
    return {
      settled: (signal) => live.settled(signal),
      revision: () => live.revision,
      release: () => {
        leave()
        if (!live.isUnused() || this.#live.get(key) !== live) return
        this.#live.delete(key)
        onDrop(key)
      },
    }
  }
}

/** Read once, kept. */
function plainResult(source: QuerySource, query: Query, revision: number): HeldResult {
  let outcome: Promise<Outcome> | undefined
  return {
    settled: async (signal) => {
      outcome ??= readOutcome(source, query, signal)
      return { revision, outcome: await outcome }
    },
    revision: () => revision,
    release: () => {},
  }
}
