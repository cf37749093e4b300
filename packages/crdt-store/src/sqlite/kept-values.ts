/**
 * Kept values: does a column of this node keep a value bit for bit (core/column-storage.ts)? What it would not keep is a
 * misfit, and stands beside the clocks like a cell of an unknown column, so that every node still holds what was written.
 */
import type { SqliteValue } from '@patina/base'
import { type Database, openDatabase } from '@patina/sqlite'
import { type ColumnStorage, fitOf } from '../core/column-storage.ts'
import type { KeyColumn } from '../core/table.ts'

export function keeps(storage: ColumnStorage, value: SqliteValue): boolean {
  const fit = fitOf(storage, value)
  return fit === 'number?' ? !isNumber(value as string) : fit === 'kept'
}

/** True where each value of a key is kept, and is no other key to SQLite than to peers: else it would be another row. */
export function keepsKey(columns: readonly KeyColumn[], key: readonly SqliteValue[]): boolean {
  for (let i = 0; i < columns.length; i += 1) {
    const { storage } = columns[i] as KeyColumn
    const value = key[i] as SqliteValue
    if (!keeps(storage, value) || (typeof value === 'number' && isAmbiguous(storage, value))) return false
  }
  return true
}

/** A REAL beyond the integers can equal one of them to SQLite; local writes refuse it, too. */
function isAmbiguous({ as }: ColumnStorage, value: number): boolean {
  return as === 'numeric' && Math.abs(value) >= 2 ** 63
}

/** Whether SQLite takes a text for a number: it looks at more than the syntax of its manual (a trailing NUL, for one). */
function isNumber(text: string): boolean {
  return probe().get(text) !== 'text'
}

interface Probe {
  readonly get: (text: string) => unknown
}

let asked: Probe | undefined

/** One connection to nothing, for the few texts that begin like a number. */
function probe(): Probe {
  if (asked !== undefined) return asked
  const db: Database = openDatabase(':memory:')
  db.exec('CREATE TABLE probe (id INTEGER PRIMARY KEY, n NUMERIC)')
  const put = db
    .prepare<[string], string>('INSERT OR REPLACE INTO probe VALUES (1, ?) RETURNING typeof(n)')
    .pluck()
  asked = { get: (text) => put.get(text) }
  return asked
}
