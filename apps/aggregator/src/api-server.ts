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
  type ServerHttp2Session,
} from 'node:http2'
import type { Server, Socket } from 'node:net'
import type { TlsMaterial } from '@patina/program'

export interface ApiServerOptions {
  /** Certificate and key, looked at now and then; undefined at the start: no TLS. */
  readonly identity: () => TlsMaterial['own']
  /** Of HTTP/2 in the form of HTTP/1.1. */
  readonly answer: RequestListener
  /** Until a handshake, the first bytes, or a request of HTTP/1.1 are there. Default REQUEST_MS. */
  readonly requestMs?: number
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
/** A connection without an open stream lives so long after its last ping; aggregators send one each ten seconds. */
const IDLE_MS = 60_000
const HTTP2_OPTIONS = {
  /** Megabytes of all streams of a connection, which may each have a list untaken. */
  maxSessionMemory: 64,
  /** Streams at once, and in a second: each app that is followed no longer is one that is reset, and Node takes more than 33 a second for an attack. */
  streamResetBurst: 100_000,
  streamResetRate: 10_000,
} as const
const PREFACE = 'PRI'

export function makeApiServer(options: ApiServerOptions): ApiServer {
  const own = options.identity()
  const server = own === undefined ? plainServer(options) : secureServer(options, own)
  server.maxConnections = CONNECTIONS_MAX
  const sockets = new Set<Socket>()
  server.prependListener('connection', (socket) => {
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
function secureServer(
  { identity, answer, requestMs = REQUEST_MS }: ApiServerOptions,
  own: NonNullable<TlsMaterial['own']>,
): Server {
  const options = { ...own, ...SOCKET_OPTIONS, ...HTTP2_OPTIONS, ...limitsOf(requestMs), allowHTTP1: true }
  const server = createSecureServer({ ...options, handshakeTimeout: requestMs }, asHttp2(answer))
  server.on('session', endIdle)
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

/** It listens as HTTP/1.1, so that its time limits hold, and hands over what begins otherwise. */
function plainServer({ answer, requestMs = REQUEST_MS }: ApiServerOptions): Server {
  const http2 = createHttp2(HTTP2_OPTIONS, asHttp2(answer))
  http2.on('session', endIdle)
  const server = createHttp1({ ...SOCKET_OPTIONS, ...limitsOf(requestMs) }, answer)
  const ofHttp1 = server.listeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    const refuse = (): void => void socket.destroy()
    const refusals = ['timeout', 'error', 'end'] as const
    const look = (): void => {
      // No request is shorter. Null: fewer have come yet.
      const begin: Buffer | null = socket.read(PREFACE.length)
      if (begin === null) return
      socket.unshift(begin)
      socket.off('readable', look)
      for (const event of refusals) socket.off(event, refuse)
      socket.setTimeout(0)
      if (begin.toString('latin1') === PREFACE) {
        // A server of HTTP/1.1 lets a client say its last word first; one of HTTP/2 does not know of it.
        socket.allowHalfOpen = false
        http2.emit('connection', socket)
      } else for (const serve of ofHttp1) serve.call(server, socket)
    }
    for (const event of refusals) socket.on(event, refuse)
    socket.setTimeout(requestMs)
    socket.on('readable', look)
  })
  return server
}

/** Node looks for requests that are late in an interval of its own. */
function limitsOf(requestMs: number): {
  readonly requestTimeout: number
  readonly headersTimeout: number
  readonly connectionsCheckingInterval: number
} {
  return { requestTimeout: requestMs, headersTimeout: requestMs, connectionsCheckingInterval: requestMs }
}

/** Node's own limit takes a ping for nothing. */
function endIdle(session: ServerHttp2Session): void {
  let streams = 0
  const timer = setTimeout(() => (streams === 0 ? session.destroy() : timer.refresh()), IDLE_MS).unref()
  session.on('ping', () => timer.refresh())
  session.on('stream', (stream) => {
    streams += 1
    stream.once('close', () => {
      streams -= 1
      timer.refresh()
    })
  })
  session.once('close', () => clearTimeout(timer))
}

/** Node serves HTTP/2 by objects of the same shape, with other types. */
function asHttp2(
  answer: RequestListener,
): (request: Http2ServerRequest, response: Http2ServerResponse) => void {
  return answer as unknown as (request: Http2ServerRequest, response: Http2ServerResponse) => void
}
