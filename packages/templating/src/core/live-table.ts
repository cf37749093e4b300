/**
 * LiveTable: the rows of one live result, kept current by its events. Pure. A result that arrives replaces the old one when it
 * is complete and not before, and changes that belong together are one event, so that a reader never sees half of either.
 * Rows come without an order of their own: `rows` are sorted by their cells, so that equal results are equal lists.
 */
import { compareBytes } from '@patina/base'
import type { Cell, Rows } from './query.ts'

/** A row is another, or gone; `cells` of a deleted row are the last known. */
export interface QueryChange {
  readonly change: 'insert' | 'update' | 'delete'
  readonly rowId: number
  readonly cells: readonly Cell[]
}

/** The events of a live result, as the agent's client has them; `changes` are those of one or more whole commits. */
export type QueryEvent =
  | { readonly kind: 'columns'; readonly columns: readonly string[] }
  | { readonly kind: 'row'; readonly rowId: number; readonly cells: readonly Cell[] }
  | { readonly kind: 'eoq' }
  | { readonly kind: 'changes'; readonly changes: readonly QueryChange[] }

interface Table {
  readonly columns: readonly string[]
  readonly rows: Map<number, readonly Cell[]>
}

/** More rows than a template may ask for. */
export class TooManyRows extends Error {}

export class LiveTable {
  readonly #rowsMax: number
  #arriving: Table | undefined
  #current: Table | undefined

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax
  }

  /** True where the current rows are others than before. Throws TooManyRows. */
  apply(event: QueryEvent): boolean {
    switch (event.kind) {
      case 'columns':
        this.#arriving = { columns: event.columns, rows: new Map() }
        return false
      case 'row':
        this.#put(this.#arriving, event.rowId, event.cells)
        return false
      case 'eoq':
        this.#current = this.#arriving
        this.#arriving = undefined
        return true
      case 'changes':
        for (const change of event.changes) this.#change(change)
        return true
      default:
        throw new TypeError(`unknown event ${(event satisfies never as QueryEvent).kind}`)
    }
  }

  /** Undefined before the first complete result. Sorts: n·log n in its rows. */
  rows(): Rows | undefined {
    if (this.#current === undefined) return undefined
    const { columns, rows } = this.#current
    return { columns, rows: [...rows.values()].sort(compareRows) }
  }

  #change({ change, rowId, cells }: QueryChange): void {
    if (change === 'delete') this.#current?.rows.delete(rowId)
    else this.#put(this.#current, rowId, cells)
  }

  #put(table: Table | undefined, rowId: number, cells: readonly Cell[]): void {
    if (table === undefined) return
    if (table.rows.size >= this.#rowsMax && !table.rows.has(rowId))
      throw new TooManyRows(`a result has more than ${this.#rowsMax} rows`)
    table.rows.set(rowId, cells)
  }
}

function compareRows(a: readonly Cell[], b: readonly Cell[]): number {
  for (let i = 0; i < a.length; i += 1) {
    const order = compareCells(a[i] as Cell, b[i] as Cell)
    if (order !== 0) return order
  }
  return 0
}

/** SQLite's order of classes: NULL, numbers, texts, blobs. Texts by UTF-16 units: any fixed order will do. */
function compareCells(a: Cell, b: Cell): number {
  const byClass = classOf(a) - classOf(b)
  if (byClass !== 0 || a === null || b === null) return byClass
  if (a instanceof Uint8Array) return compareBytes(a, b as Uint8Array)
  return a < b ? -1 : a > b ? 1 : 0
}

function classOf(cell: Cell): number {
  if (cell === null) return 0
  if (typeof cell === 'string') return 2
  return cell instanceof Uint8Array ? 3 : 1
}
