/**
 * Which cells and rows has this file that its schema does not know, or would not keep as they are? Cells of unknown columns,
 * misfits, and whole rows of unknown tables (also where key columns or keys are none that the table here takes). They merge by the same rules as all others and count in `live`, so
 * that clocks and unknown parts together are the merge of a node that knows everything (test/model/unknown-world.ts). A row
 * of an unknown table keeps its life under the empty column name; a row of a known table has its life in the clock table, and
 * no unknown cell of another life than that (I-CRDT-8).
 */
import type { CausalLength, CellChange, ColumnVersion, SqliteValue, Version } from '@patina/base'
import { compareValues, must, sameValue } from '@patina/base'
import { type Database, valueFromSqlite } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import { isAlive } from '../core/causal-length.ts'
import { decodePayload, type KeyedRowChange, PayloadWriter } from '../core/changeset.ts'
import { type ActorOrder, type ActorOrdinal, compareStamps, type Stamp } from '../core/row-clock.ts'

/** A row wherever it is: names of its key columns are a part of what it is. */
export type RowName = Pick<KeyedRowChange, 'key' | 'keyColumns' | 'table'>

/** One entry; `column` is empty for the life of a row. */
export interface UnknownEntry extends Stamp {
  readonly column: string
  readonly causalLength: CausalLength
  readonly columnVersion: ColumnVersion
  readonly value: SqliteValue
}

/** A row with all that is unknown of it; its life first where it has one here. */
export interface UnknownRow extends RowName {
  readonly entries: readonly UnknownEntry[]
  /** Its key as the file has it. */
  readonly bytes: Uint8Array
}

export interface UnknownMerge {
  readonly order: ActorOrder
  /** Told the stamps that lost. */
  readonly lose: (stamps: readonly Stamp[]) => void
}

interface EntryRow {
  readonly column: string
  readonly cl: bigint
  readonly colv: bigint
  readonly actor: bigint
  readonly version: bigint
  readonly value: unknown
}

const LIFE = ''

export class UnknownTable {
  readonly #db: Database
  readonly #ofRow: BetterSqlite3.Statement<[string, Uint8Array], EntryRow>
  readonly #put: BetterSqlite3.Statement<unknown[]>
  readonly #remove: BetterSqlite3.Statement<[string, Uint8Array, string]>
  readonly #keys: BetterSqlite3.Statement<[string, Uint8Array, number], Uint8Array>
  /** Tables that may have entries: never too few, so that most rows need not be looked for. */
  readonly #tables: Set<string>

  static create(db: Database): void {
    db.exec(`CREATE TABLE __patina_unknown (
      "table"  TEXT NOT NULL,           -- folded to lower case, as peers name it
      key      BLOB NOT NULL,           -- names and values of the key columns, as a payload of one row without cells
      "column" TEXT NOT NULL,           -- empty: the life of a row whose table is not known here
      cl       INTEGER NOT NULL,        -- causal length of the row
      colv     INTEGER NOT NULL,        -- column version; 0 for a life
      actor    INTEGER NOT NULL,        -- ordinal of the winner …
      version  INTEGER NOT NULL,        -- … and its version
      value,                            -- with its own storage class
      PRIMARY KEY ("table", key, "column")
    ) WITHOUT ROWID`)
  }

