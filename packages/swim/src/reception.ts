/**
 * Reception: what a received packet means. First what its sender says of itself, then the records it carries, then its
 * body, answered where an answer is due. Records about ourselves are self.ts's.
 * Every answer that a peer can provoke without limit goes through a rate limit named here.
 */
import type { ActorId, Instant, PeerAddress, Prng } from '@patina/base'
import type { Beliefs } from './beliefs.ts'
import { chooseSome } from './choose.ts'
import { decodePacket } from './codec.ts'
import type { SwimConfig } from './config.ts'
import type { Joiner } from './joiner.ts'
import type { Locator } from './locator.ts'
import { byRank, isActive, type MemberRecord } from './member.ts'
import { type Member, type Members, wholeMs } from './members.ts'
import type { Body, Packet, Update, Way } from './message.ts'
import type { Addressee, Outbox } from './outbox.ts'
import type { Prober } from './probe.ts'
import type { Pulls } from './pulls.ts'
import type { PushPull } from './push-pull.ts'
import { RateLimit } from './rate-limit.ts'
import type { Relay } from './relay.ts'
import type { Self } from './self.ts'
import { TokenBuckets } from './token-buckets.ts'

/** Intervals of provoked answers, per peer. */
const BELIEF_INTERVAL_MS = 5_000
const ASK_INTERVAL_MS = 1_000
const RATE_KEYS_MAX = 4_096
/** Messages of one peer, and announces that are answered. */
const MESSAGES = { perSecond: 200, burst: 400, keysMax: RATE_KEYS_MAX }
const FEEDS = { perSecond: 2, burst: 4, keysMax: RATE_KEYS_MAX }

/** A stranger is answered with at most three times its bytes, so that nobody can aim us at others. */
const AMPLIFICATION = 3
/** Records considered for one packet of a feed; more than fit. */
const FEED_RECORDS_PER_PACKET = 32
/** One ack in five brings our coordinate. */
const ACKS_PER_COORDINATE = 5

export interface ReceptionParts {
  readonly config: SwimConfig
  readonly members: Members
  readonly outbox: Outbox
  readonly beliefs: Beliefs
  readonly self: Self
  readonly prober: Prober
  readonly relay: Relay
  readonly pushPull: PushPull
  readonly pulls: Pulls
  readonly joiner: Joiner
  readonly locator: Locator
  readonly prng: Prng
}

export class Reception {
  readonly #parts: ReceptionParts
  readonly #messages = new TokenBuckets(MESSAGES)
  readonly #feeds = new TokenBuckets(FEEDS)
  readonly #beliefs = new RateLimit(BELIEF_INTERVAL_MS, RATE_KEYS_MAX)
  readonly #asks = new RateLimit(ASK_INTERVAL_MS, RATE_KEYS_MAX)
  readonly #twins = new RateLimit(BELIEF_INTERVAL_MS, RATE_KEYS_MAX)

  constructor(parts: ReceptionParts) {
    this.#parts = parts
  }

