/**
 * Local values: a local write may store only what all peers can store, and tell from others: no oversized cells, no TEXT that is
 * not UTF-8, no keys that are one to SQLite and two to peers. Looks at values only; whether a definition here would keep one
 * bit for bit is kept-values.ts.
 */
import { must, type SqliteValue, utf8Bytes, valueBytes } from '@patina/base'
import type { Database } from '@patina/sqlite'
import type { FoldedChange } from '../core/fold.ts'
import type { KeyColumn, TableDefinition } from '../core/table.ts'
import { RequestRefused } from '../errors.ts'
import type { StoreLimits } from '../limits.ts'
import { quote } from './quote.ts'

/** Throws RequestRefused where the row that a request has written holds such a value. */
export function refuseValues(
  { table, row }: Pick<FoldedChange, 'row' | 'table'>,
  { db, limits }: { readonly db: Database; readonly limits: Pick<StoreLimits, 'cellBytesMax'> },
): void {
  for (let i = 0; i < row.length; i += 1) {
    const value = row[i] as SqliteValue
    if ((typeof value === 'string' || value instanceof Uint8Array) && isLong(value, limits.cellBytesMax))
      throw new RequestRefused(
        'cell-too-large',
        `${table.name}.${nameAt(table, i)} has ${valueBytes(value)} bytes, ${limits.cellBytesMax} are allowed`,
      )
    if (typeof value === 'string' && value.includes('\ufffd'))
      checkUtf8(db, table, { row, name: nameAt(table, i), value })
    if (i < table.key.length) checkKey(table.name, table.key[i] as KeyColumn, value)
  }
}

/** Column of a captured row: keys come first. */
function nameAt({ key, columns }: TableDefinition, index: number): string {
  return must(key[index] ?? columns[index - key.length], 'captured rows are as wide as their table').name
}

/** Keys that are one to SQLite and two to peers, who compare classes. */
function checkKey(table: string, { name, affinity }: KeyColumn, value: SqliteValue): void {
  if (affinity === 'blob' && !(value instanceof Uint8Array))
    throw new RequestRefused(
      'key-class',
      `${table}.${name} is a BLOB key and takes blobs only: 1 and 1.0 are one key to SQLite but two to its peers`,
    )
  const isNumeric = affinity === 'integer' || affinity === 'numeric'
  if (isNumeric && typeof value === 'number' && Math.abs(value) >= 2 ** 63)
    throw new RequestRefused(
      'key-class',
      `${table}.${name} takes integers of 64 bits: ${value} as REAL can equal one of them to SQLite, but not to its peers`,
    )
}

/** A string of n units has at most 3·n bytes of UTF-8. */
function isLong(value: string | Uint8Array, bytesMax: number): boolean {
  if (typeof value !== 'string') return value.length > bytesMax
  return 3 * value.length > bytesMax && utf8Bytes(value) > bytesMax
}

/**
 * U+FFFD in a string is either what was written or what the driver put in the place of bytes that are not UTF-8. Only
 * the bytes in the file tell; a key that cannot be found by its decoded text is not UTF-8 itself.
 */
function checkUtf8(
  db: Database,
  table: TableDefinition,
  {
    row,
    name,
    value,
  }: { readonly row: readonly SqliteValue[]; readonly name: string; readonly value: string },
): void {
  const where = table.key.map((column) => `${quote(column.name)} = ?`).join(' AND ')
  const sql = `SELECT CAST(${quote(name)} AS BLOB) FROM ${quote(table.name)} WHERE ${where}`
  const bytes = db
    .prepare(sql)
    .pluck()
    .get(...row.slice(0, table.key.length)) as Uint8Array | undefined
  if (bytes !== undefined && Buffer.from(value).equals(bytes)) return
  throw new RequestRefused(
    'not-utf8',
    `${table.name}.${name} would hold TEXT that is not UTF-8; store it as a BLOB`,
  )
}
