/**
 * Misfits: cells of a column that this schema has, with values that its definition would not keep bit for bit. They stand beside
 * the clocks, as cells of unknown columns do, and the column shows its default. A cell has its stamp in one of the two places at
 * most (I-CRDT-9), so that both together stay the merge of a node that keeps everything, and copies of one schema show the same.
 * Counts them for whoever should know that definitions of nodes differ.
 */
import type { CellChange } from '@patina/base'
import { type ColumnOrdinal, cellStamps, clockOf, type Stamp, stampAt } from '../core/row-clock.ts'
import type { StoredClock } from './clock-table.ts'
import { type Apply, moveRowIn } from './move-in.ts'
import type { RemoteContext } from './remote-write.ts'
import type { KnownChange, ResolvedChange } from './resolve-changes.ts'
import { beats, type UnknownRow } from './unknown-table.ts'

/** Tables and columns of which misfits came, at most: more names are not worth reading. */
const TOLD_MAX = 1_000

/** Where misfits came in; without a column the key was none that the table takes. */
export interface Misfit {
  readonly table: string
  readonly column?: string
}

export class Misfits {
  /** Cells, and rows with such keys, that came since the file was opened. */
  seen = 0
  readonly #told = new Set<string>()
  #untold: Misfit[] = []

  /** Counts what of a change that has come is none of this schema's. */
  lookAt(change: ResolvedChange): void {
    if (change.table !== undefined)
      for (const { column } of change.misfits) this.#came({ table: change.table.definition.name, column })
    else if (change.hasTable) this.#came({ table: change.change.table })
  }

  /** Each place once. */
  takeUntold(): readonly Misfit[] {
    const untold = this.#untold
    this.#untold = []
    return untold
  }

  #came(misfit: Misfit): void {
    this.seen += 1
    const name = `${misfit.table}\n${misfit.column ?? ''}`
    if (this.#told.size >= TOLD_MAX || this.#told.has(name)) return
    this.#told.add(name)
    this.#untold.push(misfit)
  }
}

/**
 * The change without the cells that lose against what stands in the other place; what they beat there is gone, and counted as
 * lost. Misfits that are left join what is unknown of the change. A change of another life than the row's needs none of this. A
 * row that waits to move into the table moves in first.
 */
export function settleMisfits(
  change: KnownChange,
  stamp: Stamp,
  { context, apply }: { readonly context: RemoteContext; readonly apply: Apply },
): KnownChange {
  const { table, key, causalLength, misfits } = change
  const name = { table: table.definition.name, keyColumns: table.keyNames, key }
  const waiting = context.unknown.rowOf(name)
  const isWaiting = waiting?.entries[0]?.column === ''
  if (isWaiting) moveRowIn(waiting, table, { context, apply })
  const beside = isWaiting ? context.unknown.rowOf(name) : waiting
  if (misfits.length === 0 && beside === undefined) return change
  const clock = table.clocks.get(key)
  if (clock === undefined || clock.causalLength !== causalLength) return withUnknown(change, misfits)
  const settling = { change, stamp, context, beside, clock }
  return withUnknown({ ...change, cells: settleKept(settling) }, settleUnkept(settling))
}

interface Settling {
  readonly change: KnownChange
  readonly stamp: Stamp
  readonly context: RemoteContext
  /** What is unknown of the row. */
  readonly beside: UnknownRow | undefined
  readonly clock: StoredClock
}

function withUnknown(change: KnownChange, misfits: readonly CellChange[]): KnownChange {
  return { ...change, misfits: [], unknown: [...change.unknown, ...misfits] }
}

/** Cells that this node keeps, against misfits of their columns. */
function settleKept({ change, stamp, context, beside }: Settling): KnownChange['cells'] {
  if (beside === undefined) return change.cells
  const { definition } = change.table
  return change.cells.filter((cell) => {
    const theirs = beside.entries.find(({ column }) => column === definition.columns[cell.column]?.name)
    if (theirs === undefined) return true
    if (!beats({ ...cell, ...stamp }, theirs, context.actors.order)) return false
    context.unknown.remove(beside, theirs)
    context.losses.lose([theirs])
    return true
  })
}

/** Misfits, against cells in the clock. Those that stand beside it already are compared when they are merged. */
function settleUnkept({ change, stamp, context, clock }: Settling): readonly CellChange[] {
  const { table, key, misfits } = change
  const stamps = cellStamps(clock)
  const beaten = new Set<ColumnOrdinal>()
  const left = misfits.filter((cell) => {
    const column = table.columnsByName.get(cell.column)?.ordinal as ColumnOrdinal
    const ours = stampAt(stamps, column)
    if (ours === undefined) return true
    const value = table.rows.read(key, column)
    if (!beats({ ...cell, ...stamp }, { ...ours, value }, context.actors.order)) return false
    context.losses.lose([ours])
    beaten.add(column)
    return true
  })
  if (beaten.size > 0) unstamp(change, clock, beaten, context)
  return left
}

/** Takes cells out of the clock; the row is written anew, because only an insert gives columns their defaults. */
function unstamp(
  { table, key }: Pick<KnownChange, 'table' | 'key'>,
  clock: StoredClock,
  columns: ReadonlySet<ColumnOrdinal>,
  { touched }: RemoteContext,
): void {
  const stamps = cellStamps(clock).filter(({ column }) => !columns.has(column))
  table.clocks.update(clock, clockOf(clock.causalLength, clock.owner, stamps))
  const cells = stamps.map(({ column }) => ({ column, value: table.rows.read(key, column) }))
  table.rows.delete(key)
  table.rows.insert(key, cells)
  touched.cells(
    table.definition.name,
    [...columns].map((column) => table.definition.columns[column]?.name ?? ''),
  )
}
