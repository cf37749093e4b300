/**
 * Evaluation: the connection that queries run on, what they read, and one run of one query. A statement is inspected by
 * SQLite's authorizer before it is prepared (packages/sqlite), must be read-only by the word of this connection too, and
 * the connection cannot write. A run sees the newest commit, or the one that the snapshot around it was taken at. Rows come as the text that clients get, so that two rows
 * are equal exactly when no client can tell them apart.
 * Does not end a statement that takes too long: only the end of the process does (running-note.ts says which it was).
 */
import { err, ok, type Result } from '@patina/base'
import {
  bindArguments,
  type ColumnsByTable,
  cellsText,
  type Database,
  Inspector,
  isInternalName,
  LAG_DEFINITION,
  type LagRow,
  LagTable,
  MEMBERS_DEFINITION,
  type MemberRow,
  MembersTable,
  openReader,
  parameterNames,
  type SqlStatement,
  TempViews,
} from '@patina/sqlite'
import BetterSqlite3 from 'better-sqlite3'
import type { ChangedTable } from '../core/dependents.ts'
import type { FreshRow } from '../core/diff.ts'
import { type ColumnOrigin, proveIdentity, type RowIdentity } from '../core/row-identity.ts'

/** A statement that is ready to run, against one version of the schema. */
export interface Evaluable {
  readonly columns: readonly string[]
  readonly reads: ColumnsByTable
  readonly identity: RowIdentity
  readonly statement: BetterSqlite3.Statement<unknown[], unknown[]>
  readonly values: readonly unknown[]
}

/** Why a statement is not run, or did not come to its end. Codes are stable. */
export interface QueryFault {
  readonly code: string
  readonly message: string
}

export interface ResultBounds {
  readonly rowsMax: number
  readonly resultBytesMax: number
}

export class Evaluation {
  readonly #db: Database
  readonly #inspector = new Inspector()
  readonly #members: MembersTable
  readonly #lag: LagTable
  readonly #begin: BetterSqlite3.Statement<[]>
  readonly #end: BetterSqlite3.Statement<[]>
  readonly #schemaVersion: BetterSqlite3.Statement<[], unknown>
  readonly #keyOf: BetterSqlite3.Statement<[string], string>
  readonly #tempViews: TempViews
  #views: readonly string[] = []
  /** Of the schema that the inspector holds. */
  #inspectedVersion: unknown

  /** Throws OpenError where the database cannot be read. */
  constructor(path: string) {
    this.#db = openReader(path)
    this.#members = new MembersTable(this.#db)
    this.#lag = new LagTable(this.#db)
    this.#tempViews = new TempViews(this.#db, 'reader')
    this.#begin = this.#db.prepare('BEGIN')
    this.#end = this.#db.prepare('COMMIT')
    this.#schemaVersion = this.#db.prepare<[], unknown>('PRAGMA schema_version').pluck()
    this.#keyOf = this.#db
      .prepare<[string], string>('SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk')
      .pluck() as BetterSqlite3.Statement<[string], string>
    this.followSchema()
  }

  /**
   * All that `read` does sees one commit, the schema included. Besides that, a transaction spares each run the taking of
   * SQLite's locks. It holds back checkpoints of the database, so it is for a slice of time.
   */
  inSnapshot<Outcome>(read: () => Outcome): Outcome {
    this.#begin.run()
    try {
      return read()
    } finally {
      // A failure of the disk may have ended it already.
      if (this.#db.inTransaction) this.#end.run()
    }
  }

  /** True where the schema has changed: whatever was prepared before must be prepared again. */
  followSchema(): boolean {
    const version = this.#schemaVersion.get()
    if (version === this.#inspectedVersion) return false
    this.#tempViews.follow()
    const read = (sql: string): string[] => this.#db.prepare<[], string>(sql).pluck().all()
    // Ours first: a table of that name in the file is hidden by the TEMP table for the connection, too.
    this.#inspector.loadSchema([
      MEMBERS_DEFINITION,
      LAG_DEFINITION,
      ...read('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL'),
      ...this.#tempViews.definitions(),
    ])
    this.#views = [...read(`SELECT name FROM sqlite_schema WHERE type = 'view'`), ...this.#tempViews.names()]
    this.#inspectedVersion = version
    return true
  }

