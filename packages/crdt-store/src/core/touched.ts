/**
 * Touched: which tables and columns a transaction changed, as the union over its rows. A row that came, went or was reset
 * counts as changed in all columns.
 */

/** What a commit changed in a table, for whoever keeps results current. */
export interface TouchedTable {
  readonly table: string
  /** `all`: a row came, went or was reset. Key columns never change in place. */
  readonly columns: readonly string[] | 'all'
}

export class Touched {
  readonly #columns = new Map<string, Set<string> | 'all'>()

  wholeRow(table: string): void {
    this.#columns.set(table, 'all')
  }

  cells(table: string, columns: Iterable<string>): void {
    const known = this.#columns.get(table)
    if (known === 'all') return
    const touched = known ?? new Set<string>()
    for (const column of columns) touched.add(column)
    if (touched.size > 0) this.#columns.set(table, touched)
  }

  /** Takes over what a part of the transaction touched, once that part stands. */
  addAll(other: Touched): void {
    for (const [table, columns] of other.#columns)
      if (columns === 'all') this.wholeRow(table)
      else this.cells(table, columns)
  }

  tables(): TouchedTable[] {
    return [...this.#columns].map(([table, columns]) => ({
      table,
      columns: columns === 'all' ? columns : [...columns],
    }))
  }
}
