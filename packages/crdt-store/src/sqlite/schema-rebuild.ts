/**
 * Rebuild: a change of a table that its rows must follow (a column dropped or defined otherwise, STRICT, WITHOUT ROWID, CHECK).
 * A table of the new definition is filled beside the old one, a slice of rows in a transaction; rows that are written meanwhile
 * are copied again (a trigger on the clocks notes them). Then the two change places in one short transaction: before it
 * everybody sees the old table, after it the new one. Each slice is a transaction with its progress in the file, so that a crash
 * costs a slice; until the change of places all of it can be given up. What of the old table has no place in the new one is
 * the business of residue.ts.
 */
import { must, type SqliteValue } from '@patina/base'
import { type Database, setSynchronous } from '@patina/sqlite'
import { isAlive } from '../core/causal-length.ts'
import { type CellStamp, cellStamps, clockOf } from '../core/row-clock.ts'
import type { DataColumn, TableDefinition } from '../core/table.ts'
import { Capture } from './capture.ts'
import { withoutChecks } from './check-constraints.ts'
import { CLOCK_SUFFIX, ClockTable, type StoredClock } from './clock-table.ts'
import { keeps, keepsKey } from './kept-values.ts'
import type { NamesTable } from './names-table.ts'
import { quote } from './quote.ts'
import { deleteRebuild, putRebuild, type RebuildRow, rebuildOf } from './rebuilds-table.ts'
import { type ReplicatedTable, replicatedTable } from './replicated-table.ts'
import { type IndexStructure, indexNames, type TableStructure } from './schema-structure.ts'
import { indexBody, tableBody } from './schema-text.ts'
import type { SlicePace } from './slice-pace.ts'
import type { ColumnValue } from './user-table.ts'

const NEXT_SUFFIX = '__patina_next'
const OLD_SUFFIX = '__patina_old'
const DIRTY_SUFFIX = '__patina_dirty'

/** The table that is filled, while the user's table is as it was. */
export function nextName(table: string): string {
  return table + NEXT_SUFFIX
}

/** The table that was, once another has taken its place. */
export function oldName(table: string): string {
  return table + OLD_SUFFIX
}

/** Notes rows that are written while others are copied: each write changes the row's clock. */
export function dirtyTrigger(table: string): string {
  return (
    `CREATE TRIGGER ${quote(`${table}${DIRTY_SUFFIX}_row`)} AFTER UPDATE ON ${quote(table + CLOCK_SUFFIX)} BEGIN ` +
    `INSERT OR IGNORE INTO ${quote(table + DIRTY_SUFFIX)} (place) VALUES (NEW.rowid); END`
  )
}

/** Makes the empty table of the new definition, with its indexes. Call in the transaction of the schema change. Throws SQLite's error. */
export function beginRebuild(
  db: Database,
  wanted: TableStructure,
  define: (table: string) => TableDefinition,
): void {
  const { name } = wanted
  const next = nextName(name)
  db.exec(`CREATE TABLE ${quote(next)}${tableBody(wanted.sql)}`)
  for (const index of wanted.indexes) db.exec(freeIndexSql(db, index, next))
  ClockTable.create(db, define(next))
  db.exec(`CREATE TABLE ${quote(name + DIRTY_SUFFIX)} (place INTEGER PRIMARY KEY)`)
  db.exec(dirtyTrigger(name))
  putRebuild(db, { name, phase: 'copying', place: 0 })
}

/** Two tables stand beside each other for a while, and names of indexes are unique: each has two that mean the same. */
export function freeIndexSql(db: Database, { name, sql }: IndexStructure, table: string): string {
  const taken = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE')
  const free = must(
    indexNames(name).find((each) => taken.get(each) === undefined),
    'at most two tables have an index of this name',
  )
  return `CREATE INDEX ${quote(free)} ON ${quote(table)} ${indexBody(sql)}`
}

/** Gives a change up whose table has not taken its place. Call in a transaction. */
export function abortRebuild(db: Database, names: NamesTable, table: string): void {
  const next = nextName(table)
  db.exec(`DROP TRIGGER ${quote(`${table}${DIRTY_SUFFIX}_row`)}`)
  for (const gone of [next, next + CLOCK_SUFFIX, table + DIRTY_SUFFIX]) db.exec(`DROP TABLE ${quote(gone)}`)
  names.rename(next, '')
  deleteRebuild(db, table)
}

/** A table whose rows no longer have a place at all: gone from here on for everybody. Call in a transaction without views. */
export function dropTable(db: Database, names: NamesTable, table: string): void {
  Capture.dropTriggers(db, { name: table })
  renameTable(db, table, oldName(table))
  names.rename(table, oldName(table))
  putRebuild(db, { name: table, phase: 'dropped', place: 0 })
}

/** Runs what renames tables: views of this connection keep their text, which names what stands there afterwards. */
export function withoutRewriting<T>(db: Database, work: () => T): T {
  db.pragma('legacy_alter_table=ON')
  try {
    return work()
  } finally {
    db.pragma('legacy_alter_table=OFF')
  }
}

function renameTable(db: Database, from: string, to: string): void {
  db.exec(`ALTER TABLE ${quote(from)} RENAME TO ${quote(to)}`)
  db.exec(`ALTER TABLE ${quote(from + CLOCK_SUFFIX)} RENAME TO ${quote(to + CLOCK_SUFFIX)}`)
}

