/**
 * Reception: what a received packet means. First what its sender says of itself, then the records it carries, then its
 * body, answered where an answer is due. Records about ourselves end here: refute, repeat, or report a clash.
 * Every answer that a peer can provoke without limit goes through a rate limit named here.
 */
import type { Instant, PeerAddress, Prng } from '@patina/base'
import type { Beliefs } from './beliefs.ts'
import { decodePacket } from './codec.ts'
import type { SwimConfig } from './config.ts'
import type { Dissemination } from './dissemination.ts'
import { judgeRecordOfSelf } from './identity.ts'
import type { LocalHealth } from './local-health.ts'
import { byRank, isActive, type MemberRecord } from './member.ts'
import type { Members } from './members.ts'
import type { Packet, Update } from './message.ts'
import type { Addressee, Outbox } from './outbox.ts'
import type { Prober } from './probe.ts'
import { RateLimit } from './rate-limit.ts'

/** Intervals of provoked answers, per peer. */
const BELIEF_INTERVAL_MS = 5_000
const ASK_INTERVAL_MS = 1_000
const FEED_INTERVAL_MS = 200
const REPEAT_INTERVAL_MS = 1_000
const CLASH_INTERVAL_MS = 10_000
const RATE_KEYS_MAX = 4_096

/** A refutation goes at once to the accuser and others, this many in all. */
const REFUTE_FANOUT = 4

/** Records considered for one packet of a feed; more than fit. */
const FEED_RECORDS_PER_PACKET = 64

export interface ReceptionParts {
  readonly config: SwimConfig
  readonly members: Members
  readonly rumors: Dissemination
  readonly outbox: Outbox
  readonly beliefs: Beliefs
  readonly prober: Prober
  readonly health: LocalHealth
  readonly prng: Prng
}

export class Reception {
  readonly #parts: ReceptionParts
  readonly #beliefs = new RateLimit(BELIEF_INTERVAL_MS, RATE_KEYS_MAX)
  readonly #asks = new RateLimit(ASK_INTERVAL_MS, RATE_KEYS_MAX)
  readonly #feeds = new RateLimit(FEED_INTERVAL_MS, RATE_KEYS_MAX)
  readonly #repeats = new RateLimit(REPEAT_INTERVAL_MS, RATE_KEYS_MAX)
  readonly #clashes = new RateLimit(CLASH_INTERVAL_MS, 1)

  constructor(parts: ReceptionParts) {
    this.#parts = parts
  }

