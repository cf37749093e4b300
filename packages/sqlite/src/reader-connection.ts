/**
 * ReaderConnection: one read-only connection of a reader with its TEMP tables and the statements that it keeps prepared.
 * Whoever takes it from the pool brings the tables up to date first; that is one comparison where nothing has changed.
 * Does not judge statements: reader.ts has them inspected before they come here.
 */
import type BetterSqlite3 from 'better-sqlite3'
import { LAG_DEFINITION, type LagRow, LagTable } from './lag-table.ts'
import { MEMBERS_DEFINITION, type MemberRow, MembersTable } from './members-table.ts'
import { type Database, openReader } from './open.ts'
import { parameterNames } from './sql-text.ts'
import { TempViews } from './temp-views.ts'

export interface PreparedQuery {
  /** Gives raw rows. */
  readonly statement: BetterSqlite3.Statement<unknown[], unknown[]>
  readonly columns: readonly string[]
  readonly parameters: readonly (string | null)[]
}

/** Statements kept by one connection: applications send few texts, often; preparing one again costs about 10 µs. */
const KEPT_MAX = 32
/** Longer texts are not kept, so that what a connection holds stays small. */
const KEPT_CHARS_MAX = 2048

export class ReaderConnection {
  readonly #db: Database
  readonly #schemaVersion: BetterSqlite3.Statement<[], unknown>
  readonly #membersTable: MembersTable
  readonly #lagTable: LagTable
  readonly #views: TempViews
  /** The lists that the tables hold, by identity. */
  #members: readonly MemberRow[] | undefined
  #lag: readonly LagRow[] | undefined
  /** By text, the one used longest ago first; all of one schema. */
  readonly #kept = new Map<string, PreparedQuery>()
  /** Of the schema that `#kept` was prepared against. */
  #keptVersion: unknown

  /** Throws OpenError. */
  constructor(path: string) {
    this.#db = openReader(path)
    this.#membersTable = new MembersTable(this.#db)
    this.#lagTable = new LagTable(this.#db)
    this.#views = new TempViews(this.#db, 'reader')
    this.#schemaVersion = this.#db.prepare<[], unknown>('PRAGMA schema_version').pluck()
  }

  /** Call while no statement of this connection is open. */
  setMembers(members: readonly MemberRow[] | undefined): void {
    if (members === this.#members || members === undefined) return
    this.#membersTable.set(members)
    this.#members = members
  }

  /** As `setMembers`. */
  setLag(lag: readonly LagRow[] | undefined): void {
    if (lag === this.#lag || lag === undefined) return
    this.#lagTable.set(lag)
    this.#lag = lag
  }

  /** Of the file as it is now; TEMP tables do not count. Statements of another schema are forgotten. */
  schemaVersion(): unknown {
    const version = this.#schemaVersion.get()
    if (version !== this.#keptVersion) this.#followSchema()
    this.#keptVersion = version
    return version
  }

  /** What a statement of this connection can name, in the order in which it can be made. */
  definitions(): string[] {
    const inFile = this.#db.prepare<[], string>('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL').pluck()
    return [MEMBERS_DEFINITION, LAG_DEFINITION, ...inFile.all(), ...this.#views.definitions()]
  }

  /** Undefined where the statement could write. Throws SqliteError where it cannot be prepared. */
  prepare(sql: string): PreparedQuery | undefined {
    const kept = this.#kept.get(sql)
    if (kept !== undefined) {
      this.#kept.delete(sql)
      this.#kept.set(sql, kept)
      return kept
    }
    const statement = this.#db.prepare<unknown[], unknown[]>(sql)
    if (!statement.reader || !statement.readonly) return undefined
    const columns = statement.columns().map(({ name }) => name)
    const prepared = { statement: statement.raw(), columns, parameters: parameterNames(sql) }
    if (sql.length <= KEPT_CHARS_MAX) this.#keep(sql, prepared)
    return prepared
  }

  close(): void {
    this.#db.close()
  }

  /**
   * SQLite finds out that the schema has changed when a statement is stepped, and not when one is prepared: without a step
   * the next `SELECT *` would tell the columns of the schema before.
   */
  #followSchema(): void {
    this.#kept.clear()
    this.#db.prepare('SELECT 1 FROM sqlite_schema').get()
    this.#views.follow()
  }

  #keep(sql: string, prepared: PreparedQuery): void {
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined && this.#kept.size >= KEPT_MAX) this.#kept.delete(oldest)
    this.#kept.set(sql, prepared)
  }
}
