/**
 * Value codec: SqliteValue ↔ what better-sqlite3 binds and returns, with the storage class and every bit kept.
 * Needs connections with safe integers (open.ts sets them): INTEGER ↔ bigint, REAL ↔ number, TEXT ↔ string,
 * BLOB ↔ Uint8Array, NULL ↔ null. better-sqlite3 binds a number always as REAL and a bigint as INTEGER, so values pass
 * uncopied in both directions; this file refuses what SQLite would change in silence and takes Node's Buffer away.
 * It does not see TEXT of a file whose bytes are not UTF-8: better-sqlite3 has replaced them before (capture must look
 * at the bytes itself).
 */
import {
  assert,
  CELL_BYTES_MAX,
  err,
  INT64_MAX,
  INT64_MIN,
  isStorable,
  ok,
  type Result,
  type SqliteValue,
  utf8Bytes,
} from '@patina/base'

/** A value that SQLite cannot hold as it is. Nothing was bound; the caller's statement is at fault. */
export interface ValueError {
  readonly kind: 'not-a-number' | 'integer-range' | 'lone-surrogate' | 'too-big' | 'not-a-value'
  readonly message: string
}

/** Why SQLite would not keep `value` bit for bit, or undefined when it does. */
export function refuseValue(value: unknown): ValueError | undefined {
  if (value === null) return undefined
  switch (typeof value) {
    case 'string':
      return refuseText(value)
    case 'number':
      return isStorable(value) ? undefined : NOT_A_NUMBER
    case 'bigint':
      return value >= INT64_MIN && value <= INT64_MAX ? undefined : integerRange(value)
    default:
      if (!(value instanceof Uint8Array)) return NOT_A_VALUE
      return value.length <= CELL_BYTES_MAX ? undefined : tooBig(value.length)
  }
}

/** The same array, checked for binding by position. Costs one pass and no copy. */
export function bindableValues(values: readonly SqliteValue[]): Result<readonly SqliteValue[], ValueError> {
  for (const value of values) {
    const error = refuseValue(value)
    if (error !== undefined) return err(error)
  }
  return ok(values)
}

/** A value as better-sqlite3 returned it (safe integers on). A Buffer becomes a plain Uint8Array over the same bytes. */
export function valueFromSqlite(returned: unknown): SqliteValue {
  if (returned instanceof Uint8Array) {
    if (returned.constructor === Uint8Array) return returned
    return new Uint8Array(returned.buffer, returned.byteOffset, returned.byteLength)
  }
  assert(returned === null || SCALARS.has(typeof returned), `not a value of SQLite: ${typeof returned}`)
  return returned as SqliteValue
}

/** A raw row (`statement.raw()`), converted in place: only blobs are replaced. */
export function rowFromSqlite(returned: unknown[]): SqliteValue[] {
  for (let i = 0; i < returned.length; i += 1) {
    const cell = returned[i]
    if (typeof cell === 'object' && cell !== null) returned[i] = valueFromSqlite(cell)
  }
  return returned as SqliteValue[]
}

const SCALARS: ReadonlySet<string> = new Set(['string', 'number', 'bigint'])

const NOT_A_NUMBER: ValueError = {
  kind: 'not-a-number',
  message: 'NaN cannot be stored: SQLite would turn it into NULL; bind NULL itself',
}

const NOT_A_VALUE: ValueError = {
  kind: 'not-a-value',
  message: 'only NULL, INTEGER (bigint), REAL (number), TEXT (string) and BLOB (Uint8Array) can be bound',
}

function integerRange(value: bigint): ValueError {
  return {
    kind: 'integer-range',
    message: `the integer ${value} is outside of int64; send it as REAL or TEXT`,
  }
}

function tooBig(bytes: number): ValueError {
  return { kind: 'too-big', message: `a value of ${bytes} bytes is above the limit of ${CELL_BYTES_MAX}` }
}

function refuseText(text: string): ValueError | undefined {
  if (!text.isWellFormed()) {
    return { kind: 'lone-surrogate', message: 'a text with a lone surrogate has no UTF-8 form' }
  }
  // A UTF-16 unit is at most 3 bytes of UTF-8, so only long texts are measured.
  if (text.length * 3 <= CELL_BYTES_MAX) return undefined
  const bytes = utf8Bytes(text)
  return bytes <= CELL_BYTES_MAX ? undefined : tooBig(bytes)
}
