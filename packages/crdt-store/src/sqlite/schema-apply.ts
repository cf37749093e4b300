/**
 * Changes of the schema, made in the file: reads what it has, and makes what schema-diff.ts has found in one transaction of
 * the caller's. A column that is added costs no row anything: no stamp is written, because a cell that nobody has written
 * has none (`width` of a row clock says how many columns it speaks of). What SQLite makes of a change is read back.
 */
import { must } from '@patina/base'
import { type Database, VIEWS_TABLE } from '@patina/sqlite'
import { type ColumnStorage, storageOf } from '../core/column-storage.ts'
import { foldName, type KeyColumn, type TableDefinition } from '../core/table.ts'
import { SchemaError } from '../errors.ts'
import type { StoreLimits } from '../limits.ts'
import { Capture } from './capture.ts'
import { ClockTable } from './clock-table.ts'
import type { NamesTable } from './names-table.ts'
import { forgetPurge, purgedNames } from './purge.ts'
import { quote } from './quote.ts'
import { rebuilds } from './rebuilds-table.ts'
import { beginAdoption, isAdopting, refuseUnadoptable } from './schema-adopt.ts'
import {
  type DiffOptions,
  diffSchema,
  type LiveStructure,
  type LiveTable,
  type SchemaChange,
  type SchemaDiff,
} from './schema-diff.ts'
import { abortRebuild, beginRebuild, dropTable, freeIndexSql, nextName } from './schema-rebuild.ts'
import { refuser } from './schema-rules.ts'
import {
  affinityOf,
  type ColumnStructure,
  catalogue,
  indexNames,
  type SchemaStructure,
  structureOf,
  type TableStructure,
  type ViewStructure,
} from './schema-structure.ts'

/** What the file would have to change. Throws SchemaError; writes nothing. */
export function diffFile(
  db: Database,
  names: NamesTable,
  wanted: SchemaStructure,
  options: DiffOptions,
): SchemaDiff {
  const copying = copyingTables(db)
  const aborted = copying.filter(({ name, target }) => !isWanted(wanted, name, target))
  const targets = new Map(
    copying.filter((each) => !aborted.includes(each)).map((each) => [each.name, each.target]),
  )
  const diff = diffSchema(wanted, readLive(db, names, targets), options)
  const changes = aborted.map(({ name, target }): SchemaChange => {
    return { kind: 'rebuild-aborted', table: name, sql: target.sql }
  })
  return { ...diff, changes: [...changes, ...diff.changes] }
}

interface CopyingTable {
  readonly name: string
  /** As it will be. */
  readonly target: TableStructure
}

function copyingTables(db: Database): readonly CopyingTable[] {
  return rebuilds(db)
    .filter(({ phase }) => phase === 'copying')
    .map(({ name }) => ({ name, target: { ...structureOf(db, nextName(name)), name } }))
}

/** Whether a change that is under way is still what the files want. */
function isWanted(wanted: SchemaStructure, name: string, target: TableStructure): boolean {
  const tables = wanted.tables.filter((table) => table.name === name)
  const live: LiveStructure = { tables: [{ ...target, state: 'replicated' }], views: [] }
  try {
    const { changes, kept } = diffSchema({ tables, views: [] }, live)
    return tables.length > 0 && changes.length === 0 && kept.length === 0
  } catch (cause) {
    if (cause instanceof SchemaError) return false
    throw cause
  }
}

/** Brings the file to what the files say, or throws SchemaError. Call inside a transaction, `withoutRewriting`. */
export function changeSchema(
  db: Database,
  names: NamesTable,
  { wanted, limits, options }: WantedChange,
): SchemaDiff {
  const replicated = new Set(names.tables())
  const diff = diffFile(db, names, wanted, options)
  const makers = new Map(wanted.tables.map((table) => [table.name, table]))
  const rebuilt = new Set(diff.rebuilt)
  for (const change of diff.changes) {
    if (change.kind === 'rebuild-aborted') abortRebuild(db, names, change.table)
    else if (change.kind === 'table-dropped') dropTable(db, names, change.table)
    else if (change.kind === 'table-adopted')
      adopt(db, names, must(makers.get(change.table), 'wanted'), limits)
    else if (!('table' in change && rebuilt.has(change.table))) makeChange(db, names, change, makers)
  }
  for (const change of diff.changes)
    if (change.kind === 'column-added' || change.kind === 'table-created') forgetPurge(db, change)
  for (const table of rebuilt) rebuild(db, names, must(makers.get(table), 'wanted'))
  const widened = new Set(
    diff.changes.flatMap((change) => (change.kind === 'column-added' ? [change.table] : [])),
  )
  for (const table of widened)
    if (replicated.has(table) && !rebuilt.has(table)) followColumns(db, names, table)
  if (diff.changes.some(({ kind }) => kind.startsWith('view-'))) storeViews(db, wanted.views)
  refuseRest(db, names, { wanted, limits, options })
  return diff
}

