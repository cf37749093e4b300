/**
 * Rows of one roll-up, by key: what the live result of its query says now (`DesiredRows`), and the difference to what the
 * global table holds of this region (`diffRows`). Pure. A live result without an order of its own tells a changed group as
 * a delete and an insert, so rows are kept by their number and a key may have none, one or, for a moment, two.
 */
import { assert } from '@patina/base'
import type { Cell, SubscriptionEvent } from '@patina/client'

export type Cells = readonly Cell[]
/** A key as text: equal texts, equal keys. */
export type KeyText = string
export type Rows = ReadonlyMap<KeyText, Cells>

/** As many as one query of the client brings, and some hundred MB. */
export const ROLLUP_ROWS_MAX = 1_000_000

/** The query cannot be a roll-up; nothing of it was taken over. An operator must change it. */
export class RollupFault extends Error {}

export interface RowDiff {
  readonly written: ReadonlyMap<KeyText, Cells>
  /** Cells as they are stored. */
  readonly gone: ReadonlyMap<KeyText, Cells>
}

interface Row {
  readonly key: KeyText
  readonly cells: Cells
}

/** The result of a roll-up's query, kept current by its events. */
export class DesiredRows {
  readonly #keyColumns: readonly string[]
  #columns: readonly string[] | undefined
  #keyAt: readonly number[] = []
  readonly #rows = new Map<number, Row>()
  /** I-ROLL-1: exactly the rows of #rows, by key. More than one where the query's keys are none. */
  readonly #byKey = new Map<KeyText, Row[]>()
  #sums: number[] = []
  #isComplete = false
  #nullKeys = 0

  constructor(keyColumns: readonly string[]) {
    this.#keyColumns = keyColumns
  }

  /** Undefined before the first result. */
  get columns(): readonly string[] | undefined {
    return this.#columns
  }

  /** False while a result arrives. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  get size(): number {
    return this.#byKey.size
  }

  /** Rows that are not published: their key holds NULL, or another row has it too. */
  get unfit(): number {
    return this.#nullKeys + this.#rows.size - this.#byKey.size
  }

  /** The sum of each column that has numbers, by its name; of keys none. Fractions may be off by rounding. */
  sums(): ReadonlyMap<string, number> {
    return new Map(
      this.#valueColumns().map((at) => [this.#columns?.[at] as string, this.#sums[at] as number]),
    )
  }

  /** Where several rows have the key: the same one whatever came first. */
  get(key: KeyText): Cells | undefined {
    const [first, ...others] = this.#byKey.get(key) ?? []
    return others.reduce((best, row) => (textOf(row.cells) > textOf(best.cells) ? row : best), first as Row)
      ?.cells
  }

  keys(): Iterable<KeyText> {
    return this.#byKey.keys()
  }

  /** The key that it touched, if it is one key. Throws RollupFault. */
  apply(event: SubscriptionEvent): KeyText | undefined {
    switch (event.kind) {
      case 'columns':
        this.#begin(event.columns)
        return undefined
      case 'eoq':
        this.#isComplete = true
        return undefined
      case 'row':
        return this.#put(event.rowId, event.cells)
      case 'change':
        return event.change === 'delete' ? this.#remove(event.rowId) : this.#put(event.rowId, event.cells)
      default:
        throw new TypeError(`unknown event ${(event satisfies never as SubscriptionEvent).kind}`)
    }
  }

  /** Nobody says any more that this is the result. */
  markStale(): void {
    this.#isComplete = false
  }

