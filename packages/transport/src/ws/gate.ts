/**
 * Gate: the listening end. Owns the server and the connections that have no session yet: each has one deadline from the
 * accepted TCP connection to the end of the handshake, and their number has a bound at which the oldest goes, so that
 * slow strangers can neither pile up nor keep peers out. Each that comes to nothing is told to the desk once, with the
 * reason of its phase. Sessions are the desk's.
 */
import { constants } from 'node:crypto'
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContextOptions, TLSSocket } from 'node:tls'
import { assert, type PeerAddress } from '@patina/base'
import { type WebSocket, WebSocketServer } from 'ws'
import { BindError } from '../bind-error.ts'
import type { Frame } from '../framing.ts'
import { acceptHello } from '../hello.ts'
import { limits } from '../limits.ts'
import { boundAddress, remotePeerAddress } from '../socket-address.ts'
import type { StreamRefusal } from '../transport.ts'
import { Connection } from './connection.ts'
import type { Desk, StreamSecurity } from './desk.ts'
import {
  decodeAttach,
  decodeRefusal,
  helloFrame,
  type RefusalReason,
  refusalFrame,
  welcomeFrame,
} from './handshake-frames.ts'
import { UPGRADE_PATH } from './outgoing.ts'
import { onHelloOfDialling } from './rendezvous.ts'

/** A connection without a session. `outcome`: what to tell when it ends; undefined when there is nothing to tell. */
interface Pending {
  readonly socket: Socket
  readonly remote: PeerAddress | undefined
  readonly timer: NodeJS.Timeout
  outcome: { reason: StreamRefusal; detail: string } | undefined
}

/** Listens on `host:port`; rejects with BindError. The Gate must be built in the same turn, before a connection can come. */
export async function bindServer(
  security: StreamSecurity,
  host: string,
  port: number,
): Promise<HttpServer | HttpsServer> {
  const http = { maxHeaderSize: limits.upgradeHeaderBytesMax }
  const server =
    security === 'plaintext'
      ? createHttpServer(http)
      : createHttpsServer({
          ...http,
          ...contextOptions(security),
          requestCert: true,
          rejectUnauthorized: true,
        })
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: Error): void => reject(new BindError('TCP', host, port, cause))
    server.once('error', failed)
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', failed)
      resolve()
    })
  })
  return server
}

/** Without tickets: a session taken up again would not have its certificate looked at again. */
function contextOptions(security: Exclude<StreamSecurity, 'plaintext'>): SecureContextOptions {
  return {
    minVersion: 'TLSv1.3',
    secureOptions: constants.SSL_OP_NO_TICKET,
    ca: security.caPem,
    cert: security.certificatePem,
    key: security.keyPem,
  }
}

export class Gate {
  readonly local: PeerAddress
  readonly #server: HttpServer | HttpsServer
  readonly #desk: Desk
  readonly #upgrades: WebSocketServer
  /** By remote address and port, which no two open connections share. Oldest first. */
  readonly #pending = new Map<string, Pending>()

