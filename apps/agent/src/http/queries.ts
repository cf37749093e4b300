/**
 * POST /v1/queries: one read-only statement, answered as NDJSON. The readers encode; stream.ts passes the bytes on.
 */
import { err, ok, type Result, unreachable } from '@patina/base'
import type { ViewAge } from '@patina/node'
import type { SqlStatement } from '@patina/sqlite'
import type { Context } from 'hono'
import type { ConfigLimits } from '../effective-config.ts'
import { QueryEnded, type QueryError, type ReadersChild, type RunningQuery } from '../readers-child.ts'
import { type BodyReader, readMaxAge, readTimeout } from './body.ts'
import { cutOf } from './cut.ts'
import { CONCURRENCY, type Permits } from './permits.ts'
import { overloaded, type Problem, refuseRequest } from './problem.ts'
import { decodeStatement } from './statements.ts'
import { streamBody } from './stream.ts'

export interface QueryServices {
  readonly readers: Pick<ReadersChild, 'query'>
  readonly limits: ConfigLimits
  readonly bodies: BodyReader
  readonly permits: Permits
  /** Of the views of live members; undefined where there is nobody else. */
  readonly oldestView: () => ViewAge | undefined
}

/**
 * Bytes of an answer that are handed over at once: a socket's buffer in the system takes as many, so that a client who
 * takes nothing makes this process hold none. What is longer waits for its client (stream.ts).
 */
const WHOLE_BYTES_MAX = 16_384

/** Holds a permit from when the query is known until its last byte is out or the client is gone. */
export async function handleQuery(c: Context, services: QueryServices): Promise<Response> {
  const asked = await readQuery(c, services)
  if (!asked.ok) return refuseRequest(c, asked.error)
  const tooOld = olderThan(asked.value.maxAgeMs, services.oldestView)
  if (tooOld !== undefined) return refuseOld(c, tooOld)
  const done = services.permits.take()
  if (done === undefined) return refuseRequest(c, CONCURRENCY)
  let streaming = false
  try {
    const begun = await begin(services, asked.value)
    if (!('chunks' in begun)) return refuseRequest(c, begun)
    // Never shared memory: it came over a pipe.
    const whole = begun.whole as Uint8Array<ArrayBuffer> | undefined
    if (whole !== undefined && whole.length <= WHOLE_BYTES_MAX) return c.body(whole, 200, NDJSON)
    streaming = true
    const stream = streamBody(begun.chunks, {
      stallMs: services.limits.clientStallMs,
      done,
      cut: cutOf(c),
      lineOf: (cause) => (cause instanceof QueryEnded ? errorLine(c, cause.error) : undefined),
    })
    return c.body(stream, 200, NDJSON)
  } finally {
    if (!streaming) done()
  }
}

/** The original's clients take no second key; who names NDJSON gets the code, too. */
function errorLine(c: Context, cause: QueryError): object {
  const { error, code } = queryProblem(cause)
  return c.req.header('accept')?.includes('ndjson') === true ? { error, code } : { error }
}

const NDJSON = { 'content-type': 'application/x-ndjson' } as const

interface AskedQuery {
  readonly statement: SqlStatement
  readonly timeoutMs: number
  /** Of the view of any live member. */
  readonly maxAgeMs: number | undefined
}

async function readQuery(
  c: Context,
  { bodies, limits }: QueryServices,
): Promise<Result<AskedQuery, Problem>> {
  const timeout = readTimeout(c, { fallbackMs: limits.queryTimeoutMs, maxMs: limits.timeoutMsMax })
  if (!timeout.ok) return timeout
  const maxAgeMs = readMaxAge(c)
  if (!maxAgeMs.ok) return maxAgeMs
  const body = await bodies.readJson(c)
  if (!body.ok) return body
  const statement = decodeStatement(body.value.value, body.value.exact)
  if (!statement.ok) return err({ status: 422, code: 'invalid-shape', error: statement.error })
  return ok({ statement: statement.value, timeoutMs: timeout.value, maxAgeMs: maxAgeMs.value })
}

function olderThan(maxAgeMs: number | undefined, oldest: () => ViewAge | undefined): ViewAge | undefined {
  if (maxAgeMs === undefined) return undefined
  const view = oldest()
  return view === undefined || (view.ageMs ?? Number.POSITIVE_INFINITY) <= maxAgeMs ? undefined : view
}

/** With the age, so that a client can tell a hiccup from an hour, and whose writes may be missing. */
function refuseOld(c: Context, { actor, ageMs }: ViewAge): Response {
  const age = ageMs === undefined ? null : Math.round(ageMs)
  const error =
    age === null
      ? `nothing complete is held of member ${actor} yet`
      : `what is held of member ${actor} is ${age} ms old`
  return c.json({ error, code: 'too-old', age_ms: age, actor }, 503, { 'retry-after': '1' })
}

async function begin(
  { readers, limits }: QueryServices,
  { statement, timeoutMs }: AskedQuery,
): Promise<Problem | RunningQuery> {
  const request = { statement, rowsMax: limits.queryRowsMax, bytesMax: limits.queryBytesMax }
  const query = await readers.query(request, timeoutMs)
  if (!query.ok) return queryProblem(query.error)
  const { head } = query.value
  if (head.kind === 'rows') return query.value
  if (head.code === 'overloaded') return overloaded(head.message)
  return { status: head.kind === 'refused' ? 400 : 500, code: head.code, error: head.message }
}

function queryProblem(error: QueryError): Problem {
  switch (error.kind) {
    case 'timeout':
      return {
        status: 500,
        code: 'timeout',
        error: `interrupted: the query did not end within ${error.afterMs} ms`,
      }
    case 'lost':
      return overloaded('the process that ran the query was replaced; try again', 'retry')
    case 'cut':
      return overloaded('the old snapshot of the query held the write-ahead log; try again', 'snapshot-cut')
    case 'unavailable':
      return overloaded(error.reason)
    case 'failed':
      return { status: 500, code: 'internal', error: error.message }
    default:
      return unreachable(error)
  }
}