  receive(from: PeerAddress, bytes: Uint8Array, now: Instant): void {
    const packet = this.#decode(bytes)
    if (packet === undefined) return
    const { sender, updates } = packet
    this.#believe({ record: sender, accusers: [] }, sender, now)
    // Our own actor as sender is our echo, a clone, or an earlier process of ours: nobody to talk with.
    if (sender.actor === this.#parts.outbox.self().actor) return
    const heard =
      packet.body.kind === 'feed' ? updates.map((update) => this.#soften(update, sender)) : updates
    for (const update of heard.toSorted(byRank)) this.#believe(update, sender, now)
    this.#answer(packet, { address: from, actor: sender.actor }, now)
  }

  /** Somebody who left says so to those who ask, and believes nothing any more. */
  receiveAfterLeave(from: PeerAddress, bytes: Uint8Array): void {
    const packet = this.#decode(bytes)
    if (packet?.body.kind !== 'ping' || packet.body.target !== this.#parts.outbox.self().actor) return
    const { body, sender } = packet
    this.#parts.outbox.send({ address: from, actor: sender.actor }, { kind: 'ack', probe: body.probe })
  }

  #decode(bytes: Uint8Array): Packet | undefined {
    const decoded = decodePacket(bytes)
    if (decoded.ok) return decoded.value
    this.#parts.outbox.countMalformed()
    return undefined
  }

  #believe(update: Update, sender: MemberRecord, now: Instant): void {
    if (update.record.actor === this.#parts.outbox.self().actor) {
      this.#judgeSelf(update, sender, now)
      return
    }
    const applied = this.#parts.beliefs.apply(update, sender.actor, now)
    // Somebody is up of whom we lack the metadata: who speaks of them, or they themselves, will tell.
    if (applied === 'stranger' && isActive(update.record.state) && this.#asks.allows(sender.address, now))
      this.#parts.outbox.send({ address: sender.address, actor: sender.actor }, { kind: 'announce' })
  }

  /**
   * A feed tells a whole view, which may be that of a partition: what it holds down and we hold up is only accused by it,
   * so that a healed partition does not kill the other side. As memberlist's mergeState.
   */
  #soften(update: Update, sender: MemberRecord): Update {
    const known = this.#parts.members.get(update.record.actor)
    if (update.record.state !== 'down' || known === undefined || !isActive(known.record.state)) return update
    return { record: { ...update.record, state: 'suspect' }, accusers: [sender.actor] }
  }

  #judgeSelf(update: Update, speaker: MemberRecord, now: Instant): void {
    const { outbox } = this.#parts
    const self = outbox.self()
    const verdict = judgeRecordOfSelf(self, update.record)
    if (verdict === 'clash' && this.#clashes.allows('', now))
      outbox.notify({ kind: 'identity-clash', address: update.record.address })
    if (speaker.actor === self.actor) return
    if (verdict === 'refute') this.#refute(update, speaker)
    if (verdict === 'repeat' && this.#repeats.allows(speaker.actor, now))
      outbox.send({ address: speaker.address, actor: speaker.actor }, { kind: 'gossip' })
  }

  /** SWIM §4.2: a higher incarnation, told at once to who said it, to the accusers and others, and queued. */
  #refute({ record, accusers }: Update, speaker: MemberRecord): void {
    const { outbox, rumors, health, members, prng } = this.#parts
    outbox.become({ ...outbox.self(), incarnation: record.incarnation + 1 })
    rumors.put({ record: outbox.self(), accusers: [] })
    health.worsen(1)
    const first = [speaker.actor, ...accusers].flatMap((actor) => members.get(actor) ?? [])
    const others = prng.sample(members.active(), REFUTE_FANOUT)
    for (const member of [...new Set([...first, ...others])].slice(0, REFUTE_FANOUT))
      outbox.sendToMember(member, { kind: 'gossip' })
  }

  #answer(packet: Packet, to: Addressee, now: Instant): void {
    const { body, sender } = packet
    const { outbox, prober } = this.#parts
    if (body.kind === 'ping') {
      // A ping for whoever had this address before us is not ours to answer.
      if (body.target === outbox.self().actor) outbox.send(to, { kind: 'ack', probe: body.probe })
      return
    }
    if (body.kind === 'announce') {
      if (this.#feeds.allows(to.address, now)) outbox.feed(to, this.#updatesFor(sender))
      return
    }
    if (body.kind === 'ping-req')
      prober.helpRequested(body.probe, body.target, { actor: sender.actor, address: to.address }, now)
    if (body.kind === 'ack') prober.ackReceived(body.probe, sender.actor, now)
    if (body.kind === 'nack') prober.nackReceived(body.probe, sender.actor)
    this.#tellIfDown(sender, now)
  }

  /** Whoever we hold down and hear anyway learns it, and refutes: every packet to it says so first (outbox.ts). */
  #tellIfDown(sender: MemberRecord, now: Instant): void {
    const member = this.#parts.members.get(sender.actor)
    if (member?.record.state === 'down' && this.#beliefs.allows(sender.actor, now))
      this.#parts.outbox.sendToMember(member, { kind: 'gossip' })
  }

  /** Active members first, each state in random order, because not all may fit. The reader knows itself. */
  #updatesFor(reader: MemberRecord): Update[] {
    const { members, beliefs, prng, config } = this.#parts
    const others = [...members.all()].filter(({ record }) => record.actor !== reader.actor)
    return prng
      .shuffle(others)
      .sort(byRank)
      .slice(0, FEED_RECORDS_PER_PACKET * config.feedPacketsMax)
      .map(({ record }) => ({ record, accusers: beliefs.suspicionOf(record.actor)?.accusers ?? [] }))
  }
}
