/**
 * The aggregator's HTTP API, over TLS where a certificate is configured (api-server.ts): `/metrics`, `/healthz` (200 while the program turns) and `/readyz` (200 while it publishes, or could
 * in its turn) for anybody who can connect; `/v1/…` with the bearer token where one is configured. Reads no body.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { ApiError, ConnectionError, ProtocolError } from '@patina/client'
import { listenForHttp, type SocketAddress, type TlsMaterial } from '@patina/program'
import { type Aggregator, InstancesUnknown } from './aggregator.ts'
import { type ApiServer, makeApiServer } from './api-server.ts'
import { FeedsExhausted } from './instance-feeds.ts'
import { PeerFailure } from './peers.ts'

export interface ApiOptions {
  readonly address: SocketAddress
  readonly aggregator: Aggregator
  /** Asked at each request; undefined: there is none. */
  readonly tokens: () => readonly string[] | undefined
  /** Certificate and key, looked at now and then; undefined at the start: HTTP. */
  readonly identity: () => TlsMaterial['own']
}

interface Answer {
  readonly status: number
  readonly body: object
}

type Exchange = { readonly url: URL; readonly request: IncomingMessage; readonly response: ServerResponse }

const KEEP_ALIVE_MS = 5_000
/** What a reader of a watch may leave untaken before it is cut off; the next list says all anyhow. */
const UNTAKEN_BYTES_MAX = 8 * 1024 * 1024

/** Throws StartRefusal where the address cannot be had. */
export async function listenForApi({
  address,
  aggregator,
  tokens,
  identity,
}: ApiOptions): Promise<ApiServer> {
  const answer: RequestListener = (request, response) => {
    const url = URL.parse(request.url ?? '', 'http://aggregator')
    if (url === null) send(response, { status: 400, body: { error: 'the path cannot be read' } })
    else void serve({ url, request, response }, aggregator, tokens)
  }
  const listener = makeApiServer({ identity, answer })
  await listenForHttp(listener.server, address, 'listen')
  return listener
}

async function serve(
  exchange: Exchange,
  aggregator: Aggregator,
  tokens: ApiOptions['tokens'],
): Promise<void> {
  const { url, request, response } = exchange
  const { registry, health } = aggregator.telemetry
  try {
    if (url.pathname === '/metrics') {
      const text = await registry.metrics()
      response.writeHead(200, { 'content-type': registry.contentType }).end(text)
    } else if (url.pathname === '/healthz') send(response, { status: 200, body: { health } })
    else if (url.pathname === '/readyz')
      send(response, { status: health === 'well' ? 200 : 503, body: { health } })
    else if (!mayCall(request, tokens())) response.writeHead(401).end()
    else await serveCall(exchange, aggregator)
  } catch (cause) {
    if (response.headersSent) response.destroy()
    else send(response, failureOf(cause))
  }
}

async function serveCall({ url, request, response }: Exchange, aggregator: Aggregator): Promise<void> {
  const [, version, kind, name, rest, ...more] = url.pathname.split('/').map(decoded)
  const isKnown = version === 'v1' && more.length === 0
  const isRead = request.method === 'GET'
  if (isKnown && isRead && kind === 'status' && name === undefined)
    send(response, { status: 200, body: aggregator.status() })
  else if (isKnown && isRead && kind === 'distances' && name === undefined)
    send(response, { status: 200, body: { distances: Object.fromEntries(aggregator.distances()) } })
  else if (isKnown && isRead && kind === 'route' && name && rest === undefined) {
    const from = url.searchParams.get('from') ?? aggregator.region
    send(response, { status: 200, body: { app: name, from, regions: await aggregator.route(name, from) } })
  } else if (isKnown && isRead && kind === 'route' && name && rest === 'instances')
    await serveInstances({ url, request, response }, aggregator, name)
  else if (isKnown && request.method === 'POST' && kind === 'release' && name && rest === undefined)
    send(response, release(request, aggregator, name))
  else send(response, { status: 404, body: { error: 'there is no such path', code: 'not-found' } })
}

/** A page of another origin cannot send this content type without being asked first. */
function release(request: IncomingMessage, aggregator: Aggregator, rollup: string): Answer {
  if (request.headers['content-type'] !== 'application/json')
    return { status: 415, body: { error: 'content-type is application/json', code: 'content-type' } }
  const released = aggregator.release(rollup)
  if (released === undefined)
    return { status: 404, body: { error: `no roll-up ${rollup}`, code: 'no-rollup' } }
  return { status: 200, body: { rollup, released } }
}

async function serveInstances(exchange: Exchange, aggregator: Aggregator, app: string): Promise<void> {
  const { url, response } = exchange
  const region = url.searchParams.get('region') ?? aggregator.region
  if (url.searchParams.get('watch') === 'true')
    return await streamInstances(exchange, aggregator, app, region)
  const instances = await aggregator.instances(app, region)
  send(response, { status: 200, body: { app, region, instances } })
}

/** A line at once and after each change, and an empty one in silence. */
async function streamInstances(
  { response }: Exchange,
  aggregator: Aggregator,
  app: string,
  region: string,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const keepAlive = setInterval(() => response.headersSent && response.write('\n'), KEEP_ALIVE_MS)
  try {
    for await (const instances of aggregator.watchInstances(app, region, gone.signal)) {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      response.write(`${JSON.stringify({ instances })}\n`)
      if (response.writableLength > UNTAKEN_BYTES_MAX) break
    }
    response.destroy()
  } finally {
    clearInterval(keepAlive)
  }
}

function failureOf(cause: unknown): Answer {
  const { message: error } = cause as Error
  if (cause instanceof InstancesUnknown) return { status: 404, body: { error, code: 'no-instances-query' } }
  if (cause instanceof FeedsExhausted) return { status: 503, body: { error, code: 'overloaded' } }
  if (cause instanceof PeerFailure) return { status: 502, body: { error, code: 'region-unreachable' } }
  const isAgents = [ApiError, ConnectionError, ProtocolError].some((kind) => cause instanceof kind)
  return { status: isAgents ? 502 : 500, body: { error, code: isAgents ? 'agent' : 'internal' } }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

/** Digests, so that the comparison tells nothing of the length; all are looked at, so that it does not tell which. */
function mayCall({ headers }: IncomingMessage, tokens: readonly string[] | undefined): boolean {
  if (tokens === undefined) return true
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const presented = digest(headers.authorization ?? '')
  return tokens.filter((token) => timingSafeEqual(presented, digest(`Bearer ${token}`))).length > 0
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
