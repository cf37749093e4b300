/** Stores whose schema changes, for tests: open with a text, change it, compare what converges whatever the ordinals are. */
import type { SqliteValue } from '@patina/base'
import { openStore, type SchemaChange, type Store, type StoreOptions } from '../../src/index.ts'
import { rows } from '../two-stores.ts'

export function storeWith(sql: string, options: Partial<StoreOptions> = {}): Store {
  let micros = 1_700_000_000_000_000
  const store = openStore({ path: ':memory:', nowMicros: () => (micros += 1000), ...options })
  change(store, sql)
  return store
}

export function change(store: Store, sql: string): SchemaChange[] {
  return store.applySchema([{ name: 'test.sql', sql }])
}

/** Rows by column name, and who wrote each cell: equal on equal stores, however their columns are numbered. */
export function converged(store: Store, table: string, keys: readonly string[]): unknown {
  const found = store.database.prepare(`SELECT * FROM ${table} ORDER BY ${keys.join(', ')}`).all()
  return (found as Record<string, SqliteValue>[]).map((row) => ({
    row: Object.fromEntries(Object.entries(row).toSorted()),
    stamps: explained(
      store,
      table,
      keys.map((key) => row[key] as SqliteValue),
    ),
  }))
}

function explained(store: Store, table: string, key: readonly SqliteValue[]): unknown {
  const { owner, cells, causalLength } = store.explain(table, key) ?? {
    owner: undefined,
    cells: [],
    causalLength: 0,
  }
  return {
    causalLength,
    owner: [owner?.actor, owner?.version],
    cells: cells
      .map(({ column, columnVersion, actor, version }) => [column, columnVersion, actor, version] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  }
}

/** All that stands in the file beside user rows: equal where nothing was written. */
export function bookkeeping(store: Store): unknown {
  const tables = rows(
    store,
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '%\\_\\_patina\\_%' ESCAPE '\\' ORDER BY name`,
  ).map((row) => (row as [string])[0])
  return {
    schema: rows(store, 'SELECT type, name, sql FROM sqlite_schema ORDER BY type, name'),
    contents: tables.map((table) => [table, rows(store, `SELECT * FROM "${table}"`)]),
    knowledge: store.knowledge(),
  }
}
