/**
 * The structure of a schema as SQLite's own catalogue tells it: of the scratch database that schema files have made, and of
 * the live file, by one and the same reading, so that the two can be compared. Reads only.
 */
import type { Database } from '@patina/sqlite'
import { type Affinity, foldName } from '../core/table.ts'
import { tableText } from './schema-text.ts'

/** Where a table, index or view was defined. */
export interface Origin {
  readonly file: string
  readonly line: number
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
  /** As it was written, from the name on. */
  readonly definition: string
  /** CHECK, COLLATE and AS, normalised. */
  readonly clauses: readonly string[]
}

export interface IndexStructure {
  readonly name: string
  readonly sql: string
  readonly at?: Origin | undefined
}

export interface TableStructure {
  /** Folded to lower case. */
  readonly name: string
  /** CREATE TABLE as it was written. */
  readonly sql: string
  readonly columns: readonly ColumnStructure[]
  readonly indexes: readonly IndexStructure[]
  readonly isStrict: boolean
  readonly withoutRowid: boolean
  /** CHECK constraints of the table, normalised. */
  readonly checks: readonly string[]
  /** Known of what schema files define. */
  readonly at?: Origin | undefined
}

export interface ViewStructure {
  /** Folded to lower case. */
  readonly name: string
  /** What follows the name in its CREATE VIEW. */
  readonly body: string
  readonly at?: Origin | undefined
}

/** Tables and views in order of name. */
export interface SchemaStructure {
  readonly tables: readonly TableStructure[]
  readonly views: readonly ViewStructure[]
}

export interface CatalogueRow {
  readonly type: 'table' | 'index' | 'view' | 'trigger'
  readonly name: string
  readonly tbl_name: string
  readonly sql: string | null
}

export function catalogue(db: Database): CatalogueRow[] {
  return db.prepare<[], CatalogueRow>('SELECT type, name, tbl_name, sql FROM sqlite_schema').all()
}

/** Structure of a table that is there; its name is folded. */
export function structureOf(db: Database, table: string): TableStructure {
  const rows = catalogue(db).filter((row) => foldName(row.tbl_name) === table)
  const sql = rows.find(({ type }) => type === 'table')?.sql ?? ''
  const text = tableText(sql)
  const texts = new Map(text.columns.map((column) => [column.name, column]))
  const indexes = rows.filter((row) => row.type === 'index' && row.sql !== null)
  return {
    name: table,
    sql,
    columns: columnsOf(db, table).map((column) => ({
      ...column,
      definition: texts.get(column.name)?.definition ?? '',
      clauses: texts.get(column.name)?.clauses ?? [],
    })),
    indexes: indexes.map((row) => ({ name: plainName(row.name), sql: row.sql ?? '' })),
    ...optionsOf(db, table),
    checks: text.checks,
  }
}

const SECOND_SUFFIX = '__patina_2'

/** The two names under which an index of a schema file may stand in a database (schema-rebuild.ts). */
export function indexNames(name: string): readonly [string, string] {
  return [name, name + SECOND_SUFFIX]
}

function plainName(stored: string): string {
  const name = foldName(stored)
  return name.endsWith(SECOND_SUFFIX) ? name.slice(0, -SECOND_SUFFIX.length) : name
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

function columnsOf(db: Database, table: string): Omit<ColumnStructure, 'definition' | 'clauses'>[] {
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

function optionsOf(db: Database, table: string): Pick<TableStructure, 'isStrict' | 'withoutRowid'> {
  const row = db
    .prepare<[string], { wr: number; strict: number }>(
      "SELECT wr, strict FROM pragma_table_list WHERE name = ? COLLATE NOCASE AND schema = 'main'",
    )
    .safeIntegers(false)
    .get(table)
  return { isStrict: row?.strict === 1, withoutRowid: row?.wr === 1 }
}

/** Affinity of a declared type: https://sqlite.org/datatype3.html §3.1. ANY is BLOB under STRICT only; blob is what keeps all. */
export function affinityOf(declaredType: string): Affinity {
  const type = declaredType.toUpperCase()
  if (type.includes('INT')) return 'integer'
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text'
  if (type === '' || type === 'ANY' || type.includes('BLOB')) return 'blob'
  return /REAL|FLOA|DOUB/.test(type) ? 'real' : 'numeric'
}
