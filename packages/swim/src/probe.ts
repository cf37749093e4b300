/**
 * Prober: asks members whether they are there. One round a period: direct ping; where no ack comes in time, through
 * helpers and by stream; then an accusation. Besides: an immediate ping of a member whose stream broke, and probes of
 * those who were only told of.
 * Source: SWIM §3.1; nacks and local health from Lifeguard §IV-A. The stream probe, as memberlist's TCP ping, is what
 * keeps a network that loses datagrams from false suspicions.
 */
import type { ActorId, Instant, Prng } from '@patina/base'
import type { Beliefs } from './beliefs.ts'
import { chooseNear, chooseSome, regionOf } from './choose.ts'
import type { SwimConfig } from './config.ts'
import type { Coordinate } from './coordinate.ts'
import type { Deadlines } from './deadlines.ts'
import type { LocalHealth } from './local-health.ts'
import type { Locator } from './locator.ts'
import type { MemberRecord } from './member.ts'
import { type Member, type Members, type ProbeOutcome, viewOf } from './members.ts'
import type { Way } from './message.ts'
import type { Outbox } from './outbox.ts'
import { RateLimit } from './rate-limit.ts'
import { nextRing, ringAt } from './ring.ts'
import { ackTimeoutMs, lowestRoundTripMs, type RoundTrip, sampleRoundTrip } from './round-trip.ts'
import type { Timer } from './timer.ts'
import type { Unverified } from './unverified.ts'

/** A member whose streams break again and again is pinged for it at most this often. */
const SESSION_PROBE_INTERVAL_MS = 1_000
const SESSION_PROBE_KEYS_MAX = 4_096
/** Members that were only told of: 16 each 20 ms, so that a view of 1,000 is verified in little more than a second. */
const VERIFY_INTERVAL_MS = 20
const VERIFY_BATCH = 16

/** Of members that are up a packet comes about so often, also in a large cluster. */
const HEARD_LATELY_MS = 15_000

/** Regions whose round trips are kept; members of others wait the longest time. */
const REGIONS_MAX = 256

interface Probe {
  readonly number: number
  /** The target as believed when the probe began: an accusation is about that incarnation. */
  readonly target: MemberRecord
  readonly sentAt: Instant
  /** round: its period ends it · session: its first timeout does · verify: nobody is accused. */
  readonly purpose: 'round' | 'session' | 'verify'
  /** Helpers asked, with whether each sent a nack; undefined while the direct ack is awaited. */
  helpers: Map<ActorId, boolean> | undefined
  /** This process stood still meanwhile: the time of its ack says nothing. */
  isUntimed: boolean
}

export interface ProberParts {
  readonly config: SwimConfig
  readonly members: Members
  readonly unverified: Unverified
  readonly beliefs: Beliefs
  readonly deadlines: Deadlines<Timer>
  readonly outbox: Outbox
  readonly health: LocalHealth
  readonly locator: Locator
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
  /** Probes without an ack: at most one of a round, one per member and second for broken streams, and those of verifying. */
  readonly #probes = new Map<number, Probe>()
  readonly #sessionProbes = new RateLimit(SESSION_PROBE_INTERVAL_MS, SESSION_PROBE_KEYS_MAX)
  /** Round trips to the members of each region, all taken together; at most REGIONS_MAX. */
  readonly #regions = new Map<string, RoundTrip>()
  #round: number | undefined
  #verifySet = false

  constructor(parts: ProberParts) {
    this.#parts = parts
  }

  /** Ends the round that is over, begins the next, and says when that will be over. */
  nextRound(now: Instant): Instant {
    this.#endRound(now)
    const { config, members, health } = this.#parts
    const member = members.nextToProbe()
    if (member !== undefined) this.#round = this.#pingMember(member, 'round', now)
    return (now + config.probePeriodMs * health.factor()) as Instant
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
    const member = this.#parts.members.get(target.actor)
    if (member === undefined && purpose !== 'verify') return
    if (purpose === 'session' && member?.isUdpBlocked !== true) {
      this.#probes.delete(number)
      this.#accuse(probe, now)
      return
    }
    this.#askHelpers(probe, now)
    this.#ping(target, number, 'stream', purpose === 'verify')
    if (purpose === 'session') {
      const over = now + this.#parts.config.probeTimeoutMs
      this.#parts.deadlines.set(over as Instant, { kind: 'probe-over', probe: number })
    }
  }