  #begin(columns: readonly string[]): void {
    const missing = this.#keyColumns.filter((name) => !columns.includes(name))
    if (missing.length > 0) throw new RollupFault(`its query has no column ${missing.join(', ')}`)
    if (columns.includes('region'))
      throw new RollupFault('its query has a column region; the aggregator adds that itself')
    this.#columns = columns
    this.#keyAt = this.#keyColumns.map((name) => columns.indexOf(name))
    this.#rows.clear()
    this.#byKey.clear()
    this.#sums = columns.map(() => 0)
    this.#nullKeys = 0
    this.#isComplete = false
  }

  #put(rowId: number, cells: Cells): KeyText | undefined {
    const replaced = this.#remove(rowId)
    if (this.#keyAt.some((at) => cells[at] === null)) {
      this.#nullKeys += 1
      return replaced
    }
    if (this.#rows.size >= ROLLUP_ROWS_MAX)
      throw new RollupFault(`its query has more than ${ROLLUP_ROWS_MAX} rows`)
    const row: Row = { key: textOf(this.#keyAt.map((at) => cells[at] as Cell)), cells }
    this.#rows.set(rowId, row)
    const same = this.#byKey.get(row.key)
    if (same === undefined) this.#byKey.set(row.key, [row])
    else same.push(row)
    this.#count(cells, 1)
    return row.key
  }

  #remove(rowId: number): KeyText | undefined {
    const row = this.#rows.get(rowId)
    if (row === undefined) return undefined
    this.#rows.delete(rowId)
    const others = this.#byKey.get(row.key)?.filter((other) => other !== row) ?? []
    if (others.length === 0) this.#byKey.delete(row.key)
    else this.#byKey.set(row.key, others)
    this.#count(row.cells, -1)
    return row.key
  }

  #count(cells: Cells, sign: 1 | -1): void {
    for (const at of this.#valueColumns())
      this.#sums[at] = (this.#sums[at] as number) + sign * numberOf(cells[at])
  }

  #valueColumns(): number[] {
    return (this.#columns ?? []).map((_, at) => at).filter((at) => !this.#keyAt.includes(at))
  }
}

/** `keys`: those that may differ, or all. Linear in them. */
export function diffRows(desired: DesiredRows, stored: Rows, keys: Iterable<KeyText> | 'all'): RowDiff {
  const written = new Map<KeyText, Cells>()
  const gone = new Map<KeyText, Cells>()
  const looked = keys === 'all' ? new Set([...desired.keys(), ...stored.keys()]) : keys
  for (const key of looked) {
    const [want, have] = [desired.get(key), stored.get(key)]
    if (want === undefined) {
      if (have !== undefined) gone.set(key, have)
    } else if (have === undefined || textOf(want) !== textOf(have)) written.set(key, want)
  }
  return { written, gone }
}

/**
 * True where a number of a group has fallen to nothing: nobody should be sent there any more. A group that is gone is not: between
 * the delete and the insert of a change every group looks so.
 */
export function isUrgent(want: Cells | undefined, have: Cells | undefined): boolean {
  if (have === undefined || want === undefined) return false
  return have.some((cell, at) => numberOf(cell) > 0 && !(numberOf(want[at]) > 0))
}

/** Rows of the table by key, columns in the order of the query. */
export function storedRows(
  rows: readonly Cells[],
  columns: readonly string[],
  keyColumns: readonly string[],
): Map<KeyText, Cells> {
  const keyAt = keyColumns.map((name) => columns.indexOf(name))
  assert(!keyAt.includes(-1), 'the key is among the columns')
  return new Map(rows.map((cells) => [textOf(keyAt.map((at) => cells[at] as Cell)), cells]))
}

/** Rows, and the sum of each column that is no key: what the guard compares. */
export function sizesOf(
  rows: Rows,
  columns: readonly string[],
  keyColumns: readonly string[],
): Map<string, number> {
  const sizes = new Map([['rows', rows.size]])
  for (const [at, name] of columns.entries()) {
    if (keyColumns.includes(name)) continue
    let sum = 0
    for (const cells of rows.values()) sum += numberOf(cells[at])
    sizes.set(`sum of ${name}`, sum)
  }
  return sizes
}

/** Of anything that is no number: 0. */
export function numberOf(cell: Cell | undefined): number {
  return typeof cell === 'number' || typeof cell === 'bigint' ? Number(cell) : 0
}

function textOf(cells: Cells): string {
  return JSON.stringify(cells, (_, value) => {
    if (typeof value === 'bigint') return { integer: String(value) }
    return value instanceof Uint8Array ? { blob: [...value] } : value
  })
}
