/**
 * Schema files → structure. The files run in a scratch in-memory database and are read back through SQLite's own
 * catalogue, so that SQLite is the parser; then each table is held against the rules that make replication safe, and
 * refused with what to change. Creating only: a table that exists must be as the files say (changes come with Part 4).
 */
import { type Database, firstWords, openDatabase, splitStatements } from '@patina/sqlite'
import { NAME_BYTES_MAX } from '../core/changeset.ts'
import { type Affinity, foldName } from '../core/table.ts'
import { SchemaError } from '../errors.ts'
import { quote } from './quote.ts'
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
  /** A generated column that is kept in the row. */
  readonly stored: boolean
}

export interface TableStructure {
  /** Folded to lower case. */
  readonly name: string
  /** CREATE TABLE as it was written. */
  readonly sql: string
  readonly columns: readonly ColumnStructure[]
  readonly indexes: readonly IndexStructure[]
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
const RESERVED = /^(?:sqlite_|patina_)|__patina_/

/** Where a table or index was defined. */
interface Origin {
  readonly file: string
  readonly line: number
}

/** Structure of all tables that the files make. Throws SchemaError with file and line. */
export function readSchema(files: readonly SchemaFile[]): TableStructure[] {
  const scratch = openDatabase(':memory:')
  // What CHECK says is for local writes; here only the shape of rows is tried.
  scratch.pragma('ignore_check_constraints=ON')
  try {
    const origins = new Map<string, Origin>()
    for (const { name, sql } of files)
      for (const statement of splitStatements(sql))
        runStatement(scratch, origins, statement.sql, { file: name, line: statement.line })
    const tables = catalogue(scratch).filter(({ type }) => type === 'table')
    return tables.map((row) => {
      const name = foldName(row.name)
      const structure = structureOf(scratch, name)
      checkTable(scratch, structure, refuser(name, origins.get(name)))
      return structure
    })
  } finally {
    scratch.close()
  }
}

/** Runs one statement of a schema file; each makes exactly one table or index. */
function runStatement(scratch: Database, origins: Map<string, Origin>, sql: string, at: Origin): void {
  const refuse: Refuse = refuser(undefined, at)
  checkKind(firstWords(sql), refuse)
  const before = new Set(catalogue(scratch).map(({ name }) => name))
  try {
    scratch.exec(sql)
  } catch (cause) {
    refuse('syntax', (cause as Error).message)
  }
  const [made] = catalogue(scratch).filter(
    ({ name }) => !before.has(name) && !/^sqlite_(?:sequence|autoindex)/.test(name),
  )
  if (made === undefined)
    refuse('defined-twice', 'the table or index is defined already; remove one definition')
  if (catalogue(scratch).some(({ name }) => name === 'sqlite_sequence'))
    refuse('autoincrement', 'AUTOINCREMENT needs one writer; use INTEGER PRIMARY KEY')
  if (RESERVED.test(foldName(made.name)))
    refuse(
      'reserved-name',
      `${made.name}: names that begin with sqlite_ or patina_ or contain __patina_ are taken`,
    )
  origins.set(foldName(made.name), at)
}

/** The statements that a schema file may hold. */
function checkKind([create, kind, next]: readonly string[], refuse: Refuse): void {
  const what = kind === 'UNIQUE' ? next : kind
  if (create === 'CREATE' && (what === 'TABLE' || what === 'INDEX')) return
  if (create === 'CREATE' && (what === 'TEMP' || what === 'TEMPORARY'))
    refuse('temporary', 'temporary tables cannot be replicated; remove TEMP')
  if (create === 'CREATE' && what === 'TRIGGER') refuse('trigger', 'triggers are not replicated; remove it')
  if (create === 'CREATE' && what === 'VIEW')
    refuse('view', 'views in schema files are not supported yet; query the tables')
  if (create === 'CREATE' && what === 'VIRTUAL') refuse('virtual', 'virtual tables cannot be replicated')
  refuse(
    'statement',
    `${create ?? 'this'} is not allowed: schema files hold CREATE TABLE and CREATE INDEX only`,
  )
}

type Refuse = (code: string, message: string) => never

function refuser(table: string | undefined, at: Origin | undefined): Refuse {
  return (code, message) => {
    const text = table === undefined ? message : `table ${table}: ${message}`
    const where = at === undefined ? {} : { file: `${at.file}:${at.line}` }
    throw new SchemaError(code, text, table === undefined ? where : { ...where, table })
  }
}

/** Structure of the tables that a database holds, by the same reading. */
export function structureOf(db: Database, table: string): TableStructure {
  const rows = catalogue(db).filter((row) => foldName(row.tbl_name) === table)
  const made = rows.find(({ type }) => type === 'table')
  const sql = made?.sql ?? ''
  const indexes = rows.filter((row) => row.type === 'index' && row.sql !== null)
  return {
    name: table,
    sql,
    columns: columnsOf(db, table),
    indexes: indexes.map((row) => ({ name: foldName(row.name), sql: row.sql ?? '' })),
  }
}

/** Affinity of a declared type: https://sqlite.org/datatype3.html §3.1. ANY is BLOB under STRICT only; blob is what keeps all. */
export function affinityOf(declaredType: string): Affinity {
  const type = declaredType.toUpperCase()
  if (type.includes('INT')) return 'integer'
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text'
  if (type === '' || type === 'ANY' || type.includes('BLOB')) return 'blob'
  return /REAL|FLOA|DOUB/.test(type) ? 'real' : 'numeric'
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
    name: foldName(row.name),
    declaredType: row.type,
    notNull: row.notnull === 1,
    defaultSql: row.dflt_value,
    keyPosition: row.pk,
    generated: row.hidden === 2 || row.hidden === 3,
    stored: row.hidden === 3,
  }))
}

