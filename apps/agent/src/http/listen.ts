/**
 * HTTP listeners: one server an address, with limits on slow and idle senders, and an orderly end: no new connections,
 * answers under way are finished, what remains after the given time is cut.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { formatSocketAddress, type SocketAddress } from '../config-values.ts'
import { within } from '../deadline.ts'
import { StartRefusal } from '../refusal.ts'

export interface HttpListener {
  /** With the real port. */
  readonly address: SocketAddress
  close(ms: number): Promise<void>
}

type Fetch = (request: Request) => Response | Promise<Response>

/** A sender has this long for its headers; nobody keeps a connection open by dripping bytes. */
const HEADERS_MS = 10_000
/** A body of the greatest allowed size must have arrived by then. */
const REQUEST_MS = 300_000
const KEEP_ALIVE_MS = 60_000
const SWEEP_MS = 20
const HEADER_BYTES_MAX = 32_768
/** How late the times above may be noticed. */
const CHECK_MS = 2_000
/** Open connections of one listener; further ones are closed at once, so that descriptors are left for peers and files. */
export const CONNECTIONS_MAX = 4_096

/** Rejects with StartRefusal; `key` is the configuration key that names the address. */
export async function listen(fetch: Fetch, wanted: SocketAddress, key: string): Promise<HttpListener> {
  const server = createAdaptorServer({
    fetch,
    createServer,
    serverOptions: {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
      noDelay: true,
    },
  }) as Server
  server.maxConnections = CONNECTIONS_MAX
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', (cause: NodeJS.ErrnoException) => reject(refusalOf(cause, wanted, key)))
  server.listen({ ...wanted, exclusive: true }, resolve)
  await promise
  const { port } = server.address() as AddressInfo
  return { address: { host: wanted.host, port }, close: (ms) => closeServer(server, ms) }
}

async function closeServer(server: Server, ms: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A connection that was busy at first becomes idle when its answer is out.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
  await within(ms, closed)
  clearInterval(sweep)
  server.closeAllConnections()
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
