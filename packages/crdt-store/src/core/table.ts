/**
 * TableDefinition: a replicated table as the store needs it. Names are folded to lower case, because SQLite's are
 * case-insensitive and peers compare them as bytes.
 */
import type { ColumnStorage } from './column-storage.ts'
import type { ColumnOrdinal } from './row-clock.ts'

/** SQLite's column affinity (https://sqlite.org/datatype3.html §3.1). */
export type Affinity = 'blob' | 'text' | 'numeric' | 'integer' | 'real'

/** Number of a replicated table in this file (`__patina_names`), from 0 in order of creation. */
export type TableOrdinal = number & { readonly brand: 'TableOrdinal' }

/** Case folding as SQLite does it: ASCII only. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

export interface KeyColumn {
  readonly name: string
  readonly affinity: Affinity
  readonly storage: ColumnStorage
}

export interface DataColumn {
  readonly name: string
  readonly affinity: Affinity
  readonly storage: ColumnStorage
  readonly ordinal: ColumnOrdinal
}

export interface TableDefinition {
  readonly name: string
  readonly ordinal: TableOrdinal
  /** In key order; at least one. */
  readonly key: readonly KeyColumn[]
  /** Non-key, non-generated columns by ordinal; ordinals are dense from 0. */
  readonly columns: readonly DataColumn[]
}
