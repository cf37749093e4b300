/**
 * The agent as a source of rows for templates: queries and live results by the client. Decides which failures are the
 * template's (the agent understood the statement and refuses it) and which may pass.
 */
import { ApiError, type Client, type Statement } from '@patina/client'
import {
  type Cell,
  type Query,
  type QueryEvent,
  QueryRefused,
  type QuerySource,
  RESULT_ROWS_MAX,
} from '@patina/templating'

/** `connect`: a client with the token as it is now; called again after the agent did not know the token. */
export function agentSource(connect: () => Client): QuerySource {
  let client: Client | undefined
  const failed = (cause: unknown): unknown => {
    if (cause instanceof ApiError && cause.status === 401) client = undefined
    return isRefusal(cause) ? new QueryRefused((cause as Error).message, { cause }) : cause
  }
  return {
    async read({ sql, params }, signal) {
      client ??= connect()
      try {
        const query = client.query(sql, params, { ...VALUES, signal })
        const columns = await query.columns()
        return { columns, rows: (await query.all(RESULT_ROWS_MAX)) as (readonly Cell[])[] }
      } catch (cause) {
        throw failed(cause)
      }
    },
    async *watch(query, signal) {
      client ??= connect()
      try {
        const options = { ...VALUES, signal, resnapshot: true }
        yield* client.subscribe(statementOf(query), options) as AsyncIterable<QueryEvent>
      } catch (cause) {
        throw failed(cause)
      }
    },
  }
}

/** Each value as SQLite has it. */
const VALUES = { integers: 'bigint', blobs: 'bytes' } as const

function statementOf({ sql, params }: Query): Statement {
  return [sql, params]
}

/** Others speak of the way to the agent, or of its load. */
const PASSING: ReadonlySet<number> = new Set([401, 403, 408, 421, 429, 502, 503, 504])

function isRefusal(cause: unknown): boolean {
  // Of a parameter that SQLite cannot hold, or a result with more rows than are taken.
  if (cause instanceof RangeError) return true
  return cause instanceof ApiError && !cause.retryable && !PASSING.has(cause.status)
}
