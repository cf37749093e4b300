/**
 * The bridge's own HTTP listener: `/metrics` (Prometheus text), `/healthz` (200 while the program turns), `/readyz` (200
 * while the tables say what Consul says). Reads nothing of a request but its path.
 */
import { createServer, type Server } from 'node:http'
import { listenForHttp, type SocketAddress } from '@patina/program'
import type { Registry } from 'prom-client'
import type { Health } from './telemetry.ts'

export interface Status {
  readonly health: Health
  readonly message: string
  readonly node: string | undefined
  readonly version: string
}

const REQUEST_MS = 10_000
const CONNECTIONS_MAX = 256

/** Throws StartRefusal where the address cannot be had. */
export async function listenForStatus(
  address: SocketAddress,
  registry: Registry,
  status: () => Status,
): Promise<Server> {
  const server = createServer({ requestTimeout: REQUEST_MS }, async (request, response) => {
    const path = (request.url ?? '').split('?')[0]
    if (path === '/metrics') {
      response.setHeader('content-type', registry.contentType).end(await registry.metrics())
    } else if (path === '/healthz' || path === '/readyz') {
      const now = status()
      const isReady = path === '/healthz' || now.health === 'well'
      response.writeHead(isReady ? 200 : 503, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify(now)}\n`)
    } else response.writeHead(404).end('there are /metrics, /healthz and /readyz\n')
  })
  server.maxConnections = CONNECTIONS_MAX
  return listenForHttp(server, address, 'listen')
}
