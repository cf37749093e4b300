/**
 * The file of materialised results before it is used: its tables, and whether it can be believed. Commits of it are written
 * and not synced, so they outlive the process and not the machine. Therefore the file says, synced, whether it is in use:
 * after a crash of the machine (another boot, no clean stop) everything is dropped, because an id could come back with other
 * content. All of it is derived data: a file of another format, or a damaged one, is dropped as well.
 */
import { readFileSync, rmSync } from 'node:fs'
import { type Database, OpenError, openDatabase, setSynchronous } from '@patina/sqlite'
import BetterSqlite3 from 'better-sqlite3'

/** Raised when a table or a line of the wire changes its form. */
const FORMAT = 1

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

export interface OpenedState {
  readonly db: Database
  /** Results of before were found and could not be believed. */
  readonly wasDropped: boolean
}

/**
 * `bootId`: undefined where the system does not tell; then only a clean stop is believed. Throws OpenError. A damaged file is
 * replaced by an empty one: no agent shall stand still for data that it can derive again.
 */
export function openState(path: string, bootId: string | undefined): OpenedState {
  try {
    return openPrepared(path, bootId)
  } catch (cause) {
    if (!isDamage(cause)) throw cause
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
    return { ...openPrepared(path, bootId), wasDropped: true }
  }
}

function openPrepared(path: string, bootId: string | undefined): OpenedState {
  const db = openDatabase(path, { durability: 'normal' })
  try {
    return { db, wasDropped: prepareFile(db, bootId) }
  } catch (cause) {
    db.close()
    throw cause
  }
}

function isDamage(cause: unknown): boolean {
  if (cause instanceof OpenError) return cause.kind === 'not-a-database' || isDamage(cause.cause)
  const code = cause instanceof BetterSqlite3.SqliteError ? cause.code : ''
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB'
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

/** The machine's boot, where the system tells it. */
export function currentBootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return undefined
  }
}
