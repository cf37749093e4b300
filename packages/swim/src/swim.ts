/**
 * Swim: the membership machine of one process. `handle(event, now)` → effects, `nextDeadline()`; it starts with its first
 * event. This file is control flow: what an event means is decided by beliefs.ts, probe.ts, identity.ts and seeds.ts.
 *
 * Sources: SWIM (Das, Gupta, Motivala 2002), Lifeguard (Dadgar, Phillips, Currey 2017); deviations stand where they happen.
 * Not here: sockets, encryption (transport/udp), clocks, stream probes, push/pull and coordinates.
 */
import { type ActorId, assert, type Instant, type PeerAddress, type Prng, unreachable } from '@patina/base'
import { Beliefs } from './beliefs.ts'
import { decodePacket, METADATA_BYTES_MAX, metadataBytes } from './codec.ts'
import { findConfigFault, type SwimConfig } from './config.ts'
import { Deadlines } from './deadlines.ts'
import { Dissemination } from './dissemination.ts'
import type { SwimEffect } from './effect.ts'
import type { SwimEvent } from './event.ts'
import { judgeRecordOfSelf } from './identity.ts'
import { LocalHealth } from './local-health.ts'
import { isActive, type MemberRecord, RANK } from './member.ts'
import { type Member, Members, viewOf } from './members.ts'
import type { Packet, Update } from './message.ts'
import type { MemberMetadata, MemberView } from './notification.ts'
import { type Addressee, Outbox } from './outbox.ts'
import { Prober } from './probe.ts'
import { RateLimit } from './rate-limit.ts'
import { Seeds } from './seeds.ts'
import type { Timer } from './timer.ts'

export interface SwimSelf {
  readonly actor: ActorId
  /** Where others reach us: the source address of our datagrams. */
  readonly address: PeerAddress
  /** Raised and durable before the first datagram of this process. */
  readonly generation: number
  readonly metadata: MemberMetadata
}

/** Intervals of answers that a peer can provoke, per peer. */
const BELIEF_INTERVAL_MS = 5_000
const ASK_INTERVAL_MS = 1_000
const FEED_INTERVAL_MS = 200
const REPEAT_INTERVAL_MS = 1_000
const CLASH_INTERVAL_MS = 10_000
const RATE_KEYS_MAX = 4_096

/** A refutation goes at once to the accuser and three others. */
const REFUTE_FANOUT = 4

