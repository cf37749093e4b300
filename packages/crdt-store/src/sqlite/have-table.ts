/**
 * Which versions does this database hold durably? I-HAVE-1: per actor disjoint, non-adjacent ranges. Written only in
 * the transaction that stores the changes themselves: what is not committed is not held.
 */
import type { Range, RangeSet, Version } from '@patina/base'
import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import type { ActorOrdinal } from '../core/row-clock.ts'

export class HaveTable {
  readonly #extend: BetterSqlite3.Statement<[number, ActorOrdinal, number]>
  readonly #absorb: BetterSqlite3.Statement<[ActorOrdinal, number, number]>
  readonly #insert: BetterSqlite3.Statement<[ActorOrdinal, number, number]>
  readonly #touching: BetterSqlite3.Statement<[ActorOrdinal, number], Range<Version>>
  readonly #all: BetterSqlite3.Statement<[], Range<Version> & { readonly actor: ActorOrdinal }>

  static create(db: Database): void {
    db.exec(`CREATE TABLE __patina_have (
      actor INTEGER NOT NULL,           -- ordinal
      first INTEGER NOT NULL,           -- first version of the range
      last  INTEGER NOT NULL,           -- last version of the range
      PRIMARY KEY (actor, first)
    ) WITHOUT ROWID`)
  }

  constructor(db: Database) {
    this.#extend = db.prepare('UPDATE __patina_have SET last = ? WHERE actor = ? AND first = ?')
    this.#absorb = db.prepare('DELETE FROM __patina_have WHERE actor = ? AND first BETWEEN ? AND ?')
    this.#insert = db.prepare('INSERT INTO __patina_have (actor, first, last) VALUES (?, ?, ?)')
    this.#touching = db
      .prepare<[ActorOrdinal, number], Range<Version>>(
        'SELECT first, last FROM __patina_have WHERE actor = ? AND first <= ? ORDER BY first DESC LIMIT 1',
      )
      .safeIntegers(false)
    this.#all = db
      .prepare<[], Range<Version> & { readonly actor: ActorOrdinal }>(
        'SELECT actor, first, last FROM __patina_have',
      )
      .safeIntegers(false)
  }

  /** Adds ranges to what is held of an actor; overlapping and adjacent ones become one. */
  add(actor: ActorOrdinal, versions: RangeSet<Version>): void {
    for (const range of versions) this.#addRange(actor, range)
  }

  all(): readonly (Range<Version> & { readonly actor: ActorOrdinal })[] {
    return this.#all.all()
  }

  /** Nearly always a version follows the last one held: then one row gets a new end. */
  #addRange(actor: ActorOrdinal, { first, last }: Range<Version>): void {
    const after = this.#touching.get(actor, last + 1)
    if (after !== undefined && after.last === first - 1) {
      this.#extend.run(last, actor, after.first)
      return
    }
    const before = this.#touching.get(actor, first)
    const from = before !== undefined && before.last >= first - 1 ? before.first : first
    const to = after !== undefined && after.last > last ? after.last : last
    this.#absorb.run(actor, from, last + 1)
    this.#insert.run(actor, from, to)
  }
}
