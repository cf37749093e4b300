/**
 * ReaderConnection: one read-only connection of a reader with its TEMP tables. Whoever takes it from the pool brings the
 * tables up to date first; that is one comparison where nothing has changed.
 * Does not judge statements: reader.ts has them inspected before they come here.
 */
import type BetterSqlite3 from 'better-sqlite3'
import { MEMBERS_DEFINITION, type MemberRow, MembersTable } from './members-table.ts'
import { type Database, openReader } from './open.ts'

export class ReaderConnection {
  readonly #db: Database
  readonly #schemaVersion: BetterSqlite3.Statement<[], unknown>
  readonly #membersTable: MembersTable
  /** The list that the table holds, by identity. */
  #members: readonly MemberRow[] | undefined

  /** Throws OpenError. */
  constructor(path: string) {
    this.#db = openReader(path)
    this.#membersTable = new MembersTable(this.#db)
    this.#schemaVersion = this.#db.prepare<[], unknown>('PRAGMA schema_version').pluck()
  }

  /** Call while no statement of this connection is open. */
  setMembers(members: readonly MemberRow[] | undefined): void {
    if (members === this.#members || members === undefined) return
    this.#membersTable.set(members)
    this.#members = members
  }

  /** Of the file; TEMP tables do not count. */
  schemaVersion(): unknown {
    return this.#schemaVersion.get()
  }

  /** What a statement of this connection can name, in the order in which it can be made. */
  definitions(): string[] {
    const inFile = this.#db.prepare<[], string>('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL').pluck()
    return [MEMBERS_DEFINITION, ...inFile.all()]
  }

  prepare(sql: string): BetterSqlite3.Statement<unknown[], unknown[]> {
    return this.#db.prepare<unknown[], unknown[]>(sql)
  }

  close(): void {
    this.#db.close()
  }
}
