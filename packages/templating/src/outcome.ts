/** Outcome: what a template is given for a query. Rows, or the sentence of who refused it. */
import type { Query, Rows } from './core/query.ts'
import { QueryRefused, type QuerySource } from './query-source.ts'

export type Outcome = Rows | { readonly failure: string }

export interface Settled {
  /** Another number where the outcome may be another. */
  readonly revision: number
  readonly outcome: Outcome
}

/** Throws only where the source is away. */
export async function readOutcome(source: QuerySource, query: Query, signal: AbortSignal): Promise<Outcome> {
  try {
    return await source.read(query, signal)
  } catch (cause) {
    if (cause instanceof QueryRefused) return { failure: cause.message }
    throw cause
  }
}
