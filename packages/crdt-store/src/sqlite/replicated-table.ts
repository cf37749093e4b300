/** A replicated table in one hand: its definition, the user's rows and their clocks. */
import type { Database } from '@patina/sqlite'
import type { DataColumn, TableDefinition } from '../core/table.ts'
import { ClockTable } from './clock-table.ts'
import { UserTable } from './user-table.ts'

export interface ReplicatedTable {
  readonly definition: TableDefinition
  readonly rows: UserTable
  readonly clocks: ClockTable
  /** Names of the key columns, in key order: one list for all changes. */
  readonly keyNames: readonly string[]
  readonly columnsByName: ReadonlyMap<string, DataColumn>
}

export function replicatedTable(db: Database, definition: TableDefinition): ReplicatedTable {
  return {
    definition,
    rows: new UserTable(db, definition),
    clocks: new ClockTable(db, definition),
    keyNames: definition.key.map(({ name }) => name),
    columnsByName: new Map(definition.columns.map((column) => [column.name, column])),
  }
}
