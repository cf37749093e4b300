/**
 * ColumnStorage: which values does a column keep bit for bit, and which does SQLite change or refuse when they are stored?
 * Source: https://sqlite.org/datatype3.html §3 (affinity) and https://sqlite.org/stricttables.html; held against SQLite
 * itself in sqlite/kept-values.test.ts. Whether a text is a number is SQLite's to say: sqlite/kept-values.ts asks it.
 */
import type { SqliteValue } from '@patina/base'
import type { Affinity } from './table.ts'

/**
 * `anything`: nothing is changed. `text`, `numeric`, `real`: by affinity; INTEGER and NUMERIC are one here. `only-…`: one class
 * and NULL: STRICT tables, the rowid, and BLOB keys, for which 1 and 1.0 are one key to SQLite and two to peers.
 */
export type StoredAs =
  | 'anything'
  | 'text'
  | 'numeric'
  | 'real'
  | 'only-text'
  | 'only-integer'
  | 'only-real'
  | 'only-blob'

export interface ColumnStorage {
  readonly as: StoredAs
  readonly notNull: boolean
}

/** `number?`: changed where SQLite takes the text for a number. */
export type Fit = 'kept' | 'changed' | 'number?'

/** How a column of a table stores values, by its affinity. */
export function storageOf(
  affinity: Affinity,
  column: { readonly isStrict: boolean; readonly notNull: boolean; readonly isAny: boolean },
): ColumnStorage {
  const { isStrict, notNull, isAny } = column
  // ANY keeps everything in a STRICT table, and is a word without meaning in others.
  if (isAny) return { as: isStrict ? 'anything' : 'numeric', notNull }
  return { as: isStrict ? STRICT[affinity] : BY_AFFINITY[affinity], notNull }
}

const BY_AFFINITY: Readonly<Record<Affinity, StoredAs>> = {
  blob: 'anything',
  text: 'text',
  integer: 'numeric',
  numeric: 'numeric',
  real: 'real',
}

const STRICT: Readonly<Record<Affinity, StoredAs>> = {
  blob: 'only-blob',
  text: 'only-text',
  integer: 'only-integer',
  numeric: 'only-integer',
  real: 'only-real',
}

/** What becomes of a value in the column. */
export function fitOf({ as, notNull }: ColumnStorage, value: SqliteValue): Fit {
  if (value === null) return notNull ? 'changed' : 'kept'
  switch (typeof value) {
    case 'string':
      return fitOfText(as, value)
    case 'bigint':
      return as === 'anything' || as === 'numeric' || as === 'only-integer' ? 'kept' : 'changed'
    case 'number':
      return isNumberKept(as, value) ? 'kept' : 'changed'
    default:
      return as.startsWith('only-') && as !== 'only-blob' ? 'changed' : 'kept'
  }
}

function fitOfText(as: StoredAs, text: string): Fit {
  if (as === 'anything' || as === 'text' || as === 'only-text') return 'kept'
  if (as !== 'numeric' && as !== 'real') return 'changed'
  return NUMBER_BEGINS.test(text) ? 'number?' : 'kept'
}

/** White space as SQLite has it. */
const NUMBER_BEGINS = /^[\t-\r ]*[+-]?\.?[0-9]/

/** A REAL column keeps -0.0 as 0; others make an integer of a number that is one, and fits. */
function isNumberKept(as: StoredAs, value: number): boolean {
  if (as === 'anything') return true
  if (as === 'real' || as === 'only-real') return !Object.is(value, -0)
  return as === 'numeric' && !(Number.isInteger(value) && Math.abs(value) < 2 ** 63)
}
