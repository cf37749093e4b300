/**
 * Opening a database: the one writer (under a lock) and read-only connections. Every pragma that our guarantees rest on
 * is set and read back, because SQLite ignores an unknown or refused pragma in silence and better-sqlite3 is compiled
 * with defaults of its own (foreign keys on, WAL files with synchronous NORMAL). A refusal to open is an OpenError whose
 * sentence says what to change. Source: sqlite.org/pragma.html; docs/storage.md, "Durability".
 * Does not know schemas, table names or file formats: those belong to crdt-store.
 */
import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { assert } from '@patina/base'
import BetterSqlite3 from 'better-sqlite3'

export type Database = BetterSqlite3.Database

/** `full`: a commit is on the disk. `normal`: a commit survives the process, not the power (WAL, no sync per commit). */
export type Durability = 'full' | 'normal'

export interface OpenOptions {
  /** Default `full`. */
  readonly durability?: Durability
  /** Default true: a missing file is made. */
  readonly create?: boolean
  /** How long a statement waits for SQLite's own lock, which only foreign programs hold against us. Default 5,000. */
  readonly busyTimeoutMs?: number
  /** Runs under the lock, before the file is looked at, with its path without links: for whoever replaces files as a whole. */
  readonly underLock?: (path: string) => void
}

export type OpenErrorKind =
  /** Another process (or this one) has it open as its writer. Nothing changed. */
  | 'locked'
  /** A program that is not ours holds SQLite's lock on the file itself. */
  | 'busy'
  | 'missing'
  | 'not-a-database'
  | 'read-only'
  /** A setting that we need could not be had: encoding, WAL, a pragma that did not stick. */
  | 'unsupported'
  /** The disk: full, I/O error, corrupt file, no permission. */
  | 'io'

/** A refusal at start-up. Nothing of the database's content has changed. */
export class OpenError extends Error {
  readonly kind: OpenErrorKind
  readonly path: string

  constructor(kind: OpenErrorKind, path: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'OpenError'
    this.kind = kind
    this.path = path
  }
}

const BUSY_TIMEOUT_MS = 5000

interface Pragma {
  readonly name: string
  readonly set: string
  /** What reading it back must give. */
  readonly want: string | number
}

/**
 * Opens the one writer of `path`. Takes the lock `<path>-lock`, which lives until `close()` or the end of the process,
 * kill -9 included. ':memory:' has neither lock nor WAL. Throws OpenError.
 */
export function openDatabase(path: string, options: OpenOptions = {}): Database {
  const { durability = 'full', create = true, busyTimeoutMs = BUSY_TIMEOUT_MS } = options
  if (path === ':memory:') return configured(path, new BetterSqlite3(path), writerPragmas(durability, false))
  const real = realPath(path)
  if (options.underLock === undefined) refuseUnlessFile(real, create)
  const lock = takeLock(real)
  try {
    options.underLock?.(real)
    refuseUnlessFile(real, create)
    const isNew = !existsSync(real) || statSync(real).size === 0
    const db = connect(real, { timeout: busyTimeoutMs, fileMustExist: !create })
    return releasingOnClose(openedWriter(real, db, durability, isNew), lock)
  } catch (cause) {
    lock.close()
    throw cause
  }
}

/**
 * A read-only connection: SQLite opens the file read-only and refuses each write a second time by `query_only`.
 * Needs no lock and may be opened while a writer is at work, as often as wanted. Throws OpenError.
 */
export function openReader(path: string): Database {
  const real = realPath(path)
  refuseUnlessFile(real, false)
  return configured(
    real,
    connect(real, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS }),
    READER_PRAGMAS,
  )
}

/** Changes what a commit waits for: FULL = synced WAL, NORMAL = written WAL. Not inside a transaction. */
export function setSynchronous(db: Database, mode: 'FULL' | 'NORMAL'): void {
  if (synchronousOf.get(db) === mode) return
  assert(!db.inTransaction, 'synchronous cannot change inside a transaction')
  // Unknown until it is read back: an error in between must not leave us believing the old mode.
  synchronousOf.delete(db)
  db.exec(`PRAGMA synchronous=${mode}`)
  const got = Number(db.pragma('synchronous', { simple: true }))
  assert(got === SYNCHRONOUS[mode], `synchronous is ${got} after setting ${mode}`)
  synchronousOf.set(db, mode)
}

