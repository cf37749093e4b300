/**
 * Moving in: what stands beside the clocks of a row goes into its table, as far as that has a place for it now, each cell with its
 * own stamp. It counts in `live` already: only what loses against what stands in the table is taken from its version.
 */
import { isAlive } from '../core/causal-length.ts'
import type { KeyedRowChange } from '../core/changeset.ts'
import { type CellStamp, cellStamps, clockOf, overlay, type Stamp } from '../core/row-clock.ts'
import type { DataColumn } from '../core/table.ts'
import type { StoredClock } from './clock-table.ts'
import { keeps } from './kept-values.ts'
import type { RemoteContext } from './remote-write.ts'
import type { ReplicatedTable } from './replicated-table.ts'
import { type ResolvedChange, resolveChange } from './resolve-changes.ts'
import type { UnknownEntry, UnknownRow } from './unknown-table.ts'

/** The column that takes the entry and would keep its value. */
export function placeOf({ column, value }: UnknownEntry, table: ReplicatedTable): DataColumn | undefined {
  const known = table.columnsByName.get(column)
  return known !== undefined && keeps(known.storage, value) ? known : undefined
}

/** Merges a row change: remote-write.ts, which itself moves a row in before it touches it. */
export type Apply = (change: ResolvedChange, stamp: Stamp, context: RemoteContext) => number

/** As a whole where nothing else is said of it here; else each entry for itself, as if it arrived just then. */
export function moveRowIn(
  row: UnknownRow,
  table: ReplicatedTable,
  { context, apply }: { readonly context: RemoteContext; readonly apply: Apply },
): void {
  const [first] = row.entries
  const clock = table.clocks.get(row.key)
  const life = first?.column === '' ? first : undefined
  if (life !== undefined && clock === undefined) insertRow(row, life, table, context)
  else if (life === undefined && clock !== undefined && isUntouched(row, clock, table))
    addCells(row, clock, table, context)
  else mergeEntries(row, context, apply)
}

interface KnownCells {
  readonly stamps: readonly CellStamp[]
  readonly values: readonly { readonly column: CellStamp['column']; readonly value: UnknownEntry['value'] }[]
}

/** Takes the entries out that have a place now. */
function takeKnown(row: UnknownRow, table: ReplicatedTable, context: RemoteContext): KnownCells {
  const cells = row.entries.flatMap((entry) => {
    const known = placeOf(entry, table)
    if (known === undefined && entry.column !== '') return []
    context.unknown.remove(row, entry)
    return known === undefined ? [] : [{ ...entry, column: known.ordinal }]
  })
  const sorted = cells.toSorted((a, b) => a.column - b.column)
  return {
    stamps: sorted.map(({ column, columnVersion, actor, version }) => ({
      column,
      columnVersion,
      actor,
      version,
    })),
    values: sorted.map(({ column, value }) => ({ column, value })),
  }
}

function insertRow(
  row: UnknownRow,
  life: UnknownEntry,
  table: ReplicatedTable,
  context: RemoteContext,
): void {
  const { stamps, values } = takeKnown(row, table, context)
  const { causalLength, actor, version } = life
  table.clocks.insert(row.key, clockOf(causalLength, { actor, version }, stamps))
  if (isAlive(causalLength)) table.rows.insert(row.key, values)
}

/** The row lives on, and nobody has written the columns that have come. */
function isUntouched({ entries }: UnknownRow, clock: StoredClock, table: ReplicatedTable): boolean {
  const stamped = new Set(cellStamps(clock).map(({ column }) => column))
  return entries.every(({ column, causalLength }) => {
    const known = table.columnsByName.get(column)
    return causalLength === clock.causalLength && (known === undefined || !stamped.has(known.ordinal))
  })
}

function addCells(row: UnknownRow, clock: StoredClock, table: ReplicatedTable, context: RemoteContext): void {
  const { stamps, values } = takeKnown(row, table, context)
  table.clocks.update(clock, clockOf(clock.causalLength, clock.owner, overlay(cellStamps(clock), stamps)))
  table.rows.update(row.key, values)
}

/** All of the row is taken out and put where it belongs now; its life comes first. */
function mergeEntries(row: UnknownRow, context: RemoteContext, apply: Apply): void {
  for (const entry of row.entries) context.unknown.remove(row, entry)
  for (const entry of row.entries) {
    const { actor, version } = entry
    const won = apply(resolveChange(changeOf(row, entry), context.tables), { actor, version }, context)
    if (won === 0) context.losses.lose([entry])
  }
}

function changeOf(
  row: UnknownRow,
  { column, causalLength, columnVersion, value }: UnknownEntry,
): KeyedRowChange {
  const { table, keyColumns, key } = row
  const cells = column === '' ? [] : [{ column, columnVersion, value }]
  return { table, keyColumns, key, causalLength, cells }
}
