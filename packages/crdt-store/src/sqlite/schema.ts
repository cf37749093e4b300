/**
 * Schema files → structure. The files run in a scratch in-memory database and are read back through SQLite's own
 * catalogue, so that SQLite is the parser; then each table is held against the rules that make replication safe, and
 * refused with what to change. Creating only: a table that exists must be as the files say (changes come with Part 4).
 */
import { type Database, openDatabase } from '@patina/sqlite'
import type { Affinity } from '../core/table.ts'
import { SchemaError } from '../errors.ts'
import { hasConflictClause, hasWord } from './schema-text.ts'

export interface SchemaFile {
  readonly name: string
  readonly sql: string
}

export interface ColumnStructure {
  readonly name: string
  readonly declaredType: string
  readonly notNull: boolean
  readonly defaultSql: string | null
  /** 1-based position in the key; 0: not part of it. */
  readonly keyPosition: number
  readonly generated: boolean
}

export interface TableStructure {
  /** Folded to lower case. */
  readonly name: string
  /** CREATE TABLE as it was written. */
  readonly sql: string
  readonly columns: readonly ColumnStructure[]
  readonly indexes: readonly IndexStructure[]
  readonly hasChecks: boolean
}

export interface IndexStructure {
  readonly name: string
  readonly sql: string
}

interface CatalogueRow {
  readonly type: 'table' | 'index' | 'view' | 'trigger'
  readonly name: string
  readonly tbl_name: string
  readonly sql: string | null
}

interface ColumnRow {
  readonly name: string
  readonly type: string
  readonly notnull: number
  readonly dflt_value: string | null
  readonly pk: number
  /** 0: ordinary; 2: VIRTUAL generated; 3: STORED generated. */
  readonly hidden: number
}

/** Names that are ours or SQLite's. */
const RESERVED = /^(?:sqlite_|__patina_|patina_)|__patina_/

/** Structure of all tables that the files make. Throws SchemaError. */
export function readSchema(files: readonly SchemaFile[]): TableStructure[] {
  const scratch = openDatabase(':memory:')
  try {
    const structures: TableStructure[] = []
    for (const file of files) structures.push(...readFile(scratch, file))
    return structures
  } finally {
    scratch.close()
  }
}

/** Structure of the tables that a database holds, by the same reading. */
export function structureOf(db: Database, table: string): TableStructure {
  const rows = catalogue(db).filter((row) => row.tbl_name.toLowerCase() === table)
  const made = rows.find(({ type }) => type === 'table')
  const sql = made?.sql ?? ''
  const indexes = rows.filter((row) => row.type === 'index' && row.sql !== null)
  return {
    name: table,
    sql,
    columns: columnsOf(db, table),
    indexes: indexes.map((row) => ({ name: row.name.toLowerCase(), sql: row.sql ?? '' })),
    hasChecks: hasWord(sql, 'check'),
  }
}

/** Affinity of a declared type: https://sqlite.org/datatype3.html §3.1; under STRICT the names mean the same. */
export function affinityOf(declaredType: string): Affinity {
  const type = declaredType.toUpperCase()
  if (type.includes('INT')) return 'integer'
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text'
  if (type === '' || type === 'ANY' || type.includes('BLOB')) return 'blob'
  return /REAL|FLOA|DOUB/.test(type) ? 'real' : 'numeric'
}

function readFile(scratch: Database, file: SchemaFile): TableStructure[] {
  const before = new Set(catalogue(scratch).map(({ name }) => name))
  try {
    scratch.exec(file.sql)
  } catch (cause) {
    throw new SchemaError('syntax', (cause as Error).message, { file: file.name })
  }
  const made = catalogue(scratch).filter(({ name }) => !before.has(name))
  for (const row of made) refuseKind(row, file.name)
  if (scratch.prepare('SELECT 1 FROM sqlite_temp_schema').get() !== undefined)
    throw new SchemaError('temporary', 'temporary tables cannot be replicated; remove TEMP', {
      file: file.name,
    })
  const tables = made.filter((row) => row.type === 'table' && row.name !== 'sqlite_sequence')
  return tables.map(({ name }) => {
    const structure = structureOf(scratch, name.toLowerCase())
    checkTable(scratch, structure, file.name)
    return structure
  })
}

function catalogue(db: Database): CatalogueRow[] {
  return db.prepare<[], CatalogueRow>('SELECT type, name, tbl_name, sql FROM sqlite_schema').all()
}

function columnsOf(db: Database, table: string): ColumnStructure[] {
  const rows = db
    .prepare<[string], ColumnRow>('SELECT * FROM pragma_table_xinfo(?)')
    .safeIntegers(false)
    .all(table)
  return rows.map((row) => ({
    name: row.name.toLowerCase(),
    declaredType: row.type,
    notNull: row.notnull === 1,
    defaultSql: row.dflt_value,
    keyPosition: row.pk,
    generated: row.hidden === 2 || row.hidden === 3,
  }))
}

function refuseKind({ type, name, sql }: CatalogueRow, file: string): void {
  const refuse = (code: string, message: string): never => {
    throw new SchemaError(code, message, { file, table: name })
  }
  if (type === 'trigger') refuse('trigger', `${name}: triggers are not replicated; remove it`)
  if (type === 'view')
    refuse('view', `${name}: views in schema files are not supported yet; query the tables`)
  if (name === 'sqlite_sequence')
    refuse('autoincrement', 'AUTOINCREMENT needs one writer; use INTEGER PRIMARY KEY')
  if (sql !== null && RESERVED.test(name.toLowerCase()))
    refuse(
      'reserved-name',
      `${name}: names that begin with sqlite_ or patina_ or contain __patina_ are taken`,
    )
}