export class Swim {
  readonly #config: SwimConfig
  readonly #prng: Prng
  readonly #members: Members
  readonly #rumors: Dissemination
  readonly #deadlines = new Deadlines<Timer>()
  readonly #outbox: Outbox
  readonly #beliefs: Beliefs
  readonly #prober: Prober
  readonly #health: LocalHealth
  readonly #seeds: Seeds
  readonly #answers = {
    belief: new RateLimit(BELIEF_INTERVAL_MS, RATE_KEYS_MAX),
    ask: new RateLimit(ASK_INTERVAL_MS, RATE_KEYS_MAX),
    feed: new RateLimit(FEED_INTERVAL_MS, RATE_KEYS_MAX),
    repeat: new RateLimit(REPEAT_INTERVAL_MS, RATE_KEYS_MAX),
    clash: new RateLimit(CLASH_INTERVAL_MS, 1),
  }
  #startedAt: Instant | undefined
  #gossipSet = false
  #gossipedAt: Instant = Number.NEGATIVE_INFINITY as Instant
  #rejoinAttempt = 0

  /** Asserts a sound configuration, a generation ≥ 1 and metadata that fits: the caller checks what people typed. */
  constructor(config: SwimConfig, self: SwimSelf, prng: Prng) {
    const fault = findConfigFault(config)
    assert(fault === undefined, fault ?? '')
    assert(
      Number.isSafeInteger(self.generation) && self.generation >= 1,
      `not a generation: ${self.generation}`,
    )
    assert(metadataBytes(self.metadata) <= METADATA_BYTES_MAX, `metadata exceeds ${METADATA_BYTES_MAX} bytes`)
    this.#config = config
    this.#prng = prng
    this.#members = new Members(config.membersMax, prng.fork())
    this.#rumors = new Dissemination(config.membersMax)
    this.#outbox = new Outbox(config, recordOfSelf(self), this.#members, this.#rumors)
    this.#health = new LocalHealth(config.healthScoreMax)
    this.#seeds = new Seeds(config, self.address)
    const parts = { config, members: this.#members, deadlines: this.#deadlines, outbox: this.#outbox }
    this.#beliefs = new Beliefs({ ...parts, rumors: this.#rumors })
    this.#prober = new Prober({ ...parts, beliefs: this.#beliefs, health: this.#health, prng: prng.fork() })
  }

  handle(event: SwimEvent, now: Instant): SwimEffect[] {
    if (this.#startedAt === undefined) this.#start(now)
    if (this.#hasLeft()) this.#handleAfterLeave(event, now)
    else this.#handleEvent(event, now)
    return this.#outbox.drain()
  }

  /** When `deadline-reached` is wanted at the latest; NEVER before the first event and when all is said. */
  nextDeadline(): Instant {
    return this.#deadlines.next()
  }

  /** Everybody else that is known of, those that are down or left included, in the order in which they were met. */
  members(): MemberView[] {
    return [...this.#members.all()].map((member) => viewOf(member.record, member.since, member.roundTrip))
  }

  self(): MemberView {
    return viewOf(this.#outbox.self(), this.#startedAt ?? (0 as Instant), undefined)
  }

  #start(now: Instant): void {
    this.#startedAt = now
    const { probePeriodMs, healPeriodMs } = this.#config
    // A random phase, so that processes that start together do not probe together.
    this.#deadlines.set((now + this.#prng.below(probePeriodMs)) as Instant, { kind: 'round' })
    this.#deadlines.set((now + healPeriodMs + this.#prng.below(healPeriodMs)) as Instant, { kind: 'heal' })
  }

  #handleEvent(event: SwimEvent, now: Instant): void {
    switch (event.kind) {
      case 'datagram-received':
        this.#receive(event.from, event.bytes, now)
        break
      case 'session-closed':
        if (!event.goodbye) this.#prober.sessionBroke(event.actor, now)
        break
      case 'join':
        this.#seeds.add(event.seeds)
        this.#rejoinAttempt += 1
        this.#rejoin(now)
        break
      case 'leave':
        this.#leave(now)
        return
      case 'deadline-reached':
        this.#runDue(now)
        break
      default:
        unreachable(event)
    }
    this.#setGossip(now)
  }

  #runDue(now: Instant): void {
    const late = now - this.#deadlines.next()
    if (late > this.#config.pauseMs) {
      // This process stood still: its own clocks stand for everybody else's silence, so they move by the pause.
      this.#health.worsen(Math.ceil(late / this.#config.pauseMs))
      this.#deadlines.shift(late)
    }
    for (let timer = this.#deadlines.takeDue(now); timer !== undefined; timer = this.#deadlines.takeDue(now))
      this.#runTimer(timer, now)
  }

  #runTimer(timer: Timer, now: Instant): void {
    switch (timer.kind) {
      case 'round':
        this.#deadlines.set(this.#prober.nextRound(now), timer)
        break
      case 'ack-late':
        this.#prober.ackLate(timer.probe, now)
        break
      case 'nack-due':
        this.#prober.nackDue(timer.relay)
        break
      case 'relay-over':
        this.#prober.relayOver(timer.relay)
        break
      case 'suspicion':
        this.#beliefs.suspicionExpired(timer.actor, timer.suspicion, now)
        break
      case 'gossip':
        this.#gossip(now)
        break
      case 'heal':
        this.#heal(now)
        break
      case 'rejoin':
        if (timer.attempt === this.#rejoinAttempt) this.#rejoin(now)
        break
      case 'leave-again':
        this.#tellLeave(timer.left, now)
        break
      default:
        unreachable(timer)
    }
  }

  #receive(from: PeerAddress, bytes: Uint8Array, now: Instant): void {
    const decoded = decodePacket(bytes)
    if (!decoded.ok) {
      this.#outbox.countMalformed()
      return
    }
    const { sender, updates } = decoded.value
    this.#believe({ record: sender, accusers: [] }, sender, now)
    // Our own actor as sender is our echo, a clone, or an earlier process of ours: nobody to talk with.
    if (sender.actor === this.#outbox.self().actor) return
    for (const update of updates.toSorted(byRank)) this.#believe(update, sender, now)
    this.#answer(decoded.value, { address: from, actor: sender.actor }, now)
  }

  #believe(update: Update, sender: MemberRecord, now: Instant): void {
    if (update.record.actor === this.#outbox.self().actor) {
      this.#judgeSelf(update, sender, now)
      return
    }
    const applied = this.#beliefs.apply(update, sender.actor, now)
    // Somebody is up of whom we lack the metadata: who speaks of them, or they themselves, will tell.
    if (
      applied === 'stranger' &&
      isActive(update.record.state) &&
      this.#answers.ask.allows(sender.address, now)
    )
      this.#outbox.send({ address: sender.address, actor: sender.actor }, { kind: 'announce' })
  }

  #answer(packet: Packet, to: Addressee, now: Instant): void {
    const { body, sender } = packet
    switch (body.kind) {
      case 'ping':
        // A ping for whoever had this address before us is not ours to answer.
        if (body.target === this.#outbox.self().actor)
          this.#outbox.send(to, { kind: 'ack', probe: body.probe })
        return
      case 'ping-req':
        this.#prober.helpRequested(body.probe, body.target, { ...to, actor: sender.actor }, now)
        return
      case 'announce':
        if (this.#answers.feed.allows(to.address, now)) this.#outbox.feed(to, this.#updatesFor(sender.actor))
        return
      case 'ack':
        this.#prober.ackReceived(body.probe, sender.actor, now)
        break
      case 'nack':
        this.#prober.nackReceived(body.probe, sender.actor)
        break
      case 'gossip':
      case 'feed':
      case 'unknown':
        break
      default:
        unreachable(body)
    }
    // Whoever we hold down and hear anyway learns it, and refutes. Packets to it say so first (outbox.ts).
    const held = this.#members.get(sender.actor)
    if (held?.record.state === 'down' && this.#answers.belief.allows(sender.actor, now))
      this.#outbox.sendToMember(held, { kind: 'gossip' })
  }

  /** Somebody says something of us. */
  #judgeSelf(update: Update, speaker: MemberRecord, now: Instant): void {
    const self = this.#outbox.self()
    const verdict = judgeRecordOfSelf(self, update.record)
    if (verdict === 'clash' && this.#answers.clash.allows('', now))
      this.#outbox.notify({ kind: 'identity-clash', address: update.record.address })
    if (speaker.actor === self.actor) return
    if (verdict === 'refute') this.#refute(update, speaker)
    if (verdict === 'repeat' && this.#answers.repeat.allows(speaker.actor, now))
      this.#outbox.send({ address: speaker.address, actor: speaker.actor }, { kind: 'gossip' })
  }

  /** SWIM §4.2: at once to who said it, to the accusers and others, REFUTE_FANOUT in all, and queued. */
  #refute({ record, accusers }: Update, speaker: MemberRecord): void {
    this.#outbox.become({ ...this.#outbox.self(), incarnation: record.incarnation + 1 })
    this.#rumors.put({ record: this.#outbox.self(), accusers: [] })
    this.#health.worsen(1)
    const first = [speaker.actor, ...accusers].flatMap((actor) => this.#members.get(actor) ?? [])
    const others = this.#prng.sample(this.#members.active(), REFUTE_FANOUT)
    for (const member of [...new Set([...first, ...others])].slice(0, REFUTE_FANOUT))
      this.#outbox.sendToMember(member, { kind: 'gossip' })
  }

  /** Active members first, each group in random order, because not all may fit. Nobody is fed what he is. */
  #updatesFor(reader: ActorId): Update[] {
    const others = [...this.#members.all()].filter(({ record }) => record.actor !== reader)
    return this.#prng
      .shuffle(others)
      .sort(byRank)
      .slice(0, 64 * this.#config.feedPacketsMax)
      .map(({ record }) => ({ record, accusers: this.#beliefs.suspicionOf(record.actor)?.accusers ?? [] }))
  }

  /** Sets the gossip timer while there is something to tell and somebody to tell it to. */
  #setGossip(now: Instant): void {
    if (this.#gossipSet || this.#rumors.size() === 0) return
    if (this.#members.active().length === 0) {
      this.#rumors.clear()
      return
    }
    this.#gossipSet = true
    const at = Math.max(now, this.#gossipedAt + this.#config.gossipPeriodMs) as Instant
    this.#deadlines.set(at, { kind: 'gossip' })
  }

  /** SWIM §4.1 with its own packets, as memberlist: rumors do not wait for the next probe. */
  #gossip(now: Instant): void {
    this.#gossipSet = false
    this.#gossipedAt = now
    const { gossipFanout, gossipToDownMs } = this.#config
    const reachable = [...this.#members.all()].filter(({ record, since }) =>
      record.state === 'down' ? now - since < gossipToDownMs : isActive(record.state),
    )
    for (const member of this.#prng.sample(reachable, gossipFanout)) {
      if (this.#rumors.size() === 0) return
      this.#outbox.sendToMember(member, { kind: 'gossip' })
    }
  }

  /** Announces to one member that is down, as likely as members are down, so that a partition of any length heals. */
  #heal(now: Instant): void {
    const { healPeriodMs, tombstoneMs } = this.#config
    this.#members.forget(tombstoneMs, now)
    this.#deadlines.set((now + healPeriodMs + this.#prng.below(Math.ceil(healPeriodMs / 5))) as Instant, {
      kind: 'heal',
    })
    const down = [...this.#members.all()].filter(({ record }) => record.state === 'down')
    const active = this.#members.active().length
    if (
      down.length === 0 ||
      !this.#prng.chance(Math.min(down.length, Math.max(1, active)), Math.max(1, active))
    )
      return
    const [member] = this.#prng.sample(down, 1)
    if (member !== undefined) this.#outbox.sendToMember(member, { kind: 'announce' })
  }

  #rejoin(now: Instant): void {
    const missing = this.#seeds.missing(this.#members)
    for (const address of missing) this.#outbox.send({ address, actor: undefined }, { kind: 'announce' })
    const pause = this.#seeds.nextPauseMs(missing.length > 0, this.#prng)
    this.#deadlines.set((now + pause) as Instant, { kind: 'rejoin', attempt: this.#rejoinAttempt })
  }

  #hasLeft(): boolean {
    return this.#outbox.self().state === 'left'
  }

  #leave(now: Instant): void {
    const self = this.#outbox.self()
    this.#outbox.become({ ...self, state: 'left', incarnation: self.incarnation + 1 })
    this.#rumors.clear()
    this.#deadlines.clear()
    this.#tellLeave(this.#config.leaveRepeats, now)
  }

  /** To everybody in a small cluster; in a large one gossip carries it on. */
  #tellLeave(left: number, now: Instant): void {
    const { leaveFanout, gossipPeriodMs } = this.#config
    const members: Member[] = this.#prng.sample(this.#members.active(), leaveFanout)
    for (const member of members) this.#outbox.sendToMember(member, { kind: 'gossip' })
    if (left > 0 && members.length > 0)
      this.#deadlines.set((now + gossipPeriodMs) as Instant, { kind: 'leave-again', left: left - 1 })
  }

  /** Once left, only the leave is repeated, and pings are answered as somebody who left. */
  #handleAfterLeave(event: SwimEvent, now: Instant): void {
    if (event.kind === 'deadline-reached') this.#runDue(now)
    if (event.kind !== 'datagram-received') return
    const decoded = decodePacket(event.bytes)
    if (!decoded.ok) {
      this.#outbox.countMalformed()
      return
    }
    const { body, sender } = decoded.value
    if (body.kind === 'ping' && body.target === this.#outbox.self().actor)
      this.#outbox.send({ address: event.from, actor: sender.actor }, { kind: 'ack', probe: body.probe })
  }
}

function recordOfSelf({ actor, address, generation, metadata }: SwimSelf): MemberRecord {
  const told = { generation, incarnation: 0, metadata }
  return { actor, generation, incarnation: 0, state: 'alive', address, told }
}

function byRank(a: { readonly record: MemberRecord }, b: { readonly record: MemberRecord }): number {
  return RANK[a.record.state] - RANK[b.record.state]
}