export interface WantedChange {
  readonly wanted: SchemaStructure
  readonly limits: StoreLimits
  readonly options: DiffOptions
}

function rebuild(db: Database, names: NamesTable, wanted: TableStructure): void {
  try {
    beginRebuild(db, wanted, (table) => definitionOf(db, names, table))
  } catch (cause) {
    refuser(wanted.name, wanted.at)('sqlite', `SQLite refuses the change: ${(cause as Error).message}`)
  }
}

/** Definition of a replicated table of this file. */
export function definitionOf(db: Database, names: NamesTable, table: string): TableDefinition {
  return define(names, structureOf(db, table))
}

/** `targets`: tables whose change is under way, as if it were done. */
function readLive(
  db: Database,
  names: NamesTable,
  targets: ReadonlyMap<string, TableStructure>,
): LiveStructure {
  const replicated = new Set(names.tables())
  const changing = new Map(rebuilds(db).map(({ name, phase }) => [name, phase]))
  const stateOf = (name: string): LiveTable['state'] => {
    if (!replicated.has(name)) return 'plain'
    if (isAdopting(db, name)) return 'adopting'
    return changing.get(name) === undefined || changing.get(name) === 'copying' ? 'replicated' : 'changing'
  }
  const tables = catalogue(db)
    .filter(({ type, name }) => type === 'table' && !isInternal(foldName(name)))
    .map((row): LiveTable => {
      const name = foldName(row.name)
      const target = targets.get(name)
      if (target !== undefined) return { ...target, state: 'copying' }
      return { ...structureOf(db, name), state: stateOf(name) }
    })
  const leaving = [...changing].filter(([, phase]) => phase === 'dropped').map(([name]) => name)
  return { tables, views: storedViews(db), leaving, purged: purgedNames(db) }
}

function isInternal(name: string): boolean {
  return name.startsWith('sqlite_') || name.includes('__patina_')
}

function storedViews(db: Database): ViewStructure[] {
  if (db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(VIEWS_TABLE) === undefined) return []
  return db.prepare<[], ViewStructure>(`SELECT name, body FROM ${VIEWS_TABLE} ORDER BY name`).all()
}

/** Made anew each time, so that the version of the file's schema changes and every connection looks. */
function storeViews(db: Database, views: readonly ViewStructure[]): void {
  db.exec(`DROP TABLE IF EXISTS ${VIEWS_TABLE};
    CREATE TABLE ${VIEWS_TABLE} (
      name TEXT PRIMARY KEY NOT NULL,   -- folded to lower case
      body TEXT NOT NULL                -- what follows the name in CREATE VIEW
    ) WITHOUT ROWID`)
  const insert = db.prepare(`INSERT INTO ${VIEWS_TABLE} (name, body) VALUES (?, ?)`)
  for (const { name, body } of views) insert.run(name, body)
}

function adopt(db: Database, names: NamesTable, wanted: TableStructure, limits: StoreLimits): void {
  const { name, at } = wanted
  refuseUnadoptable(db, name, at)
  beginAdoption(db, define(names, structureOf(db, name)), { at, limits })
}

function makeChange(
  db: Database,
  names: NamesTable,
  change: SchemaChange,
  wanted: ReadonlyMap<string, TableStructure>,
): void {
  switch (change.kind) {
    case 'table-created':
      run(db, change.sql, wanted.get(change.table))
      replicate(db, define(names, structureOf(db, change.table)))
      return
    case 'index-dropped':
      dropIndex(db, change)
      return
    case 'index-changed':
      dropIndex(db, change)
      run(db, createIndex(db, change), wanted.get(change.table))
      return
    case 'index-created':
      run(db, createIndex(db, change), wanted.get(change.table))
      return
    case 'column-added':
      run(db, change.sql, wanted.get(change.table))
      return
    default:
  }
}

