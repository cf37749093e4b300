/**
 * Dependents: which queries read what has changed. A query that reads a table without naming a column (`count(*)`) depends
 * on every change of it. Names are compared without case, as SQLite does; ASCII only, as SQLite does.
 */

/** What a commit changed in a table; `all`: a row came, went or was reset. */
export interface ChangedTable {
  readonly table: string
  readonly columns: readonly string[] | 'all'
}

export class Dependents<Query> {
  readonly #byTable = new Map<string, Map<Query, ReadonlySet<string>>>()

  add(query: Query, reads: ReadonlyMap<string, ReadonlySet<string>>): void {
    for (const [table, columns] of reads) {
      const name = folded(table)
      const readers = this.#byTable.get(name) ?? new Map<Query, ReadonlySet<string>>()
      this.#byTable.set(name, readers)
      readers.set(query, new Set([...columns].map(folded)))
    }
  }

  delete(query: Query): void {
    for (const [table, readers] of this.#byTable) {
      readers.delete(query)
      if (readers.size === 0) this.#byTable.delete(table)
    }
  }

  /** The queries that a change may concern, each once. */
  of(changed: readonly ChangedTable[]): Set<Query> {
    const found = new Set<Query>()
    for (const { table, columns } of changed) {
      const names = columns === 'all' ? 'all' : columns.map(folded)
      for (const [query, read] of this.#byTable.get(folded(table)) ?? [])
        if (names === 'all' || read.size === 0 || names.some((name) => read.has(name))) found.add(query)
    }
    return found
  }
}

function folded(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