  /** The time of a probe outside the rounds is over. */
  probeOver(number: number, now: Instant): void {
    const probe = this.#probes.get(number)
    if (probe === undefined) return
    this.#probes.delete(number)
    if (probe.purpose === 'verify') this.#parts.unverified.failed(probe.target.actor, now)
    else this.#accuse(probe, now)
  }

  ackReceived(number: number, { from, way, coordinate }: Answer, now: Instant): void {
    const { members, health, beliefs } = this.#parts
    const probe = this.#probes.get(number)
    const isDirect = probe?.target.actor === from
    // A datagram got there and back, however late; what comes by stream says nothing about datagrams.
    if (way === 'datagram' && probe === undefined) this.#restoreUdp(members.get(from))
    if (probe === undefined || (!isDirect && probe.helpers?.has(from) !== true)) return
    this.#probes.delete(number)
    if (probe.purpose === 'verify') beliefs.verified(probe.target.actor, now)
    const member = members.get(probe.target.actor)
    if (member !== undefined) {
      const byStream = isDirect && way === 'stream'
      member.probed = { at: now, how: outcomeOf(isDirect, byStream) }
      if (byStream) this.#blockUdp(member)
      else if (isDirect) this.#measured(member, probe, { coordinate, now })
    }
    if (probe.purpose === 'round') health.improve()
  }

  nackReceived(number: number, from: ActorId, now: Instant): void {
    const probe = this.#probes.get(number)
    if (probe?.helpers?.has(from) !== true) return
    probe.helpers.set(from, true)
    // Differs from SWIM §3.1, where the end of the period decides: when every helper has heard nothing for its time,
    // and the stream had as long, nothing more can come, and the suspect gains nothing by our waiting.
    const isSettled = probe.purpose === 'round' && [...probe.helpers.values()].every((nacked) => nacked)
    if (isSettled && now - probe.sentAt >= this.#parts.config.probeTimeoutMs) this.#endRound(now)
  }

  /** This process stood still: acks that wait in its sockets tell nothing about the way. */
  stoodStill(): void {
    for (const probe of this.#probes.values()) probe.isUntimed = true
  }

  /**
   * How long the next probe of this member waits for its ack, before local health multiplies it. In a cluster of 1,000 a
   * peer is measured each quarter of an hour, so others of its region speak for those that we never measured.
   */
  timeoutMs(member: Member | undefined): number {
    const { config, locator } = this.#parts
    if (member === undefined) return config.probeTimeoutMs
    const known = member.roundTrip ?? this.#regions.get(regionOf(member))
    return ackTimeoutMs(config, known, locator.estimateMs(member.coordinate))
  }

  /** First those whom we have heard lately: in a partition the others of our side can still help, and say nack. */
  #askHelpers(probe: Probe, now: Instant): void {
    const { prng, config, outbox } = this.#parts
    const { actor } = probe.target
    const able = ({ record }: Member): boolean => record.state === 'alive' && record.actor !== actor
    const isHeard = (member: Member): boolean =>
      able(member) && member.heardAt !== undefined && now - member.heardAt < HEARD_LATELY_MS
    const region = outbox.self().told?.metadata.region ?? ''
    const members = this.#parts.members.active()
    // One who is near for a way like ours, the others anywhere for other ways.
    const near = chooseNear(prng, members, Math.min(1, config.helpers), region).filter(isHeard)
    const chosen = new Set(near)
    for (const accepts of [isHeard, able]) {
      const wanted = config.helpers - chosen.size
      if (wanted > 0)
        for (const helper of chooseSome(prng, members, wanted, (one) => accepts(one) && !chosen.has(one)))
          chosen.add(helper)
    }
    const helpers = [...chosen]
    probe.helpers = new Map(helpers.map(({ record }) => [record.actor, false]))
    for (const helper of helpers)
      outbox.sendToMember(helper, { kind: 'ping-req', probe: probe.number, target: actor })
  }

  #endRound(now: Instant): void {
    const number = this.#round
    this.#round = undefined
    const probe = number === undefined ? undefined : this.#probes.get(number)
    if (probe === undefined) return
    this.#probes.delete(probe.number)
    // Lifeguard §IV-A: helpers that sent no nack speak against ourselves; without helpers nothing speaks for us.
    const nacks = [...(probe.helpers?.values() ?? [])]
    this.#parts.health.worsen(nacks.length === 0 ? 1 : nacks.filter((nacked) => !nacked).length)
    this.#accuse(probe, now)
  }