  constructor(db: Database) {
    this.#db = db
    this.#ofRow = db.prepare<[string, Uint8Array], EntryRow>(
      `SELECT "column", cl, colv, actor, version, value FROM __patina_unknown WHERE "table" = ? AND key = ?
       ORDER BY "column"`,
    )
    this.#put = db
      .prepare('INSERT OR REPLACE INTO __patina_unknown VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .safeIntegers(false)
    this.#remove = db.prepare('DELETE FROM __patina_unknown WHERE "table" = ? AND key = ? AND "column" = ?')
    this.#keys = db
      .prepare<[string, Uint8Array, number], Uint8Array>(
        'SELECT DISTINCT key FROM __patina_unknown WHERE "table" = ? AND key > ? ORDER BY key LIMIT ?',
      )
      .pluck()
    this.#tables = new Set(
      db.prepare<[], string>('SELECT DISTINCT "table" FROM __patina_unknown').pluck().all(),
    )
  }

  /** False only where the table has none. */
  mayHave(table: string): boolean {
    return this.#tables.has(table)
  }

  /** Merges a row of a table that is not known here; returns the cells and lives that its version now owns. */
  mergeRow(change: KeyedRowChange, stamp: Stamp, merge: UnknownMerge): number {
    const key = keyBytes(change)
    const entries = this.#entries(change.table, key)
    const { causalLength } = change
    // Cells may stand here before their life does: that of a table that was dropped comes with its rows (residue.ts).
    const present = Math.max(0, ...[...entries.values()].map((entry) => entry.causalLength))
    if (causalLength < present) return 0
    const isReset = causalLength > present
    if (isReset) this.#drop(change.table, key, [...entries.values()], merge)
    const known = isReset ? NO_ENTRIES : entries
    const life = known.get(LIFE)
    const ownerMoves = life === undefined || compareStamps(stamp, life, merge.order) > 0
    if (ownerMoves) {
      if (life !== undefined) merge.lose([life])
      const { actor, version } = stamp
      const owned = { column: LIFE, causalLength, columnVersion: 0, value: null, actor, version }
      this.#write(change.table, key, owned)
    }
    if (!isAlive(causalLength)) return ownerMoves ? 1 : 0
    return (ownerMoves ? 1 : 0) + this.#mergeCells({ ...change, keyBytes: key, known }, stamp, merge)
  }

  /** Merges cells of unknown columns into the row's present life; returns the cells that the version now owns. */
  mergeCells(row: RowName & CellsOfLife, stamp: Stamp, merge: UnknownMerge): number {
    const key = keyBytes(row)
    return this.#mergeCells({ ...row, keyBytes: key, known: this.#entries(row.table, key) }, stamp, merge)
  }

  /** The row has a new life, or none: what is here of former ones loses. */
  dropRow(
    row: RowName,
    { causalLength, lose }: Pick<UnknownMerge, 'lose'> & { readonly causalLength: CausalLength },
  ): void {
    if (!this.#tables.has(row.table)) return
    const key = keyBytes(row)
    const former = [...this.#entries(row.table, key).values()]
    this.#drop(
      row.table,
      key,
      former.filter((entry) => entry.causalLength < causalLength),
      { lose },
    )
  }

  /** Rows of a table that have entries behind a key, in order of their keys; the life of each first where it has one. */
  rowsOf(table: string, after: Uint8Array, rowsMax: number): readonly UnknownRow[] {
    return this.#keys.all(table, after, rowsMax).map((key) => this.#rowAt(table, key))
  }

  /** What is unknown of a row; undefined where there is nothing. */
  rowOf(row: RowName): UnknownRow | undefined {
    if (!this.#tables.has(row.table)) return undefined
    const bytes = keyBytes(row)
    const entries = [...this.#entries(row.table, bytes).values()]
    const { table, keyColumns, key } = row
    return entries.length === 0 ? undefined : { table, keyColumns, key, entries, bytes }
  }

  #rowAt(table: string, bytes: Uint8Array): UnknownRow {
    const key = valueFromSqlite(bytes) as Uint8Array
    const decoded = decodePayload(key, 1)
    const [row] = decoded.ok ? decoded.value : []
    const { keyColumns, key: values } = must(row, 'keys of unknown rows are our own bytes')
    return { table, keyColumns, key: values, entries: [...this.#entries(table, key).values()], bytes: key }
  }

  /** Rows of any table in which one of these actors has a stamp; at most so many. */
  rowsBy(actors: ReadonlySet<ActorOrdinal>, rowsMax: number): readonly UnknownRow[] {
    if (this.#tables.size === 0) return []
    const sql = `SELECT DISTINCT "table" AS name, key FROM __patina_unknown
                 WHERE actor IN (${[...actors].map(() => '?').join(', ')}) LIMIT ${rowsMax}`
    const found = this.#db.prepare<unknown[], { readonly name: string; readonly key: Uint8Array }>(sql)
    return found.all(...[...actors].map(BigInt)).map(({ name, key }) => this.#rowAt(name, key))
  }

  remove(row: UnknownRow, { column }: Pick<UnknownEntry, 'column'>): void {
    this.#remove.run(row.table, row.bytes, column)
  }

  #mergeCells(
    row: CellsOfLife & Known & { readonly table: string },
    stamp: Stamp,
    { order, lose }: UnknownMerge,
  ): number {
    let won = 0
    for (const { column, columnVersion, value } of row.cells) {
      const entry = { column, causalLength: row.causalLength, columnVersion, value, ...stamp }
      const ours = row.known.get(column)
      if (ours !== undefined && !beats(entry, ours, order)) continue
      if (ours !== undefined) lose([ours])
      this.#write(row.table, row.keyBytes, entry)
      won += 1
    }
    return won
  }

  #entries(table: string, key: Uint8Array): ReadonlyMap<string, UnknownEntry> {
    if (!this.#tables.has(table)) return NO_ENTRIES
    return new Map(this.#ofRow.all(table, key).map((row) => [row.column, entryOf(row)]))
  }

  #drop(
    table: string,
    key: Uint8Array,
    entries: readonly UnknownEntry[],
    { lose }: Pick<UnknownMerge, 'lose'>,
  ): void {
    lose(entries)
    for (const { column } of entries) this.#remove.run(table, key, column)
  }

  #write(table: string, key: Uint8Array, entry: UnknownEntry): void {
    const { column, causalLength, columnVersion, actor, version, value } = entry
    this.#tables.add(table)
    this.#put.run(table, key, column, causalLength, columnVersion, actor, version, value)
  }
}

interface CellsOfLife {
  readonly causalLength: CausalLength
  readonly cells: readonly CellChange[]
}

interface Known {
  readonly keyBytes: Uint8Array
  readonly known: ReadonlyMap<string, UnknownEntry>
}

const NO_ENTRIES: ReadonlyMap<string, UnknownEntry> = new Map()

function entryOf({ column, cl, colv, actor, version, value }: EntryRow): UnknownEntry {
  return {
    column,
    causalLength: Number(cl),
    columnVersion: Number(colv),
    actor: Number(actor) as ActorOrdinal,
    version: Number(version) as Version,
    value: valueFromSqlite(value),
  }
}

/** A cell that competes for its place, wherever it stands. */
export type ComparedCell = Pick<UnknownEntry, 'actor' | 'columnVersion' | 'value' | 'version'>

/** The order of cells in core/merge.ts. */
export function beats(a: ComparedCell, b: ComparedCell, order: ActorOrder): boolean {
  if (a.columnVersion !== b.columnVersion) return a.columnVersion > b.columnVersion
  if (!sameValue(a.value, b.value)) return compareValues(a.value, b.value) > 0
  return compareStamps(a, b, order) > 0
}

const writer = new PayloadWriter()

function keyBytes({ table, keyColumns, key }: RowName): Uint8Array {
  writer.clear()
  writer.add({ table, keyColumns, key, causalLength: 1, cells: [] })
  return writer.toBytes()
}
