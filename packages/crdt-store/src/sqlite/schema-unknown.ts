/**
 * What was unknown and is so no more: rows and cells of tables and columns that have come move into them (move-in.ts), a slice in
 * a transaction. Nobody needs to wait: a row that is merged or written before its turn moves in first, or goes on from there.
 */
import type { TouchedTable } from '../core/touched.ts'
import { withoutChecks } from './check-constraints.ts'
import { keepsKey } from './kept-values.ts'
import { moveRowIn, placeOf } from './move-in.ts'
import { asRemote, isolated, remoteContext, writeOutcome } from './remote-batch.ts'
import { applyRow } from './remote-write.ts'
import type { ReplicatedTable } from './replicated-table.ts'
import { hasKey } from './resolve-changes.ts'
import type { StoreParts } from './store-parts.ts'
import type { UnknownRow } from './unknown-table.ts'

export class TakeOver {
  readonly #parts: StoreParts
  /** Tables that are still to be looked at; the first from behind `#after` on. */
  #tables: ReplicatedTable[] = []
  #after: Uint8Array = new Uint8Array(0)

  constructor(parts: StoreParts) {
    this.#parts = parts
  }

  /** After the schema has changed, and at a start: whatever is unknown is looked at. */
  begin(): void {
    const { tables, unknown } = this.#parts
    this.#tables = [...tables.values()].filter(({ definition }) => unknown.mayHave(definition.name))
    this.#after = new Uint8Array(0)
  }

  /** Tables that are still to be looked at. */
  waiting(): readonly string[] {
    return this.#tables.map(({ definition }) => definition.name)
  }

  /** The next slice: what it touched; undefined where all has been looked at. Throws SQLite's error; then nothing of it has moved. */
  moveSlice(): readonly TouchedTable[] | undefined {
    const [table] = this.#tables
    if (table === undefined) return undefined
    const { unknown, db, pace } = this.#parts
    const rows = unknown.rowsOf(table.definition.name, this.#after, pace.rows)
    const known = rows.filter((row) => isKnownNow(row, table))
    if (known.length > 0) withoutChecks(db, () => this.#move(known, table))
    const last = rows.at(-1)
    if (last === undefined || rows.length < pace.rows) {
      this.#tables.shift()
      this.#after = new Uint8Array(0)
    } else this.#after = last.bytes
    return known.length > 0 ? [{ table: table.definition.name, columns: 'all' }] : []
  }

  #move(rows: readonly UnknownRow[], table: ReplicatedTable): void {
    const context = remoteContext(this.#parts)
    asRemote(this.#parts, () => {
      const all = isolated(this.#parts, context, (alone) => {
        for (const row of rows) moveRowIn(row, table, { context: alone, apply: applyRow })
      })
      // A row that a constraint of this node refuses stays where it is.
      if (!all.ok)
        for (const row of rows)
          isolated(this.#parts, context, (alone) =>
            moveRowIn(row, table, { context: alone, apply: applyRow }),
          )
      writeOutcome(this.#parts, context)
    })
  }
}

/** Whether a part of the row has a place in the table. */
function isKnownNow({ keyColumns, key, entries }: UnknownRow, table: ReplicatedTable): boolean {
  return (
    hasKey(table, keyColumns) &&
    keepsKey(table.definition.key, key) &&
    entries.some((entry) => entry.column === '' || placeOf(entry, table) !== undefined)
  )
}
