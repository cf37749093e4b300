/**
 * POST /v1/subscriptions and GET /v1/subscriptions/:id: a SELECT whose result stays current, as NDJSON without an end. The
 * live-query process writes the lines; this file reads the request, names the subscription in the headers and passes
 * bytes on. Statuses are the original's. Marks are for who asks: the original's clients take them for no event.
 */
import { err, ok, type Result } from '@patina/base'
import type { SubscribeHead, SubscribeOptions, SubscribeRequest } from '@patina/live-query'
import type { ErrorForm } from '@patina/live-query/wire'
import type { Context } from 'hono'
import type { LiveQueryChild } from '../live-query-child.ts'
import type { BodyReader } from './body.ts'
import { cutOf } from './cut.ts'
import { keptAlive, readKeepAlive } from './keep-alive.ts'
import { liveBody } from './live-body.ts'
import { CONCURRENCY, type Permits } from './permits.ts'
import { overloaded, type Problem, refuseRequest } from './problem.ts'
import { decodeStatement } from './statements.ts'

export interface SubscriptionServices {
  readonly liveQueries: Pick<LiveQueryChild, 'subscribe'>
  readonly clientStallMs: number
  readonly bodies: BodyReader
  readonly permits: Permits
}

export async function handleSubscribe(c: Context, services: SubscriptionServices): Promise<Response> {
  const asked = readParameters(c)
  if (!asked.ok) return refuseRequest(c, asked.error)
  const { options, keepAliveMs } = asked.value
  const body = await services.bodies.readJson(c)
  if (!body.ok) return refuseRequest(c, body.error)
  const statement = decodeStatement(body.value.value, body.value.exact)
  if (!statement.ok) return refuseRequest(c, { status: 422, code: 'invalid-shape', error: statement.error })
  return open(c, { ...options, statement: statement.value }, { ...services, keepAliveMs })
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export async function handleResume(c: Context, services: SubscriptionServices): Promise<Response> {
  const asked = readParameters(c)
  if (!asked.ok) return refuseRequest(c, asked.error)
  const { options, keepAliveMs } = asked.value
  const id = c.req.param('id') ?? ''
  if (!UUID.test(id)) return refuseRequest(c, { status: 400, code: 'invalid-id', error: 'the id is no UUID' })
  return open(c, { ...options, id: id.toLowerCase() }, { ...services, keepAliveMs })
}

/** A permit is held until the head is known: a subscription is no request under way, its number has a bound of its own. */
async function open(
  c: Context,
  request: SubscribeRequest,
  {
    liveQueries,
    clientStallMs,
    permits,
    keepAliveMs,
  }: SubscriptionServices & { readonly keepAliveMs: number | undefined },
): Promise<Response> {
  const done = permits.take()
  if (done === undefined) return refuseRequest(c, CONCURRENCY)
  try {
    const errors = errorFormFor(c.req.header('accept'))
    const opened = await liveQueries.subscribe({ ...request, errors })
    if (!opened.ok) return refuseRequest(c, overloaded(opened.error))
    const { head, chunks } = opened.value
    if (head.kind !== 'subscribed') return refuseRequest(c, problemOf(head))
    const from = request.from !== undefined && request.from > 0 ? request.from : undefined
    const body = liveBody(keptAlive(chunks, keepAliveMs), {
      stallMs: clientStallMs,
      errors,
      from,
      cut: cutOf(c),
    })
    return c.body(body, 200, {
      'content-type': 'application/x-ndjson',
      'corro-query-id': head.id,
      'corro-query-hash': head.hash,
      ...(request.marks === true ? { [MARKS_HEADER]: 'true' } : {}),
    })
  } finally {
    done()
  }
}

/**
 * The original's client takes an event with a second key for no event, and can be told by what it accepts: JSON and not
 * NDJSON. Everybody else gets the code, too.
 */
function errorFormFor(accept = '*/*'): ErrorForm {
  return accept.includes('application/json') && !accept.includes('ndjson') ? 'plain' : 'coded'
}

function problemOf({ kind, code, message }: Exclude<SubscribeHead, { kind: 'subscribed' }>): Problem {
  if (kind === 'overloaded') return overloaded(message, code)
  return { status: kind === 'not-found' ? 404 : 400, code, error: message }
}

/** Tells who asked for marks that they come; an agent that knows none does not say so. */
export const MARKS_HEADER = 'patina-marks'

interface Parameters {
  readonly options: SubscribeOptions
  readonly keepAliveMs: number | undefined
}

/** `from`: a change id; `skip_rows`, `marks`: true or false; `keep_alive`: seconds. */
function readParameters(c: Context): Result<Parameters, Problem> {
  const [from, skipRows] = [c.req.query('from'), c.req.query('skip_rows')]
  if (from !== undefined && !(/^\d{1,16}$/.test(from) && Number.isSafeInteger(Number(from))))
    return err({ status: 400, code: 'invalid-from', error: 'from is the id of a change: a whole number' })
  if (!isFlag(skipRows))
    return err({ status: 400, code: 'invalid-skip-rows', error: 'skip_rows is true or false' })
  const marks = c.req.query('marks')
  if (!isFlag(marks)) return err({ status: 400, code: 'invalid-marks', error: 'marks is true or false' })
  const keepAliveMs = readKeepAlive(c)
  if (!keepAliveMs.ok) return keepAliveMs
  const options = {
    ...(from === undefined ? {} : { from: Number(from) }),
    ...(skipRows === 'true' ? { skipRows: true } : {}),
    ...(marks === 'true' ? { marks: true } : {}),
  }
  return ok({ options, keepAliveMs: keepAliveMs.value })
}

function isFlag(text: string | undefined): boolean {
  return text === undefined || text === 'true' || text === 'false'
}
