/**
 * StateFile: the materialised results, in a database file of its own. Answers: which results are there, what are their
 * rows, which changes can a client still get. A change is committed here before anyone hears of it (I-LIVE-4): what is
 * written is one transaction up to the next `commit`, so that many results that change together cost one.
 * Making it, and whether it can be believed after a start, is open-state.ts.
 */
import { deserialize, serialize } from 'node:v8'
import { type Database, type SqlStatement, setSynchronous } from '@patina/sqlite'
import type { Statement } from 'better-sqlite3'
import type { RowChangeEvent, StoredRow } from '../core/diff.ts'
import { openState } from './open-state.ts'

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

/** Queries that ended their process, the newest of them. */
const CONDEMNED_MAX = 256

export class StateFile {
  readonly #db: Database
  readonly #statements: Statements
  /** Something is written and not committed. */
  #isOpen = false
  /** True where results of before were found and could not be believed. */
  readonly wasDropped: boolean

  /** `bootId`: undefined where the system does not tell; then only a clean stop is believed. Throws OpenError. */
  constructor(path: string, bootId: string | undefined) {
    const opened = openState(path, bootId)
    this.#db = opened.db
    this.wasDropped = opened.wasDropped
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

  /** By row number: a whole result, which its limits bound. A third of the cost of one row after the other. */
  allRows(ordinal: number): StoredRow[] {
    return this.#statements.rows.all(ordinal).map(storedRowOf)
  }

  /** By row number. Not to be kept open across a write. */
  *rows(ordinal: number): Generator<StoredRow, undefined> {
    for (const row of this.#statements.rows.iterate(ordinal)) yield storedRowOf(row)
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

function storedRowOf({ row_id, cells, identity }: ResultRow): StoredRow {
  return { rowId: row_id, cells, identity: identity ?? undefined }
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
