/**
 * ModelStore: the rules of the store that replication rests on, without SQL: a cell is won by the greatest
 * (column version, actor, version), a log entry whose every cell has been won by others is cleared, and a cleared range
 * counts only when its basis is covered. The protocol can so be run through thousands of random histories in
 * milliseconds. The real store runs with sync in the root's tests.
 */
import {
  type ActorId,
  type ActorKnowledge,
  type ActorVersions,
  type ApplyOutcome,
  type ApplyReport,
  ByteReader,
  ByteWriter,
  type ChangesetHeader,
  compareActors,
  decodeChangesetHeader,
  encodeChangeset,
  hlc,
  type LocalCommit,
  type Need,
  RangeSet,
  type Seq,
  type ServedBatch,
  seq,
  type Version,
  version,
} from '@patina/base'

interface Stamp {
  readonly columnVersion: number
  readonly actor: ActorId
  readonly version: Version
}

interface Change {
  readonly key: number
  readonly columnVersion: number
}

interface Incomplete {
  readonly chunks: Map<Seq, Uint8Array>
  readonly seqs: RangeSet<Seq>
  readonly lastSeq: Seq
}

interface PendingClaim {
  readonly cleared: readonly ActorVersions[]
  readonly basis: readonly ActorVersions[]
}

export class ModelStore {
  readonly actor: ActorId
  readonly have: Map<ActorId, RangeSet<Version>> = new Map()
  readonly winners: Map<number, Stamp> = new Map()
  /** Complete versions that have won something, by actor: all their chunks. */
  readonly log: Map<ActorId, Map<Version, readonly Uint8Array[]>> = new Map()
  readonly incomplete: Map<ActorId, Map<Version, Incomplete>> = new Map()
  readonly lost: Map<ActorId, RangeSet<Version>> = new Map()
  #live: Map<string, number> = new Map()
  #claims: PendingClaim[] = []
  readonly #clearing: boolean

  /** `clearing` false: nothing is ever cleared. */
  constructor(actor: ActorId, clearing: boolean) {
    this.actor = actor
    this.#clearing = clearing
  }

  /** One version that writes one cell per chunk. */
  commit(keysByChunk: readonly (readonly number[])[]): LocalCommit {
    const own = version((this.haveOf(this.actor).last() ?? 0) + 1)
    const total = keysByChunk.flat().length
    let first = 0
    const changesets = keysByChunk.map((keys) => {
      const changes = keys.map((key) => ({
        key,
        columnVersion: (this.winners.get(key)?.columnVersion ?? 0) + 1,
      }))
      const header = {
        actor: this.actor,
        version: own,
        firstSeq: seq(first),
        lastSeq: seq(first + keys.length - 1),
        versionLastSeq: seq(total - 1),
        ts: hlc(own),
        flags: 0,
      }
      first += keys.length
      return encodeChangeset(header, encodeChanges(changes))
    })
    this.#applyWhole(this.actor, own, changesets)
    return { version: own, ts: hlc(own), changesets }
  }

