/**
 * Ours × theirs → what to ask for. Pure, and linear in the number of ranges, so that a gap of a million versions costs
 * as much as a gap of one. Oracle: needs.test.ts does the same with sets of integers.
 */
import {
  type ActorId,
  type ActorKnowledge,
  compareActors,
  type Need,
  type Range,
  RangeSet,
  type Seq,
  type Version,
} from '@patina/base'
import type { Held, HeldChunks } from './knowledge.ts'

/** What a peer has told that it has and we lacked when it told us; shrinks as we get it. */
export type Offer = Omit<Held, 'lost'>

/** What is on its way: to the store (chunks received) or from another peer (versions asked for). */
export interface Expected {
  readonly versions: RangeSet<Version>
  readonly chunks: ReadonlyMap<Version, HeldChunks>
}

/** What one actor's entry of a peer's summary offers us beyond what it has answered; undefined when nothing. */
export function offerOf(
  ours: Held,
  theirs: ActorKnowledge,
  answered: RangeSet<Version> = new RangeSet(),
): Offer | undefined {
  // What is given up here is taken whole from whoever has it; parts of it would lie about for nothing.
  const have = RangeSet.of(theirs.have).subtract(ours.have).subtract(answered)
  const partials = new Map<Version, HeldChunks>()
  for (const { version, seqs, lastSeq } of theirs.partials) {
    if (ours.have.has(version) || ours.lost.has(version) || answered.has(version)) continue
    const offered = RangeSet.of(seqs).subtract(ours.partials.get(version)?.seqs ?? new RangeSet())
    if (!offered.isEmpty()) partials.set(version, { seqs: offered, lastSeq })
  }
  return have.isEmpty() && partials.size === 0 ? undefined : { have, partials }
}

/** All that the offer has, we lack and nothing else will bring: whole versions, and seqs of incomplete ones. */
export function computeNeeds(actor: ActorId, ours: Held, offer: Offer, expected: Expected): Need[] {
  const lacked = offer.have.subtract(ours.have).subtract(expected.versions)
  const needs: Need[] = []
  const incomplete = new Set([...ours.partials.keys(), ...expected.chunks.keys()])
  for (const version of incomplete) {
    if (!lacked.delete(version)) continue
    const { lastSeq } = (ours.partials.get(version) ?? expected.chunks.get(version)) as HeldChunks
    addSeqs(needs, actor, version, RangeSet.of([{ first: 0 as Seq, last: lastSeq }]), ours, expected)
  }
  for (const [version, { seqs }] of offer.partials) {
    const isLacked = !ours.have.has(version) && !ours.lost.has(version)
    if (!isLacked || offer.have.has(version) || expected.versions.has(version)) continue
    addSeqs(needs, actor, version, seqs, ours, expected)
  }
  if (!lacked.isEmpty()) needs.push({ kind: 'versions', actor, versions: [...lacked] })
  return needs
}

function addSeqs(
  needs: Need[],
  actor: ActorId,
  version: Version,
  offered: RangeSet<Seq>,
  ours: Held,
  expected: Expected,
): void {
  const seqs = offered
    .subtract(ours.partials.get(version)?.seqs ?? new RangeSet())
    .subtract(expected.chunks.get(version)?.seqs ?? new RangeSet())
  if (!seqs.isEmpty()) needs.push({ kind: 'seqs', actor, version, seqs: [...seqs] })
}

export interface NeedLimits {
  readonly versionsMax: number
  readonly rangesMax: number
}

/**
 * The newest of all needs within the limits, spread evenly over actors, because no actor's backlog should starve
 * another's. What is left out is asked for next time.
 */
export function newestNeeds(needs: readonly Need[], { versionsMax, rangesMax }: NeedLimits): Need[] {
  const actors = new Set(needs.map(({ actor }) => actor)).size
  if (actors === 0) return []
  const share = {
    versionsMax: Math.max(1, Math.floor(versionsMax / actors)),
    rangesMax: Math.max(1, Math.floor(rangesMax / actors)),
  }
  return [...Map.groupBy(needs, ({ actor }) => actor)]
    .sort(([a], [b]) => compareActors(a, b))
    .slice(0, Math.min(versionsMax, rangesMax))
    .flatMap(([, ofActor]) => newestOfActor(ofActor, share))
}

function newestOfActor(needs: readonly Need[], limits: NeedLimits): Need[] {
  const taken: Need[] = []
  let { versionsMax: versions, rangesMax: ranges } = limits
  for (const need of [...needs].sort((a, b) => newestVersion(b) - newestVersion(a))) {
    if (versions <= 0 || ranges <= 0) break
    if (need.kind === 'seqs') {
      const seqs = need.seqs.slice(0, ranges)
      taken.push({ ...need, seqs })
      versions -= 1
      ranges -= seqs.length
      continue
    }
    const newest = newestRanges(need.versions, { versionsMax: versions, rangesMax: ranges })
    taken.push({ ...need, versions: newest })
    versions -= countOf(newest)
    ranges -= newest.length
  }
  return taken
}

/** The upper end of sorted ranges, within the limits; sorted. */
export function newestRanges(ranges: readonly Range<Version>[], limits: NeedLimits): Range<Version>[] {
  const newest: Range<Version>[] = []
  let left = limits.versionsMax
  for (let i = ranges.length - 1; i >= 0 && left > 0 && newest.length < limits.rangesMax; i -= 1) {
    const { first, last } = ranges[i] as Range<Version>
    newest.push({ first: Math.max(first, last - left + 1) as Version, last })
    left -= last - first + 1
  }
  return newest.reverse()
}

function newestVersion(need: Need): number {
  return need.kind === 'seqs' ? need.version : (need.versions.at(-1)?.last ?? 0)
}

function countOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0)
}

/** The same in the same order; they are plain data. */
export function areSameNeeds(some: readonly Need[], others: readonly Need[]): boolean {
  return some.length === others.length && JSON.stringify(some) === JSON.stringify(others)
}

/** Whole versions by actor, so that each is named once. Of a version that lacks a part the whole is asked for. */
export function addNeeds(versions: Map<ActorId, RangeSet<Version>>, needs: readonly Need[]): void {
  for (const need of needs) {
    const wanted = versions.get(need.actor) ?? new RangeSet<Version>()
    if (need.kind === 'versions') wanted.addAll(need.versions)
    else wanted.add(need.version)
    versions.set(need.actor, wanted)
  }
}

/** Takes needs with at most so many ranges together out. */
export function takeNeeds(versions: Map<ActorId, RangeSet<Version>>, rangesMax: number): Need[] {
  const needs: Need[] = []
  let left = rangesMax
  for (const [actor, wanted] of versions) {
    if (left === 0) break
    const ranges = [...wanted]
    needs.push({ kind: 'versions', actor, versions: ranges.slice(0, left) })
    if (ranges.length > left) versions.set(actor, RangeSet.of(ranges.slice(left)))
    else versions.delete(actor)
    left -= Math.min(left, ranges.length)
  }
  return needs
}
