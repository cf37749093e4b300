/**
 * HTTP listeners: one server an address for HTTP/1.1 and HTTP/2 (protocols.ts), with limits on slow and idle senders, and an orderly end: no new connections,
 * answers under way are finished, what remains after the given time is cut.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { formatSocketAddress, type SocketAddress, StartRefusal } from '@patina/program'
import { within } from '../deadline.ts'
import { Http2Sessions } from './protocols.ts'
import { afterRest } from './request-rest.ts'

export interface HttpListener {
  /** With the real port. */
  readonly address: SocketAddress
  close(ms: number): Promise<void>
}

/** The second argument is the environment that handlers find in Hono's context: what carries request and answer. */
type Fetch = (request: Request, carriers: object) => Response | Promise<Response>

/** What a listener allows its clients, with the names that `docs/operations.md` lists. */
export interface ListenLimits {
  /** For the first bytes and for the headers of a request: nobody keeps a connection open by dripping bytes. */
  readonly headersMs: number
  /** A body of the greatest allowed size must have arrived by then. */
  readonly requestMs: number
  /** A connection without a request lives this long. */
  readonly keepAliveMs: number
  /** How late the times above may be noticed. */
  readonly checkMs: number
  readonly headerBytesMax: number
  /** Open connections of one listener; further ones are closed at once, so that descriptors are left for peers and files. */
  readonly connectionsMax: number
}

export const LISTEN_LIMITS: ListenLimits = {
  headersMs: 10_000,
  requestMs: 300_000,
  keepAliveMs: 60_000,
  checkMs: 2_000,
  headerBytesMax: 32_768,
  connectionsMax: 4_096,
}

const SWEEP_MS = 20

/** Rejects with StartRefusal; `key` is the configuration key that names the address. */
export async function listen(
  fetch: Fetch,
  wanted: SocketAddress,
  key: string,
  limits: ListenLimits = LISTEN_LIMITS,
): Promise<HttpListener> {
  // Probes of load balancers speak HTTP/1.0, which knows no Host.
  const hostname = 'localhost'
  const answer = getRequestListener(fetch, { hostname })
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.checkMs,
      maxHeaderSize: limits.headerBytesMax,
      noDelay: true,
      // Of live results that seldom change nothing else tells that the client's host is gone.
      keepAlive: true,
      keepAliveInitialDelay: limits.keepAliveMs,
    },
    answer,
  )
  const sessions = new Http2Sessions(server, getRequestListener(afterRest(fetch)), {
    prefaceMs: limits.headersMs,
    idleMs: limits.keepAliveMs,
    headerBytesMax: limits.headerBytesMax,
  })
  server.maxConnections = limits.connectionsMax
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', (cause: NodeJS.ErrnoException) => reject(refusalOf(cause, wanted, key)))
  server.listen({ ...wanted, exclusive: true }, resolve)
  await promise
  const { port } = server.address() as AddressInfo
  return { address: { host: wanted.host, port }, close: (ms) => closeServer(server, sessions, ms) }
}

async function closeServer(server: Server, sessions: Http2Sessions, ms: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  sessions.close()
  // A connection that was busy at first becomes idle when its answer is out.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
  await within(ms, closed)
  clearInterval(sweep)
  server.closeAllConnections()
  sessions.destroy()
}

function refusalOf(cause: NodeJS.ErrnoException, wanted: SocketAddress, key: string): StartRefusal {
  const address = formatSocketAddress(wanted)
  if (cause.code === 'EADDRINUSE')
    return new StartRefusal(`${key}: ${address} is in use by another process; stop it or choose another port`)
  if (cause.code === 'EADDRNOTAVAIL')
    return new StartRefusal(`${key}: ${address} is not an address of this host; choose one that is`)
  if (cause.code === 'EACCES')
    return new StartRefusal(`${key}: this user may not listen on ${address}; choose a port above 1023`)
  return new StartRefusal(`${key}: cannot listen on ${address}: ${cause.message}`)
}
