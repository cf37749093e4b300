/**
 * The routes of the HTTP API and what goes around them: endpoint and host, rights, limits of concurrency, metrics.
 * Main runs no SQL: statements go to the store and the readers, whose bytes are passed on.
 */
import type { ActorId } from '@patina/base'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { routePath } from 'hono/route'
import type { Config, ConfigLimits } from '../effective-config.ts'
import type { LiveQueryChild } from '../live-query-child.ts'
import type { ReadersChild } from '../readers-child.ts'
import type { StoreChild } from '../store-child.ts'
import type { Telemetry } from '../telemetry.ts'
import type { Scope } from '../token-entries.ts'
import { BodyReader } from './body.ts'
import { type ClusterServices, handleCluster, handleExplain, handleMute } from './cluster.ts'
import { cutOf } from './cut.ts'
import { keptAlive, readKeepAlive } from './keep-alive.ts'
import { type Members, type MemberWatchers, WATCHERS_MAX } from './member-watchers.ts'
import { membersJson } from './members.ts'
import { handleGiveUp, handleMissing, type MissingServices } from './missing.ts'
import { health, metrics, type OperationServices, ready, status } from './operations.ts'
import { CONCURRENCY, Permits } from './permits.ts'
import { overloaded, refuseRequest } from './problem.ts'
import { handleQuery, type QueryServices } from './queries.ts'
import { checkEndpoint, checkToken, needScope } from './rights.ts'
import { handlePurge, handleReload, handleSchema, type SchemaServices } from './schema.ts'
import { handleSkew, type SkewServices } from './schema-skew.ts'
import { streamBody } from './stream.ts'
import { handleResume, handleSubscribe, MARKS_HEADER } from './subscriptions.ts'
import { handleCompare, handleKnowledge, handleReconcile, type SyncServices } from './sync.ts'
import { handleDeleteTag, handleListTags, handleMemberTags, handleSetTag, type TagServices } from './tags.ts'
import { handleTransaction, type TransactionServices } from './transactions.ts'

export interface ApiServices
  extends OperationServices,
    SchemaServices,
    MissingServices,
    Pick<SkewServices, 'schemaSkew'> {
  readonly actor: ActorId
  readonly store: Pick<StoreChild, 'transact' | 'isRunning'>
  readonly readers: Pick<ReadersChild, 'query' | 'isRunning'>
  readonly liveQueries: Pick<LiveQueryChild, 'subscribe' | 'isRunning'>
  readonly members: () => Members
  readonly memberWatchers: MemberWatchers
  readonly cluster: ClusterServices
  readonly sync: SyncServices
  readonly copies: TransactionServices['copies']
  readonly oldestView: QueryServices['oldestView']
  readonly tags: TagServices
  readonly telemetry: Telemetry
}

export type ApiApp = Hono<{ Variables: { scopes: readonly Scope[] } }>
type Handler = (c: Context) => Promise<Response>

/** A route of ours; every method on its path without one is 405. */
interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly scope: Scope
  readonly handler: Handler
}

export function createApi({ api, limits }: Pick<Config, 'api' | 'limits'>, services: ApiServices): ApiApp {
  const app: ApiApp = new Hono()
  const { telemetry } = services
  const routes = routesOf(limits, services)
  app.use(measure(telemetry, new Set(['/healthz', '/readyz', ...routes.map(({ path }) => path)])))
  app.use(endBodyOfHead)
  app.use(checkEndpoint(api))
  // A page needs the id of its subscription to resume it, and whether marks come.
  if (api.corsOrigins.length > 0)
    app.use(
      cors({
        origin: [...api.corsOrigins],
        allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
        exposeHeaders: ['corro-query-id', 'corro-query-hash', MARKS_HEADER],
      }),
    )
  app.get('/healthz', (c) => health(c, services))
  app.get('/readyz', (c) => ready(c, services))
  app.use(checkToken(api))
  for (const { method, path, scope, handler } of routes) app.on(method, path, needScope(scope), handler)
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method)
    const error = `use ${methods.join(' or ')} here`
    app.all(path, (c) => refuseRequest(c, { status: 405, code: 'method', error, allow: methods.join(', ') }))
  }
  app.notFound((c) => c.body(null, 404))
  app.onError((cause, c) => {
    telemetry.log.error({ err: cause, path: c.req.path }, 'a request failed by a fault of the agent')
    return refuseRequest(c, { status: 500, code: 'internal', error: 'internal error; the log says more' })
  })
  return app
}

