/**
 * SqliteValue: a column value with its storage class and every bit that SQLite keeps. INTEGER is bigint and REAL is
 * number, so that 1 and 1.0 stay apart. Owns the total order that merge uses on a tie of column versions,
 * as cr-sqlite orders values: NULL < BLOB < TEXT < REAL < INTEGER, then inside the class.
 */
import { assert } from './assert.ts'

export type SqliteValue = null | Uint8Array | string | number | bigint

/** Storage classes in merge order (not in SQLite's own order). */
export const STORAGE_CLASS = { null: 0, blob: 1, text: 2, real: 3, integer: 4 } as const
export type StorageClass = (typeof STORAGE_CLASS)[keyof typeof STORAGE_CLASS]

export const INT64_MIN: bigint = -(2n ** 63n)
export const INT64_MAX: bigint = 2n ** 63n - 1n

/** A value is at most 16 MiB: the limit of a cell in a changeset and of a bound parameter. */
export const CELL_BYTES_MAX: number = 16 * 1024 * 1024

export function storageClass(value: SqliteValue): StorageClass {
  if (value === null) return STORAGE_CLASS.null
  if (typeof value === 'string') return STORAGE_CLASS.text
  if (typeof value === 'number') return STORAGE_CLASS.real
  if (typeof value === 'bigint') return STORAGE_CLASS.integer
  return STORAGE_CLASS.blob
}

/** True where SQLite can hold the value as it is: int64 range, no NaN (SQLite stores NaN as NULL), no lone surrogates. */
export function isStorable(value: SqliteValue): boolean {
  if (typeof value === 'bigint') return value >= INT64_MIN && value <= INT64_MAX
  if (typeof value === 'number') return !Number.isNaN(value)
  if (typeof value === 'string') return value.isWellFormed()
  return true
}

/** Total order: storage class first; blobs and texts by bytes (UTF-8), numbers by value, -0.0 before 0.0. */
export function compareValues(a: SqliteValue, b: SqliteValue): number {
  const byClass = storageClass(a) - storageClass(b)
  if (byClass !== 0) return byClass
  if (typeof a === 'string') return compareTexts(a, b as string)
  if (typeof a === 'number') return compareReals(a, b as number)
  if (typeof a === 'bigint') return a < (b as bigint) ? -1 : a > (b as bigint) ? 1 : 0
  return a === null ? 0 : compareBytes(a, b as Uint8Array)
}

/** Same storage class and same bytes: the only test of sameness, in capture, merge and diff (`IS` and `=` are not it). */
export function sameValue(a: SqliteValue, b: SqliteValue): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0
  return typeof a === 'number' ? Object.is(a, b) : a === b
}

/** Bytes of payload: 0 for NULL, 8 for numbers, the UTF-8 or blob length else. */
export function valueBytes(value: SqliteValue): number {
  if (value === null) return 0
  if (typeof value === 'string') return utf8Bytes(value)
  return value instanceof Uint8Array ? value.length : 8
}

/** UTF-8 length of a well-formed string, without encoding it. */
export function utf8Bytes(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x80) bytes += unit >= 0x800 && !isSurrogate(unit) ? 2 : 1
  }
  return bytes
}

function compareReals(a: number, b: number): number {
  assert(!Number.isNaN(a) && !Number.isNaN(b), 'NaN is not a SQLite value')
  if (a < b) return -1
  if (a > b) return 1
  return Object.is(a, b) ? 0 : Object.is(a, -0) ? -1 : 1
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i += 1) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/**
 * UTF-8 byte order of two well-formed strings is code point order. UTF-16 code units give the same order except that
 * surrogates (code points ≥ U+10000) must come after the units U+E000…U+FFFF.
 */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i += 1) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1
  }
  return a.length - b.length
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}
