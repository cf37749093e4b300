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
  const rows = new Map<string, RowHistory>()
  for (const event of events) for (const single of splitKeyChange(event)) record(rows, single)
  const changes: FoldedChange[] = []
  for (const history of rows.values()) {
    const change = toChange(history)
    if (change !== undefined) changes.push(change)
  }
  return changes
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
function splitKeyChange(event: RowEvent): readonly RowEvent[] {
  const { table, before, after } = event
  if (before === undefined || after === undefined) return [event]
  if (table.key.every((_, i) => sameValue(before[i] as SqliteValue, after[i] as SqliteValue))) return [event]
  return [
    { table, before, after: undefined },
    { table, before: undefined, after },
  ]
}

function record(rows: Map<string, RowHistory>, { table, before, after }: RowEvent): void {
  const row = (after ?? before) as RowValues
  const id = `${table.ordinal}/${keyIdentity(row.slice(0, table.key.length))}`
  const known = rows.get(id)
  if (known === undefined) rows.set(id, { table, before, after })
  else known.after = after
}

function toChange({ table, before, after }: RowHistory): FoldedChange | undefined {
  if (before === undefined) return after === undefined ? undefined : { kind: 'insert', table, row: after }
  if (after === undefined) return { kind: 'delete', table, row: before }
  const changed: number[] = []
  for (let i = table.key.length; i < after.length; i += 1)
    if (!sameValue(before[i] as SqliteValue, after[i] as SqliteValue)) changed.push(i - table.key.length)
  return changed.length === 0 ? undefined : { kind: 'update', table, row: after, changed }
}
