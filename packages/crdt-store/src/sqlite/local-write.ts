/**
 * Local writes: what a request captured → stamped row changes of one version. Clocks are written here, in the request's
 * savepoint; the log and the knowledge by the store. What values may be written is told by local-values.ts.
 */
import { type CausalLength, type ColumnVersion, must, type SqliteValue } from '@patina/base'
import type { Database } from '@patina/sqlite'
import { isAlive, nextDeath, nextLife } from '../core/causal-length.ts'
import type { KeyedRowChange } from '../core/changeset.ts'
import { type FoldedChange, foldEvents, type RowEvent, type RowValues } from '../core/fold.ts'
import { allStamps, type LocalVerdict, writeCells } from '../core/merge.ts'
import {
  type ActorOrder,
  type CellStamp,
  type ColumnOrdinal,
  cellStamps,
  clockOf,
  overlay,
  type RowClock,
  type Stamp,
  sharedClock,
  stampAt,
} from '../core/row-clock.ts'
import type { TableDefinition } from '../core/table.ts'
import { Touched } from '../core/touched.ts'
import { RequestRefused } from '../errors.ts'
import type { StoreLimits } from '../limits.ts'
import type { StoredClock } from './clock-table.ts'
import { refuseValues } from './local-values.ts'
import type { ReplicatedTable } from './replicated-table.ts'
import type { Residue } from './residue.ts'
import type { UnknownEntry, UnknownRow, UnknownTable } from './unknown-table.ts'

/** What one request changed, under its version. */
export interface StampedRequest {
  readonly changes: readonly KeyedRowChange[]
  /** Cells and lives that the version owns. */
  readonly live: number
  /** What other versions lost to it: their cells and lives. */
  readonly lost: readonly Stamp[]
  readonly touched: Touched
}

export interface StampContext {
  readonly db: Database
  readonly tables: ReadonlyMap<string, ReplicatedTable>
  readonly order: ActorOrder
  readonly limits: StoreLimits
  /** Absent: what waits to move in is left alone, and merged with what is written. */
  readonly unknown?: UnknownTable
  readonly residues?: readonly Residue[]
}

/** Stamps what was captured as the given version; undefined when nothing really changed. */
export function stampRequest(
  events: readonly RowEvent[],
  stamp: Stamp,
  context: StampContext,
): StampedRequest | undefined {
  const folded = foldEvents(events)
  if (folded.length === 0) return undefined
  const { versionRowsMax } = context.limits
  if (folded.length > versionRowsMax)
    throw new RequestRefused(
      'too-many-rows',
      `the request changes ${folded.length} rows, ${versionRowsMax} are allowed; split it into several requests`,
    )
  const stamper = new Stamper(stamp, context)
  const changes = stamper.stampAll(folded)
  return { changes, live: stamper.live, lost: stamper.lost, touched: stamper.touched }
}

interface UpdatedRow {
  readonly row: RowValues
  readonly changed: readonly number[]
  readonly key: readonly SqliteValue[]
}

/** A row that stands beside the clocks though its table is known: it is on its way in. */
interface WaitingRow {
  readonly waiting: UnknownEntry
  readonly unknown: UnknownRow
}

interface UpdatedColumns {
  readonly definition: TableDefinition
  readonly columns: readonly ColumnOrdinal[]
  readonly names: readonly string[]
}

class Stamper {
  readonly lost: Stamp[] = []
  readonly touched = new Touched()
  live = 0
  readonly #stamp: Stamp
  readonly #context: StampContext
  #lastUpdate: UpdatedColumns | undefined

  constructor(stamp: Stamp, context: StampContext) {
    this.#stamp = stamp
    this.#context = context
  }

