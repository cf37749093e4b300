/**
 * The merge: a total order, nothing else (I-MERGE-1). Of two lives the greater causal length wins; of two cells the
 * greater column version, then value, then actor id, then version. So merge is commutative, associative and idempotent,
 * and time plays no part. Source: cr-sqlite's rules; causal lengths after Yu & Rostad 2020.
 *
 * Pure: takes the row's clock and the change, returns what the row becomes and which stamps lost. SQL is elsewhere.
 */
import {
  type CausalLength,
  type ColumnVersion,
  compareValues,
  type SqliteValue,
  sameValue,
} from '@patina/base'
import { isAlive } from './causal-length.ts'
import {
  type ActorOrder,
  type CellStamp,
  type ColumnOrdinal,
  cellStamps,
  clockOf,
  compareStamps,
  overlay,
  type RowClock,
  type Stamp,
  stampAt,
} from './row-clock.ts'

/** One cell of a change, its column resolved to this file's ordinal. */
export interface IncomingCell {
  readonly column: ColumnOrdinal
  readonly columnVersion: ColumnVersion
  readonly value: SqliteValue
}

/** A row change as merge sees it. Cells sorted by column; none where the causal length is even. */
export interface IncomingRow {
  readonly causalLength: CausalLength
  readonly cells: readonly IncomingCell[]
  readonly stamp: Stamp
}

export type RowVerdict =
  /** The change lost entirely: an older life, or nothing in it is greater. */
  | { readonly kind: 'lost' }
  /** A new life or a death: what was there goes, the incoming cells stand alone. */
  | { readonly kind: 'reset'; readonly clock: RowClock; readonly lost: readonly Stamp[] }
  /** Same life: some stamps moved; `written` are the cells whose value differs from ours. */
  | {
      readonly kind: 'cells'
      readonly clock: RowClock
      readonly written: readonly IncomingCell[]
      readonly lost: readonly Stamp[]
      /** Cells and lives that the incoming version now owns. */
      readonly won: number
    }

/** Reads the row's present value of a column; called only on a tie of column versions. */
export type ReadCell = (column: ColumnOrdinal) => SqliteValue

/** What becomes of a row with clock `ours` (undefined: never seen) when `incoming` arrives. */
export function mergeRow(
  ours: RowClock | undefined,
  incoming: IncomingRow,
  context: { readonly order: ActorOrder; readonly readCell: ReadCell },
): RowVerdict {
  if (ours === undefined || incoming.causalLength > ours.causalLength)
    return { kind: 'reset', clock: freshClock(incoming), lost: ours === undefined ? [] : allStamps(ours) }
  if (incoming.causalLength < ours.causalLength) return { kind: 'lost' }
  return mergeLife(ours, incoming, context)
}

/** What becomes of a row when columns of it are written here. */
export interface LocalVerdict {
  readonly clock: RowClock
  /** Of the written columns, in their order. */
  readonly columnVersions: readonly ColumnVersion[]
  readonly lost: readonly Stamp[]
  /** Cells and lives that the version now owns. */
  readonly won: number
}

/**
 * A local update is a merge in which each changed cell is one column version ahead: it always wins, and no value is read.
 * `columns` are sorted.
 */
export function writeCells(
  ours: RowClock,
  columns: readonly ColumnOrdinal[],
  { stamp, order }: { readonly stamp: Stamp; readonly order: ActorOrder },
): LocalVerdict {
  const { actor, version } = stamp
  const stamps = cellStamps(ours)
  const lost: Stamp[] = []
  const written: CellStamp[] = []
  const columnVersions: ColumnVersion[] = []
  for (const column of columns) {
    const known = stampAt(stamps, column)
    if (known !== undefined) lost.push(known)
    const columnVersion = known === undefined ? 1 : known.columnVersion + 1
    columnVersions.push(columnVersion)
    written.push({ column, columnVersion, actor, version })
  }
  const ownerMoves = compareStamps(stamp, ours.owner, order) > 0
  if (ownerMoves) lost.push(ours.owner)
  const clock = clockOf(ours.causalLength, ownerMoves ? stamp : ours.owner, overlay(stamps, written))
  return { clock, columnVersions, lost, won: columns.length + (ownerMoves ? 1 : 0) }
}

/** Stamps whose owners lose when the row is reset: every cell, and the life. */
export function allStamps(clock: RowClock): Stamp[] {
  return [...cellStamps(clock), clock.owner]
}

function freshClock({ causalLength, cells, stamp }: IncomingRow): RowClock {
  const stamps = isAlive(causalLength)
    ? cells.map(({ column, columnVersion }) => ({ column, columnVersion, ...stamp }))
    : []
  return clockOf(causalLength, stamp, stamps)
}

function mergeLife(
  ours: RowClock,
  incoming: IncomingRow,
  { order, readCell }: { readonly order: ActorOrder; readonly readCell: ReadCell },
): RowVerdict {
  const lost: Stamp[] = []
  const ownerMoves = compareStamps(incoming.stamp, ours.owner, order) > 0
  if (ownerMoves) lost.push(ours.owner)
  const stamps = cellStamps(ours)
  const won: CellStamp[] = []
  const written: IncomingCell[] = []
  for (const cell of incoming.cells) {
    const known = stampAt(stamps, cell.column)
    const verdict = compareCell(cell, incoming.stamp, known, { order, readCell })
    if (verdict === 'loses') continue
    won.push({ column: cell.column, columnVersion: cell.columnVersion, ...incoming.stamp })
    if (verdict === 'wins') written.push(cell)
    if (known !== undefined) lost.push(known)
  }
  if (!ownerMoves && won.length === 0) return { kind: 'lost' }
  const owner = ownerMoves ? incoming.stamp : ours.owner
  const clock = clockOf(ours.causalLength, owner, overlay(stamps, won))
  return { kind: 'cells', clock, written, lost, won: won.length + (ownerMoves ? 1 : 0) }
}

/** `restamps`: the stamp wins by actor or version while the value is the same one. */
function compareCell(
  cell: IncomingCell,
  stamp: Stamp,
  known: CellStamp | undefined,
  { order, readCell }: { readonly order: ActorOrder; readonly readCell: ReadCell },
): 'wins' | 'restamps' | 'loses' {
  if (known === undefined || cell.columnVersion > known.columnVersion) return 'wins'
  if (cell.columnVersion < known.columnVersion) return 'loses'
  const ours = readCell(cell.column)
  if (!sameValue(cell.value, ours)) return compareValues(cell.value, ours) > 0 ? 'wins' : 'loses'
  return compareStamps(stamp, known, order) > 0 ? 'restamps' : 'loses'
}
