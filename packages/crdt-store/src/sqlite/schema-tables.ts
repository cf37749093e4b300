/**
 * The replicated tables of an open file: makes new ones with clock table and triggers, and gives every table and column
 * its ordinal. One transaction of the caller's.
 */
import type { Database } from '@patina/sqlite'
import type { TableDefinition } from '../core/table.ts'
import { SchemaError } from '../errors.ts'
import { Capture } from './capture.ts'
import { ClockTable } from './clock-table.ts'
import type { NamesTable } from './names-table.ts'
import { quote } from './quote.ts'
import { affinityOf, type IndexStructure, structureOf, type TableStructure } from './schema.ts'
import { sameSql } from './schema-text.ts'

/** What `applySchema` did. */
export type SchemaChange =
  | { readonly kind: 'table-created'; readonly table: string }
  | { readonly kind: 'index-created'; readonly table: string; readonly index: string }

/** Brings the file to what the files say, or throws SchemaError. Call inside a transaction. */
export function createTables(
  db: Database,
  names: NamesTable,
  wanted: readonly TableStructure[],
): SchemaChange[] {
  const known = new Set(names.tables())
  return wanted.flatMap((structure) =>
    known.has(structure.name) ? createIndexes(db, structure) : createTable(db, names, structure),
  )
}

/** Definition of a replicated table of this file. */
export function definitionOf(db: Database, names: NamesTable, table: string): TableDefinition {
  return define(names, structureOf(db, table))
}

function createTable(db: Database, names: NamesTable, structure: TableStructure): SchemaChange[] {
  const { name, sql } = structure
  if (db.prepare('SELECT 1 FROM sqlite_schema WHERE lower(name) = ?').get(name) !== undefined)
    throw new SchemaError(
      'not-replicated',
      `table ${name} is in the database already but is not replicated; rename it, or start with an empty database`,
      { table: name },
    )
  db.exec(sql)
  const definition = define(names, structure)
  ClockTable.create(db, definition)
  Capture.createTriggers(db, definition)
  return [{ kind: 'table-created', table: name }, ...createIndexes(db, structure)]
}

function createIndexes(db: Database, wanted: TableStructure): SchemaChange[] {
  const there = structureOf(db, wanted.name)
  if (!sameSql(there.sql, wanted.sql))
    throw new SchemaError(
      'changed-table',
      `table ${wanted.name} differs from the one in the database; changing tables is not supported yet`,
      { table: wanted.name },
    )
  const changes: SchemaChange[] = []
  for (const { name, sql } of wanted.indexes) {
    const known = there.indexes.find((index) => index.name === name)
    if (known !== undefined && sameSql(known.sql, sql)) continue
    if (known !== undefined) db.exec(`DROP INDEX ${quote(name)}`)
    createIndex(db, wanted.name, { name, sql })
    changes.push({ kind: 'index-created', table: wanted.name, index: name })
  }
  return changes
}

/** An index of this name may stand on another table. */
function createIndex(db: Database, table: string, { name, sql }: IndexStructure): void {
  try {
    db.exec(sql)
  } catch (cause) {
    throw new SchemaError('index', `index ${name} on ${table} cannot be made: ${(cause as Error).message}`, {
      table,
    })
  }
}

function define(names: NamesTable, { name, columns }: TableStructure): TableDefinition {
  const ordinal = names.table(name)
  const key = columns.filter(({ keyPosition }) => keyPosition > 0)
  const data = columns.filter(({ keyPosition, generated }) => keyPosition === 0 && !generated)
  return {
    name,
    ordinal,
    key: key
      .toSorted((a, b) => a.keyPosition - b.keyPosition)
      .map((column) => ({ name: column.name, affinity: affinityOf(column.declaredType) })),
    columns: data
      .map((column) => ({
        name: column.name,
        affinity: affinityOf(column.declaredType),
        ordinal: names.column(ordinal, column.name),
      }))
      .toSorted((a, b) => a.ordinal - b.ordinal),
  }
}