  stampAll(folded: readonly FoldedChange[]): KeyedRowChange[] {
    const changes: KeyedRowChange[] = []
    for (let at = 0; at < folded.length; ) {
      const run = runAt(folded, at)
      for (const change of this.#stampRun(run)) changes.push(change)
      at += run.length
    }
    return changes
  }

  /** Changes of one table; each is of another row, so that clocks can be read before any is written. */
  #stampRun(run: readonly FoldedChange[]): KeyedRowChange[] {
    const [first] = run
    if (first === undefined) return []
    const table = must(this.#context.tables.get(first.table.name), 'captured tables are replicated')
    const keys = run.map(({ row }) => row.slice(0, first.table.key.length))
    // Most inserted rows have none: asking for it would be in vain.
    const clocks = first.kind === 'insert' ? [] : table.clocks.getMany(keys)
    return run.map((change, i) => {
      const key = must(keys[i], 'a key for each change')
      if (change.kind !== 'update') this.touched.wholeRow(change.table.name)
      if (change.kind !== 'delete') refuseValues(change, this.#context)
      if (change.kind === 'insert') return this.#insert(table, change, key)
      const ours = must(clocks[i], 'a row that is updated or deleted has a clock')
      return change.kind === 'delete'
        ? this.#delete(table, key, ours)
        : this.#update(table, { row: change.row, changed: change.changed, key }, ours)
    })
  }

  #insert(table: ReplicatedTable, change: FoldedChange, key: readonly SqliteValue[]): KeyedRowChange {
    const { definition, clocks } = table
    const { columns } = definition
    const waiting = this.#waitingOf(table, key)
    if (waiting !== undefined) return this.#insertOver(table, change.row, waiting)
    let causalLength = 1
    if (!clocks.insert(key, sharedClock(causalLength, this.#stamp, columns.length))) {
      const ours = must(clocks.get(key), 'a clock that could not be inserted is there')
      causalLength = nextLife(ours.causalLength)
      this.#lose(allStamps(ours))
      clocks.update(ours, sharedClock(causalLength, this.#stamp, columns.length))
    }
    this.live += columns.length + 1
    const cells = columns.map(({ name }, i) => ({
      column: name,
      columnVersion: 1,
      value: change.row[definition.key.length + i] as SqliteValue,
    }))
    return keyed(table, { key, causalLength, cells })
  }

  #update(table: ReplicatedTable, { row, changed, key }: UpdatedRow, ours: StoredClock): KeyedRowChange {
    const { definition, clocks } = table
    const columns = changed as readonly ColumnOrdinal[]
    const beside = this.#unknownOf(table, key)
    const known = beside === undefined ? ours : this.#withTaken(table, ours, { unknown: beside, columns })
    const written = writeCells(known, columns, { stamp: this.#stamp, order: this.#context.order })
    const former = this.#context.residues?.find(({ name }) => name === definition.name)
    const verdict = former === undefined ? written : aheadOf(former, key, { written, columns, definition })
    this.#lose(verdict.lost)
    this.live += verdict.won
    clocks.update(ours, verdict.clock)
    const names = this.#namesOf(table, columns)
    const cells = columns.map((column, i) => ({
      column: names[i] as string,
      columnVersion: verdict.columnVersions[i] as ColumnVersion,
      value: row[definition.key.length + column] as SqliteValue,
    }))
    return keyed(table, { key, causalLength: ours.causalLength, cells })
  }

  /** What stands beside the clocks of a row; nothing of most tables. */
  #unknownOf({ definition, keyNames }: ReplicatedTable, key: readonly SqliteValue[]): UnknownRow | undefined {
    const { unknown } = this.#context
    if (unknown?.mayHave(definition.name) !== true) return undefined
    return unknown.rowOf({ table: definition.name, keyColumns: keyNames, key })
  }

  /** A life that has not moved into the table yet, and is later than what the clock says. */
  #waitingOf(table: ReplicatedTable, key: readonly SqliteValue[]): WaitingRow | undefined {
    const unknown = this.#unknownOf(table, key)
    const [waiting] = unknown?.entries ?? []
    if (unknown === undefined || waiting === undefined || waiting.column !== '') return undefined
    const ours = table.clocks.get(key)?.causalLength ?? 0
    return waiting.causalLength > ours ? { waiting, unknown } : undefined
  }

  /** Cells of these columns that stand beside the clock are taken into it: what is written here is one ahead of them. */
  #withTaken(
    { columnsByName }: ReplicatedTable,
    clock: RowClock,
    { unknown, columns }: { readonly unknown: UnknownRow; readonly columns: readonly ColumnOrdinal[] },
  ): RowClock {
    const taken: CellStamp[] = []
    const stamps = cellStamps(clock)
    for (const entry of unknown.entries) {
      const column = columnsByName.get(entry.column)?.ordinal
      const isWritten = column !== undefined && columns.includes(column)
      // A row that is adopted and waits as well has two stamps until it moves in, which compares them.
      if (!isWritten || entry.causalLength !== clock.causalLength || stampAt(stamps, column) !== undefined)
        continue
      const { columnVersion, actor, version } = entry
      taken.push({ column, columnVersion, actor, version })
      this.#context.unknown?.remove(unknown, entry)
    }
    if (taken.length === 0) return clock
    taken.sort((a, b) => a.column - b.column)
    return { ...clock, width: 0, cells: overlay(cellStamps(clock), taken) }
  }

  /**
   * A row is inserted that waits to move into this table, because the table has just come: it goes on from the life that
   * waits, as if that had moved in before.
   */
  #insertOver(table: ReplicatedTable, row: RowValues, { waiting, unknown }: WaitingRow): KeyedRowChange {
    const { clocks, definition, keyNames } = table
    const key = row.slice(0, definition.key.length)
    const ours = clocks.get(key)
    if (ours !== undefined) this.#lose(allStamps(ours))
    const columns = definition.columns.map(({ ordinal }) => ordinal)
    const { causalLength, actor, version } = waiting
    const goesOn = isAlive(causalLength) && columns.length > 0
    const life = goesOn
      ? causalLength
      : nextLife(isAlive(causalLength) ? nextDeath(causalLength) : causalLength)
    const before = sharedClock(life, goesOn ? { actor, version } : this.#stamp, 0)
    const known = goesOn ? this.#withTaken(table, before, { unknown, columns }) : before
    const verdict = writeCells(known, columns, { stamp: this.#stamp, order: this.#context.order })
    this.#lose(verdict.lost)
    if (goesOn) this.#context.unknown?.remove(unknown, waiting)
    else {
      const lower = { causalLength: life, lose: (stamps: readonly Stamp[]) => this.#lose(stamps) }
      this.#context.unknown?.dropRow({ table: definition.name, keyColumns: keyNames, key }, lower)
    }
    this.live += verdict.won + (goesOn ? 0 : 1)
    if (ours === undefined) clocks.insert(key, verdict.clock)
    else clocks.update(ours, verdict.clock)
    const cells = definition.columns.map(({ name }, i) => ({
      column: name,
      columnVersion: verdict.columnVersions[i] as ColumnVersion,
      value: row[definition.key.length + i] as SqliteValue,
    }))
    return keyed(table, { key, causalLength: life, cells })
  }

  /** Names of changed columns, counted as touched. Rows mostly change the same columns as the one before. */
  #namesOf({ definition }: ReplicatedTable, columns: readonly ColumnOrdinal[]): readonly string[] {
    const last = this.#lastUpdate
    if (last !== undefined && last.definition === definition && areEqual(last.columns, columns))
      return last.names
    const names = columns.map((column) => must(definition.columns[column], 'ordinals are dense').name)
    this.touched.cells(definition.name, names)
    this.#lastUpdate = { definition, columns, names }
    return names
  }

  #delete(table: ReplicatedTable, key: readonly SqliteValue[], ours: StoredClock): KeyedRowChange {
    const causalLength = nextDeath(ours.causalLength)
    this.#lose(allStamps(ours))
    this.#loseUnknown(table, key, causalLength)
    table.clocks.update(ours, sharedClock(causalLength, this.#stamp, 0))
    this.live += 1
    return keyed(table, { key, causalLength, cells: [] })
  }

  /** Cells of columns that this schema lacks belong to the life that ends; a row that is dead has none. */
  #loseUnknown(
    { definition, keyNames }: ReplicatedTable,
    key: readonly SqliteValue[],
    causalLength: CausalLength,
  ): void {
    const { unknown } = this.#context
    if (unknown?.mayHave(definition.name) === true)
      unknown.dropRow(
        { table: definition.name, keyColumns: keyNames, key },
        { causalLength, lose: (stamps) => this.#lose(stamps) },
      )
  }

  #lose(stamps: readonly Stamp[]): void {
    for (const stamp of stamps) this.lost.push(stamp)
  }
}

/** What is written is ahead, too, of cells of the row that have not left the former table (residue.ts). */
function aheadOf(
  { old }: Residue,
  key: readonly SqliteValue[],
  {
    written,
    columns,
    definition,
  }: {
    readonly written: LocalVerdict
    readonly columns: readonly ColumnOrdinal[]
    readonly definition: TableDefinition
  },
): LocalVerdict {
  const former = old.clocks.get(key)
  if (former === undefined || former.causalLength !== written.clock.causalLength) return written
  const stamps = cellStamps(former)
  const ahead = (column: ColumnOrdinal, columnVersion: ColumnVersion): ColumnVersion => {
    const there = old.columnsByName.get(definition.columns[column]?.name ?? '')
    const stamp = there === undefined ? undefined : stampAt(stamps, there.ordinal)
    return stamp === undefined ? columnVersion : Math.max(columnVersion, stamp.columnVersion + 1)
  }
  const versions = written.columnVersions.map((columnVersion, i) =>
    ahead(columns[i] as ColumnOrdinal, columnVersion),
  )
  const cells = cellStamps(written.clock).map((stamp) => {
    const at = columns.indexOf(stamp.column)
    return at < 0 ? stamp : { ...stamp, columnVersion: versions[at] as ColumnVersion }
  })
  const { causalLength, owner } = written.clock
  return { ...written, columnVersions: versions, clock: clockOf(causalLength, owner, cells) }
}

/** Changes whose clocks are in memory at a time. */
const RUN_MAX = 256

/** The changes from `at` on of one table that are all inserts, or none of them. */
function runAt(folded: readonly FoldedChange[], at: number): readonly FoldedChange[] {
  const first = folded[at]
  let end = at
  for (; end < folded.length && end - at < RUN_MAX; end += 1) {
    const change = folded[end] as FoldedChange
    if (change.table !== first?.table || (change.kind === 'insert') !== (first.kind === 'insert')) break
  }
  return folded.slice(at, end)
}

function keyed(
  { definition, keyNames }: ReplicatedTable,
  change: Pick<KeyedRowChange, 'key' | 'causalLength' | 'cells'>,
): KeyedRowChange {
  const { key, causalLength, cells } = change
  return { table: definition.name, keyColumns: keyNames, key, causalLength, cells }
}

function areEqual(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false
  return true
}
