/**
 * What makes a row of a result the same row after a change, so that the change may be called an update. The general class
 * compares results as multisets, where a changed row is a delete and an insert. They are one update only where the
 * statement proves it, and only two proofs are accepted:
 *   1. It is a plain SELECT whose columns hold the whole primary key of every table that it reads, each table being
 *      named once: then a row is one combination of rows of the tables, and the keys say which.
 *   2. It is a plain SELECT of aggregates without GROUP BY: its result has one row at most.
 * Plain: one SELECT, nothing compound, no view. Columns come with the table that SQLite says they are from.
 * When in doubt there is no identity. A row without one is still right in every replay; it only comes as two events.
 */
import { type SqlToken, sqlTokens } from './sql-tokens.ts'

/** Where SQLite says a column of the result comes from: null for an expression. */
export interface ColumnOrigin {
  readonly database: string | null
  readonly table: string | null
  readonly column: string | null
}

export interface StatementShape {
  readonly sql: string
  readonly columns: readonly ColumnOrigin[]
  /** Every table that the statement reads, with its primary key (empty: it has none that we know of). */
  readonly keysByTable: ReadonlyMap<string, readonly string[]>
  readonly views: readonly string[]
}

/** Indexes of the columns whose cells identify a row; empty: the result has one row at most. undefined: not proven. */
export type RowIdentity = readonly number[] | undefined

export function proveIdentity(shape: StatementShape): RowIdentity {
  const tokens = sqlTokens(shape.sql)
  if (!isPlain(tokens, shape.views)) return undefined
  if (isScalarAggregate(tokens)) return []
  return keyColumns(shape, tokens)
}

/** Words that make a statement more than one SELECT, or rows that stand for several rows. */
const NOT_PLAIN: ReadonlySet<string> = new Set([
  'UNION',
  'INTERSECT',
  'EXCEPT',
  'WITH',
  'VALUES',
  'GROUP',
  'EXPLAIN',
])

function isPlain(tokens: readonly SqlToken[], views: readonly string[]): boolean {
  const words = tokens.map(upperName)
  if (words.filter((word) => word === 'SELECT').length !== 1) return false
  if (words.some((word) => NOT_PLAIN.has(word))) return false
  return !views.some((view) => words.includes(view.toUpperCase()))
}

/** Functions that are aggregates with any number of arguments; min and max are not. */
const AGGREGATES: ReadonlySet<string> = new Set([
  'COUNT',
  'SUM',
  'TOTAL',
  'AVG',
  'GROUP_CONCAT',
  'STRING_AGG',
  'JSON_GROUP_ARRAY',
  'JSON_GROUP_OBJECT',
])

/** An aggregate function anywhere in a SELECT without GROUP BY makes it one row, unless OVER makes it a window's. */
function isScalarAggregate(tokens: readonly SqlToken[]): boolean {
  if (tokens.some((token) => upperName(token) === 'OVER')) return false
  return tokens.some(
    (token, i) =>
      token.kind === 'word' && AGGREGATES.has(token.text.toUpperCase()) && tokens[i + 1]?.text === '(',
  )
}

function keyColumns(shape: StatementShape, tokens: readonly SqlToken[]): RowIdentity {
  if (shape.keysByTable.size === 0) return undefined
  const indexes: number[] = []
  for (const [table, key] of shape.keysByTable) {
    if (key.length === 0 || namings(tokens, table) !== 1) return undefined
    for (const column of key) {
      const at = shape.columns.findIndex((origin) => origin.table === table && origin.column === column)
      if (at === -1) return undefined
      indexes.push(at)
    }
  }
  return indexes
}

/** How often the text names the table other than in front of a column of it. More than once: perhaps joined to itself. */
function namings(tokens: readonly SqlToken[], table: string): number {
  const name = table.toUpperCase()
  return tokens.filter((token, i) => upperName(token) === name && tokens[i + 1]?.text !== '.').length
}

function upperName(token: SqlToken): string {
  return (token.kind === 'name' ? token.name : token.text).toUpperCase()
}
