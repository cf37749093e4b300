/**
 * What was unknown and is so no more: rows and cells of tables and columns that have come move into them, each with its own
 * stamp, a slice in a transaction. They count in `live` already: only what loses against what stands in the table is taken
 * from its version. A row that has not moved yet is one that this node has not heard of, so that nobody needs to wait.
 */
import { isAlive } from '../core/causal-length.ts'
import type { KeyedRowChange } from '../core/changeset.ts'
import { type CellStamp, cellStamps, clockOf, overlay } from '../core/row-clock.ts'
import type { DataColumn } from '../core/table.ts'
import type { TouchedTable } from '../core/touched.ts'
import { withoutChecks } from './check-constraints.ts'
import type { StoredClock } from './clock-table.ts'
import { keeps, keepsKey } from './kept-values.ts'
import { asRemote, isolated, remoteContext, writeOutcome } from './remote-batch.ts'
import { applyRow, type RemoteContext } from './remote-write.ts'
import type { ReplicatedTable } from './replicated-table.ts'
import { hasKey, resolveChange } from './resolve-changes.ts'
import type { StoreParts } from './store-parts.ts'
import type { UnknownEntry, UnknownRow } from './unknown-table.ts'

/** Rows looked at in one slice: about 10 ms. */
const TAKEN_ROWS_MAX = 250

export class TakeOver {
  readonly #parts: StoreParts
  /** Tables that are still to be looked at; the first from behind `#after` on. */
  #tables: ReplicatedTable[] = []
  #after: Uint8Array = new Uint8Array(0)

  constructor(parts: StoreParts) {
    this.#parts = parts
  }

  /** After the schema has changed, and at a start: whatever is unknown is looked at. */
  begin(): void {
    const { tables, unknown } = this.#parts
    this.#tables = [...tables.values()].filter(({ definition }) => unknown.mayHave(definition.name))
    this.#after = new Uint8Array(0)
  }

  /** The next slice: what it touched; undefined where all has been looked at. Throws SQLite's error; then nothing of it has moved. */
  moveSlice(): readonly TouchedTable[] | undefined {
    const [table] = this.#tables
    if (table === undefined) return undefined
    const { unknown, db } = this.#parts
    const rows = unknown.rowsOf(table.definition.name, this.#after, TAKEN_ROWS_MAX)
    const known = rows.filter((row) => isKnownNow(row, table))
    if (known.length > 0) withoutChecks(db, () => this.#move(known, table))
    const last = rows.at(-1)
    if (last === undefined || rows.length < TAKEN_ROWS_MAX) {
      this.#tables.shift()
      this.#after = new Uint8Array(0)
    } else this.#after = last.bytes
    return known.length > 0 ? [{ table: table.definition.name, columns: 'all' }] : []
  }

  #move(rows: readonly UnknownRow[], table: ReplicatedTable): void {
    const context = remoteContext(this.#parts)
    asRemote(this.#parts, () => {
      const all = isolated(this.#parts, context, (alone) => {
        for (const row of rows) takeOverRow(row, table, alone)
      })
      // A row that a constraint of this node refuses stays where it is.
      if (!all.ok)
        for (const row of rows) isolated(this.#parts, context, (alone) => takeOverRow(row, table, alone))
      writeOutcome(this.#parts, context)
    })
  }
}

/** Whether a part of the row has a place in the table. */
function isKnownNow({ keyColumns, key, entries }: UnknownRow, table: ReplicatedTable): boolean {
  return (
    hasKey(table, keyColumns) &&
    keepsKey(table.definition.key, key) &&
    entries.some((entry) => entry.column === '' || placeOf(entry, table) !== undefined)
  )
}

/** The column that takes the entry and would keep its value. */
function placeOf({ column, value }: UnknownEntry, table: ReplicatedTable): DataColumn | undefined {
  const known = table.columnsByName.get(column)
  return known !== undefined && keeps(known.storage, value) ? known : undefined
}

/** As a whole where nothing else is said of it here; else each entry for itself, as if it arrived just then. */
function takeOverRow(row: UnknownRow, table: ReplicatedTable, context: RemoteContext): void {
  const [first] = row.entries
  const clock = table.clocks.get(row.key)
  const life = first?.column === '' ? first : undefined
  if (life !== undefined && clock === undefined) insertRow(row, life, table, context)
  else if (life === undefined && clock !== undefined && isUntouched(row, clock, table))
    addCells(row, clock, table, context)
  else mergeEntries(row, context)
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
function mergeEntries(row: UnknownRow, context: RemoteContext): void {
  for (const entry of row.entries) context.unknown.remove(row, entry)
  for (const entry of row.entries) {
    const { actor, version } = entry
    const won = applyRow(resolveChange(changeOf(row, entry), context.tables), { actor, version }, context)
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
