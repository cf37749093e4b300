/**
 * Knowledge of one database: per actor the versions held, the chunks of versions that wait for the rest, the head.
 * The tables are the truth and this is their copy (I-CRDT-1 of docs/invariants.md): it is rebuilt at open, and a
 * transaction works on a draft that becomes real only when SQLite has committed (I-CRDT-7).
 */
import {
  type ActorId,
  type ActorKnowledge,
  type Hlc,
  type PartialVersion,
  type Range,
  RangeSet,
  type Seq,
  type Version,
} from '@patina/base'

/** Chunks of a version that wait in the log. */
export interface Waiting {
  readonly seqs: RangeSet<Seq>
  readonly lastSeq: Seq
  /** When the last chunk came that was new; milliseconds of a clock that the caller chooses. */
  readonly since: number
}

export interface WaitingVersion {
  readonly actor: ActorId
  readonly version: Version
}

interface ActorRecord {
  readonly have: RangeSet<Version>
  /** Given up, held since or not. */
  readonly lost: RangeSet<Version>
  readonly waiting: Map<Version, Waiting>
  head: Version | 0
  headTs: Hlc
}

export class Knowledge {
  readonly #actors = new Map<ActorId, ActorRecord>()

  has(actor: ActorId, version: Version): boolean {
    return this.#actors.get(actor)?.have.has(version) ?? false
  }

  waiting(actor: ActorId, version: Version): Waiting | undefined {
    return this.#actors.get(actor)?.waiting.get(version)
  }

  head(actor: ActorId): Version | 0 {
    return this.#actors.get(actor)?.head ?? 0
  }

  headTs(actor: ActorId): Hlc {
    return this.#actors.get(actor)?.headTs ?? (0 as Hlc)
  }

  /** Versions that wait for chunks, of all actors. */
  waitingCount(): number {
    let count = 0
    for (const { waiting } of this.#actors.values()) count += waiting.size
    return count
  }

  /** Of some versions of an actor those that are not held. */
  lacked(actor: ActorId, versions: RangeSet<Version>): RangeSet<Version> {
    const held = this.#actors.get(actor)?.have
    return held === undefined ? versions : versions.subtract(held)
  }

  waitingVersions(actor: ActorId): Iterable<Version> {
    return this.#actors.get(actor)?.waiting.keys() ?? []
  }

  /** Versions of which no chunk has come since then. */
  waitingSince(before: number): WaitingVersion[] {
    return [...this.#actors].flatMap(([actor, { waiting }]) =>
      [...waiting].filter(([, { since }]) => since <= before).map(([version]) => ({ actor, version })),
    )
  }

  /** Their chunks are gone from the log, by a committed transaction. */
  forgetWaiting(versions: Iterable<WaitingVersion>): void {
    for (const { actor, version } of versions) this.#actors.get(actor)?.waiting.delete(version)
  }

  /** Of some versions of an actor those that are neither held nor given up. */
  missed(actor: ActorId, versions: RangeSet<Version>): RangeSet<Version> {
    const lacked = this.lacked(actor, versions)
    const lost = this.#actors.get(actor)?.lost
    return lost === undefined ? lacked : lacked.subtract(lost)
  }

  /** All that was ever given up of an actor. */
  lostOf(actor: ActorId): RangeSet<Version> {
    return this.#actors.get(actor)?.lost.clone() ?? new RangeSet()
  }

  /** They are given up, and so known of, by a committed transaction; their chunks are gone from the log. */
  giveUp(actor: ActorId, versions: RangeSet<Version>): void {
    const record = this.#record(actor)
    record.lost.addAll(versions)
    for (const version of [...record.waiting.keys()])
      if (versions.has(version)) record.waiting.delete(version)
    const last = versions.last() ?? 0
    if (last <= record.head) return
    record.head = last
    record.headTs = 0 as Hlc
  }

  /** Plain data of one actor, for messages. */
  of(actor: ActorId): ActorKnowledge {
    const { have, lost, waiting, head, headTs } = this.#actors.get(actor) ?? emptyRecord()
    const partials: PartialVersion[] = [...waiting].map(([version, { seqs, lastSeq }]) => ({
      version,
      seqs: [...seqs],
      lastSeq,
    }))
    const known = { actor, have: [...have], partials, head, headTs }
    const notHeld = lost.subtract(have)
    return notHeld.isEmpty() ? known : { ...known, lost: [...notHeld] }
  }

  all(): ActorKnowledge[] {
    return [...this.#actors.keys()].map((actor) => this.of(actor))
  }

  draft(): KnowledgeDraft {
    return new KnowledgeDraft(this)
  }

  /** Takes over what a committed transaction recorded. */
  adopt(changes: Iterable<KnowledgeChange>): void {
    for (const change of changes) this.#adopt(change)
  }

  #adopt(change: KnowledgeChange): void {
    const record = this.#record(change.actor)
    record.have.addAll(change.held)
    for (const [version, waiting] of change.waiting) record.waiting.set(version, waiting)
    for (const version of [...record.waiting.keys()])
      if (record.have.has(version)) record.waiting.delete(version)
    if (change.head >= record.head) {
      record.head = change.head
      record.headTs = change.headTs
    }
  }

  #record(actor: ActorId): ActorRecord {
    let record = this.#actors.get(actor)
    if (record === undefined) {
      record = emptyRecord()
      this.#actors.set(actor, record)
    }
    return record
  }
}

