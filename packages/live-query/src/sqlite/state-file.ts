/**
 * StateFile: the materialised results, in a database file of its own. Answers: which results are there, what are their
 * rows, which changes can a client still get. A change is committed here before anyone hears of it (I-LIVE-4): what is
 * written is one transaction up to the next `commit`, so that many results that change together cost one.
 * Commits are written and not synced, so they outlive the process and not the machine. Therefore the file says, synced,
 * whether it is in use: after a crash of the machine (another boot, no clean stop) everything is dropped, because an id
 * could come back with other content. All of it is derived data: a file of another format is dropped as well.
 */
import { readFileSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'
import { type Database, openDatabase, type SqlStatement, setSynchronous } from '@patina/sqlite'
import type { Statement } from 'better-sqlite3'
import type { RowChangeEvent, StoredRow } from '../core/diff.ts'

export interface NewQuery {
  readonly id: string
  /** Digest of normalised text, parameters and columns: equal queries have equal keys. */
  readonly key: string
  readonly hash: string
  readonly statement: SqlStatement
  readonly columns: readonly string[]
}

export interface StoredQuery extends NewQuery {
  readonly ordinal: number
  readonly nextRowId: number
  readonly lastChangeId: number
}

/** A difference with the lines that tell of it, numbered on from `firstChangeId`. */
export interface CommittedChange {
  readonly events: readonly RowChangeEvent[]
  readonly lines: readonly Uint8Array[]
  readonly firstChangeId: number
  /** Changes below it are not kept any more. */
  readonly lowestChangeId: number
  readonly nextRowId: number
}

/** Raised when a table or a line of the wire changes its form. */
const FORMAT = 1

/** Queries that ended their process, the newest of them. */
const CONDEMNED_MAX = 256

const SCHEMA = `
  -- What is this file and can it be believed?
  CREATE TABLE meta (
    name TEXT PRIMARY KEY NOT NULL, -- boot: the machine's boot; clean: 1 when it was closed in order
    value TEXT NOT NULL
  ) WITHOUT ROWID;
  -- Which results are materialised?
  CREATE TABLE queries (
    ordinal INTEGER PRIMARY KEY,    -- short name of the result in this file
    id TEXT NOT NULL UNIQUE,        -- what clients call it
    key TEXT NOT NULL UNIQUE,       -- equal queries share a result
    hash TEXT NOT NULL,             -- 16 hex digits, shown to clients
    sql TEXT NOT NULL,
    params BLOB NOT NULL,           -- structured clone
    columns TEXT NOT NULL,          -- JSON array of names
    next_row_id INTEGER NOT NULL,   -- never given out before
    last_change_id INTEGER NOT NULL -- 0: none yet
  );
  -- What does a result hold?
  CREATE TABLE result_rows (
    query INTEGER NOT NULL,
    row_id INTEGER NOT NULL,
    cells TEXT NOT NULL,            -- JSON array, as it is sent
    identity TEXT,                  -- which row it is, where the statement proves that
    PRIMARY KEY (query, row_id)
  ) WITHOUT ROWID;
  -- What has a client missed?
  CREATE TABLE changes (
    query INTEGER NOT NULL,
    change_id INTEGER NOT NULL,     -- contiguous
    line BLOB NOT NULL,             -- as it is sent
    PRIMARY KEY (query, change_id)
  ) WITHOUT ROWID;
  -- Which queries were running when their process ended?
  CREATE TABLE condemned (
    key TEXT PRIMARY KEY NOT NULL,
    strikes INTEGER NOT NULL        -- ends in a row
  );`

const TABLES = ['meta', 'queries', 'result_rows', 'changes', 'condemned'] as const

export class StateFile {
  readonly #db: Database
  readonly #statements: Statements
  /** Something is written and not committed. */
  #isOpen = false
  /** True where results of before were found and could not be believed. */
  readonly wasDropped: boolean

  /** `bootId`: undefined where the system does not tell; then only a clean stop is believed. Throws OpenError. */
  constructor(path: string, bootId: string | undefined) {
    this.#db = openDatabase(path, { durability: 'normal' })
    this.wasDropped = prepareFile(this.#db, bootId)
    this.#statements = prepareStatements(this.#db)
  }

  queries(): StoredQuery[] {
    return this.#statements.queries.all().map((row) => ({
      ordinal: row.ordinal,
      id: row.id,
      key: row.key,
      hash: row.hash,
      statement: { sql: row.sql, params: deserialize(row.params) as SqlStatement['params'] },
      columns: JSON.parse(row.columns) as string[],
      nextRowId: row.next_row_id,
      lastChangeId: row.last_change_id,
    }))
  }

  /** Makes what was written since the last time outlive the process. Where it throws, memory and file differ. */
  commit(): void {
    if (!this.#isOpen) return
    this.#statements.commit.run()
    this.#isOpen = false
  }

  /** Stores a new result; returns its ordinal. */
  create(
    { id, key, hash, statement, columns }: NewQuery,
    rows: readonly StoredRow[],
    nextRowId: number,
  ): number {
    this.#begin()
    const { insertQuery, putRow } = this.#statements
    const params = serialize(statement.params)
    const found = insertQuery.run(id, key, hash, statement.sql, params, JSON.stringify(columns), nextRowId)
    const ordinal = Number(found.lastInsertRowid)
    for (const row of rows) putRow.run(ordinal, row.rowId, row.cells, row.identity ?? null)
    return ordinal
  }

  /** By row number. Not to be kept open across a write. */
  *rows(ordinal: number): Generator<StoredRow, undefined> {
    for (const { row_id, cells, identity } of this.#statements.rows.iterate(ordinal))
      yield { rowId: row_id, cells, identity: identity ?? undefined }
  }

  countRows(ordinal: number): number {
    return this.#statements.countRows.get(ordinal) ?? 0
  }

  apply(ordinal: number, change: CommittedChange): void {
    this.#begin()
    const { putRow, deleteRow, insertChange, trimChanges, advance } = this.#statements
    for (const { kind, rowId, cells, identity } of change.events) {
      if (kind === 'delete') deleteRow.run(ordinal, rowId)
      else putRow.run(ordinal, rowId, cells, identity ?? null)
    }
    for (const [i, line] of change.lines.entries()) {
      const changeId = change.firstChangeId + i
      if (changeId >= change.lowestChangeId) insertChange.run(ordinal, changeId, line)
    }
    trimChanges.run(ordinal, change.lowestChangeId)
    advance.run(change.nextRowId, change.firstChangeId + change.lines.length - 1, ordinal)
  }

  /** The lines of the changes above `from`, oldest first. */
  changesAfter(ordinal: number, from: number): Uint8Array[] {
    return this.#statements.changesAfter.all(ordinal, from)
  }

  /** Bytes of the changes that are kept, oldest first. */
  changeSizes(ordinal: number): number[] {
    return this.#statements.changeSizes.all(ordinal)
  }

  drop(ordinal: number): void {
    this.#begin()
    this.#statements.dropRows.run(ordinal)
    this.#statements.dropChanges.run(ordinal)
    this.#statements.dropQuery.run(ordinal)
  }

  /** More ends of a process inside this query. */
  strike(key: string, strikes: number): void {
    this.#begin()
    this.#statements.strike.run(key, strikes)
    this.#statements.forgive.run(CONDEMNED_MAX)
  }

  strikes(): ReadonlyMap<string, number> {
    return new Map(this.#statements.strikes.all().map(({ key, strikes }) => [key, strikes]))
  }

  /** The query has run to its end. */
  acquit(key: string): void {
    this.#begin()
    this.#statements.acquit.run(key)
  }

  /** Says, synced, that everything is in the file: the next start believes it. Queries that were refused get a new try. */
  close(): void {
    this.commit()
    setSynchronous(this.#db, 'FULL')
    this.#db.exec(`BEGIN; DELETE FROM condemned; UPDATE meta SET value = '1' WHERE name = 'clean'; COMMIT`)
    this.#db.close()
  }

  #begin(): void {
    if (this.#isOpen) return
    this.#statements.begin.run()
    this.#isOpen = true
  }
}

/** The machine's boot, where the system tells it. */
export function currentBootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return undefined
  }
}

/** Makes or checks the tables and marks the file as in use. True where what it held was dropped. */
function prepareFile(db: Database, bootId: string | undefined): boolean {
  const format = Number(db.pragma('user_version', { simple: true }))
  const isBelieved = format === FORMAT && canBeBelieved(db, bootId)
  // Synced: after a power failure the file must not seem to have been closed in order.
  setSynchronous(db, 'FULL')
  db.transaction(() => {
    if (!isBelieved) {
      for (const table of TABLES) db.exec(`DROP TABLE IF EXISTS ${table}`)
      db.exec(`${SCHEMA}; PRAGMA user_version = ${FORMAT}`)
    }
    const put = db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)')
    put.run('boot', bootId ?? '')
    put.run('clean', '0')
  })()
  setSynchronous(db, 'NORMAL')
  return format !== 0 && !isBelieved
}

