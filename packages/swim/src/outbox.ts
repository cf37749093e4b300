/**
 * Outbox: composes every packet that leaves and collects the effects of one event. Each packet begins with what we say of
 * ourselves, and is filled up with rumors to `datagramBytesMax`. Lifeguard's buddy system lives here: whoever we believe
 * suspect or down reads it first, in any packet to it, so that it can refute (Lifeguard §IV-C). So does the choice of the
 * way: to a member whose datagrams are lost, everything goes by stream, too.
 */
import type { ActorId, PeerAddress } from '@patina/base'
import {
  appendRecords,
  encodePacketHead,
  encodeUpdate,
  PROTOCOL,
  recordCost,
  STREAM_PACKET_BYTES_MAX,
} from './codec.ts'
import type { SwimConfig } from './config.ts'
import type { DetailsOutcome } from './details.ts'
import { type Dissemination, retransmitLimit } from './dissemination.ts'
import type { SwimEffect, SwimMetric } from './effect.ts'
import type { MemberRecord } from './member.ts'
import type { Member, Members } from './members.ts'
import type { Body, Update, Way } from './message.ts'
import type { Notification } from './notification.ts'

export type OwnBody = Exclude<Body, { kind: 'unknown' }>

export interface Addressee {
  readonly address: PeerAddress
  /** Who is there, where we know it. */
  readonly actor: ActorId | undefined
  /** How; a datagram where left out. */
  readonly way?: Way
  /** It may not know us: our metadata goes along. */
  readonly isStranger?: boolean
}

/**
 * Share of a packet that is filled where it was not sent for the news: what many ask at once, as when a fifth of a cluster
 * fails, need not all carry everything; gossip does that.
 */
const PIGGYBACK_SHARE = 0.4

export class Outbox {
  readonly #config: SwimConfig
  readonly #members: Members
  readonly #rumors: Dissemination
  /** What we say of ourselves: state and incarnation change, told metadata is always there. */
  #self: MemberRecord
  #effects: SwimEffect[] = []

  constructor(config: SwimConfig, self: MemberRecord, members: Members, rumors: Dissemination) {
    this.#config = config
    this.#self = self
    this.#members = members
    this.#rumors = rumors
  }

  self(): MemberRecord {
    return this.#self
  }

  /** Changes what every packet from now on says of us. */
  become(self: MemberRecord): void {
    this.#self = self
  }

  /** The effects since the last call. */
  drain(): SwimEffect[] {
    const effects = this.#effects
    this.#effects = []
    return effects
  }

  notify(notification: Notification): void {
    this.#effects.push({ kind: 'notify', notification })
  }

  detailsPulled(token: number, outcome: DetailsOutcome): void {
    this.#effects.push({ kind: 'details-pulled', token, outcome })
  }

  count(metric: SwimMetric): void {
    this.#effects.push({ kind: 'count', metric, by: 1 })
  }

  /** By the way that gets through. */
  sendToMember({ record, isUdpBlocked }: Member, body: OwnBody): void {
    const way = isUdpBlocked ? 'stream' : 'datagram'
    this.send({ address: record.address, actor: record.actor, way }, body)
  }

  /** Asks whoever is at an address who is there. Long, because a stranger is answered with three times its bytes. */
  announceTo(address: PeerAddress, way: Way): void {
    const to = { address, actor: undefined, way }
    const short = this.#head(to, { kind: 'announce', padding: 1 }, true)
    // Two bytes for the length of the padding, and two for that of the body around it.
    const padding = this.#config.datagramBytesMax - short.length - 4
    this.#emit(to, this.#head(to, { kind: 'announce', padding: Math.max(1, padding) }, true), [])
  }

