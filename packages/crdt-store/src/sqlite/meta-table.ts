/** What is this file? Format version, own actor and its ordinal, cluster, generation: one value a key. */

import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import type { ActorOrdinal } from '../core/row-clock.ts'

/** Layout of the internal tables and bytes in them. A file with a greater number is refused, one with a smaller is brought up to it. */
export const FORMAT = 2

export type MetaKey =
  /** FORMAT of the code that wrote the file. */
  | 'format'
  /** Ordinal of the own actor in `__patina_actors`. */
  | 'self'
  | 'cluster_id'
  /** Raised and durable at each start, before the first datagram. */
  | 'generation'
  /** There in a snapshot that nobody has opened as a live file. */
  | 'snapshot'

export class MetaTable {
  readonly #get: BetterSqlite3.Statement<[MetaKey]>
  readonly #delete: BetterSqlite3.Statement<[MetaKey]>
  readonly #set: BetterSqlite3.Statement<[MetaKey, bigint | string]>

  static create(db: Database): void {
    db.exec('CREATE TABLE __patina_meta (key TEXT PRIMARY KEY NOT NULL, value) WITHOUT ROWID')
  }

  static exists(db: Database): boolean {
    return db.prepare("SELECT 1 FROM sqlite_schema WHERE name = '__patina_meta'").get() !== undefined
  }

  constructor(db: Database) {
    this.#get = db.prepare('SELECT value FROM __patina_meta WHERE key = ?').pluck().safeIntegers(false)
    this.#delete = db.prepare('DELETE FROM __patina_meta WHERE key = ?')
    this.#set = db.prepare('INSERT OR REPLACE INTO __patina_meta (key, value) VALUES (?, ?)')
  }

  number(key: 'generation'): number {
    const value = this.#get.get(key)
    return typeof value === 'number' ? value : 0
  }

  /** The format, or undefined where what stands there is none. */
  format(): number | undefined {
    const value = this.#get.get('format')
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 ? value : undefined
  }

  isSnapshot(): boolean {
    return this.#get.get('snapshot') !== undefined
  }

  self(): ActorOrdinal {
    return this.#get.get('self') as ActorOrdinal
  }

  text(key: 'cluster_id'): string | undefined {
    const value = this.#get.get(key)
    return typeof value === 'string' ? value : undefined
  }

  delete(key: 'snapshot'): void {
    this.#delete.run(key)
  }

  set(key: MetaKey, value: number | string): void {
    // A number would be bound as REAL.
    this.#set.run(key, typeof value === 'number' ? BigInt(value) : value)
  }
}
