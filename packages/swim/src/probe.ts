/**
 * Prober: asks members whether they are there. One each period, in small clusters more: direct ping; where no ack comes
 * in time, once more and by stream; where still none comes, through helpers; then an accusation. Besides: an immediate
 * ping of a member whose stream broke, and probes of those who were only told of.
 * Source: SWIM §3.1; nacks and local health from Lifeguard §IV-A. The stream probe, as memberlist's TCP ping, is what
 * keeps a network that loses datagrams from false suspicions.
 */
import type { ActorId, Instant, Prng } from '@patina/base'
import type { Beliefs } from './beliefs.ts'
import { chooseNear, chooseSome } from './choose.ts'
import type { SwimConfig } from './config.ts'
import type { Coordinate } from './coordinate.ts'
import type { Deadlines } from './deadlines.ts'
import type { LocalHealth } from './local-health.ts'
import type { MemberRecord } from './member.ts'
import { type Member, type Members, type ProbeOutcome, wholeMs } from './members.ts'
import type { Way } from './message.ts'
import type { Outbox } from './outbox.ts'
import type { Paths } from './paths.ts'
import { RateLimit } from './rate-limit.ts'
import type { Timer } from './timer.ts'
import type { Unverified } from './unverified.ts'

/** A member whose streams break again and again is pinged for it at most this often. */
const SESSION_PROBE_INTERVAL_MS = 1_000
const SESSION_PROBE_KEYS_MAX = 4_096
/** Members that were only told of: 16 each 20 ms, so that a view of 1,000 is verified in little more than a second. */
const VERIFY_INTERVAL_MS = 20
const VERIFY_BATCH = 16

/**
 * Helpers are first looked for among those heard so lately. In three periods some ten speak to us, whatever the size of
 * the cluster; of members that are up a packet comes within the longer time in clusters of some dozens.
 */
const HEARD_LATELY_MS = [3_000, 15_000] as const

/**
 * Each member is asked about so often a period by the others together, in clusters that are so small that one probe a
 * period would leave it unasked for seconds by chance.
 */
const SMALL_CLUSTER_PROBES = 24
/** A suspect is asked about so often a period by those who could confirm it, however many suspects there are. */
const CONFIRMING_PROBES = 2

interface Probe {
  readonly number: number
  /** The target as believed when the probe began: an accusation is about that incarnation. */
  readonly target: MemberRecord
  readonly sentAt: Instant
  /** round: its period ends it · session: its first timeout does · verify: nobody is accused. */
  readonly purpose: 'round' | 'session' | 'verify'
  /** How long it waits for each of its ways. */
  readonly timeoutMs: number
  /** Helpers asked, with whether each sent a nack; undefined while the direct ack is awaited. */
  helpers: Map<ActorId, boolean> | undefined
  /** The ack may belong to another ping, or this process stood still meanwhile: its time says nothing. */
  isUntimed: boolean
  /** Its stream has answered; whether a datagram does is still to be seen. */
  isStreamOnly: boolean
}

export interface ProberParts {
  readonly config: SwimConfig
  readonly members: Members
  readonly unverified: Unverified
  readonly beliefs: Beliefs
  readonly deadlines: Deadlines<Timer>
  readonly outbox: Outbox
  readonly health: LocalHealth
  readonly paths: Paths
  readonly prng: Prng
  /** Numbers of pings, shared with those that we send for others. */
  readonly nextNumber: () => number
}

/** Who answered, and how the ack came. */
export interface Answer {
  readonly from: ActorId
  readonly way: Way
  readonly coordinate: Coordinate | undefined
}

export class Prober {
  readonly #parts: ProberParts
  /** Probes without an ack: those of a period, one per member and second for broken streams, and those of verifying. */
  readonly #probes = new Map<number, Probe>()
  readonly #sessionProbes = new RateLimit(SESSION_PROBE_INTERVAL_MS, SESSION_PROBE_KEYS_MAX)
  #verifySet = false

  constructor(parts: ProberParts) {
    this.#parts = parts
  }

