/**
 * Knowledge: what this node holds, as far as its store has said so. A copy and never a source: it is replaced per actor
 * by the store's reports and extended by local commits, which are durable before they are told (I-SYNC-1). What is on
 * its way to the store is not here but in Intake.
 */
import {
  type ActorId,
  type ActorKnowledge,
  assert,
  type ChangesetHeader,
  compareActors,
  type Hlc,
  type Range,
  RangeSet,
  type Seq,
  type Version,
} from '@patina/base'
import type { Head } from './message.ts'

/** What is held of one actor, in the form that is computed with. */
export interface Held {
  readonly have: RangeSet<Version>
  readonly partials: ReadonlyMap<Version, HeldChunks>
  /** Given up by an operator, and not held. */
  readonly lost: RangeSet<Version>
}

/** Row changes that are there of a version that is not complete. */
export interface HeldChunks {
  readonly seqs: RangeSet<Seq>
  readonly lastSeq: Seq
}

interface Entry extends Held {
  /** The same as plain data; undefined after a local commit until somebody asks. */
  plain: ActorKnowledge | undefined
  head: Version | 0
  headTs: Hlc
}

const NOTHING: Held = { have: new RangeSet(), partials: new Map(), lost: new RangeSet() }

export class Knowledge {
  readonly #byActor: Map<ActorId, Entry> = new Map()
  /** All actors in order; undefined where one has come since somebody asked. */
  #sorted: readonly ActorId[] | undefined
  #revision = 0

  constructor(knowledge: readonly ActorKnowledge[]) {
    for (const entry of knowledge) this.replace(entry)
  }

  /** Grows with each change: who was compared at this revision need not be compared again. */
  get revision(): number {
    return this.#revision
  }

  /** Takes the store's word for one actor. */
  replace(plain: ActorKnowledge): void {
    this.#revision += 1
    const { actor, head, headTs } = plain
    const held = plainToHeld(plain)
    if (!this.#byActor.has(actor)) this.#sorted = undefined
    this.#byActor.set(actor, { ...held, plain: toldOf(plain, held.lost), head, headTs })
  }

  /** A version of our own that the store has committed. */
  addCommit(actor: ActorId, version: Version, ts: Hlc): void {
    let entry = this.#byActor.get(actor)
    if (entry === undefined) {
      const nothing = { have: new RangeSet<Version>(), partials: new Map(), lost: new RangeSet<Version>() }
      entry = { ...nothing, plain: undefined, head: 0, headTs: ts }
      this.#byActor.set(actor, entry)
      this.#sorted = undefined
    }
    if (!entry.have.add(version)) return
    this.#revision += 1
    entry.plain = undefined
    if (version <= entry.head) return
    entry.head = version
    entry.headTs = ts
  }

  of(actor: ActorId): Held {
    return this.#byActor.get(actor) ?? NOTHING
  }

  head(actor: ActorId): Version | 0 {
    return this.#byActor.get(actor)?.head ?? 0
  }

  /** The highest version known of, where its time is known, too. */
  headOf(actor: ActorId): Head | undefined {
    const entry = this.#byActor.get(actor)
    return entry === undefined ? undefined : headOf(actor, entry)
  }

  heads(): Head[] {
    return [...this.#byActor].flatMap(([actor, entry]) => headOf(actor, entry) ?? [])
  }

  /** True where the chunk need not be handed to the store again. */
  holds({ actor, version, firstSeq, lastSeq }: ChangesetHeader): boolean {
    const { have, partials } = this.of(actor)
    return have.has(version) || partials.get(version)?.seqs.containsRange(firstSeq, lastSeq) === true
  }

  /** Everything, sorted by actor; shares its parts with later answers. */
  toPlain(): ActorKnowledge[] {
    this.#sorted ??= [...this.#byActor.keys()].sort(compareActors)
    return this.#sorted.map((actor) => this.#plainOf(actor))
  }

  actors(): Iterable<ActorId> {
    return this.#byActor.keys()
  }

  /** Versions of an actor up to the highest known that are neither held nor given up. */
  missing(actor: ActorId): RangeSet<Version> {
    const { have, lost } = this.of(actor)
    const missing = have.missingIn(1 as Version, this.head(actor) as Version)
    return lost.isEmpty() ? missing : missing.subtract(lost)
  }

  /** The same over all actors, counted. */
  missingCount(): number {
    let missing = 0
    for (const actor of this.#byActor.keys()) missing += this.missing(actor).count()
    return missing
  }

  /** Versions that are given up and not held, over all actors. */
  lostCount(): number {
    let count = 0
    for (const { lost } of this.#byActor.values()) count += lost.count()
    return count
  }

  #plainOf(actor: ActorId): ActorKnowledge {
    const entry = this.#byActor.get(actor)
    assert(entry !== undefined, 'only known actors are asked for')
    if (entry.plain !== undefined) return entry.plain
    const have: Range<Version>[] = [...entry.have]
    const partials = [...entry.partials].map(([version, { seqs, lastSeq }]) => ({
      version,
      lastSeq,
      seqs: [...seqs],
    }))
    const plain = { actor, have, partials, head: entry.head, headTs: entry.headTs }
    entry.plain = entry.lost.isEmpty() ? plain : toldOf({ ...plain, lost: [...entry.lost] }, entry.lost)
    return entry.plain
  }
}

export function plainToHeld({ have, partials, lost = [] }: ActorKnowledge): Held {
  return {
    have: RangeSet.of(have),
    partials: new Map(
      partials.map(({ version, seqs, lastSeq }) => [version, { seqs: RangeSet.of(seqs), lastSeq }]),
    ),
    lost: RangeSet.of(lost),
  }
}

/** As it is told and compared: parts of what is given up are nobody's to ask for, and would keep equals apart. */
function toldOf(plain: ActorKnowledge, lost: RangeSet<Version>): ActorKnowledge {
  if (lost.isEmpty()) return plain
  return { ...plain, partials: plain.partials.filter(({ version }) => !lost.has(version)) }
}

function headOf(actor: ActorId, { head, headTs }: Entry): Head | undefined {
  return head === 0 || headTs === 0 ? undefined : { actor, version: head, ts: headTs }
}
