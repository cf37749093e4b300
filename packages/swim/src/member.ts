/**
 * MemberRecord: what is said of one member, and the order that decides what is believed. Records of a member form a
 * lattice and merge is its maximum, so that order and repetition of messages cannot matter (I-SWIM-1).
 *
 * Source: SWIM §4.2. Differs from it, where a confirmed failure is final: a higher incarnation or generation revives,
 * because a partition must heal without new identities. It does not know time, suspicion timers or who said it.
 */
import type { ActorId, PeerAddress } from '@patina/base'
import type { MemberMetadata, MemberState } from './notification.ts'

export interface MemberRecord {
  readonly actor: ActorId
  /** ≥ 1, raised and made durable by the member at each start. */
  readonly generation: number
  /** Raised by the member alone, to refute. */
  readonly incarnation: number
  readonly state: MemberState
  /** Fixed for a generation. */
  readonly address: PeerAddress
  /** The newest that the member told of itself; undefined where this record does not carry it. */
  readonly told: ToldMetadata | undefined
}

/** Metadata, stamped with when the member told it: a lattice of its own, so that a suspicion need not carry it. */
export interface ToldMetadata {
  readonly generation: number
  readonly incarnation: number
  readonly metadata: MemberMetadata
}

/** Rising rank: at one incarnation the worse state wins. */
export const RANK: Readonly<Record<MemberState, number>> = { alive: 0, suspect: 1, down: 2, left: 3 }

/** An incarnation that cannot be raised any more; the wire has 32 bits. */
export const INCARNATION_MAX = 4_294_967_295

/** Order of two records of one member: generation, incarnation, rank. 0 only where these are equal. */
export function compareRecords(a: MemberRecord, b: MemberRecord): number {
  return a.generation - b.generation || a.incarnation - b.incarnation || RANK[a.state] - RANK[b.state]
}

/** True where `incoming` changes what is believed of the member's state. */
export function supersedes(incoming: MemberRecord, known: MemberRecord): boolean {
  return compareRecords(incoming, known) > 0
}

/** Maximum of both: state and address by the record's order, metadata by its own stamp. */
export function mergeRecords(known: MemberRecord, incoming: MemberRecord): MemberRecord {
  const greater = supersedes(incoming, known) ? incoming : known
  const told = mergeTold(known.told, incoming.told)
  return greater.told === told ? greater : { ...greater, told }
}

/** True for members that take part: probed, gossiped to, counted. */
export function isActive(state: MemberState): boolean {
  return state === 'alive' || state === 'suspect'
}

function mergeTold(
  known: ToldMetadata | undefined,
  incoming: ToldMetadata | undefined,
): ToldMetadata | undefined {
  if (known === undefined || incoming === undefined) return known ?? incoming
  const order = incoming.generation - known.generation || incoming.incarnation - known.incarnation
  return order > 0 ? incoming : known
}

/** For sorting: alive first. */
export function byRank(a: { readonly record: MemberRecord }, b: { readonly record: MemberRecord }): number {
  return RANK[a.record.state] - RANK[b.record.state]
}