export interface RebuildOptions {
  readonly table: string
  readonly define: (table: string) => TableDefinition
  readonly pace: SlicePace
}

/** The copying of one table. Made anew at each start: all that must last is in the file. */
export class Rebuild {
  readonly table: string
  readonly #pace: SlicePace
  readonly #db: Database
  readonly #names: NamesTable
  readonly #define: (table: string) => TableDefinition
  readonly #from: ReplicatedTable
  readonly #to: ReplicatedTable

  constructor(db: Database, names: NamesTable, { table, define, pace }: RebuildOptions) {
    this.table = table
    this.#pace = pace
    this.#db = db
    this.#names = names
    this.#define = define
    this.#from = replicatedTable(db, define(table))
    this.#to = replicatedTable(db, define(nextName(table)))
  }

  /** The next slice, in a transaction of its own: rows, or the change of places. True where the new table is the table now. */
  slice(run: (work: () => boolean) => boolean): boolean {
    setSynchronous(this.#db, 'NORMAL')
    return withoutRewriting(this.#db, () => withoutChecks(this.#db, () => run(() => this.#work())))
  }

  /** Rows copied, and rows there are, dead ones too. */
  progress(): { readonly rows: number; readonly of: number } {
    return { rows: this.#row().place, of: this.#from.clocks.last() }
  }

  #work(): boolean {
    const { place } = this.#row()
    const rows = this.#from.clocks.after(place, this.#pace.rows)
    for (const { key, clock } of rows) copyRow(this.#from, this.#to, { key, clock })
    const last = rows.at(-1)
    if (last !== undefined)
      putRebuild(this.#db, { name: this.table, phase: 'copying', place: last.clock.rowid })
    if (rows.length === this.#pace.rows) return false
    if (!this.#copyDirty()) return false
    this.#changePlaces()
    return true
  }

  /** Rows that were written since they were copied. True where none is left. */
  #copyDirty(): boolean {
    const dirty = quote(this.table + DIRTY_SUFFIX)
    const places = this.#db
      .prepare<[], number>(`SELECT place FROM ${dirty} ORDER BY place LIMIT ${this.#pace.rows}`)
      .pluck()
      .safeIntegers(false)
      .all()
    const done = this.#db.prepare(`DELETE FROM ${dirty} WHERE place = ?`).safeIntegers(false)
    for (const place of places) {
      copyRow(this.#from, this.#to, must(this.#from.clocks.at(place), 'clocks stay where they are'))
      done.run(place)
    }
    return places.length < this.#pace.rows
  }

  #changePlaces(): void {
    const [db, table] = [this.#db, this.table]
    Capture.dropTriggers(db, { name: table })
    db.exec(`DROP TRIGGER ${quote(`${table}${DIRTY_SUFFIX}_row`)}; DROP TABLE ${quote(table + DIRTY_SUFFIX)}`)
    renameTable(db, table, oldName(table))
    renameTable(db, nextName(table), table)
    this.#names.rename(table, oldName(table))
    this.#names.rename(nextName(table), table)
    Capture.createTriggers(db, this.#define(table))
    putRebuild(db, { name: table, phase: 'rebuilt', place: 0 })
  }

  #row(): RebuildRow {
    return must(rebuildOf(this.#db, this.table), 'what is copied is noted')
  }
}

/** Writes a row with its clock as the new table takes it, over what was copied of it before. */
function copyRow(
  from: ReplicatedTable,
  to: ReplicatedTable,
  { key, clock }: { readonly key: readonly SqliteValue[]; readonly clock: StoredClock },
): void {
  if (!keepsKey(to.definition.key, key)) return
  const cells = carriedCells(from, to, { key, clock })
  const stamps = cells.map(({ stamp }) => stamp)
  const copied = clockOf(clock.causalLength, clock.owner, stamps)
  const before = to.clocks.get(key)
  if (before === undefined) to.clocks.insert(key, copied)
  else to.clocks.update(before, copied)
  if (before !== undefined && isAlive(before.causalLength)) to.rows.delete(key)
  if (isAlive(clock.causalLength)) to.rows.insert(key, cells)
}

/** Cells that have a place in the new table, by its columns. */
function carriedCells(
  from: ReplicatedTable,
  to: ReplicatedTable,
  { key, clock }: { readonly key: readonly SqliteValue[]; readonly clock: StoredClock },
): readonly (ColumnValue & { readonly stamp: CellStamp })[] {
  const stamps = cellStamps(clock)
  if (stamps.length === 0) return []
  const values = from.rows.readAll(key)
  const carried = stamps.flatMap((stamp) => {
    const value = values[stamp.column] as SqliteValue
    const place = placeOf(from, to, { column: stamp.column, value })
    return place === undefined
      ? []
      : [{ column: place.ordinal, value, stamp: { ...stamp, column: place.ordinal } }]
  })
  return carried.sort((a, b) => a.column - b.column)
}

/** The column of the new table that takes a cell of the old one as it is. */
export function placeOf(
  from: ReplicatedTable,
  to: ReplicatedTable,
  { column, value }: ColumnValue,
): DataColumn | undefined {
  const name = must(from.definition.columns[column], 'ordinals are dense').name
  const place = to.columnsByName.get(name)
  return place !== undefined && keeps(place.storage, value) ? place : undefined
}
