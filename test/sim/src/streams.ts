/**
 * Streams: sessions between the processes of a world, as transport/ws gives them: reliable, in order per lane, between
 * two processes at a time, breakable. A cut holds messages back, as TCP sends them again; after 30 s without a word the
 * session is dead at both ends. A killed process' kernel closes its sessions at once; a host without power is silent.
 */
import { type ActorId, assert, type Lane } from '@patina/base'
import type { Cuts } from './cuts.ts'
import { RANK } from './event-heap.ts'
import type { FleetEvent } from './fleet-event.ts'
import type { Latency } from './latency.ts'
import { Traffic } from './traffic.ts'
import type { World } from './world.ts'

/** As in transport: connectTimeoutMs, sessionIdleMs. */
const CONNECT_TIMEOUT_MS = 5_000
const SESSION_IDLE_MS = 30_000
/** How soon what a cut held back is tried again. */
const RETRANSMIT_MS = 250
/** TCP, TLS and hello: one way each. */
const HANDSHAKE_TRIPS = 5
/** TCP/IP headers, TLS record, frame header. */
const MESSAGE_OVERHEAD_BYTES = 90
/** As transport's sessionQueueBytesMax; above it `send` drops. */
const QUEUE_BYTES_MAX = 67_108_864

export interface StreamEnds {
  /** Who is there now. */
  actorAt(node: number): ActorId
  /** True where a process listens there that could accept. */
  accepts(node: number): boolean
  /** True where the host is on, process or not: its kernel refuses at once. */
  hasKernel(node: number): boolean
  deliver(node: number, event: FleetEvent): void
  /** The events that tell `node` of the session with `peer`. */
  opened(peer: number): FleetEvent
  closed(peer: number, goodbye: boolean): FleetEvent
  refused(peer: number): FleetEvent
  received(peer: number, lane: Lane, bytes: Uint8Array): FleetEvent
  /** A message outside of sessions. */
  receivedAlone(peer: number, bytes: Uint8Array): FleetEvent
}

export interface StreamsOptions {
  readonly world: World
  readonly latency: Latency
  readonly cuts: Cuts
  readonly nodes: number
  readonly ends: StreamEnds
}

interface Waiting {
  readonly at: number
  readonly bytes: Uint8Array
}

interface LoneMessage {
  readonly from: number
  readonly to: number
  readonly bytes: Uint8Array
}

interface Session {
  readonly low: number
  readonly high: number
  isOpen: boolean
  cutSince: number | undefined
  /** Messages under way, by direction and lane. */
  readonly queues: Map<string, Waiting[]>
  queuedBytes: number
}

export class Streams {
  readonly traffic: Traffic
  dropped = 0
  readonly #options: StreamsOptions
  readonly #sessions = new Map<number, Session>()
  /** By pair: how long a connection that was dialled for one message is kept. */
  readonly #linkUntil = new Map<number, number>()
  /** By ordered pair: when the last message outside of sessions arrives; later ones do not overtake it. */
  readonly #linkBusyUntil = new Map<number, number>()

  constructor(options: StreamsOptions) {
    this.#options = options
    this.traffic = new Traffic(options.nodes)
  }

  get openCount(): number {
    return this.#sessions.size
  }

  isOpen(a: number, b: number): boolean {
    return this.#sessions.has(this.#key(a, b))
  }