  /** Begins a probe, and says when the next one begins. */
  nextRound(now: Instant): Instant {
    const { config, deadlines, health } = this.#parts
    const periodMs = config.probePeriodMs * health.factor()
    const member = this.#nextTarget()
    if (member === undefined) return (now + periodMs) as Instant
    const number = this.#pingMember(member, 'round', now)
    deadlines.set((now + periodMs) as Instant, { kind: 'probe-over', probe: number })
    return (now + periodMs / this.#probesPerPeriod()) as Instant
  }

  /** A stream with this member broke without goodbye: ask at once, because its kernel may have closed it for a dead process. */
  sessionBroke(actor: ActorId, now: Instant): void {
    const member = this.#parts.members.get(actor)
    if (member?.record.state !== 'alive' || !this.#sessionProbes.allows(actor, now)) return
    this.#pingMember(member, 'session', now)
  }

  /** Sets the timer for those who are to be verified; called after each event. */
  scheduleVerifying(now: Instant): void {
    const at = this.#verifySet ? undefined : this.#parts.unverified.nextAt()
    if (at === undefined) return
    this.#verifySet = true
    this.#parts.deadlines.set(Math.max(at, now) as Instant, { kind: 'verify' })
  }

  verifyDue(now: Instant): void {
    const { unverified, deadlines, config } = this.#parts
    this.#verifySet = false
    const due = unverified.takeDue(VERIFY_BATCH, now)
    for (const record of due) {
      const probe = this.#begin(record, 'verify', now)
      this.#ping(record, probe.number, 'datagram', true)
      const over = now + config.probePeriodMs * this.#parts.health.factor()
      deadlines.set(over as Instant, { kind: 'probe-over', probe: probe.number })
    }
    if (due.length < VERIFY_BATCH) return
    this.#verifySet = true
    deadlines.set((now + VERIFY_INTERVAL_MS) as Instant, { kind: 'verify' })
  }

  ackLate(number: number, now: Instant): void {
    const probe = this.#probes.get(number)
    if (probe === undefined) return
    const { target, purpose } = probe
    if (probe.isStreamOnly) return
    const member = this.#parts.members.get(target.actor)
    if (member === undefined && purpose !== 'verify') return
    if (purpose === 'session' && member?.isUdpBlocked !== true) {
      this.#probes.delete(number)
      this.#accuse(probe, now)
      return
    }
    this.#tryAgain(probe, member, now)
    if (purpose === 'session') {
      const over = now + this.#parts.config.probeTimeoutMs
      this.#parts.deadlines.set(over as Instant, { kind: 'probe-over', probe: number })
    }
  }

  /** Neither a second datagram nor the stream was answered in time. */
  helpersDue(number: number, now: Instant): void {
    const probe = this.#probes.get(number)
    if (probe === undefined || probe.isStreamOnly || probe.helpers !== undefined) return
    this.#askHelpers(probe, now)
  }

  /** The time of a probe is over. */
  probeOver(number: number, now: Instant): void {
    const { members, paths, unverified } = this.#parts
    const probe = this.#probes.get(number)
    if (probe === undefined) return
    const member = members.get(probe.target.actor)
    if (probe.isStreamOnly) {
      this.#probes.delete(number)
      if (member !== undefined) paths.blockUdp(member)
    } else if (probe.purpose === 'verify') {
      this.#probes.delete(number)
      unverified.failed(probe.target.actor, now)
    } else this.#fail(probe, now)
  }

  ackReceived(number: number, answer: Answer, now: Instant): void {
    const { members, paths } = this.#parts
    const { from, way, coordinate } = answer
    const probe = this.#probes.get(number)
    const isDirect = probe?.target.actor === from
    // A datagram got there and back, however late; what comes by stream says nothing about datagrams.
    if (way === 'datagram' && probe === undefined) paths.restoreUdp(members.get(from))
    if (probe === undefined || (!isDirect && probe.helpers?.has(from) !== true)) return
    const byStream = isDirect && way === 'stream'
    const member = this.#proven(probe, outcomeOf(isDirect, byStream), now)
    if (byStream && member?.isUdpBlocked !== true) probe.isStreamOnly = true
    else this.#probes.delete(number)
    if (member === undefined || byStream || !isDirect) return
    paths.measured(member, { sentAt: probe.sentAt, now, isTimed: !probe.isUntimed, coordinate })
  }

  nackReceived(number: number, from: ActorId, now: Instant): void {
    const probe = this.#probes.get(number)
    if (probe?.helpers?.has(from) !== true) return
    probe.helpers.set(from, true)
    // Differs from SWIM §3.1, where the end of the period decides: when every helper has heard nothing for its time,
    // and the stream had as long, nothing more can come, and the suspect gains nothing by our waiting.
    const isOpen = probe.purpose === 'round' && !probe.isStreamOnly
    const isSettled = isOpen && [...probe.helpers.values()].every((nacked) => nacked)
    if (isSettled && now - probe.sentAt >= this.#parts.config.probeTimeoutMs) this.#fail(probe, now)
  }

  /** This process stood still: acks that wait in its sockets tell nothing about the way. */
  stoodStill(): void {
    for (const probe of this.#probes.values()) probe.isUntimed = true
  }

  #probesPerPeriod(): number {
    const { config, members } = this.#parts
    const others = Math.max(1, members.active().length)
    return Math.min(config.probesPerPeriodMax, others, Math.ceil(SMALL_CLUSTER_PROBES / others))
  }

  /** The next in the order; or a suspect that waits for us to confirm it or not. */
  #nextTarget(): Member | undefined {
    const { beliefs, members, prng } = this.#parts
    const asked = new Set([...this.#probes.values()].map(({ target }) => target.actor))
    const waiting = beliefs.unconfirmed().filter(({ record }) => !asked.has(record.actor))
    const share = Math.min(CONFIRMING_PROBES * waiting.length, members.count() >> 1)
    if (share > 0 && prng.chance(share, members.count())) return prng.sample(waiting, 1)[0]
    return members.nextToProbe()
  }

  /**
   * By the second datagram and the stream at once, because either may be all that gets through; by helpers only when both
   * had their time: on a network that loses packets they were most of its traffic.
   */
  #tryAgain(probe: Probe, member: Member | undefined, now: Instant): void {
    const { target, number, timeoutMs, purpose, sentAt } = probe
    const { config, health, deadlines } = this.#parts
    if (member?.isUdpBlocked !== true) {
      probe.isUntimed = true
      for (const way of ['datagram', 'stream'] as const) this.#ping(target, number, way, purpose === 'verify')
    }
    const longest = config.probeTimeoutMs * health.factor()
    const at = Math.max(now, sentAt + Math.min(2 * timeoutMs, longest)) as Instant
    deadlines.set(at, { kind: 'helpers-due', probe: number })
  }

  /** It is there. Returns what is known of it. */
  #proven(probe: Probe, how: ProbeOutcome['how'], now: Instant): Member | undefined {
    const { members, health, beliefs } = this.#parts
    const { target, purpose } = probe
    const isFirst = !probe.isStreamOnly
    if (isFirst && purpose === 'verify') beliefs.verified(target.actor, now)
    if (isFirst && purpose === 'round') health.improve()
    const member = members.get(target.actor)
    if (member !== undefined) noteProbed(member, how, now)
    return member
  }

  /** First those whom we have heard lately: in a partition the others of our side can still help, and say nack. */
  #askHelpers(probe: Probe, now: Instant): void {
    const { prng, config, outbox, members } = this.#parts
    const { actor } = probe.target
    const region = outbox.self().told?.metadata.region ?? ''
    const able = ({ record }: Member): boolean => record.state === 'alive' && record.actor !== actor
    const heardIn = (ms: number, { heardAt }: Member): boolean => heardAt !== undefined && now - heardAt < ms
    const [lately] = HEARD_LATELY_MS
    // One who is near for a way like ours, the others anywhere for other ways.
    const near = chooseNear(prng, members.active(), Math.min(1, config.helpers), region)
    const chosen = new Set(near.filter((one) => able(one) && heardIn(lately, one)))
    for (const ms of [...HEARD_LATELY_MS, Number.POSITIVE_INFINITY]) {
      const accepts = (one: Member): boolean =>
        able(one) && !chosen.has(one) && (ms === Number.POSITIVE_INFINITY || heardIn(ms, one))
      const wanted = config.helpers - chosen.size
      for (const helper of chooseSome(prng, members.active(), wanted, accepts)) chosen.add(helper)
    }
    const helpers = [...chosen]
    probe.helpers = new Map(helpers.map(({ record }) => [record.actor, false]))
    for (const helper of helpers)
      outbox.sendToMember(helper, { kind: 'ping-req', probe: probe.number, target: actor })
  }

  /** Lifeguard §IV-A: helpers that sent no nack speak against ourselves; without helpers nothing speaks for us. */
  #fail(probe: Probe, now: Instant): void {
    this.#probes.delete(probe.number)
    const nacks = [...(probe.helpers?.values() ?? [])]
    if (probe.purpose === 'round')
      this.#parts.health.worsen(nacks.length === 0 ? 1 : nacks.filter((nacked) => !nacked).length)
    this.#accuse(probe, now)
  }