  /** One packet: ourselves, what its addressee should know of itself, rumors. */
  send(to: Addressee, body: OwnBody): void {
    const { actor } = this.#self
    const limit = retransmitLimit(this.#config.retransmitFactor, this.#members.count())
    const introduce = body.kind === 'announce' || to.isStranger === true || this.#rumors.has(actor)
    const head = this.#head(to, body, introduce)
    this.#rumors.count(actor, limit)
    // What its addressee knows of itself counts as told; else, in a pair, that rumor would wait for ever.
    if (to.actor !== undefined) this.#rumors.count(to.actor, limit)
    const buddy = this.#buddy(to.actor)
    const whole = this.#config.datagramBytesMax
    const size = body.kind === 'gossip' ? whole : Math.max(head.length, Math.floor(whole * PIGGYBACK_SHARE))
    const room = size - head.length - sumOfCosts(buddy)
    const news = this.#rumors.take(room, limit, [actor, to.actor])
    this.#emit(to, head, buddy.length === 0 ? news : [...buddy, ...news])
  }

  /** One record and nothing else, also about who reads it. */
  sendUpdate(to: Addressee, update: Update): void {
    this.#emit(to, this.#head(to, { kind: 'gossip' }, false), [encodeUpdate(update)])
  }

  /** Answers an announce: ourselves and members that we know, active ones first, in at most `bytesMax` bytes. */
  feed(to: Addressee, updates: readonly Update[], bytesMax: number): void {
    const rest = updates.map(encodeUpdate)
    let bytesLeft = bytesMax
    for (let packets = 0; packets < this.#config.feedPacketsMax; packets += 1) {
      const head = this.#head(to, { kind: 'feed' }, packets === 0)
      const records = packets === 0 ? [...this.#buddy(to.actor)] : []
      const size = Math.min(bytesLeft, this.#config.datagramBytesMax)
      let room = size - head.length - sumOfCosts(records)
      if (room < 0) return
      for (let i = 0; i < rest.length; ) {
        const record = rest[i] as Uint8Array
        if (recordCost(record) > room) i += 1
        else {
          room -= recordCost(record)
          records.push(...rest.splice(i, 1))
        }
      }
      this.#emit(to, head, records)
      bytesLeft -= size - room
      if (rest.length === 0) return
    }
  }

  /** A whole view or a part of one, by stream, in as many packets as it takes; only the first has the body as given. */
  sendRecords(to: Addressee, first: OwnBody, others: OwnBody, updates: Iterable<Update>): void {
    let head = this.#head(to, first, true)
    let records = [...this.#buddy(to.actor)]
    let room = STREAM_PACKET_BYTES_MAX - head.length - sumOfCosts(records)
    for (const update of updates) {
      const record = encodeUpdate(update)
      if (recordCost(record) > room) {
        this.#emit({ ...to, way: 'stream' }, head, records)
        head = this.#head(to, others, false)
        records = []
        room = STREAM_PACKET_BYTES_MAX - head.length
      }
      room -= recordCost(record)
      records.push(record)
    }
    this.#emit({ ...to, way: 'stream' }, head, records)
  }

  #head(to: Addressee, body: OwnBody, introduce: boolean): Uint8Array {
    const known = to.actor === undefined ? undefined : this.#members.get(to.actor)
    const protocol = Math.min(PROTOCOL, known?.protocolMax ?? PROTOCOL)
    return encodePacketHead(introduce ? this.#self : { ...this.#self, told: undefined }, body, protocol)
  }

  #buddy(actor: ActorId | undefined): readonly Uint8Array[] {
    const member = actor === undefined ? undefined : this.#members.get(actor)
    if (member === undefined || member.record.state === 'alive' || member.record.state === 'left')
      return NO_RECORDS
    return [encodeUpdate({ record: { ...member.record, told: undefined }, accusers: [] })]
  }

  #emit({ address: to, actor, way }: Addressee, head: Uint8Array, records: readonly Uint8Array[]): void {
    const bytes = appendRecords(head, records)
    if (way === 'stream') this.#effects.push({ kind: 'send-stream', to, actor, bytes })
    else this.#effects.push({ kind: 'send-datagram', to, bytes })
  }
}

const NO_RECORDS: readonly Uint8Array[] = []

function sumOfCosts(records: readonly Uint8Array[]): number {
  return records.reduce((sum, record) => sum + recordCost(record), 0)
}