function routesOf(limits: ConfigLimits, services: ApiServices): Route[] {
  const { actor, store, readers, liveQueries, copies } = services
  const bodies = new BodyReader(limits)
  const transactions = {
    actor,
    store,
    copies,
    limits,
    bodies,
    permits: new Permits(limits.transactionsConcurrentMax),
  }
  const { oldestView } = services
  const queries = { readers, oldestView, limits, bodies, permits: new Permits(limits.queriesConcurrentMax) }
  const subscriptions = {
    liveQueries,
    clientStallMs: limits.clientStallMs,
    bodies,
    permits: new Permits(limits.queriesConcurrentMax),
  }
  return [
    {
      method: 'POST',
      path: '/v1/transactions',
      scope: 'write',
      handler: (c) => handleTransaction(c, transactions),
    },
    {
      method: 'POST',
      path: '/v1/queries',
      scope: 'read',
      handler: (c) => handleQuery(c, queries),
    },
    {
      method: 'POST',
      path: '/v1/subscriptions',
      scope: 'read',
      handler: (c) => handleSubscribe(c, subscriptions),
    },
    {
      method: 'GET',
      path: '/v1/subscriptions/:id',
      scope: 'read',
      handler: (c) => handleResume(c, subscriptions),
    },
    {
      method: 'GET',
      path: '/v1/members',
      scope: 'read',
      handler: limited(limits.othersConcurrentMax, async (c) => members(c, services, limits.clientStallMs)),
    },
    ...membershipRoutes(limits, services, bodies),
    ...syncRoutes(limits, services, bodies),
    {
      method: 'GET',
      path: '/v1/schema',
      scope: 'read',
      handler: limited(limits.othersConcurrentMax, (c) => handleSchema(c, services)),
    },
    {
      method: 'GET',
      path: '/v1/schema/skew',
      scope: 'read',
      handler: limited(limits.othersConcurrentMax, async (c) => handleSkew(c, services)),
    },
    {
      method: 'POST',
      path: '/v1/schema/reload',
      scope: 'admin',
      handler: limited(1, (c) => handleReload(c, services, bodies)),
    },
    {
      method: 'POST',
      path: '/v1/store/purge',
      scope: 'admin',
      handler: limited(1, (c) => handlePurge(c, services, bodies)),
    },
    {
      method: 'GET',
      path: '/v1/status',
      scope: 'read',
      handler: limited(limits.othersConcurrentMax, (c) => status(c, services)),
    },
    {
      method: 'GET',
      path: '/metrics',
      scope: 'read',
      handler: limited(limits.othersConcurrentMax, (c) => metrics(c, services)),
    },
  ]
}

/** What concerns one member, the tags of this one, and the cluster. */
function membershipRoutes(limits: ConfigLimits, services: ApiServices, bodies: BodyReader): Route[] {
  const { cluster, tags } = services
  const few = (handler: Handler): Handler => limited(limits.othersConcurrentMax, handler)
  return [
    {
      method: 'GET',
      path: '/v1/members/:actor',
      scope: 'read',
      handler: few(async (c) => handleExplain(c, cluster)),
    },
    {
      method: 'GET',
      path: '/v1/members/:actor/tags',
      scope: 'read',
      handler: few((c) => handleMemberTags(c, tags)),
    },
    { method: 'GET', path: '/v1/tags', scope: 'read', handler: few(async (c) => handleListTags(c, tags)) },
    {
      method: 'PUT',
      path: '/v1/tags/:key',
      scope: 'write',
      handler: few((c) => handleSetTag(c, tags, bodies)),
    },
    {
      method: 'DELETE',
      path: '/v1/tags/:key',
      scope: 'write',
      handler: few(async (c) => handleDeleteTag(c, tags)),
    },
    {
      method: 'POST',
      path: '/v1/cluster/leave',
      scope: 'admin',
      handler: few((c) => handleCluster(c, cluster.leave, bodies)),
    },
    {
      method: 'POST',
      path: '/v1/cluster/rejoin',
      scope: 'admin',
      handler: few((c) => handleCluster(c, cluster.rejoin, bodies)),
    },
    {
      method: 'POST',
      path: '/v1/cluster/mute',
      scope: 'admin',
      handler: few((c) => handleMute(c, (origin) => cluster.mute(origin, true), bodies)),
    },
    {
      method: 'POST',
      path: '/v1/cluster/unmute',
      scope: 'admin',
      handler: few((c) => handleMute(c, (origin) => cluster.mute(origin, false), bodies)),
    },
  ]
}

