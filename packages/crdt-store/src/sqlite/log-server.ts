/**
 * LogServer: answers needs from the log, newest first, without re-encoding. Reads log and `have` in one read transaction,
 * so that what it calls cleared rests on winners that it really holds (the basis). For read-only connections too.
 */
import {
  type ActorId,
  type ActorVersions,
  actorFromBytes,
  actorToBytes,
  joinChangeset,
  type Need,
  type Range,
  RangeSet,
  type Seq,
  type ServedBatch,
  type Version,
} from '@patina/base'
import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import type { ActorOrdinal } from '../core/row-clock.ts'
import { LOG_COLUMNS, type LogRow } from './log.ts'

interface HaveRow extends Range<Version> {
  readonly actor: Uint8Array
}

/** An answer while it is put together. */
interface Answer {
  readonly changesets: Uint8Array[]
  /** Each actor once, however many needs name it: a message that names one twice is junk to its reader. */
  readonly cleared: Map<ActorId, RangeSet<Version>>
  readonly rest: Need[]
  bytesLeft: number
}

export class LogServer {
  readonly #db: Database
  readonly #ordinal: BetterSqlite3.Statement<[Uint8Array], ActorOrdinal>
  readonly #newestFirst: BetterSqlite3.Statement<[ActorOrdinal, Version, Version], LogRow>
  readonly #overlapping: BetterSqlite3.Statement<[ActorOrdinal, Version, Seq, Seq], LogRow>
  readonly #have: BetterSqlite3.Statement<[], HaveRow>
  readonly #haveOf: BetterSqlite3.Statement<[ActorOrdinal], Range<Version>>

  readonly #sync: () => void

  /**
   * `sync`: called after reading and before anything is given out. Under `normal` durability it syncs the WAL, so that no
   * peer sees a version that a power loss could take back; under `full` there is nothing to do.
   */
  constructor(db: Database, sync: () => void) {
    this.#db = db
    this.#sync = sync
    this.#ordinal = db
      .prepare<[Uint8Array], ActorOrdinal>('SELECT ord FROM __patina_actors WHERE actor = ?')
      .pluck()
      .safeIntegers(false)
    this.#newestFirst = db
      .prepare<[ActorOrdinal, Version, Version], LogRow>(
        `SELECT ${LOG_COLUMNS} FROM __patina_log WHERE actor = ? AND version BETWEEN ? AND ?
         ORDER BY version DESC, first_seq DESC`,
      )
      .safeIntegers(false)
    this.#overlapping = db
      .prepare<[ActorOrdinal, Version, Seq, Seq], LogRow>(
        `SELECT ${LOG_COLUMNS} FROM __patina_log WHERE actor = ? AND version = ? AND last_seq >= ? AND first_seq <= ?
         ORDER BY first_seq`,
      )
      .safeIntegers(false)
    this.#have = db
      .prepare<[], HaveRow>(
        `SELECT a.actor, h.first, h.last FROM __patina_have AS h JOIN __patina_actors AS a ON a.ord = h.actor
         ORDER BY h.actor, h.first`,
      )
      .safeIntegers(false)
    this.#haveOf = db
      .prepare<[ActorOrdinal], Range<Version>>('SELECT first, last FROM __patina_have WHERE actor = ?')
      .safeIntegers(false)
  }

  /** Log entries for the needs up to about `budgetBytes` (at least one entry), and what of the needs is left. */
  serve(needs: readonly Need[], budgetBytes: number): ServedBatch {
    const batch = this.#db.transaction(() => this.#answer(needs, budgetBytes)).deferred()
    this.#sync()
    return batch
  }

  #answer(needs: readonly Need[], budgetBytes: number): ServedBatch {
    const answer: Answer = { changesets: [], cleared: new Map(), rest: [], bytesLeft: budgetBytes }
    for (const need of needs) {
      if (isFull(answer)) answer.rest.push(need)
      else this.#answerNeed(need, answer)
    }
    const { changesets, rest } = answer
    const cleared = [...answer.cleared].map(([actor, versions]) => ({ actor, versions: [...versions] }))
    return { changesets, cleared, rest, basis: cleared.length === 0 ? [] : this.#basis() }
  }