  datagram(from: PeerAddress, bytes: Uint8Array, now: Instant): void {
    if (!this.#allows(from, now)) return
    const packet = this.#decode(bytes, 'datagram')
    if (packet !== undefined) this.#receive(packet, { address: from, actor: packet.sender.actor }, bytes, now)
  }

  /** The transport has proven who speaks; whoever speaks as somebody else is not listened to. */
  stream(from: ActorId, bytes: Uint8Array, now: Instant): void {
    if (!this.#allows(from, now)) return
    const packet = this.#decode(bytes, 'stream')
    if (packet === undefined) return
    if (packet.sender.actor !== from) {
      this.#parts.outbox.count('swim_malformed')
      return
    }
    this.#receive(packet, { address: packet.sender.address, actor: from, way: 'stream' }, bytes, now)
  }

  /** Somebody who left says so to those who ask, and believes nothing any more. */
  afterLeave(from: PeerAddress | undefined, bytes: Uint8Array): void {
    const way = from === undefined ? 'stream' : 'datagram'
    const packet = this.#decode(bytes, way)
    if (packet?.body.kind !== 'ping' || packet.body.target !== this.#parts.outbox.self().actor) return
    const { body, sender } = packet
    const to = { address: from ?? sender.address, actor: sender.actor, way } as const
    this.#parts.outbox.send(to, { kind: 'ack', probe: body.probe })
  }

  #allows(key: string, now: Instant): boolean {
    if (this.#messages.take(key, now)) return true
    this.#parts.outbox.count('swim_limited')
    return false
  }

  #decode(bytes: Uint8Array, way: Way): Packet | undefined {
    const decoded = decodePacket(bytes, way)
    if (decoded.ok) return decoded.value
    this.#parts.outbox.count('swim_malformed')
    return undefined
  }

  #receive(packet: Packet, from: Addressee, bytes: Uint8Array, now: Instant): void {
    const { sender, updates, body } = packet
    const { members, outbox } = this.#parts
    const isStranger = members.get(sender.actor)?.record.address !== from.address
    this.#believe({ record: sender, accusers: [] }, sender, now)
    // Our own actor as sender is our echo, a clone, or an earlier process of ours: nobody to talk with.
    if (sender.actor === outbox.self().actor) return
    const member = members.get(sender.actor)
    if (member !== undefined && isOtherProcess(sender, member.record)) this.#tellOfTwin(member, from, now)
    if (member !== undefined) noteHeard(member, packet, from.way ?? 'datagram', now)
    const isWholeView = body.kind === 'feed' || body.kind === 'delta'
    for (const update of updates.length > 1 ? updates.toSorted(byRank) : updates) {
      if (isWholeView) this.#believeView(update, sender, now)
      else this.#believe(update, sender, now)
    }
    this.#answer(packet, from, { isStranger, bytes: bytes.length, now })
  }

  /** Two processes run as one actor, or one was restarted a moment ago: whoever is not in our table hears who is. */
  #tellOfTwin({ record }: Member, to: Addressee, now: Instant): void {
    const { outbox } = this.#parts
    if (this.#twins.allows(to.address, now))
      outbox.sendUpdate(
        { address: to.address, actor: undefined },
        { record: { ...record, told: undefined }, accusers: [] },
      )
  }

  #believe(update: Update, sender: MemberRecord, now: Instant): void {
    const { outbox, beliefs, self, pushPull } = this.#parts
    if (update.record.actor === outbox.self().actor) {
      self.judge(update, sender, now)
      return
    }
    const applied = beliefs.apply(update, sender.actor, now)
    if (applied === 'revived' && update.record.actor === sender.actor) pushPull.revived(sender, now)
    // Somebody is up of whom we lack the metadata: who speaks of them, or they themselves, will tell.
    if (applied === 'stranger' && isActive(update.record.state) && this.#asks.allows(sender.address, now))
      outbox.send({ address: sender.address, actor: sender.actor }, { kind: 'announce' })
  }

  #believeView(update: Update, sender: MemberRecord, now: Instant): void {
    const { outbox, beliefs, self } = this.#parts
    if (update.record.actor === outbox.self().actor) self.judge(update, sender, now)
    else if (update.record.actor === sender.actor) beliefs.apply(update, sender.actor, now)
    else beliefs.applySecondHand(update, sender.actor, now)
  }

