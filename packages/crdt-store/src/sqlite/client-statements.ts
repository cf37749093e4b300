/**
 * The statements of clients: inspected (what is it, may a client run it), prepared and kept. The one door by which SQL text
 * from outside reaches the write connection.
 */
import { must } from '@patina/base'
import {
  bindArguments,
  type Database,
  type InspectError,
  type Inspector,
  parameterNames,
  type SqlStatement,
} from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import { RequestRefused, StatementFailed } from '../errors.ts'

/** Longer texts are not kept behind their request: compiled, a text of 1 MiB takes 20 MiB. */
const KEPT_CHARS_MAX = 4096

/**
 * Different long texts of one request, together: all are compiled before the first runs, and none is given back before the turn
 * of the loop is over. Data that is more than this makes no version in any case.
 */
const LONG_CHARS_MAX = 16 * 1024 * 1024

interface Prepared {
  readonly statement: BetterSqlite3.Statement<unknown[]>
  readonly parameters: readonly (string | null)[]
  readonly mayEndTransaction: boolean
}

/** A statement that may run, with its arguments. */
export interface BoundStatement {
  readonly statement: BetterSqlite3.Statement<unknown[]>
  readonly values: readonly unknown[]
  /** `INSERT OR ROLLBACK` and its like: no other statement that may run has that word as more than a name or a text. */
  readonly mayEndTransaction: boolean
}

export class ClientStatements {
  readonly #db: Database
  readonly #inspector: Inspector
  readonly #max: number
  /** Short ones by SQL text, least recently prepared first. */
  readonly #prepared = new Map<string, Prepared>()

  constructor(db: Database, inspector: Inspector, max: number) {
    this.#db = db
    this.#inspector = inspector
    this.#max = max
  }

  /** The statements of one request, ready to run; runs nothing. Throws RequestRefused or StatementFailed. */
  bind(request: readonly SqlStatement[]): BoundStatement[] {
    const long = new Map<string, Prepared>()
    let longChars = 0
    return request.map(({ sql, params }) => {
      let prepared = this.#prepared.get(sql) ?? long.get(sql)
      if (prepared === undefined) {
        if (sql.length > KEPT_CHARS_MAX) longChars += sql.length
        if (longChars > LONG_CHARS_MAX)
          throw new RequestRefused(
            'too-long',
            `the statements have more than ${LONG_CHARS_MAX} characters of text together; pass data as parameters`,
          )
        prepared = this.#prepare(sql)
        if (sql.length > KEPT_CHARS_MAX) long.set(sql, prepared)
        else this.#keep(sql, prepared)
      }
      const values = bindArguments(prepared.parameters, params)
      if (!values.ok) throw new StatementFailed(values.error.kind, values.error.message)
      const { statement, mayEndTransaction } = prepared
      return { statement, values: values.value, mayEndTransaction }
    })
  }

  /** After a schema change: what was prepared and inspected before no longer holds. */
  forget(): void {
    this.#prepared.clear()
  }

  #prepare(sql: string): Prepared {
    const inspected = this.#inspector.inspect(sql)
    if (!inspected.ok) throw refusalOf(inspected.error)
    if (inspected.value.kind !== 'write')
      throw new StatementFailed('not-a-write', 'the statement only reads; send it to /v1/queries')
    return {
      statement: this.#db.prepare<unknown[]>(sql),
      parameters: parameterNames(sql),
      mayEndTransaction: /rollback/i.test(sql),
    }
  }

  #keep(sql: string, prepared: Prepared): void {
    if (this.#prepared.size >= this.#max)
      this.#prepared.delete(must(this.#prepared.keys().next().value, 'a full map has a first key'))
    this.#prepared.set(sql, prepared)
  }
}

/** Runs a write; returns rows affected. */
export function runBound({ statement, values }: BoundStatement): number {
  if (!statement.reader) return statement.run(...values).changes
  // RETURNING: rows are not part of a transaction's answer, but the statement must run to its end.
  let rows = 0
  for (const _ of statement.iterate(...values)) rows += 1
  return rows
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
