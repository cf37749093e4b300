/**
 * Which actors does this file know, and up to which version? Small ordinals stand for actors in clocks and log; the own
 * actor's ordinal is in `__patina_meta`. Heads count what was heard of, held or not. Ordinals are never used again.
 */
import {
  type ActorId,
  actorFromBytes,
  actorToBytes,
  compareActors,
  type Hlc,
  must,
  type Version,
} from '@patina/base'
import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import type { ActorOrder, ActorOrdinal } from '../core/row-clock.ts'

interface ActorRow {
  readonly ord: ActorOrdinal
  readonly actor: Uint8Array
  readonly head: Version | 0
  readonly head_ts: Hlc
}

export interface KnownActor {
  readonly actor: ActorId
  readonly head: Version | 0
  readonly headTs: Hlc
}

export class ActorsTable {
  readonly #insert: BetterSqlite3.Statement<[Uint8Array]>
  readonly #setHead: BetterSqlite3.Statement<[number, number, ActorOrdinal]>
  readonly #all: BetterSqlite3.Statement<[], ActorRow>
  readonly #ids: ActorId[] = []
  /** In the order in which they came. */
  readonly #remembered: ActorOrdinal[] = []
  readonly #ordinals = new Map<ActorId, ActorOrdinal>()

  static create(db: Database): void {
    db.exec(`CREATE TABLE __patina_actors (
      ord     INTEGER PRIMARY KEY,      -- small number of the actor in this file
      actor   BLOB NOT NULL UNIQUE,     -- 16 bytes
      head    INTEGER NOT NULL,         -- highest version known of; 0: none
      head_ts INTEGER NOT NULL          -- its timestamp, microseconds since 1970; 0: unknown
    )`)
  }

  constructor(db: Database) {
    this.#insert = db
      .prepare('INSERT INTO __patina_actors (actor, head, head_ts) VALUES (?, 0, 0)')
      .safeIntegers(false)
    this.#setHead = db.prepare('UPDATE __patina_actors SET head = ?, head_ts = ? WHERE ord = ?')
    this.#all = db
      .prepare<[], ActorRow>('SELECT ord, actor, head, head_ts FROM __patina_actors')
      .safeIntegers(false)
    for (const { ord, actor } of this.#all.all()) this.#remember(ord, actorFromBytes(actor))
  }

  /** Byte order of two actors by their ordinals. */
  readonly order: ActorOrder = (a, b) => compareActors(this.idOf(a), this.idOf(b))

  idOf(ordinal: ActorOrdinal): ActorId {
    return must(this.#ids[ordinal], 'ordinals of clocks and log are in __patina_actors')
  }

  /** The actor's ordinal, given on first sight. Inside a transaction; after a rollback call `forgetSince`. */
  ordinalOf(actor: ActorId): ActorOrdinal {
    const known = this.#ordinals.get(actor)
    if (known !== undefined) return known
    const ordinal = Number(this.#insert.run(actorToBytes(actor)).lastInsertRowid) as ActorOrdinal
    this.#remember(ordinal, actor)
    return ordinal
  }

  setHead(actor: ActorId, head: Version, ts: Hlc): void {
    this.#setHead.run(head, ts, this.ordinalOf(actor))
  }

  all(): KnownActor[] {
    return this.#all
      .all()
      .map((row) => ({ actor: actorFromBytes(row.actor), head: row.head, headTs: row.head_ts }))
  }

  /** Where memory stands now, for `forgetSince`. */
  mark(): number {
    return this.#remembered.length
  }

  /** After a rollback to where `mark` was asked for. Asks nothing of SQLite, which may have just failed. */
  forgetSince(mark: number): void {
    for (const ordinal of this.#remembered.splice(mark)) {
      this.#ordinals.delete(this.idOf(ordinal))
      delete this.#ids[ordinal]
    }
  }

  #remember(ordinal: ActorOrdinal, actor: ActorId): void {
    this.#remembered.push(ordinal)
    this.#ids[ordinal] = actor
    this.#ordinals.set(actor, ordinal)
  }
}
