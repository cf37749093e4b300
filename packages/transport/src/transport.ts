/**
 * The two services between hosts, as contracts. Implementations: memory, udp (Datagrams), ws (Streams), later quic.
 * Each passes the suite in contract/. A transport authenticates, encrypts and bounds; it decides nothing about content.
 */
import type { ActorId, Lane, PeerAddress } from '@patina/base'

/** Lossy, unordered, authenticated packets of at most `limits.datagramPayloadBytesMax` bytes. */
export interface Datagrams {
  /** Where this end can be reached: the bound address with its real port. */
  readonly local: PeerAddress
  /** Hands the packet to the network; may be lost, doubled or late. A longer payload is a programmer's error. */
  send(to: PeerAddress, payload: Uint8Array): void
  close(): Promise<void>
}

export interface DatagramListener {
  datagramReceived(from: PeerAddress, payload: Uint8Array): void
  /** A packet that was dropped before anybody parsed its payload. */
  datagramRefused(reason: DatagramRefusal): void
}

/** Each is a counter of its own; none says who sent it, because nothing about the packet is proven. */
export type DatagramRefusal =
  | 'not-allowed'
  | 'not-patina'
  | 'unknown-format'
  | 'other-cluster'
  | 'unknown-key'
  | 'not-authentic'
  | 'replayed'
  | 'too-long'

/** The other end of a stream, as its hello and its certificate show it. */
export interface Peer {
  readonly actor: ActorId
  /** The gossip address that it advertises. */
  readonly address: PeerAddress
}

/** first: before messages of the same lane that have not begun, in order with others that go first. */
export type SendOrder = 'in-turn' | 'first'

/**
 * Framed sessions between pairs of nodes, four lanes each, both ways. A lane's messages keep their order, those that go first aside, and come at
 * most once. While the session stands none is lost, but for the lane `backlog`: where that has a connection of its own
 * which breaks, what it held is lost, and whoever waits for it asks again.
 */
export interface Streams {
  readonly local: PeerAddress
  /** Opens a session to whoever listens there, unless one is open or being opened. Outcome: `opened` or `refused`. */
  connect(to: PeerAddress): void
  /**
   * Queues a message of at most `limits.messageBytesMax` bytes for a peer with an open session. 'dropped' where there is
   * none or its queue is full: the sender counts it, anti-entropy repairs it. `first`: before what waits in its lane.
   */
  send(to: ActorId, lane: Lane, message: Uint8Array, order?: SendOrder): 'queued' | 'dropped'
  /** Ends the session with a goodbye, after what is queued. */
  disconnect(peer: ActorId): void
  close(): Promise<void>
}

export interface StreamListener {
  /** A session stands: TLS verified, hello exchanged both ways. Once per peer, however many connections carry it. */
  sessionOpened(peer: Peer): void
  /** The last connection of the session is gone. `goodbye`: the peer ended it in order; else it broke. */
  sessionClosed(peer: Peer, how: { readonly goodbye: boolean; readonly reason: string }): void
  messageReceived(peer: Peer, lane: Lane, message: Uint8Array): void
  /** An outgoing attempt or an incoming connection came to nothing. */
  connectionRefused(at: PeerAddress | undefined, reason: StreamRefusal, detail: string): void
}

export type StreamRefusal =
  | 'unreachable'
  | 'tls'
  | 'not-patina'
  | 'other-cluster'
  | 'incompatible-version'
  | 'own-actor'
  | 'hello-timeout'
  | 'too-many-sessions'
  | 'no-session'
