/**
 * LocalTable: what main knows and no file holds, as a TEMP table of a connection that runs clients' queries. Main sends the
 * whole list; what is equal stays untouched, and what differs is told by its columns. The connection refuses writes
 * (`query_only`), so that is off for the moment of our own statements.
 * Knows nothing of what the rows mean: they come and go as main says.
 */
import { type SqliteValue, sameValue } from '@patina/base'
import type { Database } from './open.ts'

/** In the order of the columns; the first is the key. */
export type LocalRow = readonly [key: string, ...SqliteValue[]]

export interface LocalTableSpec {
  readonly name: string
  /** CREATE TABLE, whose first column is the key. */
  readonly definition: string
  readonly columns: readonly string[]
}

/** Columns whose values differ; `all`: a row came or went. */
export interface LocalChange {
  readonly table: string
  readonly columns: readonly string[] | 'all'
}

export class LocalTable<Row extends LocalRow> {
  readonly #db: Database
  readonly #spec: LocalTableSpec
  readonly #apply: (put: readonly Row[], gone: readonly string[]) => void
  #rows: ReadonlyMap<string, Row> = new Map()

  constructor(db: Database, spec: LocalTableSpec) {
    const { name, definition, columns } = spec
    this.#db = db
    this.#spec = spec
    this.#writable(() => db.exec(asTemp(definition)))
    const remove = db.prepare(`DELETE FROM temp.${name} WHERE ${columns[0]} = ?`)
    const replace = db.prepare(`REPLACE INTO temp.${name} VALUES (${columns.map(() => '?').join(', ')})`)
    this.#apply = db.transaction((put: readonly Row[], gone: readonly string[]) => {
      for (const key of gone) remove.run(key)
      for (const row of put) replace.run(row)
    })
  }

  /** What changed by this list, or undefined. Of rows of one key the last counts. Only rows that differ are written. */
  set(rows: readonly Row[]): LocalChange | undefined {
    const byKey = new Map(rows.map((row) => [row[0], row]))
    const gone = [...this.#rows.keys()].filter((key) => !byKey.has(key))
    const put: Row[] = []
    const columns = new Set<string>()
    let isNew = false
    for (const [key, row] of byKey) {
      const before = this.#rows.get(key)
      isNew ||= before === undefined
      if (before === undefined || this.#differs(before, row, columns)) put.push(row)
    }
    if (put.length === 0 && gone.length === 0) return undefined
    this.#writable(() => this.#apply(put, gone))
    this.#rows = byKey
    return { table: this.#spec.name, columns: isNew || gone.length > 0 ? 'all' : [...columns] }
  }

  /** Adds the names of the columns whose values differ to `columns`. */
  #differs(before: Row, row: Row, columns: Set<string>): boolean {
    let isSame = true
    for (const [i, column] of this.#spec.columns.entries()) {
      if (sameValue(before[i] as SqliteValue, row[i] as SqliteValue)) continue
      isSame = false
      columns.add(column)
    }
    return !isSame
  }

  #writable(write: () => void): void {
    this.#db.pragma('query_only=OFF')
    try {
      write()
    } finally {
      this.#db.pragma('query_only=ON')
    }
  }
}

/** The definition of a local table as the statement that makes it. */
export function asTemp(definition: string): string {
  return definition.replace('CREATE TABLE', 'CREATE TEMP TABLE')
}