  #accuse(probe: Probe, now: Instant): void {
    const member = this.#parts.members.get(probe.target.actor)
    if (member !== undefined) noteProbed(member, 'silent', now)
    this.#parts.beliefs.accuse(probe.target, now)
  }

  #pingMember(member: Member, purpose: Probe['purpose'], now: Instant): number {
    const { number } = this.#begin(member.record, purpose, now)
    this.#ping(member.record, number, 'datagram', false)
    // Where datagrams were lost before, both ways at once: the stream keeps it alive, the datagram shows when it gets through.
    if (member.isUdpBlocked) this.#ping(member.record, number, 'stream', false)
    return number
  }

  #begin(target: MemberRecord, purpose: Probe['purpose'], now: Instant): Probe {
    const { deadlines, health, members, paths, nextNumber } = this.#parts
    const timeoutMs = paths.timeoutMs(members.get(target.actor)) * health.factor()
    const settled = { helpers: undefined, isUntimed: false, isStreamOnly: false }
    const probe: Probe = { number: nextNumber(), target, sentAt: now, purpose, timeoutMs, ...settled }
    this.#probes.set(probe.number, probe)
    deadlines.set((now + timeoutMs) as Instant, { kind: 'ack-late', probe: probe.number })
    return probe
  }

  #ping(target: MemberRecord, probe: number, way: Way, isStranger: boolean): void {
    const { address, actor } = target
    this.#parts.outbox.send({ address, actor, way, isStranger }, { kind: 'ping', probe, target: actor })
  }
}

function noteProbed(member: Member, how: ProbeOutcome['how'], now: Instant): void {
  member.probedAt = wholeMs(now)
  member.probedHow = how
}

function outcomeOf(isDirect: boolean, byStream: boolean): ProbeOutcome['how'] {
  if (!isDirect) return 'acked-through-helper'
  return byStream ? 'acked-by-stream' : 'acked'
}
