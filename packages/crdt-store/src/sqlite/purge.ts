/**
 * Purge: an operator's word that what is unknown here of a table or a column is needed no more. Cells and lives leave their place
 * beside the clocks, a slice in a transaction, and their versions lose them, so that the log shrinks as if they were beaten. They
 * are not: a peer that knows the column, lacks such a version and hears from here that it is cleared, goes without the value. So a purge
 * is for names that no schema of the cluster has any more (docs/schema.md). That it was done is kept, so that a crash goes on with
 * it, and a name of which other nodes may hold old values does not come back unasked.
 */
import type { Database } from '@patina/sqlite'
import { RequestRefused } from '../errors.ts'
import { asRemote, remoteContext, writeOutcome } from './remote-batch.ts'
import type { ReplicatedTable } from './replicated-table.ts'
import { hasKey } from './resolve-changes.ts'
import { isAdopting } from './schema-adopt.ts'
import type { StoreParts } from './store-parts.ts'
import type { UnknownEntry, UnknownRow } from './unknown-table.ts'

/** Each entry of a row costs as much here as a whole row elsewhere: so many slices do what is one of other work. */
const PARTS = 4
/** Rows that a count looks at: about 20 ms. */
const COUNTED_ROWS = 2_000

/** What is to be forgotten: a table that the schema lacks, columns that it lacks of one that it has, or one such column. */
export interface PurgeRequest {
  readonly table: string
  readonly column?: string | undefined
}

export interface PurgeCount {
  readonly cells: number
  /** Rows of a table that is not known here, dead ones too. */
  readonly rows: number
  /** False where there are more than were counted. */
  readonly isAll: boolean
}

const TABLE = '__patina_purged'

interface PurgedRow {
  readonly name: string
  /** Empty: the whole table. */
  readonly part: string
  readonly done: number
}

/** Names that were purged here: `table`, or `table.column`. */
export function purgedNames(db: Database): ReadonlySet<string> {
  return new Set(purgedRows(db).map(({ name, part }) => (part === '' ? name : `${name}.${part}`)))
}

/** The name is in use again. */
export function forgetPurge(db: Database, { table, column = '' }: PurgeRequest): void {
  if (hasTable(db)) db.prepare(`DELETE FROM ${TABLE} WHERE name = ? AND part = ?`).run(table, column)
}

function hasTable(db: Database): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(TABLE) !== undefined
}

function purgedRows(db: Database): readonly PurgedRow[] {
  if (!hasTable(db)) return []
  return db
    .prepare<[], PurgedRow>(`SELECT name, part, done FROM ${TABLE} ORDER BY name, part`)
    .safeIntegers(false)
    .all()
}

export class Purge {
  readonly #parts: StoreParts
  /** Requests that are not done, and the key behind which the first goes on. */
  #pending: readonly PurgeRequest[] = []
  #after: Uint8Array = new Uint8Array(0)

  constructor(parts: StoreParts) {
    this.#parts = parts
    this.reload()
  }

  /** What there is to forget. Throws RequestRefused. */
  count(request: PurgeRequest): PurgeCount {
    this.#refuseKnown(request)
    const rows = this.#parts.unknown.rowsOf(request.table, new Uint8Array(0), COUNTED_ROWS)
    const entries = rows.flatMap((row) => this.#forgettable(row, request))
    const lives = entries.filter(({ column }) => column === '').length
    return { cells: entries.length - lives, rows: lives, isAll: rows.length < COUNTED_ROWS }
  }

  /** From here on `slice` does it. Throws RequestRefused. */
  begin(request: PurgeRequest): PurgeCount {
    const count = this.count(request)
    const { db, transactions } = this.#parts
    transactions.run(() => {
      db.exec(`CREATE TABLE IF NOT EXISTS ${TABLE} (
        name TEXT NOT NULL,             -- of a table, folded to lower case
        part TEXT NOT NULL,             -- one of its columns; empty: all that is unknown of it
        done INTEGER NOT NULL,          -- 0: there is more to forget
        PRIMARY KEY (name, part)
      ) WITHOUT ROWID`)
      db.prepare(`INSERT OR REPLACE INTO ${TABLE} (name, part, done) VALUES (?, ?, 0)`).run(
        request.table,
        request.column ?? '',
      )
    })
    this.reload()
    return count
  }

  pending(): readonly PurgeRequest[] {
    return this.#pending
  }

  /** The next rows; false where nothing was left to do. Throws SQLite's error, with nothing of it done. */
  slice(): boolean {
    const [request] = this.#pending
    if (request === undefined) return false
    const rowsMax = Math.ceil(this.#parts.pace.rows / PARTS)
    const rows = this.#parts.unknown.rowsOf(request.table, this.#after, rowsMax)
    const last = rows.length < rowsMax ? undefined : rows.at(-1)
    asRemote(this.#parts, () => {
      const context = remoteContext(this.#parts)
      for (const row of rows) {
        const entries = this.#forgettable(row, request)
        for (const entry of entries) context.unknown.remove(row, entry)
        this.#note(request, entries)
        context.losses.lose(entries)
      }
      if (last === undefined) this.#done(request)
      writeOutcome(this.#parts, context)
    })
    if (last === undefined) this.reload()
    else this.#after = last.bytes
    return true
  }

  /** Of a table that the schema has, its columns are what may come back. */
  #note({ table }: PurgeRequest, entries: readonly UnknownEntry[]): void {
    if (!this.#parts.tables.has(table)) return
    const note = this.#parts.db.prepare(`INSERT OR IGNORE INTO ${TABLE} (name, part, done) VALUES (?, ?, 1)`)
    for (const column of new Set(entries.map((entry) => entry.column)))
      if (column !== '') note.run(table, column)
  }

  #done({ table, column = '' }: PurgeRequest): void {
    this.#parts.db.prepare(`UPDATE ${TABLE} SET done = 1 WHERE name = ? AND part = ?`).run(table, column)
  }

  /** After each change of the schema, too: what it knows now is not forgotten. */
  reload(): void {
    this.#after = new Uint8Array(0)
    this.#pending = purgedRows(this.#parts.db)
      .filter(({ done }) => done === 0)
      .map(({ name, part }) => (part === '' ? { table: name } : { table: name, column: part }))
  }

  /** What a schema knows is nobody's to forget: misfits, too, are values of it. */
  #refuseKnown({ table, column }: PurgeRequest): void {
    if (isAdopting(this.#parts.db, table))
      throw new RequestRefused(
        'adopting',
        `table ${table} is being taken over into replication; try again in a moment`,
      )
    const known = this.#parts.tables.get(table)
    const isKey = column !== undefined && known?.keyNames.includes(column) === true
    if (isKey || (column !== undefined && known?.columnsByName.has(column) === true))
      throw new RequestRefused(
        'in-schema',
        `${table}.${column} is in the schema of this node; take it out of the schema files first`,
      )
  }

  #forgettable(row: UnknownRow, { table, column }: PurgeRequest): readonly UnknownEntry[] {
    const known = this.#parts.tables.get(table)
    const isOfTable = known !== undefined && hasKey(known, row.keyColumns)
    return row.entries.filter(
      (entry) => (column === undefined || entry.column === column) && !(isOfTable && isKnown(entry, known)),
    )
  }
}

function isKnown({ column }: UnknownEntry, { columnsByName }: ReplicatedTable): boolean {
  return column === '' || columnsByName.has(column)
}