interface IndexChange {
  readonly table: string
  readonly index: string
  readonly sql: string
}

/** A table that is on its way out keeps its indexes for a while: the new one gets its second name. */
function createIndex(db: Database, { table, index, sql }: IndexChange): string {
  const owner = db
    .prepare<[string], string>(`SELECT tbl_name FROM sqlite_schema WHERE type = 'index' AND lower(name) = ?`)
    .pluck()
    .get(index)
  return owner?.includes('__patina_') ? freeIndexSql(db, { name: index, sql }, table) : sql
}

/** It may stand under either of its names; under the other one another table, on its way out, may have one. */
function dropIndex(db: Database, { table, index }: IndexChange): void {
  const [first, second] = indexNames(index)
  const stored = db
    .prepare<[string, string, string], string>(
      `SELECT name FROM sqlite_schema WHERE type = 'index' AND lower(tbl_name) = ? AND lower(name) IN (?, ?)`,
    )
    .pluck()
    .get(table, first, second)
  db.exec(`DROP INDEX ${quote(must(stored, 'an index that is dropped was read'))}`)
}

function replicate(db: Database, definition: TableDefinition): void {
  ClockTable.create(db, definition)
  Capture.createTriggers(db, definition)
}

/** Triggers name all columns. Ordinals are given in the order of the columns, behind those that are known. */
function followColumns(db: Database, names: NamesTable, table: string): void {
  const definition = definitionOf(db, names, table)
  Capture.dropTriggers(db, definition)
  Capture.createTriggers(db, definition)
}

/** SQLite's own refusal (an index of this name on another table, a name that is taken) is told with the place in the files. */
function run(db: Database, sql: string, wanted: TableStructure | undefined): void {
  try {
    db.exec(sql)
  } catch (cause) {
    refuser(wanted?.name, wanted?.at)('sqlite', `SQLite refuses the change: ${(cause as Error).message}`)
  }
}

/** What has been made must be what the files say: a text that we cut badly shows here, and nothing stays of it. */
function refuseRest(db: Database, names: NamesTable, { wanted }: WantedChange): void {
  const [rest] = diffFile(db, names, wanted, { allowDestructive: false }).changes
  if (rest !== undefined)
    throw new SchemaError(
      'not-understood',
      `SQLite has made something else of: ${rest.sql}; write it more plainly`,
    )
}

function define(names: NamesTable, table: TableStructure): TableDefinition {
  const ordinal = names.table(table.name)
  const data = table.columns.filter(({ keyPosition, generated }) => keyPosition === 0 && !generated)
  return {
    name: table.name,
    ordinal,
    key: keyOf(table),
    columns: data
      .map((column) => ({
        name: column.name,
        affinity: affinityOf(column.declaredType),
        storage: columnStorage(column, table.isStrict),
        ordinal: names.column(ordinal, column.name),
      }))
      .toSorted((a, b) => a.ordinal - b.ordinal),
  }
}

function keyOf({ columns, isStrict, withoutRowid }: TableStructure): KeyColumn[] {
  const key = columns.filter(({ keyPosition }) => keyPosition > 0)
  const [only] = key
  // https://sqlite.org/lang_createtable.html#rowid: such a key is the rowid, which is an integer.
  const isRowid = key.length === 1 && !withoutRowid && only?.declaredType.toUpperCase() === 'INTEGER'
  return key
    .toSorted((a, b) => a.keyPosition - b.keyPosition)
    .map((column) => {
      const affinity = affinityOf(column.declaredType)
      const storage = columnStorage(column, isStrict || isRowid)
      // 1 and 1.0 are one key to SQLite and two to peers.
      const as = affinity === 'blob' ? 'only-blob' : storage.as
      return { name: column.name, affinity, storage: { as, notNull: true } }
    })
}

function columnStorage({ declaredType, notNull }: ColumnStructure, isStrict: boolean): ColumnStorage {
  const isAny = declaredType.toUpperCase() === 'ANY'
  return storageOf(affinityOf(declaredType), { isStrict, notNull, isAny })
}
