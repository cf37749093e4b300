/**
 * Outbox: composes every packet that leaves and collects the effects of one event. Each packet begins with what we say of
 * ourselves, and is filled up with rumors to `datagramBytesMax`. Lifeguard's buddy system lives here: whoever we believe
 * suspect or down reads it first, in any packet to it, so that it can refute (Lifeguard §IV-C).
 */
import type { ActorId, PeerAddress } from '@patina/base'
import { appendRecords, encodePacketHead, encodeUpdate, recordCost } from './codec.ts'
import type { SwimConfig } from './config.ts'
import { type Dissemination, retransmitLimit } from './dissemination.ts'
import type { SwimEffect } from './effect.ts'
import type { MemberRecord } from './member.ts'
import type { Member, Members } from './members.ts'
import type { Body, Update } from './message.ts'
import type { Notification } from './notification.ts'

export type OwnBody = Exclude<Body, { kind: 'unknown' }>

export interface Addressee {
  readonly address: PeerAddress
  /** Who is there, where we know it. */
  readonly actor: ActorId | undefined
}

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

  countMalformed(): void {
    this.#effects.push({ kind: 'count', metric: 'swim_malformed', by: 1 })
  }

  sendToMember(member: Member, body: OwnBody): void {
    this.send({ address: member.record.address, actor: member.record.actor }, body)
  }

  /** One packet: ourselves, what its addressee should know of itself, rumors. */
  send(to: Addressee, body: OwnBody): void {
    const { actor } = this.#self
    const limit = retransmitLimit(this.#config.retransmitFactor, this.#members.count())
    const introduce = body.kind === 'announce' || this.#rumors.has(actor)
    const head = encodePacketHead(introduce ? this.#self : { ...this.#self, told: undefined }, body)
    this.#rumors.count(actor, limit)
    // What its addressee knows of itself counts as told; else, in a pair, that rumor would wait for ever.
    if (to.actor !== undefined) this.#rumors.count(to.actor, limit)
    const buddy = this.#buddy(to.actor)
    const room = this.#config.datagramBytesMax - head.length - sumOfCosts(buddy)
    const skip = new Set(to.actor === undefined ? [actor] : [actor, to.actor])
    this.#emit(to.address, head, [...buddy, ...this.#rumors.take(room, limit, skip)])
  }

  /** Answers an announce: ourselves and up to `feedPacketsMax` packets of the members that we know, active ones first. */
  feed(to: Addressee, updates: readonly Update[]): void {
    const rest = updates.map(encodeUpdate)
    for (let packets = 0; packets < this.#config.feedPacketsMax; packets += 1) {
      const self = packets === 0 ? this.#self : { ...this.#self, told: undefined }
      const head = encodePacketHead(self, { kind: 'feed' })
      const records = packets === 0 ? this.#buddy(to.actor) : []
      let room = this.#config.datagramBytesMax - head.length - sumOfCosts(records)
      for (let i = 0; i < rest.length; ) {
        const record = rest[i] as Uint8Array
        if (recordCost(record) > room) i += 1
        else {
          room -= recordCost(record)
          records.push(...rest.splice(i, 1))
        }
      }
      this.#emit(to.address, head, records)
      if (rest.length === 0) return
    }
  }

  #buddy(actor: ActorId | undefined): Uint8Array[] {
    const member = actor === undefined ? undefined : this.#members.get(actor)
    if (member === undefined || member.record.state === 'alive' || member.record.state === 'left') return []
    return [encodeUpdate({ record: { ...member.record, told: undefined }, accusers: [] })]
  }

  #emit(to: PeerAddress, head: Uint8Array, records: readonly Uint8Array[]): void {
    this.#effects.push({ kind: 'send-datagram', to, bytes: appendRecords(head, records) })
  }
}

function sumOfCosts(records: readonly Uint8Array[]): number {
  return records.reduce((sum, record) => sum + recordCost(record), 0)
}