  #answer(
    { body, sender }: Packet,
    to: Addressee,
    context: { readonly isStranger: boolean; readonly bytes: number; readonly now: Instant },
  ): void {
    const { outbox, prober, relay, pushPull, pulls, joiner } = this.#parts
    const { now } = context
    switch (body.kind) {
      case 'ping':
        // A ping for whoever had this address before us is not ours to answer.
        if (body.target === outbox.self().actor) outbox.send(to, this.#ackOf(body, sender))
        return
      case 'announce':
        this.#feed(sender, to, context)
        return
      case 'ping-req':
        relay.requested(body.probe, body.target, to, now)
        break
      case 'ack':
        relay.ackReceived(body.probe, sender.actor)
        prober.ackReceived(
          body.probe,
          { from: sender.actor, way: to.way ?? 'datagram', coordinate: body.coordinate },
          now,
        )
        break
      case 'nack':
        prober.nackReceived(body.probe, sender.actor, now)
        break
      case 'feed':
        joiner.answered(sender)
        break
      case 'digest':
        pushPull.digestReceived(body, to, now)
        return
      case 'delta':
        pushPull.deltaReceived(body, to, now)
        return
      case 'busy':
        pushPull.busyReceived(body, now)
        return
      case 'pull':
        pulls.pullReceived(body, to, now)
        return
      case 'details':
        pulls.detailsReceived(body, sender.actor, now)
        return
      case 'gossip':
      case 'unknown':
        break
    }
    this.#tellIfDown(sender, now)
  }

  #ackOf({ probe }: Extract<Body, { kind: 'ping' }>, sender: MemberRecord): Extract<Body, { kind: 'ack' }> {
    const { members, locator } = this.#parts
    const member = members.get(sender.actor)
    if (member === undefined) return { kind: 'ack', probe }
    member.acksToCoordinate -= 1
    if (member.acksToCoordinate > 0) return { kind: 'ack', probe }
    member.acksToCoordinate = ACKS_PER_COORDINATE
    return { kind: 'ack', probe, coordinate: locator.own() }
  }

  /** Whoever we hold down and hear anyway learns it, and refutes: every packet to it says so first (outbox.ts). */
  #tellIfDown(sender: MemberRecord, now: Instant): void {
    const member = this.#parts.members.get(sender.actor)
    if (member?.record.state === 'down' && this.#beliefs.allows(sender.actor, now))
      this.#parts.outbox.sendToMember(member, { kind: 'gossip' })
  }

  #feed(
    reader: MemberRecord,
    to: Addressee,
    {
      isStranger,
      bytes,
      now,
    }: { readonly isStranger: boolean; readonly bytes: number; readonly now: Instant },
  ): void {
    const { outbox, config } = this.#parts
    if (!this.#feeds.take(to.address, now)) {
      outbox.count('swim_limited')
      return
    }
    const full = config.feedPacketsMax * config.datagramBytesMax
    const isGuarded = isStranger && to.way !== 'stream'
    outbox.feed(to, this.#updatesFor(reader), isGuarded ? Math.min(full, AMPLIFICATION * bytes) : full)
  }

  /** Active members first, each state in random order, because not all may fit. The reader knows itself. */
  #updatesFor(reader: MemberRecord): Update[] {
    const { members, beliefs, prng, config } = this.#parts
    const wanted = FEED_RECORDS_PER_PACKET * config.feedPacketsMax
    const isOther = ({ record }: Member): boolean => record.actor !== reader.actor
    const active = chooseSome(prng, members.active(), wanted, isOther)
    const ended =
      active.length < wanted ? [...members.all()].filter(({ record }) => !isActive(record.state)) : []
    return [
      ...active.toSorted(byRank),
      ...prng.sample(ended.filter(isOther), wanted - active.length).sort(byRank),
    ].map(({ record }) => ({ record, accusers: beliefs.suspicionOf(record.actor)?.accusers ?? [] }))
  }
}

function noteHeard(member: Member, { protocolMax }: Packet, way: Way, now: Instant): void {
  member.heardAt = wholeMs(now)
  member.heardBy = way
  member.protocolMax = protocolMax
}

/** What a sender says of itself is older than what we hold of its actor, or the same from elsewhere. */
function isOtherProcess(sender: MemberRecord, known: MemberRecord): boolean {
  if (sender.generation !== known.generation) return sender.generation < known.generation
  return sender.address !== known.address
}
