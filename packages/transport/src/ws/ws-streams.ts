/**
 * Streams over WebSocket on TLS 1.3 with mutual authentication. Owns the table of sessions, one per peer, and the dials
 * under way; gate.ts listens, dial.ts dials, rendezvous.ts decides which connection stands, session.ts carries. Any
 * holder of a certificate of the CA is trusted to name its own actor. Reconnecting is the node's decision.
 */
import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import type { ActorId, Lane, PeerAddress } from '@patina/base'
import {
  CAPABILITY,
  type Hello,
  PROCESS_BYTES,
  PROTOCOL_VERSION_MAX,
  PROTOCOL_VERSION_MIN,
} from '../hello.ts'
import { limits } from '../limits.ts'
import { type LaneTraffic, Traffic } from '../traffic.ts'
import type { Peer, SendOrder, StreamListener, StreamRefusal, Streams } from '../transport.ts'
import { Attach } from './attach.ts'
import type { Agreed, Desk, StreamSecurity, WsTimes } from './desk.ts'
import { Dial } from './dial.ts'
import { bindServer, Gate } from './gate.ts'
import { Session, type SessionEvents } from './session.ts'

export interface WsOptions {
  /** An IP address of this host, or the unspecified one. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly actor: ActorId
  readonly clusterId: string
  /** Where peers reach this node; without it the bound address. */
  readonly advertised?: PeerAddress
  readonly security: StreamSecurity
  readonly capabilities?: readonly string[]
  /** Whether the backlog is packed for peers that unpack it; default true. */
  readonly packs?: boolean
  /** Shorter times for tests; those of `limits` otherwise. */
  readonly times?: Partial<WsTimes>
}

export interface PeerCertificate {
  readonly peer: Peer
  /** End of validity, in milliseconds since 1970. */
  readonly expiresAtMs: number
}

/** Streams whose certificates can be replaced; sessions that stand do not notice. */
export interface CertifiedStreams extends Streams {
  /** A programmer's error in plaintext. Throws TLS's own error for unusable key material; then nothing has changed. */
  useCertificates(certificates: Exclude<StreamSecurity, 'plaintext'>): void
  /** Those that the peers of open sessions have shown; none in plaintext. */
  peerCertificates(): readonly PeerCertificate[]
  /** What the sessions have carried since the start. */
  traffic(): ReadonlyMap<Lane, LaneTraffic>
}

/** Listens for peers; rejects with BindError, or with TLS's own error for unusable key material. */
export async function listenWs(options: WsOptions, listener: StreamListener): Promise<CertifiedStreams> {
  const server = await bindServer(options.security, options.host, options.port)
  return new WsStreams(server, options, listener)
}

class WsStreams implements CertifiedStreams, Desk {
  readonly local: PeerAddress
  readonly actor: ActorId
  readonly clusterId: string
  /** What this node shows to those whom it dials. */
  security: StreamSecurity
  readonly times: WsTimes
  readonly #advertised: PeerAddress
  readonly #capabilities: readonly string[]
  readonly process: string = randomBytes(PROCESS_BYTES).toString('hex')
  readonly #listener: StreamListener
  readonly #gate: Gate
  /** One per peer; at most `sessionsMax`. */
  readonly #sessions = new Map<ActorId, Session>()
  /** Over for the listener; the goodbye is under way. Each leaves within `goodbyeTimeoutMs`. */
  readonly #leaving = new Set<Session>()
  readonly #dials = new Map<PeerAddress, Dial>()
  readonly #traffic = new Traffic()
  readonly #sessionEvents: SessionEvents
  #moment = 0
  #closed: Promise<void> | undefined

