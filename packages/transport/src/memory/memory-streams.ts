/**
 * Streams over a MemoryNetwork, with the framing, lanes and bounds of the real ones, the backlog beside the others. A
 * session opens at both ends in one delivery, so that two dials at once cannot cross; a cut breaks it at once, where a
 * real one would fall idle first.
 */
import { type ActorId, assert, type Lane, must, type PeerAddress } from '@patina/base'
import { decodeFrame, MessageJoiner } from '../framing.ts'
import { LaneQueues } from '../lane-queues.ts'
import { limits } from '../limits.ts'
import type { Peer, SendOrder, StreamListener, Streams } from '../transport.ts'
import type { Delivery, LinkedEnd, MemoryNetwork } from './memory-network.ts'

export interface MemoryStreamsOptions {
  readonly address: PeerAddress
  readonly actor: ActorId
  readonly clusterId: string
}

/** Listens at the address; asserts that nobody else does. */
export function listenMemoryStreams(
  network: MemoryNetwork,
  options: MemoryStreamsOptions,
  listener: StreamListener,
): Streams {
  assert(network.find(options.address, isMemoryStreams) === undefined, `${options.address} is bound already`)
  const streams = new MemoryStreams(network, options, listener)
  network.attach(streams)
  return streams
}

/** The two connections of a session. */
const WAYS = ['urgent', 'backlog'] as const
type Way = (typeof WAYS)[number]

/** One direction of a session, and its receiving end's view of the sender. */
interface Direction {
  readonly to: MemoryStreams
  readonly sender: Peer
  readonly queues: LaneQueues
  readonly joiner: MessageJoiner
  /** Ways on which a frame is under way, which will send the next. */
  readonly flowing: Set<Way>
  /** `leaving`: what is queued still goes, then a goodbye. */
  state: 'open' | 'leaving' | 'broken'
}

interface MemorySession {
  readonly peer: Peer
  readonly outgoing: Direction
  readonly incoming: Direction
}

class MemoryStreams implements Streams, LinkedEnd {
  readonly local: PeerAddress
  readonly #network: MemoryNetwork
  readonly #peer: Peer
  readonly #clusterId: string
  readonly #listener: StreamListener
  readonly #sessions = new Map<ActorId, MemorySession>()
  readonly #dialled = new Set<PeerAddress>()
  #closed = false

  constructor(network: MemoryNetwork, options: MemoryStreamsOptions, listener: StreamListener) {
    this.local = options.address
    this.#network = network
    this.#peer = { actor: options.actor, address: options.address }
    this.#clusterId = options.clusterId
    this.#listener = listener
  }

