/**
 * `__patina_forks`: of which forks has this node heard, and which members have answered for what it holds as cleared since it heard of the
 * last one? A claim that a member made may have rested on the other half of a fork, so each is asked once more; the answer is
 * in this file, and so is that it came (docs/adr/0038). Replaced as a whole: it changes when a fork is found, and a few
 * times after that.
 */
import type { ActorId, RememberedForks } from '@patina/base'
import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import type { ActorOrdinal } from '../core/row-clock.ts'
import type { ActorsTable } from './actors-table.ts'

const FORK = 1
const ANSWERED = 2

export class KnownForksTable {
  readonly #actors: ActorsTable
  readonly #clear: BetterSqlite3.Statement<[]>
  readonly #insert: BetterSqlite3.Statement<[ActorOrdinal, number]>
  readonly #all: BetterSqlite3.Statement<[], { readonly actor: ActorOrdinal; readonly what: number }>

  static create(db: Database): void {
    db.exec(`CREATE TABLE __patina_forks (
      actor INTEGER NOT NULL,           -- ordinal
      what  INTEGER NOT NULL,           -- 1: it has forked; 2: it has answered for what is held as cleared since
      PRIMARY KEY (actor, what)
    ) WITHOUT ROWID`)
  }

  constructor(db: Database, actors: ActorsTable) {
    this.#actors = actors
    this.#clear = db.prepare('DELETE FROM __patina_forks')
    this.#insert = db.prepare('INSERT INTO __patina_forks (actor, what) VALUES (?, ?)')
    this.#all = db
      .prepare<[], { readonly actor: ActorOrdinal; readonly what: number }>(
        'SELECT actor, what FROM __patina_forks ORDER BY what, actor',
      )
      .safeIntegers(false)
  }

  /** In the place of what was known. Inside a transaction. */
  replace({ forks, answered }: RememberedForks): void {
    this.#clear.run()
    for (const actor of new Set(forks)) this.#insert.run(this.#actors.ordinalOf(actor), FORK)
    for (const actor of new Set(answered)) this.#insert.run(this.#actors.ordinalOf(actor), ANSWERED)
  }

  read(): RememberedForks {
    const rows = this.#all.all()
    const of = (wanted: number): ActorId[] =>
      rows.flatMap(({ actor, what }) => (what === wanted ? [this.#actors.idOf(actor)] : []))
    return { forks: of(FORK), answered: of(ANSWERED) }
  }
}
