/**
 * The statements of clients: inspected (what is it, may a client run it), prepared and kept. The one door by which SQL text
 * from outside reaches the write connection.
 */

import type { SqliteValue } from '@patina/base'
import {
  bindableValues,
  type Database,
  type InspectError,
  type Inspector,
  type SqlStatement,
} from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import { RequestRefused, StatementFailed } from '../errors.ts'

export class ClientStatements {
  readonly #db: Database
  readonly #inspector: Inspector
  readonly #max: number
  /** By SQL text, least recently used first. */
  readonly #prepared = new Map<string, BetterSqlite3.Statement<unknown[]>>()

  constructor(db: Database, inspector: Inspector, max: number) {
    this.#db = db
    this.#inspector = inspector
    this.#max = max
  }

  /** Throws what `run` would throw before it runs anything: a statement that is not allowed or does not prepare. */
  check({ sql, params }: SqlStatement): void {
    this.#prepare(sql)
    bindParameters(params)
  }

  /** Runs a write; returns rows affected. Throws RequestRefused, or SQLite's error. */
  run({ sql, params }: SqlStatement): number {
    const statement = this.#prepare(sql)
    const bound = bindParameters(params)
    if (!statement.reader) return statement.run(...bound).changes
    // RETURNING: rows are not part of a transaction's answer, but the statement must run to its end.
    return statement.all(...bound).length
  }

  /** After a schema change: what was prepared and inspected before no longer holds. */
  forget(): void {
    this.#prepared.clear()
  }

  #prepare(sql: string): BetterSqlite3.Statement<unknown[]> {
    const known = this.#prepared.get(sql)
    this.#prepared.delete(sql)
    const statement = known ?? this.#inspected(sql)
    this.#prepared.set(sql, statement)
    const [oldest] = this.#prepared.keys()
    if (this.#prepared.size > this.#max && oldest !== undefined) this.#prepared.delete(oldest)
    return statement
  }

  #inspected(sql: string): BetterSqlite3.Statement<unknown[]> {
    const inspected = this.#inspector.inspect(sql)
    if (!inspected.ok) throw refusalOf(inspected.error)
    if (inspected.value.kind !== 'write')
      throw new StatementFailed('not-a-write', 'the statement only reads; send it to /v1/queries')
    return this.#db.prepare(sql)
  }
}

/** Codes under which the inspector repeats SQLite's own word; the others are rules of ours. */
const SQLITE_SAYS: readonly string[] = [
  'syntax',
  'unknown-table',
  'unknown-column',
  'unknown-function',
  'invalid',
]

function refusalOf({ code, message }: InspectError): Error {
  return SQLITE_SAYS.includes(code) ? new StatementFailed(code, message) : new RequestRefused(code, message)
}

/** Parameters as better-sqlite3 takes them: positions as arguments, names without their prefix in one object. */
function bindParameters(params: SqlStatement['params']): unknown[] {
  const values = Array.isArray(params) ? (params as readonly SqliteValue[]) : Object.values(params)
  const bindable = bindableValues(values)
  if (!bindable.ok) throw new RequestRefused('parameter', bindable.error.message)
  if (Array.isArray(params)) return [...values]
  const named = Object.entries(params as { readonly [name: string]: SqliteValue })
  return [Object.fromEntries(named.map(([name, value]) => [name.replace(/^[:@$]/, ''), value]))]
}
