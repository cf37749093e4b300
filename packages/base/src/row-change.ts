/**
 * RowChange: what one version did to one row. The unit that seq numbers; a changeset carries a run of them.
 * A change states a life (causal length) and the cells written in it; merge decides each on its own.
 */
import type { SqliteValue } from './sqlite-value.ts'

/** Causal length: odd = the row is alive, even = it is deleted; 0 = never seen. */
export type CausalLength = number

/** Per cell, +1 at each local write; 0 = never written. */
export type ColumnVersion = number

export interface CellChange {
  /** Folded to lower case: SQLite's names are case-insensitive. */
  readonly column: string
  readonly columnVersion: ColumnVersion
  readonly value: SqliteValue
}

export interface RowChange {
  /** Folded to lower case. */
  readonly table: string
  /** Values of the key columns in key order; none is NULL. */
  readonly key: readonly SqliteValue[]
  readonly causalLength: CausalLength
  /** Empty for a delete, and for the life of a row without written cells. */
  readonly cells: readonly CellChange[]
}