function emptyRecord(): ActorRecord {
  return { have: new RangeSet(), lost: new RangeSet(), waiting: new Map(), head: 0, headTs: 0 as Hlc }
}

/** What one transaction adds to the knowledge of one actor. */
export interface KnowledgeChange {
  readonly actor: ActorId
  readonly held: RangeSet<Version>
  readonly waiting: ReadonlyMap<Version, Waiting>
  readonly head: Version | 0
  readonly headTs: Hlc
}

interface DraftRecord {
  readonly actor: ActorId
  readonly held: RangeSet<Version>
  readonly waiting: Map<Version, Waiting>
  head: Version | 0
  headTs: Hlc
}

/** Knowledge within a transaction: reads through to what is committed, writes to itself. Dropped on rollback. */
export class KnowledgeDraft {
  readonly #base: Knowledge
  readonly #actors = new Map<ActorId, DraftRecord>()

  constructor(base: Knowledge) {
    this.#base = base
  }

  has(actor: ActorId, version: Version): boolean {
    return this.#base.has(actor, version) || (this.#actors.get(actor)?.held.has(version) ?? false)
  }

  lacked(actor: ActorId, versions: RangeSet<Version>): RangeSet<Version> {
    const lacked = this.#base.lacked(actor, versions)
    const held = this.#actors.get(actor)?.held
    return held === undefined ? lacked : lacked.subtract(held)
  }

  head(actor: ActorId): Version | 0 {
    return Math.max(this.#base.head(actor), this.#actors.get(actor)?.head ?? 0) as Version | 0
  }

  #headTs(actor: ActorId): Hlc {
    const drafted = this.#actors.get(actor)
    return drafted !== undefined && drafted.head > 0 ? drafted.headTs : this.#base.headTs(actor)
  }

  waiting(actor: ActorId, version: Version): Waiting | undefined {
    return this.#actors.get(actor)?.waiting.get(version) ?? this.#base.waiting(actor, version)
  }

  /** Versions of an actor that wait for chunks, also those that this transaction holds by now. */
  waitingVersions(actor: ActorId): ReadonlySet<Version> {
    const fresh = this.#actors.get(actor)?.waiting.keys() ?? []
    return new Set([...this.#base.waitingVersions(actor), ...fresh])
  }

  /** Versions that wait for chunks now: those that came in this transaction count, those that it completed do not. */
  waitingCount(): number {
    let count = this.#base.waitingCount()
    for (const { actor, held, waiting } of this.#actors.values()) {
      for (const version of waiting.keys())
        if (!held.has(version) && this.#base.waiting(actor, version) === undefined) count += 1
      for (const version of this.#base.waitingVersions(actor)) if (held.has(version)) count -= 1
    }
    return count
  }

  hold(actor: ActorId, version: Version, ts: Hlc): void {
    this.#record(actor).held.add(version)
    this.heardOf(actor, version, ts)
  }

  /** Versions held without content of their own (cleared): where they pass the head, its time is not known. */
  holdRanges(actor: ActorId, versions: Iterable<Range<Version>>): void {
    const record = this.#record(actor)
    record.held.addAll(versions)
    this.heardOf(actor, (record.held.last() ?? 0) as Version, 0 as Hlc)
  }

  /** Records a chunk; returns all seqs of its version that are here now. */
  await(
    actor: ActorId,
    version: Version,
    chunk: { readonly seqs: Range<Seq>; readonly lastSeq: Seq; readonly since: number },
  ): Waiting {
    const known = this.waiting(actor, version)
    const seqs = known?.seqs.clone() ?? new RangeSet<Seq>()
    seqs.add(chunk.seqs.first, chunk.seqs.last)
    const waiting = { seqs, lastSeq: chunk.lastSeq, since: chunk.since }
    this.#record(actor).waiting.set(version, waiting)
    return waiting
  }

  /** Raises the head known of an actor, or learns its time. */
  heardOf(actor: ActorId, version: Version, ts: Hlc): void {
    const isTime = version === this.head(actor) && ts !== 0 && this.#headTs(actor) === 0
    if (version <= this.head(actor) && !isTime) return
    const record = this.#record(actor)
    record.head = version
    record.headTs = ts
  }

  /** The head as the file has it; only while knowledge is rebuilt. */
  setHead(actor: ActorId, head: Version | 0, ts: Hlc): void {
    const record = this.#record(actor)
    record.head = head
    record.headTs = ts
  }

  changes(): IterableIterator<KnowledgeChange> {
    return this.#actors.values()
  }

  #record(actor: ActorId): DraftRecord {
    let record = this.#actors.get(actor)
    if (record === undefined) {
      record = { actor, held: new RangeSet(), waiting: new Map(), head: 0, headTs: 0 as Hlc }
      this.#actors.set(actor, record)
    }
    return record
  }
}

/** True where the whole version is here. */
export function isComplete({ seqs, lastSeq }: Pick<Waiting, 'seqs' | 'lastSeq'>): boolean {
  return seqs.containsRange(0 as Seq, lastSeq)
}
