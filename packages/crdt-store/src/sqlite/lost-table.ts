/**
 * `__patina_lost`: which versions has an operator given up, because nobody has them any more? They are not missed, and they are
 * not held either (docs/adr/0037): a copy that turns up is applied like any other, and stays declared here. Ranges per
 * actor, disjoint and non-adjacent.
 */
import { type Range, RangeSet, type Version } from '@patina/base'
import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import type { ActorOrdinal } from '../core/row-clock.ts'

export class LostTable {
  readonly #forget: BetterSqlite3.Statement<[ActorOrdinal]>
  readonly #insert: BetterSqlite3.Statement<[ActorOrdinal, number, number]>
  readonly #all: BetterSqlite3.Statement<[], Range<Version> & { readonly actor: ActorOrdinal }>

  static create(db: Database): void {
    db.exec(`CREATE TABLE __patina_lost (
      actor INTEGER NOT NULL,           -- ordinal
      first INTEGER NOT NULL,           -- first version of the range
      last  INTEGER NOT NULL,           -- last version of the range
      PRIMARY KEY (actor, first)
    ) WITHOUT ROWID`)
  }

  constructor(db: Database) {
    this.#forget = db.prepare('DELETE FROM __patina_lost WHERE actor = ?')
    this.#insert = db.prepare('INSERT INTO __patina_lost (actor, first, last) VALUES (?, ?, ?)')
    this.#all = db
      .prepare<[], Range<Version> & { readonly actor: ActorOrdinal }>(
        'SELECT actor, first, last FROM __patina_lost ORDER BY actor, first',
      )
      .safeIntegers(false)
  }

  /** All that is given up of an actor, in the place of what was. Rare, so that it is written as a whole. */
  set(actor: ActorOrdinal, versions: RangeSet<Version>): void {
    this.#forget.run(actor)
    for (const { first, last } of versions) this.#insert.run(actor, first, last)
  }

  /** By actor; only those of whom something is given up. */
  all(): ReadonlyMap<ActorOrdinal, RangeSet<Version>> {
    const byActor = new Map<ActorOrdinal, RangeSet<Version>>()
    for (const { actor, first, last } of this.#all.all()) {
      const versions = byActor.get(actor) ?? new RangeSet<Version>()
      versions.add(first, last)
      byActor.set(actor, versions)
    }
    return byActor
  }
}
