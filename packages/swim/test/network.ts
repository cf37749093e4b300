/**
 * Network: a few Swim machines in virtual time with latency, loss, partitions, kills and restarts. One seed decides
 * everything, so a failing run replays. It delivers what is due before deadlines, as the contract of a shell wants.
 * The cluster simulator with thousands of nodes is test/sim; this one is for the package's own tests.
 */
import { type ActorId, actorId, type Instant, type PeerAddress, Prng, peerAddress } from '@patina/base'
import {
  defaultConfig,
  type MemberState,
  type Notification,
  Swim,
  type SwimConfig,
  type SwimEvent,
} from '../src/index.ts'

export interface Told {
  readonly atMs: number
  readonly node: number
  readonly notification: Notification
}

export interface NetworkOptions {
  readonly seed: number
  readonly config?: Partial<SwimConfig>
  readonly latencyMs?: readonly [number, number]
  /** Lost datagrams of a hundred. */
  readonly lossPercent?: number
}

interface Flight {
  readonly at: number
  readonly order: number
  readonly from: number
  readonly to: PeerAddress
  readonly bytes: Uint8Array
  readonly way: 'datagram' | 'stream'
}

export class Network {
  readonly told: Told[] = []
  readonly sentBytes: number[] = []
  malformed = 0
  streamedBytes = 0
  nowMs = 1_000
  /** Streams get through. */
  hasStreams = true
  /** Whether datagrams from one node to another are lost, all of them. */
  isUdpCut: (from: number, to: number) => boolean = () => false
  readonly #prng: Prng
  readonly #config: SwimConfig
  readonly #latency: readonly [number, number]
  #lossPercent: number
  readonly #swims = new Map<number, Swim>()
  readonly #generations = new Map<number, number>()
  readonly #pausedUntil = new Map<number, number>()
  #flights: Flight[] = []
  #order = 0
  #side: (node: number) => number = () => 0

  constructor({ seed, config, latencyMs, lossPercent }: NetworkOptions) {
    this.#prng = new Prng(seed)
    this.#config = { ...defaultConfig, ...config }
    this.#latency = latencyMs ?? [1, 5]
    this.#lossPercent = lossPercent ?? 0
  }

  /** Starts nodes 0…count−1, all but the first joining by node 0. */
  startAll(count: number): void {
    for (let node = 0; node < count; node += 1) this.start(node, node === 0 ? [] : [0])
  }

