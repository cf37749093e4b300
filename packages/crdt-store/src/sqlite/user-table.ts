/**
 * A replicated table of the user's, as merges write it: whole rows in, cells over, rows out, by key. Local writes do not
 * come this way; they are the client's own statements. Writes are asked for no 64-bit rowid in return, which nobody reads.
 */
import { must, type SqliteValue } from '@patina/base'
import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import type { ColumnOrdinal } from '../core/row-clock.ts'
import type { TableDefinition } from '../core/table.ts'
import { quote } from './quote.ts'

export interface ColumnValue {
  readonly column: ColumnOrdinal
  readonly value: SqliteValue
}

export class UserTable {
  readonly definition: TableDefinition
  readonly #db: Database
  readonly #delete: BetterSqlite3.Statement<unknown[]>
  /** By the columns that a statement names: a table has few combinations in practice, bounded by its own columns. */
  readonly #inserts = new StatementsByColumns((columns) => this.#prepareInsert(columns))
  readonly #updates = new StatementsByColumns((columns) => this.#prepareUpdate(columns))
  readonly #selects = new StatementsByColumns((columns) => this.#prepareSelect(columns))

  constructor(db: Database, definition: TableDefinition) {
    this.definition = definition
    this.#db = db
    this.#delete = db.prepare(`DELETE FROM ${quote(definition.name)} WHERE ${this.#whereKey()}`)
  }

  /** A fresh row: columns not given are at their defaults. */
  insert(key: readonly SqliteValue[], cells: readonly ColumnValue[]): void {
    const values: SqliteValue[] = []
    for (const value of key) values.push(value)
    for (const { value } of cells) values.push(value)
    this.#inserts.of(cells).run(...values)
  }

  update(key: readonly SqliteValue[], cells: readonly ColumnValue[]): void {
    if (cells.length === 0) return
    const values: SqliteValue[] = []
    for (const { value } of cells) values.push(value)
    for (const value of key) values.push(value)
    this.#updates.of(cells).run(...values)
  }

  delete(key: readonly SqliteValue[]): void {
    this.#delete.run(...key)
  }

  /** Present value of one column; the row must exist. */
  read(key: readonly SqliteValue[], column: ColumnOrdinal): SqliteValue {
    const row = this.#selects
      .of([{ column, value: null }])
      .raw()
      .get(...key) as SqliteValue[] | undefined
    return must(row, 'a row with an odd causal length exists')[0] as SqliteValue
  }

  /** Present values of all columns, by ordinal; the row must exist. */
  readAll(key: readonly SqliteValue[]): readonly SqliteValue[] {
    const { columns } = this.definition
    if (columns.length === 0) return []
    const row = this.#selects
      .of(columns.map(({ ordinal }) => ({ column: ordinal, value: null })))
      .raw()
      .get(...key) as SqliteValue[] | undefined
    return must(row, 'a row with an odd causal length exists')
  }

  #prepareInsert(columns: readonly ColumnOrdinal[]): BetterSqlite3.Statement<unknown[]> {
    const names = [
      ...this.definition.key.map(({ name }) => quote(name)),
      ...columns.map((c) => this.#name(c)),
    ]
    const places = names.map(() => '?').join(', ')
    return this.#db
      .prepare(`INSERT INTO ${quote(this.definition.name)} (${names.join(', ')}) VALUES (${places})`)
      .safeIntegers(false)
  }

  #prepareUpdate(columns: readonly ColumnOrdinal[]): BetterSqlite3.Statement<unknown[]> {
    const sets = columns.map((column) => `${this.#name(column)} = ?`).join(', ')
    return this.#db
      .prepare(`UPDATE ${quote(this.definition.name)} SET ${sets} WHERE ${this.#whereKey()}`)
      .safeIntegers(false)
  }

  #prepareSelect(columns: readonly ColumnOrdinal[]): BetterSqlite3.Statement<unknown[]> {
    const names = columns.map((column) => this.#name(column)).join(', ')
    return this.#db.prepare(`SELECT ${names} FROM ${quote(this.definition.name)} WHERE ${this.#whereKey()}`)
  }

  #name(column: ColumnOrdinal): string {
    return quote(must(this.definition.columns[column], 'ordinals are dense').name)
  }

  #whereKey(): string {
    return this.definition.key.map(({ name }) => `${quote(name)} = ?`).join(' AND ')
  }
}

/** Statements of one kind kept per set of columns; the oldest goes when there are too many. */
class StatementsByColumns {
  static readonly max = 64
  readonly #prepare: (columns: readonly ColumnOrdinal[]) => BetterSqlite3.Statement<unknown[]>
  readonly #statements = new Map<string, BetterSqlite3.Statement<unknown[]>>()
  /** Rows with the same columns mostly follow each other; then no name is built. */
  #lastColumns: readonly ColumnOrdinal[] = []
  #last: BetterSqlite3.Statement<unknown[]> | undefined

  constructor(prepare: (columns: readonly ColumnOrdinal[]) => BetterSqlite3.Statement<unknown[]>) {
    this.#prepare = prepare
  }

  of(cells: readonly ColumnValue[]): BetterSqlite3.Statement<unknown[]> {
    if (this.#last !== undefined && hasColumns(cells, this.#lastColumns)) return this.#last
    this.#last = this.#find(cells)
    this.#lastColumns = cells.map(({ column }) => column)
    return this.#last
  }

  #find(cells: readonly ColumnValue[]): BetterSqlite3.Statement<unknown[]> {
    let id = ''
    for (const { column } of cells) id += `${column},`
    const known = this.#statements.get(id)
    if (known !== undefined) return known
    const [oldest] = this.#statements.keys()
    if (oldest !== undefined && this.#statements.size >= StatementsByColumns.max)
      this.#statements.delete(oldest)
    const statement = this.#prepare(cells.map(({ column }) => column))
    this.#statements.set(id, statement)
    return statement
  }
}

function hasColumns(cells: readonly ColumnValue[], columns: readonly ColumnOrdinal[]): boolean {
  if (cells.length !== columns.length) return false
  for (let i = 0; i < cells.length; i += 1) if (cells[i]?.column !== columns[i]) return false
  return true
}
