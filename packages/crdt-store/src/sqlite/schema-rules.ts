/**
 * The rules that a table must keep so that its copies converge: each exists because two nodes would differ, or a merge could
 * fail, without it. A table that breaks one is refused with what to change. Asks SQLite about a table that stands in the
 * given database and holds no row yet, or is to be adopted with its rows.
 */
import type { Database } from '@patina/sqlite'
import { NAME_BYTES_MAX } from '../core/changeset.ts'
import { SchemaError } from '../errors.ts'
import { quote } from './quote.ts'
import { affinityOf, type ColumnStructure, type Origin, type TableStructure } from './schema-structure.ts'
import { hasConflictClause, hasWord } from './schema-text.ts'

/** Throws SchemaError, with file and line where they are known. `column` where one is at fault. */
export type Refuse = (code: string, message: string, column?: string) => never

export function refuser(table: string | undefined, at: Origin | undefined): Refuse {
  return (code, message, column) => {
    const text = table === undefined ? message : `table ${table}: ${message}`
    const file = at === undefined ? {} : { file: `${at.file}:${at.line}` }
    throw new SchemaError(code, text, {
      ...file,
      ...(table === undefined ? {} : { table }),
      ...(column === undefined ? {} : { column }),
    })
  }
}

/** Each rule exists because two nodes would differ, or a merge could fail, without it. */
export function checkTable(db: Database, table: TableStructure, refuse: Refuse): void {
  const { name, sql, columns, withoutRowid } = table
  checkNames([name, ...columns.map((column) => column.name)], refuse)
  if (!columns.some(({ keyPosition }) => keyPosition > 0))
    refuse('no-primary-key', 'it has no PRIMARY KEY, and rows of two nodes could not be matched; declare one')
  if (hasConflictClause(sql))
    refuse('on-conflict', 'an ON CONFLICT clause would make merges drop rows; remove it')
  if (hasWord(sql, 'references') || hasWord(sql, 'foreign'))
    refuse('foreign-key', 'foreign keys cannot hold while rows arrive in any order; remove them')
  refuseUnique(db, name, refuse)
  refuseCollation(db, name, refuse)
  const isAlias = isRowidAlias(db, name, columns)
  for (const column of columns) checkColumn(column, { isAlias, withoutRowid }, refuse)
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
    refuse('stored-column', `column ${name} is STORED; write VIRTUAL, which every node computes itself`, name)
  if (column.generated) {
    if (notNull)
      refuse(
        'generated-not-null',
        `column ${name} is generated and NOT NULL, and a merge could make it NULL; remove NOT NULL`,
        name,
      )
    return
  }
  if (keyPosition > 0) {
    if (column.declaredType === '') refuse('key-type', `key column ${name} has no type; declare one`, name)
    if (!notNull && !table.isAlias && !table.withoutRowid)
      refuse('nullable-key', `key column ${name} may be NULL; add NOT NULL`, name)
  } else if (notNull && (defaultSql === null || /^\(*null\)*$/i.test(defaultSql)))
    refuse(
      'no-default',
      `column ${name} is NOT NULL without DEFAULT, and a row that another node made without it could not be stored; ` +
        'add a DEFAULT, or allow NULL',
      name,
    )
  if (defaultSql !== null && !isConstant(defaultSql))
    refuse(
      'default',
      `the default of column ${name} is not a constant, and nodes would disagree about it; write a constant`,
      name,
    )
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
    refuse(
      'default-row',
      `a row with its key alone cannot be stored (${(cause as Error).message}); correct the defaults`,
    )
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
        `${uniqueName(index)} is UNIQUE, and two nodes could each write a row that breaks it; only the key is unique: remove it`,
      )
}

/** A constraint's index has a name that nobody has written. */
function uniqueName({ name, origin }: { readonly name: string; readonly origin: string }): string {
  return origin === 'u' ? 'a column or constraint' : `index ${name}`
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
      refuse(
        'key-collation',
        `key column ${name} has the collation ${coll}, but peers compare keys by bytes; remove COLLATE`,
        name ?? undefined,
      )
}

/** INTEGER PRIMARY KEY of a rowid table is never NULL; it has no index of its own. */
function isRowidAlias(db: Database, table: string, columns: readonly ColumnStructure[]): boolean {
  const key = columns.filter(({ keyPosition }) => keyPosition > 0)
  if (key.length !== 1 || key[0]?.declaredType.toUpperCase() !== 'INTEGER') return false
  return db.prepare("SELECT 1 FROM pragma_index_list(?) WHERE origin = 'pk'").get(table) === undefined
}

/** A literal, signed or in brackets, as SQLite gives the text of a default. */
function isConstant(defaultSql: string): boolean {
  const text = defaultSql.replace(/^\(+\s*|\s*\)+$/g, '')
  return /^(?:[+-]?\s*(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|0x[0-9a-f]+|x?'(?:[^']|'')*'|"(?:[^"]|"")*"|null|true|false)$/i.test(
    text,
  )
}
