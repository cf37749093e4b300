/**
 * Resolving: row changes as a payload names them → as this schema sees them, with this file's columns. What it lacks (tables,
 * columns, other key columns), or would not keep as it is, stays under its names. Nothing is written here.
 */
import { type CellChange, type ChangesetHeader, err, ok, type Result, type SqliteValue } from '@patina/base'
import { decodePayload, hasShapeOf, type KeyedRowChange } from '../core/changeset.ts'
import type { IncomingCell } from '../core/merge.ts'
import type { ColumnOrdinal } from '../core/row-clock.ts'
import type { DataColumn } from '../core/table.ts'
import { keeps, keepsKey } from './kept-values.ts'
import type { LogRow } from './log.ts'
import type { ReplicatedTable } from './replicated-table.ts'

type Tables = ReadonlyMap<string, ReplicatedTable>

/** Reasons hold what a peer sent: cut, so that they do not grow with it. */
const REASON_CHARS_MAX = 300

/** A row change of a table that this schema has. */
export interface KnownChange {
  readonly table: ReplicatedTable
  readonly key: readonly SqliteValue[]
  readonly causalLength: number
  /** Of columns that this schema has. */
  readonly cells: readonly IncomingCell[]
  /** Of those that it has not. */
  readonly unknown: readonly CellChange[]
  /** Of columns that it has, with values that it would not keep. */
  readonly misfits: readonly CellChange[]
}

/** All of it stands beside the clocks. `hasTable`: there is such a table, but it would not keep the key. */
export interface UnknownChange {
  readonly table: undefined
  readonly hasTable: boolean
  readonly change: KeyedRowChange
}

/** A row change as this schema sees it. */
export type ResolvedChange = KnownChange | UnknownChange

/** Row changes of a complete version, each once, however its chunks were cut; these are in order of their first seq. */
export function resolveChunks(
  chunks: readonly Pick<LogRow, 'first_seq' | 'last_seq' | 'payload'>[],
  tables: Tables,
): Result<ResolvedChange[], string> {
  const changes: ResolvedChange[] = []
  for (const chunk of chunks) {
    if (chunk.last_seq < changes.length) continue
    const header = { firstSeq: chunk.first_seq, lastSeq: chunk.last_seq }
    const resolved = resolvePayload(chunk.payload, header, tables)
    if (!resolved.ok) return resolved
    for (const change of resolved.value.slice(changes.length - chunk.first_seq)) changes.push(change)
  }
  return ok(changes)
}

/** Row changes of one chunk. */
export function resolvePayload(
  payload: Uint8Array,
  { firstSeq, lastSeq }: Pick<ChangesetHeader, 'firstSeq' | 'lastSeq'>,
  tables: Tables,
): Result<ResolvedChange[], string> {
  const decoded = decodePayload(payload, lastSeq - firstSeq + 1)
  if (!decoded.ok)
    return err(`payload not understood: ${JSON.stringify(decoded.error).slice(0, REASON_CHARS_MAX)}`)
  const resolver = new Resolver(tables)
  return ok(decoded.value.map((change) => resolver.resolve(change)))
}

/** Columns that a row change names, as this file numbers them. */
interface ResolvedShape {
  readonly example: KeyedRowChange
  /** undefined: no such table here, or one with other key columns. */
  readonly table: ReplicatedTable | undefined
  /** -1 for a column that is not known. */
  readonly ordinals: readonly (ColumnOrdinal | -1)[]
  readonly isSorted: boolean
  readonly hasUnknown: boolean
}

/** Finds tables and columns of a payload in this schema. Rows of one shape mostly follow each other: looked up once. */
class Resolver {
  readonly #tables: Tables
  #last: ResolvedShape | undefined

  constructor(tables: Tables) {
    this.#tables = tables
  }

  resolve(change: KeyedRowChange): ResolvedChange {
    if (this.#last === undefined || !isLike(change, this.#last.example)) this.#last = this.#shapeOf(change)
    const { table, ordinals, isSorted, hasUnknown } = this.#last
    if (table === undefined || !keepsKey(table.definition.key, change.key))
      return { table: undefined, hasTable: table !== undefined, change }
    const { columns } = table.definition
    const cells: IncomingCell[] = []
    let misfits = NO_CELLS
    for (let i = 0; i < ordinals.length; i += 1) {
      const column = ordinals[i] as ColumnOrdinal | -1
      if (column === -1) continue
      const cell = change.cells[i] as CellChange
      const { columnVersion, value } = cell
      if (keeps((columns[column] as DataColumn).storage, value)) cells.push({ column, columnVersion, value })
      else misfits = [...misfits, cell]
    }
    if (!isSorted) cells.sort((a, b) => a.column - b.column)
    const unknown = hasUnknown ? change.cells.filter((_, i) => ordinals[i] === -1) : NO_CELLS
    return { table, key: change.key, causalLength: change.causalLength, cells, unknown, misfits }
  }

  #shapeOf(change: KeyedRowChange): ResolvedShape {
    const table = this.#tables.get(change.table)
    if (table === undefined || !hasKey(table, change.keyColumns))
      return { example: change, table: undefined, ordinals: [], isSorted: true, hasUnknown: false }
    const ordinals = change.cells.map(({ column }) => table.columnsByName.get(column)?.ordinal ?? -1)
    const known = ordinals.filter((ordinal) => ordinal !== -1)
    const isSorted = known.every((ordinal, i) => i === 0 || ordinal > (known[i - 1] as number))
    return { example: change, table, ordinals, isSorted, hasUnknown: known.length < ordinals.length }
  }
}

const NO_CELLS: readonly CellChange[] = []

/** One row change as this schema sees it. */
export function resolveChange(change: KeyedRowChange, tables: Tables): ResolvedChange {
  return new Resolver(tables).resolve(change)
}

export function hasKey({ keyNames }: ReplicatedTable, keyColumns: readonly string[]): boolean {
  return keyNames.length === keyColumns.length && keyNames.every((name, i) => name === keyColumns[i])
}

/** A payload may name a table twice, with other key columns. */
function isLike(change: KeyedRowChange, example: KeyedRowChange): boolean {
  return change.keyColumns === example.keyColumns && hasShapeOf(change, example)
}
