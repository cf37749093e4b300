/**
 * The agent as a source of rows for templates: queries and live results by the client. Decides which failures are the
 * template's (the agent understood the statement and refuses it) and which may pass.
 */
import { setTimeout } from 'node:timers/promises'
import { ApiError, type Client, type Statement } from '@patina/client'
import {
  type Cell,
  type Query,
  type QueryEvent,
  QueryRefused,
  type QuerySource,
  RESULT_ROWS_MAX,
} from '@patina/templating'

/**
 * `connect`: a client with the token as it is now; called again after the agent did not know the token. `ready`: what each live
 * result waits for, because an agent that has just begun, also in the place of one before it, may have few rows of many.
 */
export function agentSource(connect: () => Client, ready: () => Promise<void> = async () => {}): QuerySource {
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
      await ready()
      client ??= connect()
      try {
        // No `resnapshot`: an agent that does not know the result any more is asked anew, as at the start.
        const options = { ...VALUES, signal }
        // Whole batches: a file shall show no part of what a transaction changed.
        yield* client.subscribe(statementOf(query), options).batches() as AsyncIterable<QueryEvent>
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

export interface ReadyOptions {
  readonly client: Client
  /** Counted from the first answer of the agent. */
  readonly limitMs: number
  readonly signal: AbortSignal
  /** Waits on where nobody answers; else that is an error. */
  readonly patient: boolean
}

const READY_POLL_MS = 250

/**
 * Waits until the agent has joined and caught up, because one that has just begun may have few rows of many. False where that
 * took longer than the limit; true also where the signal ends it. Throws where nobody answers and it is not patient.
 */
export async function untilReady({ client, limitMs, signal, patient }: ReadyOptions): Promise<boolean> {
  let answeredAt: number | undefined
  while (!signal.aborted) {
    try {
      if (await client.isReady({ signal })) return true
      answeredAt ??= performance.now()
    } catch (cause) {
      if (signal.aborted) break
      if (!patient) throw cause
    }
    if (answeredAt !== undefined && performance.now() - answeredAt >= limitMs) return false
    await setTimeout(READY_POLL_MS, undefined, { signal }).catch(() => {})
  }
  return true
}

/** Others speak of the way to the agent, or of its load. */
const PASSING: ReadonlySet<number> = new Set([401, 403, 408, 421, 429, 502, 503, 504])

function isRefusal(cause: unknown): boolean {
  // Of a parameter that SQLite cannot hold, or a result with more rows than are taken.
  if (cause instanceof RangeError) return true
  // The result is there again, perhaps with other columns, as soon as it is asked for anew.
  if (cause instanceof ApiError && cause.code === 'schema_changed') return false
  return cause instanceof ApiError && !cause.retryable && !PASSING.has(cause.status)
}
