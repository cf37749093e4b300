/** The SQL of roll-ups: what reads and what writes the rows of one region in a global table. */
import type { Cell, SqlParam, Statement } from '@patina/client'
import type { Cells, RowDiff } from './rollup-rows.ts'
import type { RollupSpec } from './rollup-spec.ts'

type Names = Pick<RollupSpec, 'into' | 'key'>

/** The rows of a region, columns in this order. */
export function readStatement(
  { into }: Names,
  region: string,
  columns: readonly string[],
): [sql: string, params: SqlParam[]] {
  return [`SELECT ${columns.map(quoted).join(', ')} FROM ${quoted(into)} WHERE region = ?`, [region]]
}

/** One statement a row; columns that the query does not have keep what they hold. */
export function rowStatements(
  spec: Names,
  region: string,
  columns: readonly string[],
  { written, gone }: RowDiff,
): Statement[] {
  const { into, key } = spec
  const keyAt = key.map((name) => columns.indexOf(name))
  const deletion = `DELETE FROM ${quoted(into)} WHERE region = ?${key.map((name) => ` AND ${quoted(name)} = ?`).join('')}`
  const upsert = upsertText(spec, columns)
  return [
    ...[...gone.values()].map(
      (cells): Statement => [deletion, [region, ...keyAt.map((at) => param(cells, at))]],
    ),
    ...[...written.values()].map(
      (cells): Statement => [upsert, [region, ...cells.map((_, at) => param(cells, at))]],
    ),
  ]
}

function upsertText({ into, key }: Names, columns: readonly string[]): string {
  const values = columns.filter((name) => !key.includes(name))
  const action =
    values.length === 0
      ? 'NOTHING'
      : `UPDATE SET ${values.map((name) => `${quoted(name)} = excluded.${quoted(name)}`).join(', ')}`
  const names = ['region', ...columns].map(quoted).join(', ')
  const target = ['region', ...key].map(quoted).join(', ')
  const marks = ['region', ...columns].map(() => '?').join(', ')
  return `INSERT INTO ${quoted(into)} (${names}) VALUES (${marks}) ON CONFLICT (${target}) DO ${action}`
}

function param(cells: Cells, at: number): SqlParam {
  return cells[at] as Exclude<Cell, readonly number[]>
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
