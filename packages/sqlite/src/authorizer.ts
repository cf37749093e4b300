/**
 * Observation: collects what SQLite's authorizer callback reports while one statement is prepared, and denies at once
 * what no client may do (some PRAGMAs act when they are prepared). Source: sqlite.org/c3ref/c_alter_table.html for the
 * action codes and their arguments. An action that this file does not know is denied.
 */
import { constants } from 'node:sqlite'
import { type InspectCode, type InspectError, isInternalName, refusal } from './inspect-error.ts'

export class Observation {
  readonly reads: Map<string, Set<string>> = new Map<string, Set<string>>()
  readonly writes: Set<string> = new Set<string>()
  /** False once SQLite has reported any action. */
  isEmpty = true
  /** The first reason to refuse, of the highest rank: DDL also reports writes to SQLite's own tables. */
  refused: InspectError | undefined

  /** Called by SQLite; answers SQLITE_OK or SQLITE_DENY. */
  note(action: number, first: string | null, second: string | null): number {
    this.isEmpty = false
    switch (action) {
      case constants.SQLITE_SELECT:
      case constants.SQLITE_RECURSIVE:
        return constants.SQLITE_OK
      case constants.SQLITE_READ:
        return this.#read(first ?? '', second ?? '')
      case constants.SQLITE_INSERT:
      case constants.SQLITE_UPDATE:
      case constants.SQLITE_DELETE:
        return this.#write(first ?? '')
      case constants.SQLITE_CREATE_TABLE:
        // ANALYZE makes its table before it says that it is ANALYZE.
        return this.#deny((first ?? '').startsWith('sqlite_stat') ? 'analyze' : 'ddl', undefined)
      case constants.SQLITE_FUNCTION:
        return OUTSIDE_FUNCTIONS.has((second ?? '').toLowerCase())
          ? this.#deny('extension', second)
          : constants.SQLITE_OK
      default:
        return this.#deny(REFUSED_ACTIONS.get(action) ?? 'unknown-statement', undefined)
    }
  }

  #read(table: string, column: string): number {
    if (table.toLowerCase().startsWith('pragma_')) return this.#deny('pragma', table)
    const columns = this.reads.get(table) ?? new Set()
    this.reads.set(table, columns)
    if (column !== '') columns.add(column)
    return constants.SQLITE_OK
  }

  /** Not denied at once: DDL and ANALYZE report such writes before they say what they are. Nothing runs anyway. */
  #write(table: string): number {
    this.writes.add(table)
    if (isInternalName(table)) this.refused ??= refusal('internal-table', table)
    return constants.SQLITE_OK
  }

  #deny(code: InspectCode, detail: string | null | undefined): number {
    this.refused = refusal(code, detail ?? undefined)
    return constants.SQLITE_DENY
  }
}

/** Functions of some builds that load code or hand out pointers. */
const OUTSIDE_FUNCTIONS: ReadonlySet<string> = new Set([
  'load_extension',
  'fts3_tokenizer',
  'readfile',
  'writefile',
  'edit',
])

const DDL = [
  constants.SQLITE_CREATE_INDEX,
  constants.SQLITE_CREATE_TEMP_INDEX,
  constants.SQLITE_CREATE_TEMP_TABLE,
  constants.SQLITE_CREATE_TEMP_TRIGGER,
  constants.SQLITE_CREATE_TEMP_VIEW,
  constants.SQLITE_CREATE_TRIGGER,
  constants.SQLITE_CREATE_VIEW,
  constants.SQLITE_CREATE_VTABLE,
  constants.SQLITE_DROP_INDEX,
  constants.SQLITE_DROP_TABLE,
  constants.SQLITE_DROP_TEMP_INDEX,
  constants.SQLITE_DROP_TEMP_TABLE,
  constants.SQLITE_DROP_TEMP_TRIGGER,
  constants.SQLITE_DROP_TEMP_VIEW,
  constants.SQLITE_DROP_TRIGGER,
  constants.SQLITE_DROP_VIEW,
  constants.SQLITE_DROP_VTABLE,
  constants.SQLITE_ALTER_TABLE,
]

const REFUSED_ACTIONS: ReadonlyMap<number, InspectCode> = new Map<number, InspectCode>([
  ...DDL.map((action) => [action, 'ddl'] as const),
  [constants.SQLITE_TRANSACTION, 'transaction-control'],
  [constants.SQLITE_SAVEPOINT, 'transaction-control'],
  [constants.SQLITE_ATTACH, 'attach'],
  [constants.SQLITE_DETACH, 'detach'],
  [constants.SQLITE_REINDEX, 'reindex'],
  [constants.SQLITE_ANALYZE, 'analyze'],
  [constants.SQLITE_PRAGMA, 'pragma'],
])