/** Each rule exists because two nodes would differ, or a merge could fail, without it. */
function checkTable(db: Database, { name, sql, columns }: TableStructure, file: string): void {
  const refuse = (code: string, message: string): never => {
    throw new SchemaError(code, `table ${name}: ${message}`, { file, table: name })
  }
  if (/^\s*CREATE\s+VIRTUAL/i.test(sql)) refuse('virtual', 'virtual tables cannot be replicated')
  if (!columns.some(({ keyPosition }) => keyPosition > 0))
    refuse('no-primary-key', 'it has no PRIMARY KEY; rows of two nodes could not be matched')
  if (hasConflictClause(sql))
    refuse('on-conflict', 'an ON CONFLICT clause would make merges drop rows; remove it')
  if (hasWord(sql, 'references') || hasWord(sql, 'foreign'))
    refuse('foreign-key', 'foreign keys cannot hold while rows arrive in any order; remove them')
  refuseUnique(db, name, refuse)
  refuseCollation(db, name, refuse)
  const isAlias = isRowidAlias(db, name, columns)
  for (const column of columns) checkColumn(column, { isAlias, withoutRowid: withoutRowid(db, name) }, refuse)
}

type Refuse = (code: string, message: string) => never

function checkColumn(
  column: ColumnStructure,
  table: { readonly isAlias: boolean; readonly withoutRowid: boolean },
  refuse: Refuse,
): void {
  const { name, keyPosition, notNull, defaultSql } = column
  if (column.generated) return
  if (RESERVED.test(name)) refuse('reserved-name', `column ${name}: names with __patina_ are taken`)
  if (keyPosition > 0) {
    if (column.declaredType === '') refuse('key-type', `key column ${name} has no type; declare one`)
    if (!notNull && !table.isAlias && !table.withoutRowid)
      refuse('nullable-key', `key column ${name} may be NULL; add NOT NULL`)
  } else if (notNull && defaultSql === null)
    refuse(
      'no-default',
      `column ${name} is NOT NULL without DEFAULT; a row that another node made without it could not be stored`,
    )
  if (defaultSql !== null && !isConstant(defaultSql))
    refuse('default', `the default of ${name} is not a constant; nodes would disagree about it`)
}

function refuseUnique(db: Database, table: string, refuse: Refuse): void {
  const indexes = db
    .prepare<[string], { name: string; unique: number; origin: string }>('SELECT * FROM pragma_index_list(?)')
    .safeIntegers(false)
    .all(table)
  for (const index of indexes)
    if (index.unique === 1 && index.origin !== 'pk')
      refuse(
        'unique',
        `${index.name} is UNIQUE; two nodes could each write a row that breaks it. Only the key is unique`,
      )
}

function refuseCollation(db: Database, table: string, refuse: Refuse): void {
  const columns = db
    .prepare<[string], { name: string | null; coll: string }>(
      `SELECT x.name, x.coll FROM pragma_index_list(?) AS l, pragma_index_xinfo(l.name) AS x
       WHERE l.origin = 'pk' AND x.key = 1`,
    )
    .all(table)
  for (const { name, coll } of columns)
    if (coll !== 'BINARY')
      refuse('key-collation', `key column ${name} has the collation ${coll}; peers compare keys by bytes`)
}

/** INTEGER PRIMARY KEY of a rowid table is never NULL; it has no index of its own. */
function isRowidAlias(db: Database, table: string, columns: readonly ColumnStructure[]): boolean {
  const key = columns.filter(({ keyPosition }) => keyPosition > 0)
  if (key.length !== 1 || key[0]?.declaredType.toUpperCase() !== 'INTEGER') return false
  return db.prepare("SELECT 1 FROM pragma_index_list(?) WHERE origin = 'pk'").get(table) === undefined
}

function withoutRowid(db: Database, table: string): boolean {
  const row = db
    .prepare<[string], { wr: number }>(
      "SELECT wr FROM pragma_table_list WHERE name = ? COLLATE NOCASE AND schema = 'main'",
    )
    .safeIntegers(false)
    .get(table)
  return row?.wr === 1
}

/** A literal, signed or in brackets, as SQLite gives the text of a default. */
function isConstant(defaultSql: string): boolean {
  const text = defaultSql.replace(/^\(+\s*|\s*\)+$/g, '')
  return /^(?:[+-]?\s*(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|0x[0-9a-f]+|x?'(?:[^']|'')*'|"(?:[^"]|"")*"|null|true|false)$/i.test(
    text,
  )
}

/** CREATE statements of tables and indexes differ in more than white space? */
export function sameSql(a: string, b: string): boolean {
  const fold = (sql: string): string =>
    sql
      .replace(/\s+/g, ' ')
      .replace(/ ?([(),]) ?/g, '$1')
      .replace(/^CREATE TABLE IF NOT EXISTS/i, 'CREATE TABLE')
      .trim()
  return fold(a) === fold(b)
}

export function createIndexSql(sql: string): string {
  return sql.replace(/^\s*CREATE\s+INDEX\s+(?:IF\s+NOT\s+EXISTS\s+)?/i, 'CREATE INDEX IF NOT EXISTS ')
}
