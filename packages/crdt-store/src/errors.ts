/** Errors of the store. Each says what to change, whether state changed, and whose fault it was. */

/** Opening was refused; the file is as it was. */
export class StoreOpenError extends Error {
  readonly code: 'newer-format' | 'other-cluster' | 'damaged' | 'foreign-trigger' | 'foreign-index'
  constructor(code: StoreOpenError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** A snapshot was not written, or not adopted; the live file is as it was. */
export class SnapshotError extends Error {
  readonly code: 'exists' | 'missing' | 'no-store' | 'no-snapshot' | 'incomplete' | 'in-use'
  constructor(code: SnapshotError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** The schema files were refused as a whole; nothing changed. The fault is in the files. */
export class SchemaError extends Error {
  readonly code: string
  /** With the line, as `file:line`. */
  readonly file: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  constructor(
    code: string,
    message: string,
    where: { readonly file?: string; readonly table?: string; readonly column?: string } = {},
  ) {
    super(where.file === undefined ? message : `${where.file}: ${message}`)
    this.code = code
    this.file = where.file
    this.table = where.table
    this.column = where.column
  }
}

/** A request was refused by a rule of ours; nothing of it is visible. The fault is the client's. */
export class RequestRefused extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** SQLite would not run a statement as it stands (syntax, unknown table); nothing of the request is visible. */
export class StatementFailed extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** A change of the schema is in the file, and this process could not read what it made: only a new one may write. */
export class SchemaLost extends Error {}

/** Result codes after which the file cannot be trusted to take another write (https://sqlite.org/rescode.html). */
const FATAL = [
  'SQLITE_FULL',
  'SQLITE_IOERR',
  'SQLITE_CORRUPT',
  'SQLITE_READONLY',
  'SQLITE_NOTADB',
  'SQLITE_CANTOPEN',
]

/** SQLite's extended result code of an error, or undefined where it is none of SQLite's. */
export function sqliteCode(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined
}

/** True where the agent must stop: disk full, I/O error, corrupt or read-only file, a schema that is not what this process knows. */
export function isFatal(cause: unknown): boolean {
  if (cause instanceof SchemaLost) return true
  const code = sqliteCode(cause)
  return code !== undefined && FATAL.some((fatal) => code === fatal || code.startsWith(`${fatal}_`))
}

/** True where the moment is at fault: a foreign lock, memory. The same may work later. */
export function isPassing(cause: unknown): boolean {
  return /^SQLITE_(?:BUSY|LOCKED|NOMEM|INTERRUPT)/.test(sqliteCode(cause) ?? '')
}
