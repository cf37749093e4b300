/**
 * PeerSessions: one HTTP/2 connection to each aggregator of other regions, opened before it is needed and kept by pings, so that
 * the first question about an app is one round trip, and a thousand apps that are followed are streams of one connection.
 * Gives a `fetch` on them. RFC 9113; without TLS by prior knowledge (§3.3).
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  connect,
  type IncomingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2'
import { Readable } from 'node:stream'

export interface PeerSessionsOptions {
  /** Who signs the certificates of https, as PEM, asked for at each connection; undefined: the authorities of Node. */
  readonly ca: () => string | undefined
  /** Default PING_MS. */
  readonly pingMs?: number
  /** Default ANSWER_MS. */
  readonly answerMs?: number
}

/** Also keeps what stands between the two from forgetting a connection that is idle. */
const PING_MS = 10_000
/** A ping, or a connection, that takes longer: it is closed, and opened anew when it is asked for. */
const ANSWER_MS = 5_000
/** Between two tries to open one that nobody waits for. */
const REOPEN_MS = 5_000
/** What may be under way to us: of a stream enough for some hundred Mbit/s around the world, of all together more. */
const STREAM_WINDOW_BYTES = 1024 * 1024
const SESSION_WINDOW_BYTES = 16 * 1024 * 1024
/** Tags name the addresses, and tags may say anything. */
const SESSIONS_MAX = 1_024

export class PeerSessions {
  readonly #options: PeerSessionsOptions
  /** By origin. */
  readonly #sessions = new Map<string, ClientHttp2Session>()
  readonly #triedAt = new Map<string, number>()

  constructor(options: PeerSessionsOptions) {
    this.#options = options
  }

  /** Connections that stand, or are being opened. */
  get size(): number {
    return this.#sessions.size
  }

  /** These are opened now, unless that has just failed; others are closed when nothing is under way on them. */
  keep(addresses: readonly string[]): void {
    // An address that another one tells in its tag may be anything.
    const urls = addresses.flatMap((address) => URL.parse(address) ?? [])
    const origins = new Set(urls.filter(isWeb).map(({ origin }) => origin))
    for (const [origin, session] of this.#sessions) if (!origins.has(origin)) session.close()
    for (const origin of this.#triedAt.keys()) if (!origins.has(origin)) this.#triedAt.delete(origin)
    for (const origin of origins) {
      const isTried = performance.now() - (this.#triedAt.get(origin) ?? Number.NEGATIVE_INFINITY) < REOPEN_MS
      const hasRoom = this.#sessions.size < SESSIONS_MAX
      if (!isOpen(this.#sessions.get(origin)) && !isTried && hasRoom) this.#sessionTo(origin)
    }
  }

  /** GET without a body; the signal ends the answer too. Throws where too many connections are open. */
  readonly fetch: typeof globalThis.fetch = (input, { headers, signal } = {}) => {
    const url = new URL(String(input))
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    const stream = this.#sessionTo(url.origin).request(
      { ...Object.fromEntries(new Headers(headers)), ':path': `${url.pathname}${url.search}` },
      { endStream: true, ...(signal ? { signal } : {}) },
    )
    stream.once('response', (answered) => {
      try {
        resolve(asResponse(stream, answered))
      } catch (cause) {
        // HTTP/2 carries numbers that are no status.
        reject(cause)
        stream.destroy()
      }
    })
    stream.once('error', reject)
    stream.once('close', () => reject(new Error('the connection was closed before an answer')))
    return promise
  }

  close(): void {
    for (const session of this.#sessions.values()) session.destroy()
  }

  #sessionTo(origin: string): ClientHttp2Session {
    const known = this.#sessions.get(origin)
    if (isOpen(known)) return known
    if (this.#sessions.size >= SESSIONS_MAX) throw new Error(`${SESSIONS_MAX} connections to peers are open`)
    const { pingMs = PING_MS, answerMs = ANSWER_MS } = this.#options
    this.#triedAt.set(origin, performance.now())
    const session = connect(origin, this.#connectOptions())
    this.#sessions.set(origin, session)
    const forget = (): void => {
      clearInterval(pings)
      if (this.#sessions.get(origin) === session) this.#sessions.delete(origin)
    }
    const deadline = setTimeout(() => session.destroy(new Error('no connection in time')), answerMs)
    const pings = setInterval(() => ping(session, answerMs), pingMs)
    for (const timer of [deadline, pings]) timer.unref()
    session.once('connect', () => {
      clearTimeout(deadline)
      // It is told also of one that was given up meanwhile.
      if (!session.destroyed) session.setLocalWindowSize(SESSION_WINDOW_BYTES)
    })
    session.once('goaway', forget)
    session.once('close', () => {
      clearTimeout(deadline)
      forget()
    })
    // Whoever waits for a stream of it hears of the same error.
    session.on('error', () => {})
    // A connection is no reason to go on.
    session.unref()
    return session
  }

  #connectOptions(): ClientSessionOptions | SecureClientSessionOptions {
    const ca = this.#options.ca()
    const settings = { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES }
    return ca === undefined ? { settings } : { settings, ca }
  }
}

function isOpen(session: ClientHttp2Session | undefined): session is ClientHttp2Session {
  return session !== undefined && !session.closed && !session.destroyed
}

function isWeb({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:'
}

function ping(session: ClientHttp2Session, answerMs: number): void {
  if (session.closed || session.destroyed || session.connecting) return
  const late = setTimeout(() => session.destroy(new Error('no answer to a ping')), answerMs)
  late.unref()
  session.ping(() => clearTimeout(late))
}

function asResponse(stream: ClientHttp2Stream, headers: IncomingHttpHeaders): Response {
  const status = Number(headers[':status'] ?? 500)
  const own = Object.entries(headers).filter(([name]) => !name.startsWith(':'))
  const texts = own.map(([name, value]): [string, string] => [name, String(value)])
  const hasNoBody = status === 204 || status === 205 || status === 304
  if (hasNoBody) stream.resume()
  const body = hasNoBody ? null : (Readable.toWeb(stream) as ReadableStream<Uint8Array>)
  return new Response(body, { status, headers: texts })
}
