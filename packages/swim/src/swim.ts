/**
 * Swim: the membership machine of one process. `handle(event, now)` → effects, `nextDeadline()`; it starts with its first
 * event. This file is control flow: what a packet means is reception.ts's, what to believe beliefs.ts's,
 * whom to ask probe.ts's, whom to tell spread.ts's, how whole views are compared push-pull.ts's.
 *
 * Sources: SWIM (Das, Gupta, Motivala 2002), Lifeguard (Dadgar, Phillips, Currey 2017); deviations stand where they happen.
 * Not here: sockets, encryption (transport/udp) and clocks.
 */
import { type ActorId, assert, type Instant, type PeerAddress, type Prng, unreachable } from '@patina/base'
import { METADATA_BYTES_MAX, metadataBytes } from './codec.ts'
import { findConfigFault, type SwimConfig } from './config.ts'
import { DETAILS_BYTES_MAX, markOfDetails } from './details.ts'
import type { SwimEffect } from './effect.ts'
import type { SwimEvent } from './event.ts'
import { type Explanation, explain } from './explain.ts'
import { type Machine, makeMachine } from './machine.ts'
import type { MemberRecord } from './member.ts'
import { viewOf, viewOfRecord } from './members.ts'
import type { MemberMetadata, MemberView } from './notification.ts'
import { suspicionTimeoutMs } from './suspicion.ts'
import type { Timer } from './timer.ts'

export interface SwimSelf {
  readonly actor: ActorId
  /** Where others reach us: the source address of our datagrams. */
  readonly address: PeerAddress
  /** Raised and durable before the first datagram of this process. */
  readonly generation: number
  readonly metadata: MemberMetadata
  /** As of `set-metadata`. */
  readonly details?: Uint8Array
}

/** After a pause deadlines wait this much longer, so that what lies in the sockets is read before anybody is judged. */
const DRAIN_MS = 100

export class Swim {
  readonly #config: SwimConfig
  readonly #prng: Prng
  readonly #machine: Machine
  readonly #known: readonly MemberRecord[]
  #startedAt: Instant | undefined

  /**
   * Asserts a sound configuration, a generation ≥ 1 and metadata that fits: the caller checks what people typed. `known`:
   * members taken as met without a word, so that a simulation may begin with a cluster that has met; an agent has none.
   */
  constructor(config: SwimConfig, self: SwimSelf, prng: Prng, known: readonly MemberRecord[] = []) {
    const fault = findConfigFault(config)
    assert(fault === undefined, fault ?? '')
    assert(
      Number.isSafeInteger(self.generation) && self.generation >= 1,
      `not a generation: ${self.generation}`,
    )
    this.#config = config
    this.#prng = prng
    this.#known = known
    this.#machine = makeMachine(config, recordOfSelf(self), prng)
    this.#machine.pulls.tell(self.details)
  }