const SYNCHRONOUS = { FULL: 2, NORMAL: 1 } as const

/** What each writer was last set to, so that an unchanged mode costs no statement. */
const synchronousOf = new WeakMap<Database, 'FULL' | 'NORMAL'>()

function writerPragmas(durability: Durability, onDisk: boolean): readonly Pragma[] {
  const wal: readonly Pragma[] = [
    // Readers never wait for the writer, and a commit is one sequential write.
    { name: 'journal_mode', set: 'WAL', want: 'wal' },
    // A WAL that one large transaction has blown up is cut back at the next checkpoint: 64 MiB.
    { name: 'journal_size_limit', set: '67108864', want: 67108864 },
    // Pages between checkpoints: 16 MiB. The default of 4 MiB makes small commits pay for a checkpoint too often.
    { name: 'wal_autocheckpoint', set: '4000', want: 4000 },
  ]
  return [
    ...(onDisk ? wal : []),
    durability === 'full'
      ? { name: 'synchronous', set: 'FULL', want: SYNCHRONOUS.FULL }
      : { name: 'synchronous', set: 'NORMAL', want: SYNCHRONOUS.NORMAL },
    // Without it REPLACE deletes rows that no DELETE trigger hears of, and capture would miss them.
    { name: 'recursive_triggers', set: 'ON', want: 1 },
    // A merge applies rows in any order, so a reference may be broken for a while; the schema refuses foreign keys.
    { name: 'foreign_keys', set: 'OFF', want: 0 },
    // Capture's triggers are stored in the file and call a JavaScript function, which SQLite allows only here.
    { name: 'trusted_schema', set: 'ON', want: 1 },
    // TEMP tables and statement journals are bounded by the limits of a request, and faster off the disk.
    { name: 'temp_store', set: 'MEMORY', want: 2 },
    // KiB: 32 MiB, taken only as the file is used.
    { name: 'cache_size', set: '-32768', want: -32768 },
    ...COMMON_PRAGMAS,
  ]
}

/** The same for every connection; the last three are guards against damaged or hostile files. */
const COMMON_PRAGMAS: readonly Pragma[] = [
  { name: 'ignore_check_constraints', set: 'OFF', want: 0 },
  // No worker threads for sorts: the host is not ours alone.
  { name: 'threads', set: '0', want: 0 },
  // A damaged page is found when it is read, before it is believed.
  { name: 'cell_size_check', set: 'ON', want: 1 },
  // Set on purpose: better-sqlite3 opens connections as "defensive", which makes this stay 0; else refuse to work.
  { name: 'writable_schema', set: 'ON', want: 0 },
]

const READER_PRAGMAS: readonly Pragma[] = [
  { name: 'query_only', set: 'ON', want: 1 },
  // Nothing in the file may call a function with side effects: clients' text meets the schema here.
  { name: 'trusted_schema', set: 'OFF', want: 0 },
  { name: 'foreign_keys', set: 'OFF', want: 0 },
  // Sorts of a hostile query spill to the disk instead of filling the memory of the readers' process.
  { name: 'temp_store', set: 'FILE', want: 1 },
  // KiB: 8 MiB; there are many readers.
  { name: 'cache_size', set: '-8192', want: -8192 },
  ...COMMON_PRAGMAS,
]

function openedWriter(path: string, db: Database, durability: Durability, isNew: boolean): Database {
  try {
    // Before WAL and the first table: later it takes a VACUUM. Old files keep what they have.
    if (isNew) applyPragma(path, db, { name: 'auto_vacuum', set: 'INCREMENTAL', want: 2 })
    // Texts are compared by their UTF-8 bytes everywhere; a UTF-16 file would sort otherwise.
    const encoding = db.pragma('encoding', { simple: true })
    if (encoding !== 'UTF-8') throw unsupported(path, `its text encoding is ${encoding}, not UTF-8`)
  } catch (cause) {
    db.close()
    throw openErrorOf(path, cause)
  }
  const opened = configured(path, db, writerPragmas(durability, true))
  synchronousOf.set(opened, durability === 'full' ? 'FULL' : 'NORMAL')
  return opened
}

