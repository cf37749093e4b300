/**
 * A connection whose n-th call of SQLite fails with a chosen error, in front of a real one: every `run`, `get`, `all`, step of
 * `iterate`, `exec` and `pragma` counts. SQLite rolls a transaction back by itself at some of these errors and leaves it open
 * at others (https://sqlite.org/lang_transaction.html, section 3.1), so both are played. ROLLBACK itself is spared: where
 * that fails, nothing but the end of the process helps, and the lock goes with it.
 */
import type { Database } from '@patina/sqlite'
import BetterSqlite3 from 'better-sqlite3'

export interface Fault {
  /** As SQLite names it. */
  readonly code: string
  /** SQLite has rolled the transaction back. */
  readonly rollsBack: boolean
}

export class FaultyDatabase {
  /** For the store. */
  readonly database: Database
  readonly #real: Database
  #fault: Fault | undefined
  /** Calls until it fails. */
  #left = 0
  #happened = false

  constructor(real: Database) {
    this.#real = real
    this.database = new Proxy(real, { get: (_, name) => this.#member(name) })
  }

  /** The n-th call from now on fails, n from 0; once. */
  arm(fault: Fault, left: number): void {
    this.#fault = fault
    this.#left = left
    this.#happened = false
  }

  /** No more faults. True where one happened since `arm`. */
  disarm(): boolean {
    this.#fault = undefined
    return this.#happened
  }

  #member(name: string | symbol): unknown {
    const real = this.#real
    const value: unknown = Reflect.get(real, name, real)
    if (typeof value !== 'function') return value
    if (name === 'prepare') return (sql: string) => this.#statement(real.prepare(sql), sql)
    if (name === 'exec' || name === 'pragma')
      return (sql: string, ...rest: unknown[]) => {
        this.#call(sql)
        const result: unknown = value.call(real, sql, ...rest)
        return result === real ? this.database : result
      }
    return value.bind(real)
  }

  #statement<S extends object>(statement: S, sql: string): S {
    const proxy: S = new Proxy(statement, {
      get: (_, name) => {
        const value: unknown = Reflect.get(statement, name, statement)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (CALLS.has(String(name))) this.#call(sql)
          const result: unknown = value.apply(statement, args)
          if (name === 'iterate') return this.#steps(result as Iterator<unknown>, sql)
          return result === statement ? proxy : result
        }
      },
    })
    return proxy
  }

  *#steps(rows: Iterator<unknown>, sql: string): Generator<unknown, void, undefined> {
    try {
      for (let step = rows.next(); step.done !== true; step = rows.next()) {
        this.#call(sql)
        yield step.value
      }
    } finally {
      rows.return?.()
    }
  }

  #call(sql: string): void {
    const fault = this.#fault
    if (fault === undefined || /^ROLLBACK/i.test(sql)) return
    this.#left -= 1
    if (this.#left >= 0) return
    this.#fault = undefined
    this.#happened = true
    if (fault.rollsBack && this.#real.inTransaction) this.#real.exec('ROLLBACK')
    throw new BetterSqlite3.SqliteError(`injected at: ${sql.slice(0, 60)}`, fault.code)
  }
}

const CALLS: ReadonlySet<string> = new Set(['run', 'get', 'all'])
