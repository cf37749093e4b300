/**
 * ApiServer: one port for HTTP/1.1 and HTTP/2: people and probes use the one, aggregators of other regions the other. With a certificate TLS
 * says which (ALPN), without one the first bytes do: a client with prior knowledge begins with "PRI" (RFC 9113 §3.3, §3.4).
 */
import { createServer as createHttp1, type RequestListener } from 'node:http'
import {
  createServer as createHttp2,
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import { createServer, type Server, type Socket } from 'node:net'
import type { TlsMaterial } from '@patina/program'

export interface ApiServerOptions {
  /** Certificate and key, looked at now and then; undefined at the start: no TLS. */
  readonly identity: () => TlsMaterial['own']
  /** Of HTTP/2 in the form of HTTP/1.1. */
  readonly answer: RequestListener
}

export interface ApiServer {
  readonly server: Server
  /** Ends every connection. */
  readonly close: () => void
}

const CONNECTIONS_MAX = 4_096
const REQUEST_MS = 10_000
const CERTIFICATE_LOOK_MS = 5_000
/** Without a word from the client's machine for so long the system asks whether it is there. */
const KEEP_ALIVE_MS = 30_000
const SOCKET_OPTIONS = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, noDelay: true } as const
/** Of all streams of a connection, which may each have a list untaken. */
const SESSION_MEMORY_MB = 64
const PREFACE = 'PRI'

export function makeApiServer(options: ApiServerOptions): ApiServer {
  const own = options.identity()
  const server = own === undefined ? plainServer(options) : secureServer(options, own)
  server.maxConnections = CONNECTIONS_MAX
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const close = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { server, close }
}

/** Connections that stand keep the certificate that they began with. */
function secureServer({ identity, answer }: ApiServerOptions, own: NonNullable<TlsMaterial['own']>): Server {
  const options = { ...own, ...SOCKET_OPTIONS, allowHTTP1: true, maxSessionMemory: SESSION_MEMORY_MB }
  const server = createSecureServer(options, asHttp2(answer))
  Object.assign(server, { requestTimeout: REQUEST_MS })
  let shown = own
  const look = setInterval(() => {
    const now = identity()
    if (now === undefined || now === shown) return
    server.setSecureContext(now)
    shown = now
  }, CERTIFICATE_LOOK_MS)
  server.once('close', () => clearInterval(look))
  return server
}

function plainServer({ answer }: ApiServerOptions): Server {
  const http1 = createHttp1({ requestTimeout: REQUEST_MS }, answer)
  const http2 = createHttp2({ maxSessionMemory: SESSION_MEMORY_MB }, asHttp2(answer))
  return createServer(SOCKET_OPTIONS, (socket) => {
    const refuse = (): void => void socket.destroy()
    socket.setTimeout(REQUEST_MS, refuse)
    socket.on('error', refuse)
    const look = (): void => {
      // No request is shorter. Null: fewer have come yet.
      const begin: Buffer | null = socket.read(PREFACE.length)
      if (begin === null) return
      socket.unshift(begin)
      socket.off('readable', look)
      socket.off('timeout', refuse)
      socket.off('error', refuse)
      socket.setTimeout(0)
      const chosen = begin.toString('latin1') === PREFACE ? http2 : http1
      chosen.emit('connection', socket)
    }
    socket.on('readable', look)
  })
}

/** Node serves HTTP/2 by objects of the same shape, with other types. */
function asHttp2(
  answer: RequestListener,
): (request: Http2ServerRequest, response: Http2ServerResponse) => void {
  return answer as unknown as (request: Http2ServerRequest, response: Http2ServerResponse) => void
}
