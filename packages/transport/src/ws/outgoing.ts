/**
 * Outgoing: the way to an open WebSocket at a peer: TCP, TLS, upgrade, with one deadline over all. The phase in which it
 * fails gives the reason its kind. What is said on it afterwards is the business of dial.ts and attach.ts.
 */
import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { type PeerAddress, splitPeerAddress } from '@patina/base'
import { WebSocket } from 'ws'
import { limits } from '../limits.ts'
import type { StreamRefusal } from '../transport.ts'
import { Connection, type ConnectionEvents } from './connection.ts'
import type { Desk, StreamSecurity } from './desk.ts'

/** Path of the upgrade; others are not ours. */
export const UPGRADE_PATH = '/patina'

export interface OutgoingEvents extends ConnectionEvents {
  opened(connection: Connection): void
  /** Once, instead of `opened`. */
  failed(reason: StreamRefusal, detail: string): void
}

type Phase = 'connecting' | 'securing' | 'upgrading' | 'done'

export class Outgoing {
  readonly #to: PeerAddress
  readonly #security: StreamSecurity
  readonly #events: OutgoingEvents
  readonly #webSocket: WebSocket
  readonly #timer: NodeJS.Timeout
  #socket: Socket | undefined
  #phase: Phase = 'connecting'

  constructor(to: PeerAddress, desk: Pick<Desk, 'security' | 'times'>, events: OutgoingEvents) {
    this.#to = to
    this.#security = desk.security
    this.#events = events
    const { connectTimeoutMs, goodbyeTimeoutMs } = desk.times
    this.#timer = setTimeout(() => this.#fail('unreachable', 'no connection in time'), connectTimeoutMs)
    this.#webSocket = this.#openWebSocket(goodbyeTimeoutMs)
  }

  /** Ends the attempt; nothing is told. What has opened already is the caller's. */
  abort(): void {
    if (this.#phase === 'done') return
    this.#finish()
    this.#webSocket.terminate()
  }

  #openWebSocket(closeTimeout: number): WebSocket {
    const scheme = this.#security === 'plaintext' ? 'ws' : 'wss'
    const webSocket = new WebSocket(`${scheme}://${this.#to}${UPGRADE_PATH}`, {
      perMessageDeflate: false,
      maxPayload: limits.frameBytesMax,
      maxFragments: 1,
      closeTimeout,
      createConnection: () => this.#openSocket(),
      // Masks guard proxies that do not know WebSocket; between two nodes they only cost a pass over each frame.
      generateMask: (mask: Buffer) => mask.fill(0),
    } as ConstructorParameters<typeof WebSocket>[2])
    webSocket.on('open', () => this.#upgraded())
    webSocket.on('error', (cause) => this.#failed(cause))
    webSocket.on('close', () => this.#failed(new Error('the connection was closed')))
    return webSocket
  }

  #openSocket(): Socket {
    const { host, port } = splitPeerAddress(this.#to)
    const security = this.#security
    const secure = security !== 'plaintext'
    const socket = secure ? connectTls(tlsOptions(security, host, port)) : connectTcp({ host, port })
    socket.setNoDelay(true)
    socket.once('connect', () => this.#enter(secure ? 'securing' : 'upgrading'))
    socket.once('secureConnect', () => this.#enter('upgrading'))
    this.#socket = socket
    return socket
  }

  #enter(phase: Phase): void {
    if (this.#phase !== 'done') this.#phase = phase
  }

  #upgraded(): void {
    if (this.#phase === 'done' || this.#socket === undefined) return
    this.#finish()
    this.#events.opened(new Connection(this.#webSocket, this.#socket, this.#events))
  }

  #failed(cause: Error): void {
    const { code } = cause as NodeJS.ErrnoException
    const detail =
      code === undefined || cause.message.includes(code) ? cause.message : `${code}: ${cause.message}`
    switch (this.#phase) {
      case 'connecting':
        this.#fail('unreachable', detail)
        break
      case 'securing':
        this.#fail('tls', detail)
        break
      case 'upgrading':
        this.#failUpgrade(code, detail)
        break
      case 'done':
      // The connection tells its end by itself, or nobody waits for it.
    }
  }

  /** With TLS 1.3 the server looks at our certificate after our own handshake is complete, and then hangs up. */
  #failUpgrade(code: string | undefined, detail: string): void {
    const hungUp = code === 'ECONNRESET' || code === 'EPIPE' || code?.startsWith('ERR_SSL') === true
    if (this.#security !== 'plaintext' && hungUp)
      this.#fail(
        'tls',
        `the peer hung up after TLS, so it did not accept this node's certificate (${detail})`,
      )
    else this.#fail('not-patina', detail)
  }

  #fail(reason: StreamRefusal, detail: string): void {
    if (this.#phase === 'done') return
    this.#finish()
    this.#webSocket.terminate()
    this.#events.failed(reason, detail)
  }

  #finish(): void {
    this.#phase = 'done'
    clearTimeout(this.#timer)
  }
}

/** The certificate must cover the dialled IP: with an empty server name Node compares with `host`. */
function tlsOptions(
  security: Exclude<StreamSecurity, 'plaintext'>,
  host: string,
  port: number,
): ConnectionOptions {
  return {
    host,
    port,
    servername: '',
    minVersion: 'TLSv1.3',
    ca: security.caPem,
    cert: security.certificatePem,
    key: security.keyPem,
  }
}
