/**
 * QuerySource: where rows come from. The caller passes one in (the command line: a client of the agent), so that this package
 * knows no agent and no network. What it throws says whether trying again can help.
 */
import type { QueryEvent } from './core/live-table.ts'
import type { Query, Rows } from './core/query.ts'

export interface QuerySource {
  /** The result as it is now. */
  read(query: Query, signal: AbortSignal): Promise<Rows>
  /**
   * The result and what changes in it, across breaks as far as the source can; a new `columns` begins a result anew. After each
   * `eoq` and `changes` the rows are a state that the result had, as far as the source knows. It ends
   * by throwing: QueryRefused, or anything else for a source that is away.
   */
  watch(query: Query, signal: AbortSignal): AsyncIterable<QueryEvent>
}

/** The source understood the query and will not answer it: the template is wrong, or the schema. */
export class QueryRefused extends Error {
  override readonly name = 'QueryRefused'
}