/** What replication knows, and what it is to do now. */
function syncRoutes(limits: ConfigLimits, services: ApiServices, bodies: BodyReader): Route[] {
  const { sync } = services
  const few = (handler: Handler): Handler => limited(limits.othersConcurrentMax, handler)
  return [
    {
      method: 'GET',
      path: '/v1/sync/knowledge',
      scope: 'read',
      handler: few(async (c) => handleKnowledge(c, sync)),
    },
    { method: 'GET', path: '/v1/sync/compare', scope: 'read', handler: few((c) => handleCompare(c, sync)) },
    {
      method: 'POST',
      path: '/v1/sync/reconcile',
      scope: 'admin',
      handler: few((c) => handleReconcile(c, sync, bodies)),
    },
    {
      method: 'GET',
      path: '/v1/sync/missing',
      scope: 'read',
      handler: few(async (c) => handleMissing(c, services)),
    },
    {
      method: 'POST',
      path: '/v1/sync/give-up',
      scope: 'admin',
      handler: limited(1, (c) => handleGiveUp(c, services, bodies)),
    },
  ]
}

/** /metrics, /healthz and /readyz alone, for a listener without tokens. */
export function createMetricsApp(services: OperationServices): Hono {
  const app = new Hono()
  app.get('/metrics', (c) => metrics(c, services))
  app.get('/healthz', (c) => health(c, services))
  app.get('/readyz', (c) => ready(c, services))
  return app
}

/** The list, or with `watch` the list and what changes of it. */
function members(c: Context, services: ApiServices, stallMs: number): Response {
  const now = services.members()
  const watch = c.req.query('watch')
  if (watch === undefined || watch === 'false') return c.json({ members: membersJson(now.self, now.others) })
  if (watch !== '' && watch !== 'true')
    return refuseRequest(c, { status: 400, code: 'invalid-watch', error: 'watch is true or false' })
  const keepAliveMs = readKeepAlive(c)
  if (!keepAliveMs.ok) return refuseRequest(c, keepAliveMs.error)
  const lines = services.memberWatchers.open(now)
  if (lines === undefined) return refuseRequest(c, overloaded(`${WATCHERS_MAX} programs watch already`))
  const body = streamBody(keptAlive(lines, keepAliveMs.value), {
    stallMs,
    done: () => {},
    lineOf: () => undefined,
    cut: cutOf(c),
  })
  return c.body(body, 200, { 'content-type': 'application/x-ndjson' })
}

/** For routes without a body: a permit from the request to the answer. */
function limited(concurrentMax: number, handler: Handler): Handler {
  const permits = new Permits(concurrentMax)
  return async (c) => {
    const done = permits.take()
    if (done === undefined) return refuseRequest(c, CONCURRENCY)
    try {
      return await handler(c)
    } finally {
      done()
    }
  }
}

/** HEAD is answered by the handler of GET without its body; a stream that nobody reads would stay open for ever. */
const endBodyOfHead: MiddlewareHandler = async (c, next) => {
  await next()
  if (c.req.method === 'HEAD') await c.res.body?.cancel()
}

/** Counts by route and status; unknown paths share one label, so that nobody can grow the list. */
function measure(telemetry: Telemetry, known: ReadonlySet<string>): MiddlewareHandler {
  return async (c, next) => {
    const startedAt = performance.now()
    await next()
    const path = routePath(c, -1)
    telemetry.request(known.has(path) ? path : 'other', c.res.status, (performance.now() - startedAt) / 1_000)
  }
}
