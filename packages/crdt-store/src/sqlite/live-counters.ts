/**
 * `__patina_live`: counters of versions whose chunks are large. A counter falls with each row that is overwritten; beside a payload
 * of 64 KiB each fall would write the payload again (measured: 40 µs and 64 KiB of WAL for one row). Those of small versions
 * stay in the log, where a table of its own would cost a quarter of the one-row versions (ADR 0022).
 */
import type { Version } from '@patina/base'
import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import type { ActorOrdinal, Stamp } from '../core/row-clock.ts'

/** A first chunk with a longer payload has its counter here: about what SQLite keeps of a row without overflow pages. */
export const INLINE_PAYLOAD_MAX = 800

/** `live` in the log of a version whose counter is here. */
export const COUNTED_APART = -1

export class LiveCounters {
  readonly #set: BetterSqlite3.Statement<[ActorOrdinal, Version, number]>
  readonly #add: BetterSqlite3.Statement<[number, ActorOrdinal, Version], number>
  readonly #delete: BetterSqlite3.Statement<[ActorOrdinal, Version]>

  static create(db: Database): void {
    db.exec(`CREATE TABLE __patina_live (
      actor   INTEGER NOT NULL,         -- ordinal
      version INTEGER NOT NULL,
      live    INTEGER NOT NULL,         -- see the head of log.ts; above 0
      PRIMARY KEY (actor, version)
    ) WITHOUT ROWID`)
  }

  constructor(db: Database) {
    this.#set = db.prepare('INSERT OR REPLACE INTO __patina_live (actor, version, live) VALUES (?, ?, ?)')
    this.#add = db
      .prepare<[number, ActorOrdinal, Version], number>(
        'UPDATE __patina_live SET live = live + ? WHERE actor = ? AND version = ? RETURNING live',
      )
      .pluck()
      .safeIntegers(false)
    this.#delete = db.prepare('DELETE FROM __patina_live WHERE actor = ? AND version = ?')
  }

  set({ actor, version }: Stamp, live: number): void {
    this.#set.run(actor, version, live)
  }

  /** The counter after the change; undefined where the version has none here. */
  add({ actor, version }: Stamp, count: number): number | undefined {
    return this.#add.get(count, actor, version)
  }

  delete({ actor, version }: Stamp): void {
    this.#delete.run(actor, version)
  }
}
