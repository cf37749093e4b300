/**
 * Prober: asks members whether they are there. One round a period: direct ping, then through helpers, then an accusation;
 * besides it an immediate ping of a member whose stream broke. It also serves as helper for others.
 * Source: SWIM §3.1; nack and local health from Lifeguard §IV-A. Differs from SWIM §3.1: the target is pinged again together
 * with the helpers, because there is no stream probe yet and in a cluster of two there are no helpers.
 */
import type { ActorId, Instant, PeerAddress, Prng } from '@patina/base'
import type { Beliefs } from './beliefs.ts'
import type { SwimConfig } from './config.ts'
import type { Deadlines } from './deadlines.ts'
import type { LocalHealth } from './local-health.ts'
import type { MemberRecord } from './member.ts'
import type { Member, Members } from './members.ts'
import type { Outbox } from './outbox.ts'
import { RateLimit } from './rate-limit.ts'
import { ackTimeoutMs, sampleRoundTrip } from './round-trip.ts'
import type { Timer } from './timer.ts'

/** A member whose streams break again and again is pinged for it at most this often. */
const SESSION_PROBE_INTERVAL_MS = 1_000
const SESSION_PROBE_KEYS_MAX = 4_096

/** Lifeguard §IV-A: a nack comes at 80 % of the timeout, before the prober's period is over. */
const NACK_SHARE = 0.8

interface Probe {
  readonly number: number
  /** The target as believed when the probe began: an accusation is about that incarnation. */
  readonly target: MemberRecord
  readonly sentAt: Instant
  readonly purpose: 'round' | 'session'
  /** Helpers asked, with whether each sent a nack; undefined while the direct ack is awaited. */
  helpers: Map<ActorId, boolean> | undefined
}

interface Relay {
  readonly target: ActorId
  readonly requester: { readonly actor: ActorId; readonly address: PeerAddress }
  readonly probe: number
}

export interface ProberParts {
  readonly config: SwimConfig
  readonly members: Members
  readonly beliefs: Beliefs
  readonly deadlines: Deadlines<Timer>
  readonly outbox: Outbox
  readonly health: LocalHealth
  readonly prng: Prng
}

export class Prober {
  readonly #parts: ProberParts
  /** Probes without an ack: at most one of a round, and one per member and second for broken streams. */
  readonly #probes = new Map<number, Probe>()
  /** Pings for others, by the number of our own ping; at most `relaysMax`. */
  readonly #relays = new Map<number, Relay>()
  readonly #sessionProbes = new RateLimit(SESSION_PROBE_INTERVAL_MS, SESSION_PROBE_KEYS_MAX)
  #round: number | undefined
  #number: number

  constructor(parts: ProberParts) {
    this.#parts = parts
    // Acks to an earlier process of ours must not meet a probe of this one.
    this.#number = parts.prng.u32()
  }

  /** Ends the round that is over, begins the next, and says when that will be over. */
  nextRound(now: Instant): Instant {
    this.#endRound(now)
    const { config, members, health } = this.#parts
    const member = members.nextToProbe()
    if (member !== undefined) this.#round = this.#ping(member, 'round', now)
    return (now + config.probePeriodMs * health.factor()) as Instant
  }

  /** A stream with this member broke without goodbye: ask at once, because its kernel may have closed it for a dead process. */
  sessionBroke(actor: ActorId, now: Instant): void {
    const member = this.#parts.members.get(actor)
    if (member?.record.state !== 'alive' || !this.#sessionProbes.allows(actor, now)) return
    this.#ping(member, 'session', now)
  }

  ackLate(number: number, now: Instant): void {
    const probe = this.#probes.get(number)
    const member = probe && this.#parts.members.get(probe.target.actor)
    if (probe === undefined || member === undefined) return
    if (probe.purpose === 'session') {
      this.#probes.delete(number)
      this.#parts.beliefs.accuse(probe.target, now)
      return
    }
    const { actor } = probe.target
    const able = this.#parts.members
      .active()
      .filter(({ record }) => record.state === 'alive' && record.actor !== actor)
    const helpers = this.#parts.prng.sample(able, this.#parts.config.helpers)
    probe.helpers = new Map(helpers.map(({ record }) => [record.actor, false]))
    for (const helper of helpers)
      this.#parts.outbox.sendToMember(helper, { kind: 'ping-req', probe: number, target: actor })
    this.#parts.outbox.sendToMember(member, { kind: 'ping', probe: number, target: actor })
  }

  ackReceived(number: number, from: ActorId, now: Instant): void {
    this.#relayAck(number, from)
    const probe = this.#probes.get(number)
    if (probe === undefined) return
    const direct = probe.target.actor === from
    if (!direct && !probe.helpers?.has(from)) return
    this.#probes.delete(number)
    const member = this.#parts.members.get(from)
    // Once the ping was repeated, an ack does not say which one it answers.
    if (direct && member !== undefined && probe.helpers === undefined)
      member.roundTrip = sampleRoundTrip(member.roundTrip, now - probe.sentAt)
    if (probe.purpose === 'round') this.#parts.health.improve()
  }

  nackReceived(number: number, from: ActorId): void {
    const helpers = this.#probes.get(number)?.helpers
    if (helpers?.has(from)) helpers.set(from, true)
  }

  /** Pings `target` for somebody else. Only members that we know are pinged, so that nobody can aim us at strangers. */
  helpRequested(probe: number, target: ActorId, requester: Relay['requester'], now: Instant): void {
    const { config, members, outbox, deadlines } = this.#parts
    const member = members.get(target)
    if (member === undefined || this.#relays.size >= config.relaysMax) {
      outbox.send(requester, { kind: 'nack', probe })
      return
    }
    const relay = this.#nextNumber()
    this.#relays.set(relay, { target, requester, probe })
    outbox.sendToMember(member, { kind: 'ping', probe: relay, target })
    deadlines.set((now + NACK_SHARE * config.probeTimeoutMs) as Instant, { kind: 'nack-due', relay })
    deadlines.set((now + config.probePeriodMs) as Instant, { kind: 'relay-over', relay })
  }

  nackDue(relay: number): void {
    const { requester, probe } = this.#relays.get(relay) ?? {}
    if (requester !== undefined && probe !== undefined)
      this.#parts.outbox.send(requester, { kind: 'nack', probe })
  }

  relayOver(relay: number): void {
    this.#relays.delete(relay)
  }

  #relayAck(number: number, from: ActorId): void {
    const relay = this.#relays.get(number)
    if (relay?.target !== from) return
    this.#relays.delete(number)
    this.#parts.outbox.send(relay.requester, { kind: 'ack', probe: relay.probe })
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
    this.#parts.beliefs.accuse(probe.target, now)
  }

  #ping(member: Member, purpose: Probe['purpose'], now: Instant): number {
    const { config, outbox, deadlines, health } = this.#parts
    const number = this.#nextNumber()
    this.#probes.set(number, { number, target: member.record, sentAt: now, purpose, helpers: undefined })
    outbox.sendToMember(member, { kind: 'ping', probe: number, target: member.record.actor })
    const timeout = ackTimeoutMs(config, member.roundTrip) * health.factor()
    deadlines.set((now + timeout) as Instant, { kind: 'ack-late', probe: number })
    return number
  }

  /** Never 0, which marks pings whose ack nobody awaits. */
  #nextNumber(): number {
    this.#number = this.#number >= 0xffff_ffff ? 1 : this.#number + 1
    return this.#number
  }
}
