/** Routes for those who run agents: is it alive, is it ready, how is it. They ask nothing of SQL. */
import type { Context } from 'hono'
import type { LiveQueryChild } from '../live-query-child.ts'
import type { ReadersChild } from '../readers-child.ts'
import type { Missing } from '../readiness.ts'
import type { StoreChild } from '../store-child.ts'
import type { Telemetry } from '../telemetry.ts'
import { overloaded, refuseRequest } from './problem.ts'

export interface OperationServices {
  readonly store: Pick<StoreChild, 'isRunning'>
  readonly readers: Pick<ReadersChild, 'isRunning'>
  readonly liveQueries: Pick<LiveQueryChild, 'isRunning'>
  readonly telemetry: Pick<Telemetry, 'exposition' | 'contentType'>
  /** What readiness lacks. */
  readonly missing: () => readonly Missing[]
  readonly status: () => Promise<object>
  readonly isStopping: () => boolean
}

/** GET /healthz. Alive: the main loop answers, and its child processes run. */
export function health(c: Context, { store, readers, liveQueries, isStopping }: OperationServices): Response {
  if (isStopping()) return refuseRequest(c, STOPPING)
  if (!store.isRunning()) return refuseRequest(c, overloaded('the store is being restarted'))
  if (!readers.isRunning()) return refuseRequest(c, overloaded('the readers are being restarted'))
  if (!liveQueries.isRunning()) return refuseRequest(c, overloaded('live queries are being restarted'))
  return c.json({ status: 'ok' })
}

/** GET /readyz. Ready: alive, joined, caught up, and live results with it (readiness.ts). */
export function ready(c: Context, { missing, isStopping }: OperationServices): Response {
  if (isStopping()) return refuseRequest(c, STOPPING)
  const lacking = missing()
  if (lacking.length === 0) return c.json({ status: 'ready' })
  const error = `not ready: ${lacking.map((what) => LACKING[what]).join('; ')}`
  return c.json({ error, code: 'not-ready', missing: lacking }, 503, { 'retry-after': '1' })
}

/** GET /metrics, in the text format of Prometheus. */
export async function metrics(c: Context, { telemetry }: OperationServices): Promise<Response> {
  return c.body(await telemetry.exposition(), 200, { 'content-type': telemetry.contentType })
}

/** GET /v1/status. */
export async function status(c: Context, services: OperationServices): Promise<Response> {
  return c.json(await services.status())
}

const STOPPING = overloaded('the agent is stopping', 'stopping')

const LACKING: Readonly<Record<Missing, string>> = {
  joined: 'no member of gossip.bootstrap has answered yet',
  'caught-up': 'changes of other members are still being fetched',
  'live-results': 'live queries have not heard yet of what was fetched',
  store: 'the store is being restarted',
  readers: 'the readers are being restarted',
  'live-query': 'live queries are being restarted',
}