  prepare({ sql, params }: SqlStatement): Result<Evaluable, QueryFault> {
    const inspected = this.#inspector.inspectRead(sql)
    if (!inspected.ok) return inspected
    const untold = [...inspected.value.reads.keys()].find(isUntold)
    if (untold !== undefined) return err(untoldTable(untold))
    try {
      const statement = this.#db.prepare<unknown[], unknown[]>(sql)
      if (!statement.reader || !statement.readonly || inspected.value.explain)
        return err({ code: 'not-read-only', message: 'only a SELECT can be subscribed to' })
      const names = parameterNames(sql)
      const bound = bindArguments(names, namedOnly(names, params))
      if (!bound.ok) return err({ code: bound.error.kind, message: bound.error.message })
      const columns = statement.raw().columns()
      const identity = this.#identity(sql, columns, inspected.value.reads)
      const columnNames = columns.map((column) => column.name)
      return ok({
        columns: columnNames,
        reads: inspected.value.reads,
        identity,
        statement,
        values: bound.value,
      })
    } catch (thrown) {
      return err(faultOf(thrown))
    }
  }

  /** One run, to its end or to its bounds. */
  run({ statement, values, identity }: Evaluable, bounds: ResultBounds): Result<FreshRow[], QueryFault> {
    const rows: FreshRow[] = []
    let units = 0
    try {
      for (const cells of statement.iterate(...values)) {
        const text = cellsText(cells)
        units += text.length
        if (rows.length >= bounds.rowsMax) return err(tooLarge(`has more than ${bounds.rowsMax} rows`))
        if (units > bounds.resultBytesMax)
          return err(tooLarge(`is larger than ${bounds.resultBytesMax} bytes`))
        rows.push({ cells: text, identity: identityOf(identity, cells) })
      }
    } catch (thrown) {
      return err(faultOf(thrown))
    }
    return ok(rows)
  }

  /** What changed by this list of members, or undefined. */
  setMembers(rows: readonly MemberRow[]): ChangedTable | undefined {
    return this.#members.set(rows)
  }

  setLag(rows: readonly LagRow[]): ChangedTable | undefined {
    return this.#lag.set(rows)
  }

  close(): void {
    this.#db.close()
    this.#inspector.close()
  }

  #identity(sql: string, columns: readonly ColumnOrigin[], reads: ColumnsByTable): RowIdentity {
    const keysByTable = new Map([...reads.keys()].map((table) => [table, this.#keyOf.all(table)]))
    return proveIdentity({ sql, columns, keysByTable, views: this.#views })
  }
}

/** Differs from queries and transactions: the original skips a name that a subscription's statement does not have. */
function namedOnly(
  names: readonly (string | null)[],
  params: SqlStatement['params'],
): SqlStatement['params'] {
  if (Array.isArray(params)) return params
  return Object.fromEntries(Object.entries(params).filter(([name]) => names.includes(name)))
}

/** Nobody says when these change, so a result that reads them would be stale; the schema is looked at with each change. */
function isUntold(table: string): boolean {
  return isInternalName(table) && !/^sqlite_(?:temp_)?(?:schema|master)$/i.test(table)
}

function untoldTable(table: string): QueryFault {
  return { code: 'internal-table', message: `changes of ${table} are not told; query it instead` }
}

/** A row of an outer join without any key is nobody's. */
function identityOf(identity: RowIdentity, cells: readonly unknown[]): string | undefined {
  if (identity === undefined) return undefined
  const key = identity.map((at) => cells[at])
  return key.length > 0 && key.every((cell) => cell === null) ? undefined : cellsText(key)
}

function tooLarge(what: string): QueryFault {
  return { code: 'too-large', message: `the result ${what}; narrow the query or use LIMIT` }
}

/** Codes of SQLite that the statement or its data are at fault for. Others are the disk's or ours, and go on up. */
const FAULTS: ReadonlySet<string> = new Set([
  'SQLITE_ERROR',
  'SQLITE_TOOBIG',
  'SQLITE_MISMATCH',
  'SQLITE_RANGE',
])

function faultOf(thrown: unknown): QueryFault {
  if (thrown instanceof BetterSqlite3.SqliteError && FAULTS.has(thrown.code))
    return { code: 'invalid', message: thrown.message }
  throw thrown
}