function configured(path: string, db: Database, pragmas: readonly Pragma[]): Database {
  try {
    for (const pragma of pragmas) applyPragma(path, db, pragma)
    // The first read of the file: what is no database shows here at the latest.
    db.pragma('schema_version')
    return db.defaultSafeIntegers(true)
  } catch (cause) {
    db.close()
    throw openErrorOf(path, cause)
  }
}

function applyPragma(path: string, db: Database, { name, set, want }: Pragma): void {
  db.pragma(`${name}=${set}`)
  const got: unknown = db.pragma(name, { simple: true })
  if (got !== want)
    throw unsupported(path, `${name} reads back as ${String(got)}, not ${want}${WAL_HINT[name] ?? ''}`)
}

const WAL_HINT: { readonly [pragma: string]: string } = {
  journal_mode: ' (WAL needs a local file system with shared memory, not a network share)',
}

/**
 * The lock is a SQLite file of its own, held by an exclusive transaction: the kernel drops it with the process, whatever
 * ends it, and SQLite knows of it inside one process too (a bare POSIX lock does not). It stays when the database is
 * closed, because removing it would race with the next opener.
 */
function takeLock(path: string): Database {
  const lockPath = `${path}-lock`
  const lock = connect(lockPath, { timeout: 0 })
  try {
    lock.pragma('locking_mode=EXCLUSIVE')
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (cause) {
    lock.close()
    if (sqliteCode(cause).startsWith('SQLITE_BUSY')) {
      const sentence = `another process has ${path} open; stop that agent or use another database path`
      throw new OpenError('locked', path, sentence, cause)
    }
    throw openErrorOf(lockPath, cause)
  }
}

/** The lock ends after the connection, and no earlier: the closure keeps it from being collected. */
function releasingOnClose(db: Database, lock: Database): Database {
  const close = db.close.bind(db)
  db.close = () => {
    close()
    lock.close()
    return db
  }
  return db
}

function connect(path: string, options: BetterSqlite3.Options): Database {
  try {
    return new BetterSqlite3(path, options)
  } catch (cause) {
    throw openErrorOf(path, cause)
  }
}

/** The path with links resolved, so that two names of one file share one lock. (Hard links do not: do not use them.) */
function realPath(path: string): string {
  const absolute = resolve(path)
  try {
    return realpathSync(absolute)
  } catch {
    try {
      return join(realpathSync(dirname(absolute)), basename(absolute))
    } catch (cause) {
      const sentence = `the folder ${dirname(absolute)} cannot be entered; create it or correct the database path`
      throw new OpenError('missing', path, sentence, cause)
    }
  }
}

function refuseUnlessFile(path: string, create: boolean): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) {
    if (create) return
    throw new OpenError(
      'missing',
      path,
      `there is no database at ${path}; correct the path or create it first`,
    )
  }
  if (!found.isFile()) {
    throw new OpenError('not-a-database', path, `${path} is not a file; give the path of a database file`)
  }
}

function unsupported(path: string, what: string): OpenError {
  return new OpenError('unsupported', path, `${path} cannot be used: ${what}`)
}

function openErrorOf(path: string, cause: unknown): OpenError {
  if (cause instanceof OpenError) return cause
  const code = sqliteCode(cause)
  const text = cause instanceof Error ? cause.message : String(cause)
  if (code === 'SQLITE_NOTADB') {
    return new OpenError(
      'not-a-database',
      path,
      `${path} is not a SQLite database; choose another path`,
      cause,
    )
  }
  if (code.startsWith('SQLITE_BUSY')) {
    const sentence = `another program holds a lock on ${path}; close it (a SQLite shell, a backup) and try again`
    return new OpenError('busy', path, sentence, cause)
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM' || code === 'SQLITE_CANTOPEN') {
    const sentence = `${path} cannot be opened for this use (${text}); check the owner and mode of file and folder`
    return new OpenError('read-only', path, sentence, cause)
  }
  return new OpenError(
    'io',
    path,
    `${path} cannot be read (${text}); check the disk or restore a backup`,
    cause,
  )
}

function sqliteCode(cause: unknown): string {
  return cause instanceof BetterSqlite3.SqliteError ? cause.code : ''
}