  connect(to: PeerAddress): void {
    if (this.#closed || this.#dialled.has(to)) return
    for (const { peer } of this.#sessions.values()) if (peer.address === to) return
    this.#dialled.add(to)
    this.#dispatch('connect', to, 0, () => this.#dial(to))
  }

  send(to: ActorId, lane: Lane, message: Uint8Array, order?: SendOrder): 'queued' | 'dropped' {
    assert(message.length <= limits.messageBytesMax, `a message of ${message.length} bytes`)
    const outgoing = this.#sessions.get(to)?.outgoing
    if (outgoing === undefined || !outgoing.queues.push(lane, Uint8Array.from(message), order))
      return 'dropped'
    this.#flow(outgoing)
    return 'queued'
  }

  disconnect(actor: ActorId): void {
    const session = this.#sessions.get(actor)
    if (session === undefined) return
    this.#sessions.delete(actor)
    // Where the peer has left already, nobody listens to what is queued.
    if (session.outgoing.state === 'open') session.outgoing.state = 'leaving'
    session.incoming.state = 'broken'
    const how = { goodbye: true, reason: 'this node ended it' }
    this.#dispatch('end', this.local, 0, () => this.#listener.sessionClosed(session.peer, how))
    this.#flow(session.outgoing)
  }

  async close(): Promise<void> {
    for (const actor of this.#sessions.keys()) this.disconnect(actor)
    this.#closed = true
    this.#network.detach(this)
  }

  linkCut(to: PeerAddress): void {
    for (const session of this.#sessions.values()) if (session.peer.address === to) this.#break(session)
  }

  #break(session: MemorySession): void {
    this.#sessions.delete(session.peer.actor)
    session.outgoing.state = 'broken'
    session.incoming.state = 'broken'
    const how = { goodbye: false, reason: 'the link was cut' }
    this.#dispatch('end', this.local, 0, () => this.#listener.sessionClosed(session.peer, how))
  }

  #dial(to: PeerAddress): void {
    this.#dialled.delete(to)
    if (this.#closed) return
    const other = this.#network.isCut(this.local, to) ? undefined : this.#network.find(to, isMemoryStreams)
    if (other === undefined) this.#listener.connectionRefused(to, 'unreachable', 'nobody answers')
    else if (other.#peer.actor === this.#peer.actor)
      this.#listener.connectionRefused(to, 'own-actor', 'the peer is this node')
    else if (other.#clusterId !== this.#clusterId) {
      other.#listener.connectionRefused(this.local, 'other-cluster', `the peer is of ${this.#clusterId}`)
      this.#listener.connectionRefused(to, 'other-cluster', `the peer is of ${other.#clusterId}`)
    } else if (!this.#sessions.has(other.#peer.actor)) this.#open(other)
  }

  #open(other: MemoryStreams): void {
    const there = direction(other, this.#peer)
    const back = direction(this, other.#peer)
    other.#sessions.set(this.#peer.actor, { peer: this.#peer, outgoing: back, incoming: there })
    this.#sessions.set(other.#peer.actor, { peer: other.#peer, outgoing: there, incoming: back })
    other.#listener.sessionOpened(this.#peer)
    this.#listener.sessionOpened(other.#peer)
  }

  /** Sends the next frame of each way of a direction, unless one is on it; the goodbye when both are done. */
  #flow(outgoing: Direction): void {
    for (const way of WAYS) this.#flowOn(way, outgoing)
    const { state, flowing, to } = outgoing
    if (state !== 'leaving' || flowing.size > 0) return
    // One goodbye: nothing flows any more, so that nothing else comes here again.
    flowing.add('urgent')
    this.#dispatch('end', to.local, 0, () => {
      if (outgoing.state !== 'broken') to.#receiveGoodbye(outgoing)
    })
  }

  #flowOn(way: Way, outgoing: Direction): void {
    if (outgoing.flowing.has(way) || outgoing.state === 'broken') return
    const frame = outgoing.queues.shiftFrame(way)
    if (frame === undefined) return
    outgoing.flowing.add(way)
    this.#dispatch('frame', outgoing.to.local, frame.length, () => {
      outgoing.flowing.delete(way)
      if (outgoing.state === 'broken') return
      outgoing.to.#receiveFrame(outgoing, frame)
      this.#flow(outgoing)
    })
  }

  #receiveFrame(incoming: Direction, bytes: Uint8Array): void {
    const frame = decodeFrame(bytes)
    assert(frame.ok, 'a frame of our own is well-formed')
    const joined = incoming.joiner.add(frame.value)
    assert(joined.ok, 'frames of our own are in order')
    if (joined.value !== undefined)
      this.#listener.messageReceived(incoming.sender, frame.value.lane, joined.value)
  }

  #receiveGoodbye(incoming: Direction): void {
    incoming.state = 'broken'
    const { actor } = incoming.sender
    const session = must(this.#sessions.get(actor), 'a direction that is not broken has its session')
    session.outgoing.state = 'broken'
    this.#sessions.delete(actor)
    this.#listener.sessionClosed(incoming.sender, { goodbye: true, reason: 'the peer ended it' })
  }

  #dispatch(kind: Delivery['kind'], to: PeerAddress, bytes: number, deliver: () => void): void {
    this.#network.send({ kind, from: this.local, to, bytes, deliver })
  }
}

function direction(to: MemoryStreams, sender: Peer): Direction {
  return {
    to,
    sender,
    queues: new LaneQueues(),
    joiner: new MessageJoiner(),
    flowing: new Set(),
    state: 'open',
  }
}

function isMemoryStreams(end: LinkedEnd): end is MemoryStreams {
  return end instanceof MemoryStreams
}
