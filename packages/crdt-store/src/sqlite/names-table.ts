/**
 * Which number stands for which table, and for which of its columns? Numbers are given once, so that row clocks written long
 * ago keep their meaning; one that is renamed goes with its table (schema-rebuild.ts). The numbers never leave the file.
 */
import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import type { ColumnOrdinal } from '../core/row-clock.ts'
import type { TableOrdinal } from '../core/table.ts'

/** `kind` of table names; a table's columns have the kind 1 + its ordinal. */
const TABLES = 0

export class NamesTable {
  readonly #names: BetterSqlite3.Statement<[number], string>
  readonly #rename: BetterSqlite3.Statement<[string, string]>
  readonly #insert: BetterSqlite3.Statement<[number, number, string]>

  static create(db: Database): void {
    db.exec(`CREATE TABLE __patina_names (
      kind INTEGER NOT NULL,            -- 0: tables; 1 + n: columns of the table with ordinal n
      ord  INTEGER NOT NULL,            -- from 0, dense
      name TEXT NOT NULL,               -- folded to lower case
      PRIMARY KEY (kind, ord)
    ) WITHOUT ROWID`)
  }

  constructor(db: Database) {
    this.#names = db
      .prepare<[number], string>('SELECT name FROM __patina_names WHERE kind = ? ORDER BY ord')
      .pluck()
    this.#rename = db.prepare(`UPDATE __patina_names SET name = ? WHERE kind = ${TABLES} AND name = ?`)
    this.#insert = db.prepare('INSERT INTO __patina_names (kind, ord, name) VALUES (?, ?, ?)')
  }

  /** Replicated tables, without those that a change of theirs has made or left behind. */
  tables(): string[] {
    return this.#names.all(TABLES).filter((name) => name !== '' && !name.includes('__patina_'))
  }

  /** The number stands for a table of another name from now on; '' for one that is gone. */
  rename(table: string, to: string): void {
    this.#rename.run(to, table)
  }

  table(name: string): TableOrdinal {
    return this.#ordinalOf(TABLES, name) as TableOrdinal
  }

  column(table: TableOrdinal, name: string): ColumnOrdinal {
    return this.#ordinalOf(1 + table, name) as ColumnOrdinal
  }

  /** The name's ordinal, given on first sight. */
  #ordinalOf(kind: number, name: string): number {
    const names = this.#names.all(kind)
    const known = names.indexOf(name)
    if (known >= 0) return known
    this.#insert.run(kind, names.length, name)
    return names.length
  }
}
