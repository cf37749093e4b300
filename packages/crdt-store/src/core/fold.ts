/**
 * Fold: the captured row events of one request → at most one change per row. A request that deletes and re-inserts a row
 * (REPLACE is that to triggers) has updated it; one that inserts and deletes it has done nothing.
 */
import { type SqliteValue, sameValue } from '@patina/base'
import type { TableDefinition } from './table.ts'

/** Values of a row: key columns, then data columns by ordinal. */
export type RowValues = readonly SqliteValue[]

/** One event of a trigger: what the row was and what it is; undefined where it did not or does not exist. */
export interface RowEvent {
  readonly table: TableDefinition
  readonly before: RowValues | undefined
  readonly after: RowValues | undefined
}

export type FoldedChange =
  | { readonly kind: 'insert'; readonly table: TableDefinition; readonly row: RowValues }
  | {
      readonly kind: 'update'
      readonly table: TableDefinition
      readonly row: RowValues
      /** Indexes of the data columns whose value is another one now. */
      readonly changed: readonly number[]
    }
  | { readonly kind: 'delete'; readonly table: TableDefinition; readonly row: RowValues }

interface RowHistory {
  readonly table: TableDefinition
  readonly before: RowValues | undefined
  after: RowValues | undefined
}

/** One change per row that really differs, in order of first touch. */
export function foldEvents(events: readonly RowEvent[]): FoldedChange[] {
  const rows = new RowHistories()
  for (const event of events)
    if (changesKey(event)) {
      const { table, before, after } = event
      rows.record({ table, before, after: undefined })
      rows.record({ table, before: undefined, after })
    } else rows.record(event)
  const changes: FoldedChange[] = []
  for (const history of rows.inOrder) {
    const change = toChange(history)
    if (change !== undefined) changes.push(change)
  }
  return changes
}

/** Rows of a table: by key where that is one TEXT, so that nothing is built and hashed anew; else by identity. */
interface TableHistories {
  readonly byText: Map<string, RowHistory>
  readonly byIdentity: Map<string, RowHistory>
}

/** The rows that a request touched, found by table and key. */
class RowHistories {
  readonly inOrder: RowHistory[] = []
  readonly #byTable = new Map<TableDefinition, TableHistories>()
  /** Events mostly follow others of their table. */
  #lastTable: TableDefinition | undefined
  #last: TableHistories = { byText: new Map(), byIdentity: new Map() }

  record({ table, before, after }: RowEvent): void {
    const rows = this.#of(table)
    const row = (after ?? before) as RowValues
    const [only] = row
    const isText = table.key.length === 1 && typeof only === 'string'
    const id = isText ? only : keyIdentity(row.slice(0, table.key.length))
    const histories = isText ? rows.byText : rows.byIdentity
    const known = histories.get(id)
    if (known !== undefined) {
      known.after = after
      return
    }
    const history = { table, before, after }
    histories.set(id, history)
    this.inOrder.push(history)
  }

  #of(table: TableDefinition): TableHistories {
    if (table === this.#lastTable) return this.#last
    const histories = this.#byTable.get(table) ?? { byText: new Map(), byIdentity: new Map() }
    this.#byTable.set(table, histories)
    this.#lastTable = table
    this.#last = histories
    return histories
  }
}

/** Text that two keys of a table share only when they are the same: class and bytes of each value. */
export function keyIdentity(key: readonly SqliteValue[]): string {
  const only = key[0]
  if (key.length === 1 && typeof only === 'string') return `t${only}`
  return key.map(valueIdentity).join('')
}

function valueIdentity(value: SqliteValue): string {
  if (typeof value === 'string') return `t${value.length}:${value}`
  if (typeof value === 'bigint') return `i${value};`
  if (typeof value === 'number') return `r${Object.is(value, -0) ? '-0' : value};`
  return value === null
    ? 'n;'
    : `b${value.length}:${String.fromCharCode(...value.subarray(0, 1024))}${value.subarray(1024).join()}`
}

/** An update of key columns is a delete of the old row and an insert of the new one. */
function changesKey({ table, before, after }: RowEvent): boolean {
  if (before === undefined || after === undefined) return false
  for (let i = 0; i < table.key.length; i += 1)
    if (!sameValue(before[i] as SqliteValue, after[i] as SqliteValue)) return true
  return false
}

function toChange({ table, before, after }: RowHistory): FoldedChange | undefined {
  if (before === undefined) return after === undefined ? undefined : { kind: 'insert', table, row: after }
  if (after === undefined) return { kind: 'delete', table, row: before }
  const changed: number[] = []
  for (let i = table.key.length; i < after.length; i += 1)
    if (!sameValue(before[i] as SqliteValue, after[i] as SqliteValue)) changed.push(i - table.key.length)
  return changed.length === 0 ? undefined : { kind: 'update', table, row: after, changed }
}