  /** Starts or restarts a node: a higher generation each time, the same actor and address. */
  start(node: number, seeds: readonly number[]): void {
    const generation = (this.#generations.get(node) ?? 0) + 1
    this.#generations.set(node, generation)
    const metadata = { name: `n${node}`, region: 'ams', apiAddress: `127.0.0.1:${9000 + node}`, tags: {} }
    const self = { actor: actorOf(node), address: addressOf(node), generation, metadata }
    this.#swims.set(node, new Swim(this.#config, self, this.#prng.fork()))
    this.feed(node, { kind: 'join', seeds: seeds.map(addressOf) })
  }

  /** SIGKILL. With `sessions`, every peer's stream breaks a moment later. */
  kill(node: number, { sessions }: { readonly sessions: boolean } = { sessions: false }): void {
    this.#swims.delete(node)
    if (!sessions) return
    for (const peer of this.#swims.keys())
      this.feed(peer, { kind: 'session-closed', actor: actorOf(node), goodbye: false })
  }

  /** The process stands still: its input waits, then is delivered before its deadlines. */
  pause(node: number, forMs: number): void {
    this.#pausedUntil.set(node, this.nowMs + forMs)
  }

  /** Only nodes on the same side hear each other. */
  partition(side: (node: number) => number): void {
    this.#side = side
  }

  heal(): void {
    this.#side = () => 0
  }

  /** From now on nothing is lost any more, and streams get through. */
  calm(): void {
    this.#lossPercent = 0
    this.hasStreams = true
  }

  feed(node: number, event: SwimEvent): void {
    const swim = this.#swims.get(node)
    if (swim === undefined) return
    for (const effect of swim.handle(event, this.nowMs as Instant)) {
      if (effect.kind === 'notify')
        this.told.push({ atMs: this.nowMs, node, notification: effect.notification })
      if (effect.kind === 'count' && effect.metric === 'swim_malformed') this.malformed += effect.by
      if (effect.kind === 'send-datagram') this.#send(node, effect.to, effect.bytes)
      if (effect.kind === 'send-stream') this.#sendStream(node, effect.to, effect.bytes)
    }
  }

  swim(node: number): Swim {
    const swim = this.#swims.get(node)
    if (swim === undefined) throw new Error(`node ${node} is not running`)
    return swim
  }

  nodes(): number[] {
    return [...this.#swims.keys()]
  }

  /** What `viewer` believes of `node`; 'unknown' where it has never heard of it. */
  believed(viewer: number, node: number): MemberState | 'unknown' {
    return (
      this.swim(viewer)
        .members()
        .find(({ actor }) => actor === actorOf(node))?.state ?? 'unknown'
    )
  }

  /** True where every running node believes this of `node`, itself left out. */
  allBelieve(node: number, state: MemberState): boolean {
    return this.nodes().every((viewer) => viewer === node || this.believed(viewer, node) === state)
  }

  /** True where all running nodes hold each other alive. */
  allUp(): boolean {
    return this.nodes().every((node) => this.allBelieve(node, 'alive'))
  }

  notifications(kind: Notification['kind'], about?: number): Told[] {
    return this.told.filter(({ notification }) => {
      if (notification.kind !== kind) return false
      return about === undefined || ('member' in notification && notification.member.actor === actorOf(about))
    })
  }

  run(forMs: number): void {
    this.runUntil(() => false, forMs)
  }

  /** Runs until the condition holds; returns the virtual time it took, or undefined where `atMostMs` was not enough. */
  runUntil(condition: () => boolean, atMostMs: number): number | undefined {
    const start = this.nowMs
    while (!condition()) {
      const next = this.#nextTime()
      if (next > start + atMostMs) {
        this.nowMs = start + atMostMs
        return undefined
      }
      this.nowMs = Math.max(this.nowMs, next)
      this.#step()
    }
    return this.nowMs - start
  }

  #nextTime(): number {
    let next = Number.POSITIVE_INFINITY
    for (const flight of this.#flights) next = Math.min(next, this.#deliveryTime(flight))
    for (const [node, swim] of this.#swims)
      next = Math.min(next, Math.max(swim.nextDeadline(), this.#wakeTime(node)))
    return next
  }

  #step(): void {
    const due = this.#flights.filter((flight) => this.#deliveryTime(flight) <= this.nowMs)
    this.#flights = this.#flights.filter((flight) => this.#deliveryTime(flight) > this.nowMs)
    for (const flight of due.sort((a, b) => a.at - b.at || a.order - b.order)) this.#deliver(flight)
    for (const [node, swim] of [...this.#swims])
      if (swim.nextDeadline() <= this.nowMs && this.#wakeTime(node) <= this.nowMs)
        this.feed(node, { kind: 'deadline-reached' })
  }

  #deliver({ from, to, bytes, way }: Flight): void {
    const node = nodeAt(to)
    if (this.#side(from) !== this.#side(node)) return
    if (way === 'stream') this.feed(node, { kind: 'stream-received', from: actorOf(from), bytes })
    else this.feed(node, { kind: 'datagram-received', from: addressOf(from), bytes })
  }

  #send(from: number, to: PeerAddress, bytes: Uint8Array): void {
    this.sentBytes.push(bytes.length)
    if (this.#prng.chance(this.#lossPercent, 100) || this.isUdpCut(from, nodeAt(to))) return
    this.#fly({ at: this.nowMs + this.#prng.between(...this.#latency), from, to, bytes, way: 'datagram' })
  }

  /** Nothing is lost on a stream; dialled anew each time, so three times as slow. */
  #sendStream(from: number, to: PeerAddress, bytes: Uint8Array): void {
    this.streamedBytes += bytes.length
    if (!this.hasStreams) return
    const slow = 3 * this.#prng.between(...this.#latency)
    this.#fly({ at: this.nowMs + slow, from, to, bytes, way: 'stream' })
  }

  #fly(flight: Omit<Flight, 'order'>): void {
    this.#order += 1
    this.#flights.push({ ...flight, order: this.#order })
  }

  #deliveryTime({ at, to }: Flight): number {
    return Math.max(at, this.#wakeTime(nodeAt(to)))
  }

  #wakeTime(node: number): number {
    return this.#pausedUntil.get(node) ?? 0
  }
}

export function actorOf(node: number): ActorId {
  return actorId((node + 1).toString(16).padStart(32, '0'))
}

export function addressOf(node: number): PeerAddress {
  return peerAddress(`10.0.${node >> 8}.${node & 0xff}:4001`)
}

function nodeAt(address: PeerAddress): number {
  const parts = address.split(':')[0]?.split('.').map(Number) ?? []
  return (parts[2] ?? 0) * 256 + (parts[3] ?? 0)
}
