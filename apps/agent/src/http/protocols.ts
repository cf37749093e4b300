/**
 * HTTP/1.1 and cleartext HTTP/2 with prior knowledge (RFC 9113, section 3.3) on one port: the first bytes of a connection
 * tell which. The listener of the real http.Server is wrapped, so that its limits on slow senders go on; a connection that
 * has not said what it speaks has a limit of its own. Sessions of HTTP/2 are kept track of, because nothing in Node ends
 * those of a server that does not listen itself.
 */
import type { Server } from 'node:http'
import {
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import type { Socket } from 'node:net'

/** Sent first by every client of HTTP/2 (RFC 9113, section 3.4); no method of HTTP/1.1 begins so. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** Requests that one session may have open; live results count. */
export const STREAMS_MAX = 1_024
/** What Node keeps for one session, in MB: header blocks and frames that wait for their turn. */
const SESSION_MEMORY_MB = 16

export interface Http2Limits {
  /** For the first bytes of a connection. */
  readonly prefaceMs: number
  /** A session without a request lives this long. */
  readonly idleMs: number
  readonly headerBytesMax: number
}

export type AnswerHttp2 = (request: Http2ServerRequest, response: Http2ServerResponse) => void

export class Http2Sessions {
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #undecided = new Set<Socket>()
  readonly #limits: Http2Limits
  readonly #server: Http2Server

  /** Takes over those connections of `server` that speak HTTP/2. Call before it listens. */
  constructor(server: Server, answer: AnswerHttp2, limits: Http2Limits) {
    this.#limits = limits
    this.#server = createHttp2Server(
      {
        maxSessionMemory: SESSION_MEMORY_MB,
        settings: { maxConcurrentStreams: STREAMS_MAX, maxHeaderListSize: limits.headerBytesMax },
      },
      answer,
    )
    this.#server.on('session', (session) => this.#track(session))
    // A connection's own errors end it, and are its peer's fault; without a listener they would end the process.
    this.#server.on('sessionError', () => {})
    const [serveHttp1] = server.listeners('connection') as [(this: Server, socket: Socket) => void]
    server.removeAllListeners('connection')
    server.on('connection', (socket) => this.#sniff(socket, () => serveHttp1.call(server, socket)))
  }

  /** No new requests; those under way are finished. */
  close(): void {
    for (const socket of this.#undecided) socket.destroy()
    for (const session of this.#sessions) session.close()
  }

  destroy(): void {
    for (const session of this.#sessions) session.destroy()
  }

  /** Hands the connection over when its bytes can only be one of the two, with these bytes not yet read. */
  #sniff(socket: Socket, serveHttp1: () => void): void {
    let seen: Buffer = Buffer.alloc(0)
    const cut = (): void => {
      socket.destroy()
    }
    const timer = setTimeout(cut, this.#limits.prefaceMs)
    const settle = (): void => {
      clearTimeout(timer)
      this.#undecided.delete(socket)
      socket.off('readable', look).off('end', cut).off('error', cut).off('close', settle)
    }
    const look = (): void => {
      const bytes: Buffer | null = socket.read()
      if (bytes === null) return
      seen = Buffer.concat([seen, bytes])
      const isHttp2 = isPreface(seen)
      if (isHttp2 === undefined) return
      settle()
      socket.unshift(seen)
      if (isHttp2) this.#serveHttp2(socket)
      else serveHttp1()
    }
    this.#undecided.add(socket)
    socket.on('readable', look).on('end', cut).on('error', cut).on('close', settle)
  }

  /** Sockets of an http.Server stay open when their peer has ended; nothing would tell a live result that nobody reads it. */
  #serveHttp2(socket: Socket): void {
    socket.allowHalfOpen = false
    this.#server.emit('connection', socket)
  }

  #track(session: ServerHttp2Session): void {
    let open = 0
    this.#sessions.add(session)
    session.on('close', () => this.#sessions.delete(session))
    session.on('stream', (stream) => {
      open += 1
      stream.on('close', () => {
        open -= 1
      })
    })
    session.setTimeout(this.#limits.idleMs, () => {
      if (open === 0) session.close()
    })
  }
}

/** undefined while the bytes may become either. */
function isPreface(bytes: Uint8Array): boolean | undefined {
  const length = Math.min(bytes.length, PREFACE.length)
  if (PREFACE.compare(bytes, 0, length, 0, length) !== 0) return false
  return length === PREFACE.length ? true : undefined
}
