/**
 * Schema files → structure. The files run in a scratch in-memory database and are read back through SQLite's own
 * catalogue, so that SQLite is the parser; then each table is held against the rules that make replication safe
 * (schema-rules.ts), and refused with file, line and what to change. Knows nothing of the live file: schema-diff.ts does.
 */
import {
  asTemp,
  type Database,
  firstWords,
  LAG_DEFINITION,
  MEMBERS_DEFINITION,
  openDatabase,
  splitStatements,
} from '@patina/sqlite'
import { foldName } from '../core/table.ts'
import { quote } from './quote.ts'
import { checkTable, type Refuse, refuser } from './schema-rules.ts'
import {
  catalogue,
  type Origin,
  type SchemaStructure,
  structureOf,
  type ViewStructure,
} from './schema-structure.ts'
import { viewBody } from './schema-text.ts'

export interface SchemaFile {
  readonly name: string
  readonly sql: string
}

/** Names that are ours or SQLite's. */
const RESERVED = /^(?:sqlite_|patina_|pragma_)|__patina_/

/** Structure of all that the files make. Throws SchemaError with file and line. */
export function readSchema(files: readonly SchemaFile[]): SchemaStructure {
  const scratch = openScratch()
  try {
    const origins = new Map<string, Origin>()
    for (const { name, sql } of files)
      for (const statement of splitStatements(sql))
        runStatement(scratch, origins, statement.sql, { file: name, line: statement.line })
    return structureOfScratch(scratch, origins)
  } finally {
    scratch.close()
  }
}

/** An empty database in memory, in which a table's definition can be tried. Close it. */
export function openScratch(): Database {
  const scratch = openDatabase(':memory:')
  // What CHECK says is for local writes; here only the shape of rows is tried.
  scratch.pragma('ignore_check_constraints=ON')
  // Local tables that views may name, as they can on every connection.
  for (const definition of [MEMBERS_DEFINITION, LAG_DEFINITION]) scratch.exec(asTemp(definition))
  return scratch
}

function structureOfScratch(scratch: Database, origins: ReadonlyMap<string, Origin>): SchemaStructure {
  const rows = catalogue(scratch)
  const tables = rows
    .filter(({ type }) => type === 'table')
    .map((row) => {
      const name = foldName(row.name)
      const structure = structureOf(scratch, name)
      const at = origins.get(name)
      checkTable(scratch, structure, refuser(name, at))
      const indexes = structure.indexes.map((index) => ({ ...index, at: origins.get(index.name) }))
      return { ...structure, indexes, at }
    })
  const views = rows
    .filter(({ type }) => type === 'view')
    .map((row): ViewStructure => {
      const name = foldName(row.name)
      return { name, body: viewBody(row.sql ?? ''), at: origins.get(name) }
    })
  tryViews(scratch, views)
  return { tables: tables.toSorted(byName), views: views.toSorted(byName) }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1
}

/** Runs one statement of a schema file; each makes exactly one table, index or view. */
function runStatement(scratch: Database, origins: Map<string, Origin>, sql: string, at: Origin): void {
  const refuse: Refuse = refuser(undefined, at)
  checkKind(firstWords(sql), refuse)
  const before = new Set(catalogue(scratch).map(({ name }) => name))
  try {
    scratch.exec(sql)
  } catch (cause) {
    const { message } = cause as Error
    refuse(
      /already (?:exists|a(?:n index|nother| table| view))/.test(message) ? 'defined-twice' : 'syntax',
      message,
    )
  }
  const [made] = catalogue(scratch).filter(
    ({ name }) => !before.has(name) && !/^sqlite_(?:sequence|autoindex)/.test(name),
  )
  if (made === undefined)
    refuse('defined-twice', 'the table, index or view is defined already; remove one definition')
  if (catalogue(scratch).some(({ name }) => name === 'sqlite_sequence'))
    refuse('autoincrement', 'AUTOINCREMENT needs one writer; use INTEGER PRIMARY KEY')
  if (RESERVED.test(foldName(made.name)))
    refuse(
      'reserved-name',
      `${made.name}: names that begin with sqlite_, patina_ or pragma_ or contain __patina_ are taken`,
    )
  origins.set(foldName(made.name), at)
}

/** The statements that a schema file may hold. */
function checkKind([create, kind, next, fourth]: readonly string[], refuse: Refuse): void {
  const what = kind === 'UNIQUE' ? next : kind
  if (create === 'CREATE' && what === 'TABLE' && fourth === 'AS')
    refuse('as-select', 'CREATE TABLE … AS gives a table no key; write its columns')
  if (create === 'CREATE' && (what === 'TABLE' || what === 'INDEX' || what === 'VIEW')) return
  if (create === 'CREATE' && (what === 'TEMP' || what === 'TEMPORARY'))
    refuse('temporary', 'temporary tables cannot be replicated; remove TEMP')
  if (create === 'CREATE' && what === 'TRIGGER') refuse('trigger', 'triggers are not replicated; remove it')
  if (create === 'CREATE' && what === 'VIRTUAL')
    refuse('virtual', 'virtual tables cannot be replicated; remove it')
  refuse(
    'statement',
    `${create ?? 'this'} is not allowed: schema files hold CREATE TABLE, CREATE INDEX and CREATE VIEW only`,
  )
}

/** As connections have them: TEMP, and all of them. SQLite looks at the body of a view when it is used. */
function tryViews(scratch: Database, views: readonly ViewStructure[]): void {
  for (const { name, body } of views) scratch.exec(`CREATE TEMP VIEW ${quote(name)}${body}`)
  for (const { name, at } of views)
    try {
      scratch.prepare(`SELECT * FROM ${quote(name)}`)
    } catch (cause) {
      refuser(undefined, at)('view', `view ${name} cannot be used: ${(cause as Error).message}`)
    }
}
