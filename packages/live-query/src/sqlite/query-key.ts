/**
 * Which statements are the same query: equal text but for blanks and comments, equal parameters with their storage
 * classes, equal names of columns (SQLite may take those from the text). The key also is what clients see as `hash`.
 */
import { hash } from 'node:crypto'
import { cellsText, type SqlStatement } from '@patina/sqlite'
import { normalisedSql } from '../core/sql-tokens.ts'

/** 64 hex digits. */
export function queryKey({ sql, params }: SqlStatement, columns: readonly string[]): string {
  const values = Array.isArray(params)
    ? cellsText(params)
    : Object.entries(params)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `${name} ${cellsText([value])}`)
        .join('\n')
  return hash('sha256', [normalisedSql(sql), values, JSON.stringify(columns)].join('\0'))
}

/** 16 hex digits, as the original's hash of a query has. */
export function shownHash(key: string): string {
  return key.slice(0, 16)
}