function canBeBelieved(db: Database, bootId: string | undefined): boolean {
  const read = db.prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck()
  return read.get('clean') === '1' || (bootId !== undefined && read.get('boot') === bootId)
}

interface QueryRow {
  readonly ordinal: number
  readonly id: string
  readonly key: string
  readonly hash: string
  readonly sql: string
  readonly params: Buffer
  readonly columns: string
  readonly next_row_id: number
  readonly last_change_id: number
}

interface ResultRow {
  readonly row_id: number
  readonly cells: string
  readonly identity: string | null
}

type Statements = ReturnType<typeof prepareStatements>

/** Integers of this file are safe integers, so they come as numbers. */
function prepareStatements(db: Database) {
  const read = <P extends unknown[], R>(sql: string): Statement<P, R> =>
    db.prepare<P, R>(sql).safeIntegers(false) as Statement<P, R>
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    queries: read<[], QueryRow>('SELECT * FROM queries ORDER BY ordinal'),
    insertQuery: db.prepare(
      `INSERT INTO queries (id, key, hash, sql, params, columns, next_row_id, last_change_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0)`,
    ),
    dropQuery: db.prepare('DELETE FROM queries WHERE ordinal = ?'),
    advance: db.prepare('UPDATE queries SET next_row_id = ?, last_change_id = ? WHERE ordinal = ?'),
    rows: read<[number], ResultRow>(
      'SELECT row_id, cells, identity FROM result_rows WHERE query = ? ORDER BY row_id',
    ),
    countRows: read<[number], number>('SELECT count(*) FROM result_rows WHERE query = ?').pluck(),
    putRow: db.prepare('INSERT OR REPLACE INTO result_rows VALUES (?, ?, ?, ?)'),
    deleteRow: db.prepare('DELETE FROM result_rows WHERE query = ? AND row_id = ?'),
    dropRows: db.prepare('DELETE FROM result_rows WHERE query = ?'),
    insertChange: db.prepare('INSERT INTO changes VALUES (?, ?, ?)'),
    trimChanges: db.prepare('DELETE FROM changes WHERE query = ? AND change_id < ?'),
    changesAfter: read<[number, number], Uint8Array>(
      'SELECT line FROM changes WHERE query = ? AND change_id > ? ORDER BY change_id',
    ).pluck(),
    changeSizes: read<[number], number>(
      'SELECT length(line) FROM changes WHERE query = ? ORDER BY change_id',
    ).pluck(),
    dropChanges: db.prepare('DELETE FROM changes WHERE query = ?'),
    strike: db.prepare(
      'INSERT INTO condemned VALUES (?, ?) ON CONFLICT DO UPDATE SET strikes = strikes + excluded.strikes',
    ),
    strikes: read<[], { readonly key: string; readonly strikes: number }>('SELECT * FROM condemned'),
    acquit: db.prepare('DELETE FROM condemned WHERE key = ?'),
    forgive: db.prepare(
      'DELETE FROM condemned WHERE rowid NOT IN (SELECT rowid FROM condemned ORDER BY rowid DESC LIMIT ?)',
    ),
  }
}
