/**
 * Bench: one Swim machine and peers that are played by the test, packet by packet. For what whole clusters hide: what is
 * sent to whom, when exactly, and what is not.
 */
import { type ActorId, instant, type PeerAddress, Prng } from '@patina/base'
import { appendRecords, decodePacket, encodePacketHead, encodeUpdate } from '../src/codec.ts'
import {
  type DetailsOutcome,
  defaultConfig,
  type Notification,
  Swim,
  type SwimConfig,
  type SwimEffect,
  type SwimEvent,
  type SwimMetric,
} from '../src/index.ts'
import type { MemberRecord } from '../src/member.ts'
import type { Body, Packet, Update, Way } from '../src/message.ts'
import type { OwnBody } from '../src/outbox.ts'
import { actorOf, addressOf } from './network.ts'

export interface Sent {
  readonly atMs: number
  readonly to: PeerAddress
  readonly way: Way
  readonly packet: Packet
  readonly bytes: number
}

/** The machine under test is number 0. */
export const SELF = 0

export class Bench {
  readonly swim: Swim
  readonly sent: Sent[] = []
  readonly notified: Notification[] = []
  readonly counts = new Map<SwimMetric, number>()
  /** Outcomes of pulls, by token. */
  readonly pulled = new Map<number, DetailsOutcome>()
  nowMs = 0
  /** Peers that answer the pings sent to them at once. */
  readonly answering = new Set<number>()
  /** Peers that answer pings by stream. */
  readonly answeringStreams = new Set<number>()

  constructor(config: Partial<SwimConfig> = {}) {
    const { told, ...rest } = recordOf(SELF)
    const self = { ...rest, metadata: told?.metadata ?? { name: '', region: '', apiAddress: '', tags: {} } }
    // One probe a period, as in a large cluster, whatever the number of peers.
    this.swim = new Swim({ ...defaultConfig, probesPerPeriodMax: 1, ...config }, self, new Prng(1))
    this.feed({ kind: 'join', seeds: [] })
  }

  /** A machine that knows these peers, with nothing left to tell. */
  static with(peers: readonly number[], config: Partial<SwimConfig> = {}): Bench {
    const bench = new Bench(config)
    for (const peer of peers) {
      bench.answering.add(peer)
      bench.receive(peer, { kind: 'announce' }, [], recordOf(peer))
    }
    bench.run(10_000)
    bench.forget()
    return bench
  }

  forget(): void {
    this.sent.length = 0
    this.notified.length = 0
  }

  receive(
    from: number,
    body: OwnBody,
    updates: readonly Update[] = [],
    sender: MemberRecord = bare(from),
  ): void {
    const bytes = appendRecords(encodePacketHead(sender, body), updates.map(encodeUpdate))
    this.feed({ kind: 'datagram-received', from: addressOf(from), bytes })
  }

  /** The same by a stream. */
  receiveStream(
    from: number,
    body: OwnBody,
    updates: readonly Update[] = [],
    sender: MemberRecord = bare(from),
  ): void {
    const bytes = appendRecords(encodePacketHead(sender, body), updates.map(encodeUpdate))
    this.feed({ kind: 'stream-received', from: sender.actor, bytes })
  }

  /** A stream of one peer brings a packet that names another sender. */
  feedStreamAs(from: number, sender: MemberRecord): void {
    const bytes = encodePacketHead(sender, { kind: 'gossip' })
    this.feed({ kind: 'stream-received', from: actorOf(from), bytes })
  }

  /** A packet of a later protocol. */
  receiveProtocol(from: number, protocol: number): void {
    const bytes = encodePacketHead(bare(from), { kind: 'gossip' }, protocol)
    this.feed({ kind: 'datagram-received', from: addressOf(from), bytes })
  }

  /** Bytes of all datagrams of a kind. */
  bytesOf(kind: Body['kind']): number {
    return this.packets(kind).reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Runs deadlines up to a point in time; answering peers ack in the same instant. */
  run(forMs: number): void {
    const end = this.nowMs + forMs
    while (this.swim.nextDeadline() <= end) {
      this.nowMs = Math.max(this.nowMs, this.swim.nextDeadline())
      this.feed({ kind: 'deadline-reached' })
    }
    this.nowMs = end
  }

  feed(event: SwimEvent): void {
    for (const effect of this.swim.handle(event, instant(this.nowMs))) this.#perform(effect)
  }

  state(peer: number): string | undefined {
    return this.swim.members().find(({ actor }) => actor === actorOf(peer))?.state
  }

  /** Datagrams of a kind, to a peer or to all. */
  packets(kind: Body['kind'], to?: number): Sent[] {
    return this.#sentBy('datagram', kind, to)
  }

  /** The same by stream. */
  streamed(kind: Body['kind'], to?: number): Sent[] {
    return this.#sentBy('stream', kind, to)
  }

  counted(metric: SwimMetric): number {
    return this.counts.get(metric) ?? 0
  }

  kinds(): string[] {
    return this.notified.map(({ kind }) => kind)
  }

  #sentBy(by: Way, kind: Body['kind'], to: number | undefined): Sent[] {
    return this.sent.filter(
      ({ packet, to: at, way }) =>
        way === by && packet.body.kind === kind && (to === undefined || at === addressOf(to)),
    )
  }

  #perform(effect: SwimEffect): void {
    if (effect.kind === 'notify') this.notified.push(effect.notification)
    if (effect.kind === 'details-pulled') this.pulled.set(effect.token, effect.outcome)
    if (effect.kind === 'count')
      this.counts.set(effect.metric, (this.counts.get(effect.metric) ?? 0) + effect.by)
    if (effect.kind !== 'send-datagram' && effect.kind !== 'send-stream') return
    const way = effect.kind === 'send-stream' ? 'stream' : 'datagram'
    const decoded = decodePacket(effect.bytes, way)
    if (!decoded.ok) throw new Error(`sent what cannot be read: ${JSON.stringify(decoded.error)}`)
    this.sent.push({
      atMs: this.nowMs,
      to: effect.to,
      way,
      packet: decoded.value,
      bytes: effect.bytes.length,
    })
    const { body } = decoded.value
    const isAnswering = (node: number): boolean => addressOf(node) === effect.to
    const answering = way === 'stream' ? this.answeringStreams : this.answering
    const peer = [...answering].find(isAnswering)
    if (body.kind !== 'ping' || peer === undefined) return
    const ack = { kind: 'ack', probe: body.probe } as const
    if (way === 'stream') this.receiveStream(peer, ack)
    else this.receive(peer, ack)
  }
}

export function recordOf(node: number): MemberRecord {
  const metadata = { name: `n${node}`, region: 'ams', apiAddress: '', tags: {} }
  const told = { generation: 3, incarnation: 0, metadata }
  return {
    actor: actorOf(node),
    generation: 3,
    incarnation: 0,
    state: 'alive',
    address: addressOf(node),
    told,
  }
}

/** As in an ordinary packet: without metadata. */
export function bare(node: number, change: Partial<MemberRecord> = {}): MemberRecord {
  return { ...recordOf(node), told: undefined, ...change }
}

export function update(
  node: number,
  change: Partial<MemberRecord>,
  accusers: readonly ActorId[] = [],
): Update {
  return { record: bare(node, change), accusers }
}