  constructor(server: HttpServer | HttpsServer, desk: Desk) {
    const { address, port } = server.address() as AddressInfo
    this.local = boundAddress(address, port)
    this.#server = server
    this.#desk = desk
    this.#upgrades = new WebSocketServer({
      noServer: true,
      path: UPGRADE_PATH,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.frameBytesMax,
      maxFragments: 1,
      closeTimeout: desk.times.goodbyeTimeoutMs,
    } as ConstructorParameters<typeof WebSocketServer>[0])
    this.#listen()
  }

  /** Who comes from now on meets these certificates; who is there stays. A programmer's error in plaintext. */
  useCertificates(security: Exclude<StreamSecurity, 'plaintext'>): void {
    assert('setSecureContext' in this.#server, 'plaintext has no certificates')
    this.#server.setSecureContext(contextOptions(security))
  }

  /** Stops listening and drops who has no session; resolves when all connections, those of sessions too, are gone. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      for (const pending of this.#pending.values()) {
        pending.outcome = undefined
        pending.socket.destroy()
      }
    })
  }

  #listen(): void {
    const server = this.#server
    server.on('connection', (socket: Socket) => this.#connected(socket))
    server.on('tlsClientError', (cause: Error, socket: TLSSocket) => this.#tlsFailed(cause, socket))
    server.on('secureConnection', (socket: TLSSocket) =>
      this.#expect(socket, 'not-patina', 'no upgrade followed TLS'),
    )
    server.on('clientError', (cause: Error, socket: Duplex) => {
      this.#expect(socket as Socket, 'not-patina', cause.message)
      socket.destroy()
    })
    server.on('request', (request, response) => {
      this.#expect(request.socket, 'not-patina', 'a plain HTTP request')
      response.writeHead(426, { connection: 'close' }).end()
    })
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#expect(request.socket, 'not-patina', 'an upgrade that is not ours')
      this.#upgrades.handleUpgrade(request, socket, head, (webSocket) =>
        this.#upgraded(webSocket, request.socket),
      )
    })
    // The listener stands; one accept failed, for want of file descriptors.
    server.on('error', (cause: Error) => this.#desk.refused(undefined, 'too-many-sessions', cause.message))
  }

  #connected(socket: Socket): void {
    // Gone before it was looked at: nobody to serve, and no name to keep it under.
    if (socket.remoteAddress === undefined) {
      socket.destroy()
      return
    }
    const name = nameOf(socket)
    const plaintext = this.#desk.security === 'plaintext'
    const timer = setTimeout(() => this.#expire(name), this.#desk.times.helloTimeoutMs)
    this.#pending.set(name, {
      socket,
      remote: remotePeerAddress(socket.remoteAddress, socket.remotePort),
      timer,
      outcome: plaintext
        ? { reason: 'not-patina', detail: 'closed before an upgrade' }
        : { reason: 'tls', detail: 'closed before TLS stood' },
    })
    socket.once('close', () => this.#gone(name))
    // Errors of the raw socket are followed by its close, which is told.
    socket.on('error', () => {})
    if (this.#pending.size > limits.pendingConnectionsMax) this.#evictOldest()
  }

  #evictOldest(): void {
    for (const [name, pending] of this.#pending) {
      pending.outcome = {
        reason: 'too-many-sessions',
        detail: 'more connections without a session than allowed',
      }
      pending.socket.destroy()
      this.#gone(name)
      return
    }
  }

  #expire(name: string): void {
    const pending = this.#pending.get(name)
    if (pending === undefined) return
    if (pending.outcome !== undefined)
      pending.outcome = {
        reason: 'hello-timeout',
        detail: `no handshake in time (${pending.outcome.detail})`,
      }
    pending.socket.destroy()
  }

  #gone(name: string): void {
    const pending = this.#pending.get(name)
    if (pending === undefined) return
    this.#pending.delete(name)
    clearTimeout(pending.timer)
    if (pending.outcome !== undefined)
      this.#desk.refused(pending.remote, pending.outcome.reason, pending.outcome.detail)
  }

  /** Remembers what to tell if the connection ends now. */
  #expect(socket: Socket, reason: StreamRefusal, detail: string): void {
    const pending = this.#pending.get(nameOf(socket))
    if (pending?.outcome !== undefined && pending.outcome.reason !== 'hello-timeout')
      pending.outcome = { reason, detail }
  }

  #tlsFailed(cause: Error, socket: TLSSocket): void {
    const verdict = socket.authorizationError as Error | string | undefined | null
    this.#expect(socket, 'tls', verdict ? `the peer's certificate: ${verdict}` : cause.message)
    socket.destroy()
  }

  #upgraded(webSocket: WebSocket, socket: Socket): void {
    const name = nameOf(socket)
    this.#expect(socket, 'not-patina', 'no hello followed the upgrade')
    const connection: Connection = new Connection(webSocket, socket, {
      frameReceived: (frame) => this.#receive(name, connection, frame),
      ended: (reason) => this.#expect(socket, 'not-patina', `${reason}, before the handshake was complete`),
    })
    connection.send(helloFrame(this.#desk.ourHello()))
  }

  #receive(name: string, connection: Connection, frame: Frame): void {
    const pending = this.#pending.get(name)
    if (pending === undefined) return
    if (frame.kind === 'hello') this.#receiveHello(name, pending, connection, frame.payload)
    else if (frame.kind === 'attach') this.#receiveAttach(name, pending, connection, frame.payload)
    else if (frame.kind === 'refusal') this.#refusedByPeer(pending, connection, frame.payload)
    else this.#refuse(pending, connection, 'not-patina', `an unexpected ${frame.kind}`)
  }

  #receiveHello(name: string, pending: Pending, connection: Connection, payload: Uint8Array): void {
    const desk = this.#desk
    const accepted = acceptHello(payload, desk)
    if (!accepted.ok)
      return void this.#refuse(pending, connection, accepted.error.reason, accepted.error.detail)
    const hello = accepted.value
    const { actor } = hello
    const verdict = onHelloOfDialling(desk.actor, actor, hello, desk.session(actor), desk.isCommitted(actor))
    if (verdict === 'duplicate')
      this.#refuse(pending, connection, 'duplicate', 'another connection of the pair stands')
    else if (verdict === 'open' && !desk.hasRoom())
      this.#refuse(pending, connection, 'too-many-sessions', `${limits.sessionsMax} sessions are open`)
    else {
      pending.outcome = undefined
      this.#gone(name)
      const ownMoment = desk.nextMoment()
      connection.send(welcomeFrame(ownMoment))
      desk.admit({ connection, hello, moment: hello.moment, ownMoment })
    }
  }

  /** The peer of a standing session wants to send its backlog by this connection. */
  #receiveAttach(name: string, pending: Pending, connection: Connection, payload: Uint8Array): void {
    const decoded = decodeAttach(payload)
    if (!decoded.ok) return void this.#refuse(pending, connection, 'not-patina', 'a malformed attach')
    const { actor, process, moment, serial } = decoded.value
    const session = this.#desk.session(actor)
    if (session === undefined || session.process !== process || session.moment !== moment)
      return void this.#refuse(pending, connection, 'no-session', 'a connection for a session that is over')
    pending.outcome = undefined
    this.#gone(name)
    connection.send(welcomeFrame(moment))
    session.takeBacklogFrom(connection, serial)
  }

  /** Tells the peer why, and ends the connection; the deadline of the handshake still holds. */
  #refuse(pending: Pending, connection: Connection, reason: RefusalReason, detail: string): void {
    pending.outcome = reason === 'duplicate' ? undefined : { reason, detail }
    connection.handOver(FINISHED)
    connection.send(refusalFrame({ reason, detail }))
    connection.close(detail)
  }

  #refusedByPeer(pending: Pending, connection: Connection, payload: Uint8Array): void {
    const decoded = decodeRefusal(payload)
    if (!decoded.ok) pending.outcome = { reason: 'not-patina', detail: 'a malformed refusal' }
    else if (decoded.value.reason === 'duplicate') pending.outcome = undefined
    else pending.outcome = { reason: decoded.value.reason, detail: decoded.value.detail }
    connection.handOver(FINISHED)
    connection.close('the peer refused')
  }
}

/** A connection of which nothing more is awaited but its close. */
const FINISHED = { frameReceived: (): void => {}, ended: (): void => {} }

function nameOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`
}
