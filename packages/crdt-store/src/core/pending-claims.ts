/**
 * Pending claims: what peers called cleared, until it may be believed. A claim says: these versions are overwritten
 * entirely by winners among the versions that I hold (its basis). It counts only once the basis is held here too: taken at
 * once, and the only holder of the winner dies, two copies with equal knowledge would differ for good. Claims may rest on
 * each other; the largest set of them whose bases are covered closes together. In memory only, and pure.
 */
import { type ActorId, type ActorVersions, RangeSet, type Version } from '@patina/base'

/** What a server answered: versions without an entry, and all that it held when it said so. */
export interface Claim {
  readonly cleared: readonly ActorVersions[]
  readonly basis: readonly ActorVersions[]
}

export type VersionSets = ReadonlyMap<ActorId, RangeSet<Version>>

/** A claim, less what is held here: both sides only shrink. */
export interface PendingClaim {
  readonly cleared: VersionSets
  /** Of the basis, what is not held here. */
  readonly lacks: VersionSets
}

/** Of some versions of an actor those that are not held here. */
export type Lacked = (actor: ActorId, versions: RangeSet<Version>) => RangeSet<Version>

export interface SettledClaims {
  /** Versions that are held from now on: their winners are, or will be together with them. */
  readonly held: VersionSets
  /** Claims that wait on; the newest last. */
  readonly pending: readonly PendingClaim[]
}

/** Takes a new claim, if any, closes what may be closed, and keeps of the rest the newest up to `rangesMax` ranges. */
export function settleClaims(
  pending: readonly PendingClaim[],
  claim: Claim | undefined,
  { lacked, rangesMax }: { readonly lacked: Lacked; readonly rangesMax: number },
): SettledClaims {
  const fresh = claim === undefined ? [] : [{ cleared: setsOf(claim.cleared), lacks: setsOf(claim.basis) }]
  const open = [...pending, ...fresh]
    .map(({ cleared, lacks }) => ({ cleared: reduce(cleared, lacked), lacks: reduce(lacks, lacked) }))
    .filter(({ cleared }) => cleared.size > 0)
  const held = unionOf(largestClosed(open))
  const isHeld: Lacked = (actor, versions) => versions.subtract(held.get(actor) ?? NONE)
  const rest = open
    .map(({ cleared, lacks }) => ({ cleared: reduce(cleared, isHeld), lacks: reduce(lacks, isHeld) }))
    .filter(({ cleared }) => cleared.size > 0)
  return { held, pending: newest(rest, rangesMax) }
}

const NONE: RangeSet<Version> = new RangeSet()

/** The greatest fixed point: begin with all and drop, until nothing changes, those whose basis the others do not cover. */
function largestClosed(claims: readonly PendingClaim[]): readonly PendingClaim[] {
  const union = unionOf(claims)
  const covered = claims.filter(({ lacks }) =>
    [...lacks].every(([actor, versions]) => (union.get(actor) ?? NONE).containsAll(versions)),
  )
  return covered.length === claims.length ? claims : largestClosed(covered)
}

function unionOf(claims: readonly PendingClaim[]): Map<ActorId, RangeSet<Version>> {
  const union = new Map<ActorId, RangeSet<Version>>()
  for (const { cleared } of claims)
    for (const [actor, versions] of cleared) setOf(union, actor).addAll(versions)
  return union
}

function setsOf(list: readonly ActorVersions[]): VersionSets {
  const sets = new Map<ActorId, RangeSet<Version>>()
  for (const { actor, versions } of list) setOf(sets, actor).addAll(versions)
  return sets
}

function setOf(sets: Map<ActorId, RangeSet<Version>>, actor: ActorId): RangeSet<Version> {
  const known = sets.get(actor) ?? new RangeSet<Version>()
  sets.set(actor, known)
  return known
}

function reduce(sets: VersionSets, lacked: Lacked): VersionSets {
  const reduced = new Map<ActorId, RangeSet<Version>>()
  for (const [actor, versions] of sets) {
    const rest = lacked(actor, versions)
    if (!rest.isEmpty()) reduced.set(actor, rest)
  }
  return reduced
}

/** An older claim is the one to drop: whoever made it says more the next time it is asked. */
function newest(claims: readonly PendingClaim[], rangesMax: number): readonly PendingClaim[] {
  let [from, ranges] = [claims.length, 0]
  while (from > 0) {
    const { cleared, lacks } = claims[from - 1] as PendingClaim
    for (const { size } of [...cleared.values(), ...lacks.values()]) ranges += size
    if (ranges > rangesMax) break
    from -= 1
  }
  return claims.slice(from)
}
