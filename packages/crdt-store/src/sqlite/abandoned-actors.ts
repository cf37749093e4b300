/**
 * `__patina_abandoned`: under which actors did this file write, or take over writing, and does no more? Their cells and
 * lives are written again under the own actor; what of theirs turns up later is, too.
 */
import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import type { ActorOrdinal } from '../core/row-clock.ts'

export class AbandonedActors {
  readonly #set: BetterSqlite3.Statement<[ActorOrdinal, number]>
  readonly #all: BetterSqlite3.Statement<[], { readonly actor: ActorOrdinal; readonly rewritten: number }>

  static create(db: Database): void {
    db.exec(`CREATE TABLE __patina_abandoned (
      actor     INTEGER PRIMARY KEY,    -- ordinal
      rewritten INTEGER NOT NULL        -- 1: no cell and no life carries it any more
    )`)
  }

  /** All of them, whether something of theirs is left or not. In memory, because every batch asks. */
  #members: ReadonlySet<ActorOrdinal>
  #isAdded = false

  constructor(db: Database) {
    this.#set = db.prepare('INSERT OR REPLACE INTO __patina_abandoned (actor, rewritten) VALUES (?, ?)')
    this.#all = db
      .prepare<[], { readonly actor: ActorOrdinal; readonly rewritten: number }>(
        'SELECT actor, rewritten FROM __patina_abandoned',
      )
      .safeIntegers(false)
    this.#members = this.#load()
  }

  /** From now on, or again: its stamps are to be written anew. */
  add(actor: ActorOrdinal): void {
    this.#set.run(actor, 0)
    this.#isAdded = true
  }

  /** Whether one was added since the last call: a scan for stamps begins anew then. True too often does no harm. */
  takeAdded(): boolean {
    const isAdded = this.#isAdded
    this.#isAdded = false
    return isAdded
  }

  /** None of its stamps is left. */
  done(actor: ActorOrdinal): void {
    this.#set.run(actor, 1)
  }

  /** As of the last `reload`. */
  has(actor: ActorOrdinal): boolean {
    return this.#members.has(actor)
  }

  /** As of the last `reload`. */
  all(): ActorOrdinal[] {
    return [...this.#members]
  }

  /** After the transaction that added one. */
  reload(): void {
    this.#members = this.#load()
  }

  /** Those of whom stamps may be left. */
  unfinished(): ActorOrdinal[] {
    return this.#all
      .all()
      .filter(({ rewritten }) => rewritten === 0)
      .map(({ actor }) => actor)
  }

  #load(): ReadonlySet<ActorOrdinal> {
    return new Set(this.#all.all().map(({ actor }) => actor))
  }
}