  /** Opens a session, unless there is one. The one who dials hears how it went; nobody reaches itself. */
  connect(from: number, to: number | undefined): void {
    const { world, latency, ends } = this.#options
    if (to === from) {
      world.after(0, () => ends.deliver(from, ends.refused(to)))
      return
    }
    if (to === undefined || this.#isCut(from, to) || !ends.hasKernel(to)) {
      const refused = to === undefined ? undefined : ends.refused(to)
      if (refused !== undefined) world.after(CONNECT_TIMEOUT_MS, () => ends.deliver(from, refused))
      return
    }
    let tripsMs = 0
    for (let trip = 0; trip < HANDSHAKE_TRIPS; trip += 1) tripsMs += latency.oneWayMs(from, to, world.prng)
    world.after(tripsMs, () => this.#finishConnect(from, to))
  }

  /** Queues a message; dropped where there is no session. */
  send(from: number, to: number, lane: Lane, bytes: Uint8Array): void {
    const { world, latency } = this.#options
    const session = this.#sessions.get(this.#key(from, to))
    if (session === undefined || session.queuedBytes + bytes.length > QUEUE_BYTES_MAX) {
      this.dropped += 1
      return
    }
    this.traffic.sent(from, bytes.length + MESSAGE_OVERHEAD_BYTES, world.now)
    const name = `${from < to ? 'up' : 'down'}/${lane}`
    const queue = session.queues.get(name) ?? []
    session.queues.set(name, queue)
    // The next one is looked at when the first is delivered: none overtakes another.
    queue.push({ at: world.now + latency.oneWayMs(from, to, world.prng), bytes })
    session.queuedBytes += bytes.length
    if (queue.length === 1) this.#deliverNext(session, from, to, lane, queue)
  }

  /**
   * Delivers one message by a stream that stands, or is dialled for it and kept a while. Not at all where the other end
   * does not answer in time; nobody hears of that.
   */
  sendAlone(from: number, to: number, bytes: Uint8Array): void {
    const { world, latency } = this.#options
    if (from === to) return
    this.traffic.sent(from, bytes.length + MESSAGE_OVERHEAD_BYTES, world.now)
    const link = from * this.#options.nodes + to
    const stands = this.isOpen(from, to) || (this.#linkUntil.get(this.#key(from, to)) ?? 0) > world.now
    let tripMs = 0
    for (let trip = stands ? 1 : HANDSHAKE_TRIPS; trip > 0; trip -= 1)
      tripMs += latency.oneWayMs(from, to, world.prng)
    const at = Math.max(this.#linkBusyUntil.get(link) ?? 0, world.now + tripMs)
    this.#linkBusyUntil.set(link, at)
    this.#deliverAlone({ from, to, bytes }, at, world.now + CONNECT_TIMEOUT_MS)
  }

  /** An end in order, after what is queued. */
  disconnect(from: number, to: number): void {
    const { world, latency } = this.#options
    const session = this.#sessions.get(this.#key(from, to))
    if (session === undefined) return
    world.after(latency.oneWayMs(from, to, world.prng) + RETRANSMIT_MS, () => this.#end(session, true))
  }

  /** Breaks one session, as a middlebox might. */
  break(a: number, b: number): void {
    const session = this.#sessions.get(this.#key(a, b))
    if (session !== undefined) this.#end(session, false)
  }

  /** The process of a node is gone. With its kernel, peers hear of it at once; without, after the idle time. */
  processEnded(node: number, { withKernel }: { readonly withKernel: boolean }): void {
    const { world, latency, ends } = this.#options
    for (const session of [...this.#sessions.values()]) {
      if (session.low !== node && session.high !== node) continue
      this.#forget(session)
      const peer = session.low === node ? session.high : session.low
      const quiet = SESSION_IDLE_MS / 2 + world.prng.below(SESSION_IDLE_MS / 2)
      const [gone, event] = [ends.actorAt(node), ends.closed(node, false)]
      const ms = withKernel ? latency.oneWayMs(node, peer, world.prng) : quiet
      world.after(ms, () => {
        // Who is back already has opened its session anew; somebody else at that address has one of its own.
        if (!this.isOpen(node, peer) || ends.actorAt(node) !== gone) ends.deliver(peer, event)
      })
    }
  }

  /** Cuts have changed: sessions across them die of silence, unless they are healed before. */
  cutsChanged(): void {
    const { world } = this.#options
    for (const session of this.#sessions.values()) {
      const isCut = this.#isCut(session.low, session.high)
      if (isCut === (session.cutSince !== undefined)) continue
      session.cutSince = isCut ? world.now : undefined
      const since = session.cutSince
      if (since === undefined) continue
      world.after(SESSION_IDLE_MS, () => {
        if (session.isOpen && session.cutSince === since) this.#end(session, false)
      })
    }
  }

  #finishConnect(from: number, to: number): void {
    const { ends } = this.#options
    if (!ends.accepts(from)) return
    // A copy of a machine says our own actor in its hello: no transport opens that (`own-actor`).
    if (!ends.accepts(to) || this.#isCut(from, to) || ends.actorAt(from) === ends.actorAt(to)) {
      ends.deliver(from, ends.refused(to))
      return
    }
    const key = this.#key(from, to)
    if (this.#sessions.has(key)) return
    const [low, high] = from < to ? [from, to] : [to, from]
    this.#sessions.set(key, {
      low,
      high,
      isOpen: true,
      cutSince: undefined,
      queues: new Map(),
      queuedBytes: 0,
    })
    ends.deliver(to, ends.opened(from))
    ends.deliver(from, ends.opened(to))
  }

  #deliverNext(session: Session, from: number, to: number, lane: Lane, queue: Waiting[]): void {
    const { world, ends } = this.#options
    const first = queue[0]
    if (first === undefined) return
    world.at(first.at, RANK.input, () => {
      if (!session.isOpen) return
      if (this.#isCut(from, to)) {
        queue[0] = { ...first, at: world.now + RETRANSMIT_MS }
      } else {
        queue.shift()
        session.queuedBytes -= first.bytes.length
        ends.deliver(to, ends.received(from, lane, first.bytes))
      }
      this.#deliverNext(session, from, to, lane, queue)
    })
  }

  #deliverAlone(message: LoneMessage, at: number, untilMs: number): void {
    const { world, ends } = this.#options
    const { from, to, bytes } = message
    world.at(at, RANK.input, () => {
      if (!ends.hasKernel(to)) return
      if (this.#isCut(from, to) || !ends.accepts(to)) {
        if (world.now + RETRANSMIT_MS <= untilMs)
          this.#deliverAlone(message, world.now + RETRANSMIT_MS, untilMs)
        return
      }
      this.#linkUntil.set(this.#key(from, to), world.now + SESSION_IDLE_MS)
      ends.deliver(to, ends.receivedAlone(from, bytes))
    })
  }

  #end(session: Session, goodbye: boolean): void {
    if (!session.isOpen) return
    this.#forget(session)
    const { ends } = this.#options
    ends.deliver(session.low, ends.closed(session.high, goodbye))
    ends.deliver(session.high, ends.closed(session.low, goodbye))
  }

  #forget(session: Session): void {
    assert(session.isOpen, 'a session ends once')
    session.isOpen = false
    this.#sessions.delete(this.#key(session.low, session.high))
  }

  /** A stream needs both ways. */
  #isCut(a: number, b: number): boolean {
    const { cuts } = this.#options
    return cuts.isCut(a, b, 'streams') || cuts.isCut(b, a, 'streams')
  }

  #key(a: number, b: number): number {
    return a < b ? a * this.#options.nodes + b : b * this.#options.nodes + a
  }
}
