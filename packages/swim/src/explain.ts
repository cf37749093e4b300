/**
 * Explain: why this process believes what it believes of a member, in one value for people and logs: who said it, when
 * it was heard of last and how, what our probes found, when the verdict falls. It only reads.
 */
import type { ActorId, Instant } from '@patina/base'
import type { Beliefs } from './beliefs.ts'
import type { SwimConfig } from './config.ts'
import type { Locator } from './locator.ts'
import { isActive } from './member.ts'
import { type Member, type Members, type ProbeOutcome, viewOf, viewOfRecord } from './members.ts'
import type { Way } from './message.ts'
import type { MemberView } from './notification.ts'
import type { Ring } from './ring.ts'
import { lowestRoundTripMs } from './round-trip.ts'
import { confirmationsWanted, suspicionDeadline } from './suspicion.ts'
import type { Unverified } from './unverified.ts'

export interface Explanation {
  /** As the application sees it. */
  readonly member: MemberView
  /** heard: it speaks or answers · told: others say so, and nobody we heard of denies it · accused, unverified, held. */
  readonly because: 'heard' | 'told' | 'accused' | 'said-so-itself' | 'unverified' | 'held'
  readonly heardAt: Instant | undefined
  readonly heardBy: Way | undefined
  readonly lastProbe: ProbeOutcome | undefined
  /** Of a suspect or a member that is down: who found it silent, the first accuser first. */
  readonly accusers: readonly ActorId[]
  readonly confirmationsWanted: number | undefined
  /** When a suspect is down unless it refutes. */
  readonly verdictAt: Instant | undefined
  readonly ackTimeoutMs: number
  readonly lowestRttMs: number | undefined
  readonly estimatedRttMs: number | undefined
  readonly ring: Ring | undefined
  readonly isUdpBlocked: boolean
  /** Times that it came back from down in the last ten minutes of its troubles. */
  readonly revivals: number
  readonly protocolMax: number
  /** Of an unverified one: who told of it. */
  readonly toldBy: ActorId | undefined
}

export interface ExplainParts {
  readonly config: SwimConfig
  readonly members: Members
  readonly unverified: Unverified
  readonly beliefs: Beliefs
  readonly locator: Locator
  readonly timeoutMs: (actor: ActorId) => number
}

/** Undefined where nothing is known of this actor. */
export function explain(parts: ExplainParts, actor: ActorId): Explanation | undefined {
  const member = parts.members.get(actor)
  if (member === undefined) return explainUnverified(parts, actor)
  const suspicion = parts.beliefs.suspicionOf(actor)
  const { record, heardAt, heardBy, accusers, ring, isUdpBlocked, protocolMax, damping } = member
  return {
    member: viewOf(member),
    because: reasonOf(record.state, damping?.isHeld === true, heardAt !== undefined),
    heardAt,
    heardBy: heardAt === undefined ? undefined : heardBy,
    lastProbe: lastProbeOf(member),
    accusers,
    confirmationsWanted: suspicion && confirmationsWanted(parts.config, suspicion.members),
    verdictAt: suspicion && suspicionDeadline(parts.config, suspicion),
    ackTimeoutMs: parts.timeoutMs(actor),
    lowestRttMs: lowestRoundTripMs(member.roundTrip),
    estimatedRttMs: parts.locator.estimateMs(parts.members.coordinates.get(member.coordinate)),
    ring,
    isUdpBlocked,
    revivals: damping?.revivedAt.length ?? 0,
    protocolMax,
    toldBy: undefined,
  }
}

function lastProbeOf({ probedAt, probedHow }: Member): ProbeOutcome | undefined {
  return probedAt === undefined || probedHow === undefined ? undefined : { at: probedAt, how: probedHow }
}

function reasonOf(state: MemberView['state'], isHeld: boolean, wasHeard: boolean): Explanation['because'] {
  if (state === 'left') return 'said-so-itself'
  if (!isActive(state) || state === 'suspect') return 'accused'
  if (isHeld) return 'held'
  return wasHeard ? 'heard' : 'told'
}

function explainUnverified(parts: ExplainParts, actor: ActorId): Explanation | undefined {
  const waiting = parts.unverified.get(actor)
  if (waiting === undefined) return undefined
  return {
    member: viewOfRecord(waiting.record, waiting.since, undefined),
    because: 'unverified',
    heardAt: undefined,
    heardBy: undefined,
    lastProbe: undefined,
    accusers: [],
    confirmationsWanted: undefined,
    verdictAt: undefined,
    ackTimeoutMs: parts.timeoutMs(actor),
    lowestRttMs: undefined,
    estimatedRttMs: undefined,
    ring: undefined,
    isUdpBlocked: false,
    revivals: 0,
    protocolMax: 1,
    toldBy: waiting.by,
  }
}
