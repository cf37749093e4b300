/**
 * The contract of the live-query process: what main may ask of it. It pushes nothing by itself but the bytes of its streams,
 * which are the original's NDJSON (`columns`, `row`, `eoq`, `change`, `error`) and `mark` for those who ask; keep-alives are
 * the HTTP layer's.
 * Main ends the process when a call (`ready` is for that) passes its deadline: a statement is running then.
 */
import type { SqliteValue } from '@patina/base'
import type { LagRow, MemberRow, SqlStatement } from '@patina/sqlite'
import type { ChangedTable } from './core/dependents.ts'
import type { ErrorForm } from './core/wire.ts'

export interface SubscribeOptions {
  /** The last change id that the client has seen; 0 asks for all rows. */
  readonly from?: number
  /** No columns, rows and end of query: only what changes from now on. */
  readonly skipRows?: boolean
  /** How the stream says why it ends. Default `coded`. */
  readonly errors?: ErrorForm
  /** A `mark` behind the last change of each run, and behind what a listener has missed. Default false. */
  readonly marks?: boolean
}

export type SubscribeRequest = SubscribeOptions &
  ({ readonly statement: SqlStatement } | { readonly id: string })

/** `refused`: the request is at fault (400). `not-found`: 404. `overloaded`: a limit of ours (503). */
export type SubscribeHead =
  | { readonly kind: 'subscribed'; readonly id: string; readonly hash: string }
  | {
      readonly kind: 'refused' | 'not-found' | 'overloaded'
      readonly code: string
      readonly message: string
    }

export interface LiveQueryInfo {
  readonly id: string
  readonly hash: string
  readonly sql: string
  readonly params: readonly SqliteValue[] | { readonly [name: string]: SqliteValue }
  readonly class: 'general'
  readonly columns: readonly string[]
  /** Tables and the columns of them that are read; none: every change of the table counts. */
  readonly reads: readonly { readonly table: string; readonly columns: readonly string[] }[]
  readonly rows: number
  readonly lastChangeId: number
  /** The lowest change that a client can still get. */
  readonly lowestChangeId: number
  readonly subscribers: number
  /** Since the process started. */
  readonly runs: number
  readonly lastRunMs: number
}

export type LiveQueryContract = {
  readonly calls: {
    /** Answers when the process can work; after a statement that takes long, late. */
    readonly ready: { readonly request: null; readonly reply: true }
    /**
     * What a commit touched; readers see at least that commit. Replied at once, runs follow. `all`: whoever knew is gone (the
     * store was killed between its commit and its word), so every result is compared anew. While `results` are none, main need
     * not tell what is touched: a subscription begins with a run.
     */
    readonly changed: {
      readonly request: { readonly tables: readonly ChangedTable[] | 'all' }
      readonly reply: { readonly results: number }
    }
    /** What was told before this is in every result that somebody asks for after its reply. */
    readonly settle: { readonly request: null; readonly reply: null }
    /** The whole of `patina_members`; what is equal to the last time costs no run. */
    readonly members: { readonly request: readonly MemberRow[]; readonly reply: null }
    /** The whole of `patina_lag`; the same. */
    readonly lag: { readonly request: readonly LagRow[]; readonly reply: null }
    readonly list: { readonly request: null; readonly reply: readonly LiveQueryInfo[] }
    /** By id, or by hash. */
    readonly info: { readonly request: string; readonly reply: LiveQueryInfo | null }
  }
  readonly streams: {
    readonly subscribe: { readonly request: SubscribeRequest; readonly head: SubscribeHead }
  }
  readonly event: never
}