  apply(effect: {
    readonly changesets: readonly Uint8Array[]
    readonly cleared: readonly ActorVersions[]
    readonly basis: readonly ActorVersions[]
  }): ApplyReport {
    const before = new Map([...this.have].map(([actor, set]) => [actor, set.toString()]))
    const touched = new Set<ActorId>()
    const outcomes = effect.changesets.map((bytes) => this.#applyOne(bytes, touched))
    if (effect.cleared.length > 0) this.#claims.push({ cleared: effect.cleared, basis: effect.basis })
    this.#closeClaims()
    for (const [actor, set] of this.have) if (before.get(actor) !== set.toString()) touched.add(actor)
    return { outcomes, knowledge: [...touched].map((actor) => this.#knowledgeOf(actor)) }
  }

  /** Newest first; at least one changeset where there is one. */
  serve(needs: readonly Need[], budgetBytes: number): ServedBatch {
    const changesets: Uint8Array[] = []
    const cleared = new Map<ActorId, RangeSet<Version>>()
    const rest: Need[] = []
    let bytes = 0
    for (const need of needs) {
      if (need.kind === 'seqs') {
        const chunks = this.log.get(need.actor)?.get(need.version) ?? [
          ...(this.incomplete.get(need.actor)?.get(need.version)?.chunks.values() ?? []),
        ]
        const wanted = RangeSet.of(need.seqs)
        changesets.push(...chunks.filter((chunk) => touches(wanted, headerOf(chunk))))
        if (this.#isCleared(need.actor, need.version)) addTo(cleared, need.actor, need.version)
        continue
      }
      const held = RangeSet.of(need.versions).intersect(this.haveOf(need.actor))
      const entries = this.log.get(need.actor)
      const left = new RangeSet<Version>()
      for (const { first, last } of [...held].reverse())
        for (let v = last; v >= first; v = (v - 1) as Version) {
          const chunks = entries?.get(v)
          if (chunks === undefined) addTo(cleared, need.actor, v)
          else if (bytes >= budgetBytes) left.add(v)
          else {
            changesets.push(...chunks)
            bytes += chunks.reduce((sum, chunk) => sum + chunk.length, 0)
          }
        }
      if (!left.isEmpty()) rest.push({ kind: 'versions', actor: need.actor, versions: [...left] })
    }
    return {
      changesets,
      cleared: toVersions(cleared),
      basis: cleared.size > 0 ? toVersions(this.have) : [],
      rest,
    }
  }

  knowledge(): ActorKnowledge[] {
    const actors = new Set([...this.have.keys(), ...this.incomplete.keys(), ...this.lost.keys()])
    return [...actors].map((actor) => this.#knowledgeOf(actor))
  }

  /** Declared lost: not missed, not held, and taken where it turns up. */
  giveUp(lost: readonly ActorVersions[]): ActorKnowledge[] {
    for (const { actor, versions } of lost) {
      const news = RangeSet.of(versions).subtract(this.haveOf(actor))
      addAll(this.lost, [{ actor, versions: [...news] }])
      for (const v of this.incomplete.get(actor)?.keys() ?? [])
        if (news.has(v)) this.incomplete.get(actor)?.delete(v)
    }
    return lost.map(({ actor }) => this.#knowledgeOf(actor))
  }

  /** What a restart loses. */
  restart(): void {
    this.#claims = []
  }

  haveOf(actor: ActorId): RangeSet<Version> {
    let set = this.have.get(actor)
    if (set === undefined) {
      set = new RangeSet()
      this.have.set(actor, set)
    }
    return set
  }

  /** Winners as text, for comparison. */
  content(): string {
    const cells = [...this.winners].sort(([a], [b]) => a - b)
    return cells.map(([key, s]) => `${key}=${s.columnVersion}/${s.actor.slice(-2)}/${s.version}`).join(' ')
  }

  #applyOne(bytes: Uint8Array, touched: Set<ActorId>): ApplyOutcome {
    const header = headerOf(bytes)
    const { actor, version: v, firstSeq, lastSeq, versionLastSeq } = header
    if (this.haveOf(actor).has(v)) return { kind: 'duplicate' }
    touched.add(actor)
    const versions = this.incomplete.get(actor) ?? new Map<Version, Incomplete>()
    this.incomplete.set(actor, versions)
    const waiting = versions.get(v) ?? {
      chunks: new Map(),
      seqs: new RangeSet<Seq>(),
      lastSeq: versionLastSeq,
    }
    versions.set(v, waiting)
    waiting.chunks.set(firstSeq, bytes)
    waiting.seqs.add(firstSeq, lastSeq)
    if (!waiting.seqs.containsRange(seq(0), versionLastSeq)) return { kind: 'buffered' }
    this.#applyWhole(actor, v, [...waiting.chunks.values()])
    return { kind: 'applied' }
  }

  #applyWhole(actor: ActorId, v: Version, chunks: readonly Uint8Array[]): void {
    this.incomplete.get(actor)?.delete(v)
    this.haveOf(actor).add(v)
    const entries = this.log.get(actor) ?? new Map<Version, readonly Uint8Array[]>()
    this.log.set(actor, entries)
    entries.set(v, chunks)
    let live = 0
    for (const { key, columnVersion } of chunks.flatMap(decodeChanges)) {
      const stamp = { columnVersion, actor, version: v }
      const winner = this.winners.get(key)
      if (winner !== undefined && compareStamps(winner, stamp) >= 0) continue
      this.winners.set(key, stamp)
      if (winner !== undefined) this.#lose(winner, { actor, version: v })
      if (winner?.actor !== actor || winner.version !== v) live += 1
    }
    this.#live.set(`${actor}/${v}`, live)
    if (live === 0 && this.#clearing) entries.delete(v)
  }

  #lose(winner: Stamp, by: { readonly actor: ActorId; readonly version: Version }): void {
    if (winner.actor === by.actor && winner.version === by.version) return
    const id = `${winner.actor}/${winner.version}`
    const live = (this.#live.get(id) ?? 0) - 1
    this.#live.set(id, live)
    if (live === 0 && this.#clearing) this.log.get(winner.actor)?.delete(winner.version)
  }

  /** The largest set of pending claims whose bases are covered by `have` and that set: drop what is not, until all are. */
  #closeClaims(): void {
    let closing = this.#claims
    for (;;) {
      const assumed = new Map([...this.have].map(([actor, set]) => [actor, RangeSet.of(set)]))
      for (const { cleared } of closing) addAll(assumed, cleared)
      const covered = closing.filter(({ basis }) =>
        basis.every(({ actor, versions }) =>
          versions.every(({ first, last }) => assumed.get(actor)?.containsRange(first, last) === true),
        ),
      )
      if (covered.length === closing.length) break
      closing = covered
    }
    for (const { cleared } of closing) addAll(this.have, cleared)
    for (const [actor, versions] of this.incomplete)
      for (const v of versions.keys()) if (this.haveOf(actor).has(v)) versions.delete(v)
    this.#claims = this.#claims.filter((claim) => !closing.includes(claim))
  }

  #isCleared(actor: ActorId, v: Version): boolean {
    return this.haveOf(actor).has(v) && this.log.get(actor)?.has(v) !== true
  }

  #knowledgeOf(actor: ActorId): ActorKnowledge {
    const have = [...this.haveOf(actor)]
    const partials = [...(this.incomplete.get(actor) ?? [])].map(([v, { seqs, lastSeq }]) => ({
      version: v,
      seqs: [...seqs],
      lastSeq,
    }))
    const lost = (this.lost.get(actor) ?? new RangeSet<Version>()).subtract(this.haveOf(actor))
    const known = [have.at(-1)?.last ?? 0, lost.last() ?? 0, ...partials.map((partial) => partial.version)]
    const head = Math.max(...known) as Version | 0
    return { actor, have, partials, head, headTs: hlc(head), lost: [...lost] }
  }
}

export function headerOf(bytes: Uint8Array): ChangesetHeader {
  const decoded = decodeChangesetHeader(bytes)
  if (!decoded.ok) throw new Error(`not a changeset: ${decoded.error.kind}`)
  return decoded.value.header
}

function compareStamps(a: Stamp, b: Stamp): number {
  return a.columnVersion - b.columnVersion || compareActors(a.actor, b.actor) || a.version - b.version
}

function encodeChanges(changes: readonly Change[]): Uint8Array {
  const writer = new ByteWriter().varint(changes.length)
  for (const { key, columnVersion } of changes) writer.varint(key).varint(columnVersion)
  return writer.toBytes()
}

function decodeChanges(bytes: Uint8Array): Change[] {
  const decoded = decodeChangesetHeader(bytes)
  if (!decoded.ok) throw new Error('not a changeset')
  const reader = new ByteReader(bytes.subarray(decoded.value.payloadOffset))
  return Array.from({ length: reader.varint('changes') }, () => ({
    key: reader.varint('key'),
    columnVersion: reader.varint('column version'),
  }))
}

function touches(wanted: RangeSet<Seq>, { firstSeq, lastSeq }: ChangesetHeader): boolean {
  return !wanted.intersect(RangeSet.of([{ first: firstSeq, last: lastSeq }])).isEmpty()
}

function addTo(sets: Map<ActorId, RangeSet<Version>>, actor: ActorId, v: Version): void {
  const set = sets.get(actor) ?? new RangeSet<Version>()
  set.add(v)
  sets.set(actor, set)
}

function addAll(sets: Map<ActorId, RangeSet<Version>>, versions: readonly ActorVersions[]): void {
  for (const entry of versions) {
    const set = sets.get(entry.actor) ?? new RangeSet<Version>()
    set.addAll(entry.versions)
    sets.set(entry.actor, set)
  }
}

function toVersions(sets: ReadonlyMap<ActorId, RangeSet<Version>>): ActorVersions[] {
  return [...sets].filter(([, set]) => !set.isEmpty()).map(([actor, set]) => ({ actor, versions: [...set] }))
}
