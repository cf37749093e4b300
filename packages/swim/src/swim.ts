/**
 * Swim: the membership machine of one process. `handle(event, now)` → effects, `nextDeadline()`; it starts with its first
 * event. This file is control flow: what a packet means is reception.ts's, what to believe beliefs.ts's,
 * whom to ask probe.ts's, whom to tell spread.ts's.
 *
 * Sources: SWIM (Das, Gupta, Motivala 2002), Lifeguard (Dadgar, Phillips, Currey 2017); deviations stand where they happen.
 * Not here: sockets, encryption (transport/udp), clocks, stream probes, push/pull and coordinates.
 */
import { type ActorId, assert, type Instant, type PeerAddress, type Prng, unreachable } from '@patina/base'
import { Beliefs } from './beliefs.ts'
import { METADATA_BYTES_MAX, metadataBytes } from './codec.ts'
import { findConfigFault, type SwimConfig } from './config.ts'
import { Deadlines } from './deadlines.ts'
import { Dissemination } from './dissemination.ts'
import type { SwimEffect } from './effect.ts'
import type { SwimEvent } from './event.ts'
import { LocalHealth } from './local-health.ts'
import type { MemberRecord } from './member.ts'
import { Members, viewOf } from './members.ts'
import type { MemberMetadata, MemberView } from './notification.ts'
import { Outbox } from './outbox.ts'
import { Prober } from './probe.ts'
import { Reception } from './reception.ts'
import { Seeds } from './seeds.ts'
import { Spread } from './spread.ts'
import type { Timer } from './timer.ts'

export interface SwimSelf {
  readonly actor: ActorId
  /** Where others reach us: the source address of our datagrams. */
  readonly address: PeerAddress
  /** Raised and durable before the first datagram of this process. */
  readonly generation: number
  readonly metadata: MemberMetadata
}

export class Swim {
  readonly #config: SwimConfig
  readonly #prng: Prng
  readonly #members: Members
  readonly #deadlines = new Deadlines<Timer>()
  readonly #outbox: Outbox
  readonly #beliefs: Beliefs
  readonly #prober: Prober
  readonly #health: LocalHealth
  readonly #seeds: Seeds
  readonly #reception: Reception
  readonly #spread: Spread
  #startedAt: Instant | undefined
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
    const members = new Members(config.membersMax, prng.fork())
    const rumors = new Dissemination(config.membersMax)
    const health = new LocalHealth(config.healthScoreMax)
    const outbox = new Outbox(config, recordOfSelf(self), members, rumors)
    const parts = { config, members, rumors, outbox, health, prng, deadlines: this.#deadlines }
    const beliefs = new Beliefs(parts)
    const prober = new Prober({ ...parts, beliefs, prng: prng.fork() })
    this.#members = members
    this.#outbox = outbox
    this.#health = health
    this.#beliefs = beliefs
    this.#prober = prober
    this.#seeds = new Seeds(config, self.address)
    this.#spread = new Spread(parts)
    this.#reception = new Reception({ ...parts, beliefs, prober })
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
        this.#reception.receive(event.from, event.bytes, now)
        break
      case 'stream-received':
      case 'set-metadata':
      case 'paused':
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
        this.#deadlines.clear()
        this.#spread.leave(now)
        return
      case 'deadline-reached':
        this.#runDue(now)
        break
      default:
        unreachable(event)
    }
    this.#spread.schedule(now)
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
        this.#spread.gossip(now)
        break
      case 'heal':
        this.#spread.heal(now)
        break
      case 'rejoin':
        if (timer.attempt === this.#rejoinAttempt) this.#rejoin(now)
        break
      case 'leave-again':
        this.#spread.tellLeave(timer.left, now)
        break
      default:
        unreachable(timer)
    }
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

  /** Once left, only the leave is repeated, and pings are answered as somebody who left. */
  #handleAfterLeave(event: SwimEvent, now: Instant): void {
    if (event.kind === 'deadline-reached') this.#runDue(now)
    if (event.kind === 'datagram-received') this.#reception.receiveAfterLeave(event.from, event.bytes)
  }
}

function recordOfSelf({ actor, address, generation, metadata }: SwimSelf): MemberRecord {
  const told = { generation, incarnation: 0, metadata }
  return { actor, generation, incarnation: 0, state: 'alive', address, told }
}
