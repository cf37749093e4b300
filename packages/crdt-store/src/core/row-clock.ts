/**
 * RowClock: the stamps of one row. Who owns its life, and per column the column version and who wrote it last.
 * A row that was written once as a whole shares one stamp (`cells` undefined); any later change lists every column.
 * Actors and columns are ordinals of this file, because they never leave it.
 */
import {
  assert,
  ByteReader,
  ByteWriter,
  type CausalLength,
  type ColumnVersion,
  type Version,
} from '@patina/base'

/** Small number of an actor in this file (`__patina_actors`). */
export type ActorOrdinal = number & { readonly brand: 'ActorOrdinal' }

/** Number of a non-key column of its table in this file (`__patina_names`), from 0 in order of creation. */
export type ColumnOrdinal = number & { readonly brand: 'ColumnOrdinal' }

/** Who wrote something: an actor's version. */
export interface Stamp {
  readonly actor: ActorOrdinal
  readonly version: Version
}

export interface CellStamp extends Stamp {
  readonly column: ColumnOrdinal
  /** ≥ 1: a cell that was never written has no stamp. */
  readonly columnVersion: ColumnVersion
}

export interface RowClock {
  readonly causalLength: CausalLength
  /** Life owner: the greatest (actor, version) among all changes seen that carry this causal length. */
  readonly owner: Stamp
  /** While `cells` is undefined: the columns below this ordinal carry the owner's stamp with column version 1. */
  readonly width: number
  /** Sorted by column; every column with a stamp. */
  readonly cells: readonly CellStamp[] | undefined
}

/** Order of actors by id; ordinals have no meaning of their own. */
export type ActorOrder = (a: ActorOrdinal, b: ActorOrdinal) => number

export function compareStamps(a: Stamp, b: Stamp, order: ActorOrder): number {
  return a.actor === b.actor ? a.version - b.version : order(a.actor, b.actor)
}

/** All stamps of the row, the shared one written out. */
export function cellStamps({ cells, width, owner }: RowClock): readonly CellStamp[] {
  if (cells !== undefined) return cells
  const { actor, version } = owner
  const shared: CellStamp[] = []
  for (let column = 0; column < width; column += 1)
    shared.push({ column: column as ColumnOrdinal, columnVersion: 1, actor, version })
  return shared
}

/** The stamp of one column among stamps sorted by column; in most rows every column has one. */
export function stampAt(stamps: readonly CellStamp[], column: ColumnOrdinal): CellStamp | undefined {
  const there = stamps[column]
  return there?.column === column ? there : stamps.find((stamp) => stamp.column === column)
}

/** A clock whose columns 0…width−1 were all written by one version, at column version 1. */
export function sharedClock(causalLength: CausalLength, owner: Stamp, width: number): RowClock {
  return { causalLength, owner, width, cells: undefined }
}

/** A clock with the given stamps; folded into the shared form where that says the same. */
export function clockOf(causalLength: CausalLength, owner: Stamp, cells: readonly CellStamp[]): RowClock {
  return areShared(cells, owner)
    ? sharedClock(causalLength, owner, cells.length)
    : { causalLength, owner, width: 0, cells }
}

function areShared(cells: readonly CellStamp[], owner: Stamp): boolean {
  for (let i = 0; i < cells.length; i += 1) {
    const { column, columnVersion, actor, version } = cells[i] as CellStamp
    if (columnVersion !== 1 || version !== owner.version || actor !== owner.actor || column !== i)
      return false
  }
  return true
}

/** `cells` as the clock table keeps them: column, column version, actor, version of each, as varints. The bytes hold until the next call. */
export function packCells(cells: readonly CellStamp[]): Uint8Array {
  packer.clear()
  for (const { column, columnVersion, actor, version } of cells)
    packer.varint(column).varint(columnVersion).varint(actor).varint(version)
  return packer.written()
}

/** One buffer for all rows: a clock is packed for each row that is updated. */
const packer = new ByteWriter()

/** Reverse of `packCells`. The bytes are our own: anything else is a damaged file and asserted. */
export function unpackCells(bytes: Uint8Array): CellStamp[] {
  const reader = new ByteReader(bytes)
  const cells: CellStamp[] = []
  let last = -1
  while (reader.remaining() > 0) {
    const column = reader.varint('column') as ColumnOrdinal
    const columnVersion = reader.varint('column version')
    const actor = reader.varint('actor') as ActorOrdinal
    const version = reader.varint('version') as Version
    assert(columnVersion >= 1 && column > last, 'cells of a row clock out of order')
    last = column
    cells.push({ column, columnVersion, actor, version })
  }
  return cells
}

/** `cells` with `written` put over them. Both sorted by column; so is the result. */
export function overlay(cells: readonly CellStamp[], written: readonly CellStamp[]): CellStamp[] {
  const merged: CellStamp[] = []
  let w = 0
  for (const cell of cells) {
    let next = written[w]
    while (next !== undefined && next.column < cell.column) {
      merged.push(next)
      w += 1
      next = written[w]
    }
    if (next !== undefined && next.column === cell.column) {
      merged.push(next)
      w += 1
    } else merged.push(cell)
  }
  for (; w < written.length; w += 1) merged.push(written[w] as CellStamp)
  return merged
}
