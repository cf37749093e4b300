/**
 * Unobtainable: versions that are missing here and that nobody has any more, as far as this node can know. A peer's summary says
 * what it holds of what we lack; a version is unobtainable once every living member has been compared since it is missing, none
 * of them holds it or the parts that would complete it, and its actor has not been seen among the living for `unobtainableMs`.
 * It is then told to people, counted apart, and keeps this node neither lagging nor unready. Giving it up for good is an
 * operator's decision (losses.ts). Nothing here asks anybody for anything: requests follow what peers offer.
 *
 * All in memory: after a restart the time is counted anew.
 */
import {
  type ActorId,
  type ActorKnowledge,
  type ActorVersions,
  compareActors,
  elapsed,
  type Instant,
  latest,
  RangeSet,
  type Seq,
  type Version,
} from '@patina/base'
import type { SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { Held, HeldChunks, Knowledge } from './knowledge.ts'
import { type Offer, offerOf } from './needs.ts'
import { isToldWhole } from './summary.ts'

/** One session. */
interface Peer {
  /** When it last told all that it holds; undefined where it has not. */
  comparedAt: Instant | undefined
  /** Of what we lacked then, what it holds. */
  offers: ReadonlyMap<ActorId, Offer>
}

/** Missing versions of one actor that no peer holds, by since when. */
interface Layer {
  readonly versions: RangeSet<Version>
  readonly since: Instant
}

/** What is missing of one actor, for people. */
export interface MissingVersions extends ActorVersions {
  readonly head: Version | 0
  /** Of these, what some connected member holds. */
  readonly heldByOthers: ActorVersions['versions']
  /** Of these, what nobody has any more. */
  readonly unobtainable: ActorVersions['versions']
  /** Given up, and not held. */
  readonly lost: ActorVersions['versions']
}

/** Of one actor; versions that went missing later than the last but one count as missing since then. */
const LAYERS_MAX = 16

export class Unobtainable {
  readonly #self: ActorId
  readonly #config: SyncConfig
  readonly #knowledge: Knowledge
  readonly #peers = new Map<ActorId, Peer>()
  /** Of actors that are not among the living. */
  readonly #layers = new Map<ActorId, readonly Layer[]>()
  /** As of the last look: what no living member has, and of that what nobody has had for so long. */
  readonly #nobodyHas = new Map<ActorId, RangeSet<Version>>()
  readonly #found = new Map<ActorId, RangeSet<Version>>()

  constructor(self: ActorId, config: SyncConfig, knowledge: Knowledge) {
    this.#self = self
    this.#config = config
    this.#knowledge = knowledge
  }

  open(peer: ActorId): void {
    this.#peers.set(peer, { comparedAt: undefined, offers: new Map() })
  }

  close(peer: ActorId): void {
    this.#peers.delete(peer)
  }

  /** A peer has told what it holds. A summary that was cut proves nothing of what it leaves out. */
  told(from: ActorId, summary: readonly ActorKnowledge[], now: Instant): void {
    const offers = new Map<ActorId, Offer>()
    for (const theirs of summary) {
      const offer = offerOf({ ...this.#knowledge.of(theirs.actor), lost: NOTHING }, theirs)
      if (offer !== undefined) offers.set(theirs.actor, offer)
    }
    const before = this.#peers.get(from)
    const comparedAt = isToldWhole(summary) ? now : before?.comparedAt
    this.#peers.set(from, { comparedAt, offers })
  }

  /** A peer holds what we held at that time. */
  equal(from: ActorId, at: Instant): void {
    this.#peers.set(from, { comparedAt: at, offers: new Map() })
  }

  /** Every peer that has a session has told all that it holds. */
  haveAllTold(): boolean {
    for (const { comparedAt } of this.#peers.values()) if (comparedAt === undefined) return false
    return true
  }

  /** Looks at everything; `living`: all members but this one that may hold something. Linear in actors and their ranges. */
  look(living: readonly ActorId[], now: Instant, out: Outbox): void {
    const alive = new Set([this.#self, ...living])
    const comparedAt = this.#allComparedAt(living)
    this.#nobodyHas.clear()
    for (const actor of this.#knowledge.actors()) {
      const layers = alive.has(actor) ? [] : this.#layersOf(actor, now)
      if (layers.length === 0) {
        this.#layers.delete(actor)
        this.#found.delete(actor)
        continue
      }
      this.#layers.set(actor, layers)
      this.#find(actor, layers, { comparedAt, now, out })
    }
  }

  /** As of the last look, less what has come since. */
  of(actor: ActorId): RangeSet<Version> {
    return this.#stillMissing(this.#found, actor)
  }

  count(): number {
    return this.#countIn(this.#found)
  }

  /** Missing versions that no living member had at the last look, however long that is so; less what has come since. */
  nobodyHasCount(): number {
    return this.#countIn(this.#nobodyHas)
  }

  /** Of each actor of whom something is missing or given up. */
  missing(): MissingVersions[] {
    return [...this.#knowledge.actors()].toSorted(compareActors).flatMap((actor): MissingVersions[] => {
      const [missing, { lost }] = [this.#knowledge.missing(actor), this.#knowledge.of(actor)]
      if (missing.isEmpty() && lost.isEmpty()) return []
      const heldByOthers = missing.subtract(this.#unheld(actor))
      return [
        {
          actor,
          head: this.#knowledge.head(actor),
          versions: [...missing],
          heldByOthers: [...heldByOthers],
          unobtainable: [...this.of(actor)],
          lost: [...lost],
        },
      ]
    })
  }

  #find(
    actor: ActorId,
    layers: readonly Layer[],
    { comparedAt, now, out }: { comparedAt: Instant | undefined; now: Instant; out: Outbox },
  ): void {
    const [nobodyHas, found] = [new RangeSet<Version>(), new RangeSet<Version>()]
    for (const { versions, since } of layers) {
      if (comparedAt === undefined || comparedAt < since) continue
      nobodyHas.addAll(versions)
      if (elapsed(since, now) >= this.#config.unobtainableMs) found.addAll(versions)
    }
    this.#nobodyHas.set(actor, nobodyHas)
    const before = this.#found.get(actor) ?? NOTHING
    if (!before.containsAll(found)) out.push({ kind: 'unobtainable-found', actor, versions: found.count() })
    if (found.isEmpty()) this.#found.delete(actor)
    else this.#found.set(actor, found)
  }

  #stillMissing(sets: ReadonlyMap<ActorId, RangeSet<Version>>, actor: ActorId): RangeSet<Version> {
    return sets.get(actor)?.intersect(this.#knowledge.missing(actor)) ?? NOTHING
  }

  #countIn(sets: ReadonlyMap<ActorId, RangeSet<Version>>): number {
    let count = 0
    for (const actor of sets.keys()) count += this.#stillMissing(sets, actor).count()
    return count
  }

  /** The oldest of the comparisons with the living; undefined where one of them has not told all. */
  #allComparedAt(living: readonly ActorId[]): Instant | undefined {
    let oldest: Instant | undefined
    for (const actor of living) {
      const at = this.#peers.get(actor)?.comparedAt
      if (at === undefined) return undefined
      if (oldest === undefined || at < oldest) oldest = at
    }
    return oldest
  }

  #layersOf(actor: ActorId, now: Instant): Layer[] {
    let fresh = this.#unheld(actor)
    const kept: Layer[] = []
    for (const { versions, since } of this.#layers.get(actor) ?? []) {
      const still = versions.intersect(fresh)
      fresh = fresh.subtract(still)
      if (!still.isEmpty()) kept.push({ versions: still, since })
    }
    if (fresh.isEmpty()) return kept
    if (kept.length < LAYERS_MAX) return [...kept, { versions: fresh, since: now }]
    const newest = kept.pop() as Layer
    fresh.addAll(newest.versions)
    return [...kept, { versions: fresh, since: latest(newest.since, now) }]
  }

  /** Missing versions that no peer holds, alone or together with others. */
  #unheld(actor: ActorId): RangeSet<Version> {
    let unheld = this.#knowledge.missing(actor)
    // Of most actors nothing is missing, and there may be many of them and of peers.
    if (unheld.isEmpty()) return unheld
    const parts = new Map<Version, RangeSet<Seq>>()
    const lastSeqs = new Map<Version, Seq>()
    const gather = (partials: ReadonlyMap<Version, HeldChunks>): void => {
      for (const [version, { seqs, lastSeq }] of partials) {
        const known = parts.get(version) ?? new RangeSet<Seq>()
        known.addAll(seqs)
        parts.set(version, known)
        lastSeqs.set(version, lastSeq)
      }
    }
    gather(this.#knowledge.of(actor).partials)
    for (const { offers } of this.#peers.values()) {
      const offer = offers.get(actor)
      if (offer === undefined) continue
      unheld = unheld.subtract(offer.have)
      gather(offer.partials)
    }
    for (const [version, seqs] of parts)
      if (seqs.containsRange(0 as Seq, lastSeqs.get(version) as Seq)) unheld.delete(version)
    return unheld
  }
}

const NOTHING: Held['have'] = new RangeSet()