  #accuse(probe: Probe, now: Instant): void {
    const member = this.#parts.members.get(probe.target.actor)
    if (member !== undefined) member.probed = { at: now, how: 'silent' }
    this.#parts.beliefs.accuse(probe.target, now)
  }

  /** RFC 6298: only an ack that can belong to no other ping gives a sample; a ping is sent once as a datagram. */
  #measured(
    member: Member,
    probe: Probe,
    { coordinate, now }: { readonly coordinate: Coordinate | undefined; readonly now: Instant },
  ): void {
    this.#restoreUdp(member)
    if (coordinate !== undefined) member.coordinate = coordinate
    if (probe.isUntimed) return
    const rttMs = now - probe.sentAt
    member.roundTrip = sampleRoundTrip(member.roundTrip, rttMs)
    this.#measuredRegion(regionOf(member), rttMs)
    if (coordinate !== undefined) this.#parts.locator.measured(member.record.actor, coordinate, rttMs)
    const lowest = lowestRoundTripMs(member.roundTrip)
    const estimate = this.#parts.locator.estimateMs(member.coordinate)
    if (lowest !== undefined) member.ring = nextRing(member.ring, lowest)
    else if (estimate !== undefined) member.ring = ringAt(estimate)
  }

  #measuredRegion(region: string, rttMs: number): void {
    const known = this.#regions.get(region)
    if (known === undefined && this.#regions.size >= REGIONS_MAX) return
    this.#regions.set(region, sampleRoundTrip(known, rttMs))
  }

  #blockUdp(member: Member): void {
    if (member.isUdpBlocked) return
    member.isUdpBlocked = true
    this.#parts.outbox.notify({ kind: 'udp-blocked', member: viewOf(member) })
  }

  #restoreUdp(member: Member | undefined): void {
    if (member?.isUdpBlocked !== true) return
    member.isUdpBlocked = false
    this.#parts.outbox.notify({ kind: 'udp-restored', member: viewOf(member) })
  }

  #pingMember(member: Member, purpose: Probe['purpose'], now: Instant): number {
    const { number } = this.#begin(member.record, purpose, now)
    this.#ping(member.record, number, 'datagram', false)
    // Where datagrams were lost before, both ways at once: the stream keeps it alive, the datagram shows when it gets through.
    if (member.isUdpBlocked) this.#ping(member.record, number, 'stream', false)
    return number
  }

  #begin(target: MemberRecord, purpose: Probe['purpose'], now: Instant): Probe {
    const { deadlines, health, members } = this.#parts
    const number = this.#parts.nextNumber()
    const probe: Probe = { number, target, sentAt: now, purpose, helpers: undefined, isUntimed: false }
    this.#probes.set(number, probe)
    const timeout = this.timeoutMs(members.get(target.actor)) * health.factor()
    deadlines.set((now + timeout) as Instant, { kind: 'ack-late', probe: number })
    return probe
  }

  #ping(target: MemberRecord, probe: number, way: Way, isStranger: boolean): void {
    const { address, actor } = target
    this.#parts.outbox.send({ address, actor, way, isStranger }, { kind: 'ping', probe, target: actor })
  }
}

function outcomeOf(isDirect: boolean, byStream: boolean): ProbeOutcome['how'] {
  if (!isDirect) return 'acked-through-helper'
  return byStream ? 'acked-by-stream' : 'acked'
}