/** Each rule exists because two nodes would differ, or a merge could fail, without it. */
function checkTable(db: Database, { name, sql, columns }: TableStructure, refuse: Refuse): void {
  checkNames([name, ...columns.map((column) => column.name)], refuse)
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
  tryDefaults(db, name, columns, refuse)
}

function checkNames(names: readonly string[], refuse: Refuse): void {
  for (const name of names) {
    if (Buffer.byteLength(name) > NAME_BYTES_MAX)
      refuse('long-name', `a name has more than ${NAME_BYTES_MAX} bytes: ${name.slice(0, 40)}…`)
    if (name.includes('__patina_')) refuse('reserved-name', `${name}: names with __patina_ are taken`)
  }
}

function checkColumn(
  column: ColumnStructure,
  table: { readonly isAlias: boolean; readonly withoutRowid: boolean },
  refuse: Refuse,
): void {
  const { name, keyPosition, notNull, defaultSql } = column
  if (column.stored)
    refuse('stored-column', `${name} is STORED; write VIRTUAL, which every node computes itself`)
  if (column.generated) {
    if (notNull) refuse('generated-not-null', `${name} is generated and NOT NULL; a merge could make it NULL`)
    return
  }
  if (keyPosition > 0) {
    if (column.declaredType === '') refuse('key-type', `key column ${name} has no type; declare one`)
    if (!notNull && !table.isAlias && !table.withoutRowid)
      refuse('nullable-key', `key column ${name} may be NULL; add NOT NULL`)
  } else if (notNull && (defaultSql === null || /^\(*null\)*$/i.test(defaultSql)))
    refuse(
      'no-default',
      `column ${name} is NOT NULL without DEFAULT; a row that another node made without it could not be stored`,
    )
  if (defaultSql !== null && !isConstant(defaultSql))
    refuse('default', `the default of ${name} is not a constant; nodes would disagree about it`)
}

/** A merge may see a row with its key alone: that row must be storable (defaults under STRICT, generated columns). */
function tryDefaults(db: Database, name: string, columns: readonly ColumnStructure[], refuse: Refuse): void {
  const samples = { blob: Buffer.of(1), text: 'k', integer: 1n, real: 1.5, numeric: 1n } as const
  const key = columns.filter(({ keyPosition }) => keyPosition > 0)
  const sql = `INSERT INTO ${quote(name)} (${key.map((column) => quote(column.name)).join(', ')})
               VALUES (${key.map(() => '?').join(', ')})`
  try {
    db.prepare(sql).run(...key.map(({ declaredType }) => samples[affinityOf(declaredType)]))
  } catch (cause) {
    refuse('default-row', `a row with its key alone cannot be stored: ${(cause as Error).message}`)
  }
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