  constructor(server: Server, options: WsOptions, listener: StreamListener) {
    this.actor = options.actor
    this.clusterId = options.clusterId
    this.security = options.security
    this.times = { ...limits, ...options.times }
    this.#capabilities = [...Object.values(CAPABILITY), ...(options.capabilities ?? [])]
    this.#listener = listener
    this.#sessionEvents = {
      traffic: this.#traffic,
      packs: options.packs ?? true,
      messageReceived: (session, lane, message) => listener.messageReceived(session.peer, lane, message),
      closed: (session, how) => this.#sessionClosed(session, how),
      dialBacklog: (session, serial, events) => new Attach(this, session, serial, events),
    }
    this.#gate = new Gate(server, this)
    this.local = this.#gate.local
    this.#advertised = options.advertised ?? this.local
  }

  connect(to: PeerAddress): void {
    if (this.#closed !== undefined || this.#dials.has(to)) return
    for (const { peer } of this.#sessions.values()) if (peer.address === to) return
    if (!this.hasRoom()) {
      const detail = `${limits.sessionsMax} sessions are open or being opened`
      queueMicrotask(() => this.refused(to, 'too-many-sessions', detail))
      return
    }
    this.#dials.set(to, new Dial(to, this, (dial) => this.#dials.delete(dial.to)))
  }

  send(to: ActorId, lane: Lane, message: Uint8Array, order?: SendOrder): 'queued' | 'dropped' {
    if (this.#sessions.get(to)?.send(lane, message, order) === true) return 'queued'
    this.#traffic.dropped(lane)
    return 'dropped'
  }

  disconnect(peer: ActorId): void {
    const session = this.#sessions.get(peer)
    if (session === undefined) return
    this.#sessions.delete(peer)
    this.#leaving.add(session)
    // The listener hears of it after this call, as of everything else.
    queueMicrotask(() => session.leave())
  }

  useCertificates(certificates: Exclude<StreamSecurity, 'plaintext'>): void {
    this.#gate.useCertificates(certificates)
    this.security = certificates
  }

  peerCertificates(): readonly PeerCertificate[] {
    return [...this.#sessions.values()].flatMap(({ peer, certificateExpiresAtMs: expiresAtMs }) =>
      expiresAtMs === undefined ? [] : [{ peer, expiresAtMs }],
    )
  }

  traffic(): ReadonlyMap<Lane, LaneTraffic> {
    return this.#traffic.byLane
  }

  close(): Promise<void> {
    this.#closed ??= this.#closeAll()
    return this.#closed
  }

  async #closeAll(): Promise<void> {
    for (const dial of this.#dials.values()) dial.abort()
    for (const actor of this.#sessions.keys()) this.disconnect(actor)
    const gone = [...this.#leaving].map((session) => session.gone)
    await Promise.all([this.#gate.close(), ...gone])
  }

  ourHello(): Hello {
    return {
      versionMin: PROTOCOL_VERSION_MIN,
      versionMax: PROTOCOL_VERSION_MAX,
      clusterId: this.clusterId,
      actor: this.actor,
      address: this.#advertised,
      process: this.process,
      moment: this.nextMoment(),
      capabilities: this.#capabilities,
    }
  }

  nextMoment(): number {
    this.#moment += 1
    return this.#moment
  }

  session(actor: ActorId): Session | undefined {
    return this.#sessions.get(actor)
  }

  isCommitted(actor: ActorId): boolean {
    for (const dial of this.#dials.values()) if (dial.committedTo === actor) return true
    return false
  }

  hasRoom(): boolean {
    return this.#sessions.size + this.#dials.size < limits.sessionsMax
  }

  refused(at: PeerAddress | undefined, reason: StreamRefusal, detail: string): void {
    if (this.#closed === undefined) this.#listener.connectionRefused(at, reason, detail)
  }

  admit(agreed: Agreed): void {
    const { connection, hello } = agreed
    if (this.#closed !== undefined) {
      connection.destroy('this node closes')
      return
    }
    this.#sessions.get(hello.actor)?.abandon('the peer has opened a new session')
    const session = new Session(agreed, this.times, this.#sessionEvents)
    this.#sessions.set(hello.actor, session)
    this.#listener.sessionOpened(session.peer)
    for (const dial of this.#dials.values()) dial.sessionOpened(hello.actor)
  }

  #sessionClosed(session: Session, how: { readonly goodbye: boolean; readonly reason: string }): void {
    const { actor } = session.peer
    if (this.#sessions.get(actor) === session) this.#sessions.delete(actor)
    void session.gone.then(() => this.#leaving.delete(session))
    this.#listener.sessionClosed(session.peer, how)
  }
}