  #answerNeed(need: Need, answer: Answer): void {
    const ordinal = this.#ordinal.get(actorToBytes(need.actor))
    if (ordinal === undefined) return
    if (need.kind === 'seqs') this.#answerSeqs(need, ordinal, answer)
    else this.#answerVersions(need, ordinal, answer)
  }

  #answerSeqs(need: Need & { kind: 'seqs' }, ordinal: ActorOrdinal, answer: Answer): void {
    let sent = -1
    for (const [i, { first, last }] of need.seqs.entries()) {
      for (const row of this.#overlapping.iterate(ordinal, need.version, first, last)) {
        // A chunk that several of the ranges touch goes once.
        if (row.last_seq <= sent) continue
        if (isFull(answer)) {
          const from = Math.max(first, row.first_seq) as Seq
          answer.rest.push({ ...need, seqs: [{ first: from, last }, ...need.seqs.slice(i + 1)] })
          return
        }
        push(answer, need.actor, row)
        sent = row.last_seq
      }
    }
    // Who holds a version without any entry holds what has overwritten it.
    const asked = RangeSet.of([{ first: need.version, last: need.version }])
    const hasEntry = this.#newestFirst.get(ordinal, need.version, need.version) !== undefined
    if (!hasEntry) this.#clear(need.actor, asked, { found: new RangeSet(), ordinal, answer })
  }

  /** From the newest range down; stops at an entry when the budget is used up. */
  #answerVersions(need: Need & { kind: 'versions' }, ordinal: ActorOrdinal, answer: Answer): void {
    const wanted = RangeSet.of(need.versions)
    const found = new RangeSet<Version>()
    for (const { first, last } of [...wanted].toReversed())
      for (const row of this.#newestFirst.iterate(ordinal, first, last)) {
        if (isFull(answer)) {
          this.#stopAt(row, need, { wanted, found, ordinal, answer })
          return
        }
        found.add(row.version)
        push(answer, need.actor, row)
      }
    this.#clear(need.actor, wanted, { found, ordinal, answer })
  }

  /** The budget ended before `row`: what is older is left for the next answer. */
  #stopAt(
    row: LogRow,
    { actor }: Need,
    {
      wanted,
      found,
      ordinal,
      answer,
    }: {
      readonly wanted: RangeSet<Version>
      readonly found: RangeSet<Version>
      readonly ordinal: ActorOrdinal
      readonly answer: Answer
    },
  ): void {
    const older = wanted.clone()
    older.delete(row.version, Number.MAX_SAFE_INTEGER as Version)
    const isCut = found.has(row.version)
    if (isCut) {
      const seqs = [{ first: 0 as Seq, last: row.last_seq }]
      answer.rest.push({ kind: 'seqs', actor, version: row.version, seqs })
    } else older.add(row.version)
    if (!older.isEmpty()) answer.rest.push({ kind: 'versions', actor, versions: [...older] })
    const answered = wanted.subtract(older)
    this.#clear(actor, answered, { found, ordinal, answer })
  }

  /** Versions that are held without an entry are cleared: overwritten entirely by winners in the basis. */
  #clear(
    actor: ActorId,
    answered: RangeSet<Version>,
    {
      found,
      ordinal,
      answer,
    }: {
      readonly found: RangeSet<Version>
      readonly ordinal: ActorOrdinal
      readonly answer: Answer
    },
  ): void {
    const held = RangeSet.of(this.#haveOf.all(ordinal))
    const cleared = answered.intersect(held).subtract(found)
    if (cleared.isEmpty()) return
    cleared.addAll(answer.cleared.get(actor) ?? [])
    answer.cleared.set(actor, cleared)
  }

  #basis(): ActorVersions[] {
    const basis = new Map<ActorId, Range<Version>[]>()
    for (const { actor, first, last } of this.#have.iterate()) {
      const id = actorFromBytes(actor)
      const ranges = basis.get(id) ?? []
      ranges.push({ first, last })
      basis.set(id, ranges)
    }
    return [...basis].map(([actor, versions]) => ({ actor, versions }))
  }
}

/** The budget is used up; the first entry always goes, so that a small budget makes progress too. */
function isFull({ bytesLeft, changesets }: Answer): boolean {
  return bytesLeft <= 0 && changesets.length > 0
}

function push(answer: Answer, actor: ActorId, row: LogRow): void {
  const header = {
    actor,
    version: row.version,
    firstSeq: row.first_seq,
    lastSeq: row.last_seq,
    versionLastSeq: row.version_last_seq,
    ts: row.ts,
    flags: row.flags,
  }
  const bytes = joinChangeset(header, row.checksum, row.payload)
  answer.changesets.push(bytes)
  answer.bytesLeft -= bytes.length
}