  handle(event: SwimEvent, now: Instant): SwimEffect[] {
    if (this.#startedAt === undefined) this.#start(now)
    this.#noticePause(now)
    if (this.#hasLeft()) this.#handleAfterLeave(event, now)
    else this.#handleEvent(event, now)
    return this.#machine.outbox.drain()
  }

  /** When `deadline-reached` is wanted at the latest; NEVER before the first event and when all is said. */
  nextDeadline(): Instant {
    return this.#machine.deadlines.next()
  }

  /** Everybody else that is known of, those that are down or left included, in the order in which they were met. */
  members(): MemberView[] {
    return [...this.#machine.members.all()].map(viewOf)
  }

  self(): MemberView {
    return viewOfRecord(this.#machine.outbox.self(), this.#startedAt ?? (0 as Instant), undefined)
  }

  /** Why we believe what we believe of a member; undefined where nothing is known of it. */
  explain(actor: ActorId): Explanation | undefined {
    const { members, paths } = this.#machine
    const timeoutMs = (of: ActorId): number => paths.timeoutMs(members.get(of))
    return explain({ ...this.#machine, config: this.#config, timeoutMs }, actor)
  }

  /** Every seed has been found, and whoever was told of has answered: as far as anybody can know, these are all. */
  knowsAll(): boolean {
    return this.#machine.joiner.hasFoundSeeds() && this.#machine.unverified.size() === 0
  }

  /** How this process itself does, and what it does not show: for gauges. */
  health(): SwimHealth {
    const { health, unverified, deadlines, rumors } = this.#machine
    return {
      localHealth: health.factor() - 1,
      unverified: unverified.size(),
      rumors: rumors.size(),
      timers: deadlines.size(),
    }
  }

  #start(now: Instant): void {
    this.#startedAt = now
    const { probePeriodMs, healPeriodMs } = this.#config
    const { deadlines, members, pushPull } = this.#machine
    for (const record of this.#known) members.put(record, now)
    // A random phase, so that processes that start together do not probe together.
    deadlines.set((now + this.#prng.below(probePeriodMs)) as Instant, { kind: 'round' })
    deadlines.set((now + healPeriodMs + this.#prng.below(healPeriodMs)) as Instant, { kind: 'heal' })
    pushPull.schedule(now)
  }

  /**
   * A deadline that is seen late means that this process stood still: its own clocks stand for everybody else's silence,
   * so they move by the pause. Noticed by whatever event comes first after it.
   */
  #noticePause(now: Instant): void {
    const { deadlines, beliefs, prober } = this.#machine
    const late = now - deadlines.next()
    if (late <= this.#config.pauseMs) return
    deadlines.shift(late + DRAIN_MS)
    beliefs.shift(late + DRAIN_MS)
    prober.stoodStill()
    this.#stoodStill(late)
  }

  #stoodStill(forMs: number): void {
    const { health, members, self, pushPull } = this.#machine
    health.worsen(Math.ceil(forMs / this.#config.pauseMs))
    if (this.#hasLeft() || forMs <= suspicionTimeoutMs(this.#config, 1, 0) || members.count() === 1) return
    self.reassert()
    pushPull.withAnybody()
  }

  #handleEvent(event: SwimEvent, now: Instant): void {
    const { reception, prober, joiner, spread, deadlines, self, pulls } = this.#machine
    switch (event.kind) {
      case 'datagram-received':
        reception.datagram(event.from, event.bytes, now)
        break
      case 'stream-received':
        reception.stream(event.from, event.bytes, now)
        break
      case 'session-closed':
        if (!event.goodbye) prober.sessionBroke(event.actor, now)
        break
      case 'join':
        joiner.join(event.seeds, event.remembered ?? [], now)
        break
      case 'set-metadata':
        self.tell(told(event))
        pulls.tell(event.details)
        break
      case 'pull-details':
        pulls.pull(event.actor, event.token, now)
        break
      case 'paused':
        this.#stoodStill(event.forMs)
        break
      case 'leave':
        deadlines.clear()
        pulls.close()
        spread.leave(now)
        return
      case 'deadline-reached':
        this.#runDue(now)
        break
      default:
        unreachable(event)
    }
    spread.schedule(now)
    prober.scheduleVerifying(now)
  }

  #runDue(now: Instant): void {
    const { deadlines } = this.#machine
    for (let timer = deadlines.takeDue(now); timer !== undefined; timer = deadlines.takeDue(now))
      this.#runTimer(timer, now)
  }

  #runTimer(timer: Timer, now: Instant): void {
    const { deadlines, prober, relay, beliefs, spread, pushPull, pulls, joiner } = this.#machine
    switch (timer.kind) {
      case 'round':
        deadlines.set(prober.nextRound(now), timer)
        pushPull.missedVerdict(now)
        break
      case 'ack-late':
        prober.ackLate(timer.probe, now)
        break
      case 'helpers-due':
        prober.helpersDue(timer.probe, now)
        break
      case 'probe-over':
        prober.probeOver(timer.probe, now)
        break
      case 'verify':
        prober.verifyDue(now)
        break
      case 'nack-due':
        relay.nackDue(timer.relay)
        break
      case 'relay-over':
        relay.over(timer.relay)
        break
      case 'suspicion':
        beliefs.suspicionExpired(timer.actor, timer.suspicion, now)
        break
      case 'steady':
        beliefs.steady(timer.actor, timer.since)
        break
      case 'gossip':
        spread.gossip(now)
        break
      case 'heal':
        spread.heal(now)
        break
      case 'push-pull':
        pushPull.withAnybody()
        pushPull.schedule(now)
        break
      case 'push-pull-again':
        pushPull.withAnybody()
        break
      case 'pull-again':
        pulls.again(timer.exchange, timer.turn, now)
        break
      case 'rejoin':
        joiner.attempt(timer.attempt, now)
        break
      case 'leave-again':
        spread.tellLeave(timer.left, now)
        break
      default:
        unreachable(timer)
    }
  }

  #hasLeft(): boolean {
    return this.#machine.outbox.self().state === 'left'
  }

  /** Once left, only the leave is repeated, and pings are answered as somebody who left. */
  #handleAfterLeave(event: SwimEvent, now: Instant): void {
    const { reception, pulls } = this.#machine
    if (event.kind === 'deadline-reached') this.#runDue(now)
    if (event.kind === 'pull-details') pulls.refuse(event.token)
    if (event.kind === 'datagram-received') reception.afterLeave(event.from, event.bytes)
    if (event.kind === 'stream-received') reception.afterLeave(undefined, event.bytes)
  }
}

export interface SwimHealth {
  /** Lifeguard's score: 0 is well. */
  readonly localHealth: number
  /** Members that were only told of, and have not answered yet. */
  readonly unverified: number
  readonly rumors: number
  readonly timers: number
}

/** What gossip tells: the metadata with the mark of the details. */
function told({ metadata, details }: Pick<SwimSelf, 'metadata' | 'details'>): MemberMetadata {
  const { details: _, ...rest } = metadata
  const mark = markOfDetails(details)
  const marked = mark === undefined ? rest : { ...rest, details: mark }
  assert(metadataBytes(marked) <= METADATA_BYTES_MAX, `metadata exceeds ${METADATA_BYTES_MAX} bytes`)
  assert((mark?.bytes ?? 0) <= DETAILS_BYTES_MAX, `details exceed ${DETAILS_BYTES_MAX} bytes`)
  return marked
}

function recordOfSelf({ actor, address, generation, ...what }: SwimSelf): MemberRecord {
  const metadata = told(what)
  return {
    actor,
    generation,
    incarnation: 0,
    state: 'alive',
    address,
    told: { generation, incarnation: 0, metadata },
  }
}

/** What is told of a member, as one who has met it holds it. */
export function recordOfView({ metadata, ...view }: MemberView): MemberRecord {
  const { actor, address, generation, incarnation, state } = view
  return { actor, generation, incarnation, state, address, told: { generation, incarnation, metadata } }
}
