/**
 * The oracle of the merge: what a copy of replicated tables holds, as a function of the set of versions that it has seen.
 * Written from the rules of the merge alone (the contract in README.md), and shares no code with the store: a set
 * has no order, no grouping and no repetition, so whatever equals this function is commutative, associative, idempotent.
 *
 *   life    the greatest causal length among the changes of a row; all changes of smaller lives are as if never seen.
 *           Odd: the row lives. Its owner is the greatest (actor, version) among the changes of that life.
 *   cell    among the changes of that life that write the column: greatest column version, then value, then actor, then
 *           version. A column that none of them writes holds its default and has no stamp.
 *   value   NULL < BLOB < TEXT < REAL < INTEGER, then blobs and texts by bytes (UTF-8), numbers by value, -0.0 before 0.0.
 *   live    of a version: cells whose stamp it is, and lives that it owns.
 *   writes  a request is the difference of two images of the tables: a row that comes takes the next life and writes all
 *           columns with column version 1; one that goes takes the next life; one that stays writes the columns whose
 *           class or bytes differ, each one column version ahead. No difference: no version.
 *
 * Slow on purpose. Knows no chunks, no SQL and no knowledge of heads: the laws have those.
 */
import type { SqliteValue } from '@patina/base'

export interface ModelTable {
  readonly name: string
  readonly key: readonly string[]
  readonly columns: readonly { readonly name: string; readonly default: SqliteValue }[]
}

export interface Stamp {
  readonly actor: string
  readonly version: number
}

export interface ModelChange {
  readonly table: string
  readonly key: readonly SqliteValue[]
  readonly causalLength: number
  readonly cells: ReadonlyMap<string, { readonly columnVersion: number; readonly value: SqliteValue }>
}

/** What one request changed, under the name by which copies speak of it. */
export interface ModelVersion extends Stamp {
  readonly changes: readonly ModelChange[]
}

export interface ModelCell extends Stamp {
  readonly columnVersion: number
  readonly value: SqliteValue
}

export interface ModelRow {
  readonly key: readonly SqliteValue[]
  readonly causalLength: number
  readonly owner: Stamp
  /** Columns with a stamp. */
  readonly cells: ReadonlyMap<string, ModelCell>
}

/** Values of a living row, in the table's order of columns. */
export interface ImageRow {
  readonly key: readonly SqliteValue[]
  readonly values: readonly SqliteValue[]
}

/** The living rows, as a reader of SQL sees them: by table, then by `identity` of the key. */
export type Image = Map<string, Map<string, ImageRow>>

type StampedChange = ModelChange & Stamp

/** A copy: the versions that it has seen. Everything else follows. */
export class Replica {
  readonly #tables: readonly ModelTable[]
  readonly #seen = new Set<string>()
  /** By table and key: all that was ever said about the row. */
  readonly #changes = new Map<string, StampedChange[]>()
  /** What these say, until one comes to it. */
  readonly #rows = new Map<string, ModelRow>()

  constructor(tables: readonly ModelTable[]) {
    this.#tables = tables
  }

  see({ actor, version, changes }: ModelVersion): void {
    if (this.#seen.has(`${actor}#${version}`)) return
    this.#seen.add(`${actor}#${version}`)
    for (const change of changes) {
      const row = rowId(change.table, change.key)
      this.#changes.set(row, [...(this.#changes.get(row) ?? []), { ...change, actor, version }])
      this.#rows.delete(row)
    }
  }

  /** Every row of a table that anybody ever spoke of, dead ones too; sorted by key. */
  rows(table: string): ModelRow[] {
    const ids = [...this.#changes.keys()].filter((id) => id.startsWith(`${table} `)).sort()
    return ids.map((id) => this.#rowAt(id) as ModelRow)
  }

  #rowAt(id: string): ModelRow | undefined {
    const known = this.#rows.get(id)
    if (known !== undefined) return known
    const changes = this.#changes.get(id)
    if (changes === undefined) return undefined
    const row = rowOf(changes)
    this.#rows.set(id, row)
    return row
  }

  image(): Image {
    const image: Image = new Map()
    for (const { name, columns } of this.#tables) {
      const living = this.rows(name).filter(({ causalLength }) => causalLength % 2 === 1)
      const rows = living.map(({ key, cells }) => {
        const values = columns.map((column) => shownValue(column, cells))
        return [identity(key), { key, values }] as const
      })
      image.set(name, new Map(rows))
    }
    return image
  }

  /** Cells and lives of each version, by `actor#version`; versions that are beaten entirely are not listed. */
  live(): Map<string, number> {
    const live = new Map<string, number>()
    for (const { name } of this.#tables)
      for (const { owner, cells } of this.rows(name))
        for (const { actor, version } of [owner, ...cells.values()])
          live.set(`${actor}#${version}`, (live.get(`${actor}#${version}`) ?? 0) + 1)
    return live
  }

  /** What a request changed that turned the present image into `after`. Empty: it makes no version. */
  difference(after: Image): ModelChange[] {
    const before = this.image()
    return this.#tables.flatMap((table) => {
      const [old, fresh] = [rowsOf(before, table), rowsOf(after, table)]
      const ids = new Set([...old.keys(), ...fresh.keys()])
      return [...ids].flatMap((id) => this.#rowDifference(table, old.get(id), fresh.get(id)) ?? [])
    })
  }

  #rowDifference(
    table: ModelTable,
    old: ImageRow | undefined,
    fresh: ImageRow | undefined,
  ): ModelChange | undefined {
    const { key } = (fresh ?? old) as ImageRow
    const known = this.#rowAt(rowId(table.name, key))
    const causalLength = known?.causalLength ?? 0
    if (fresh === undefined)
      return { table: table.name, key, causalLength: causalLength + 1, cells: new Map() }
    const written = table.columns.flatMap(({ name }, i) => {
      const value = fresh.values[i] as SqliteValue
      if (old === undefined) return [[name, { columnVersion: 1, value }] as const]
      if (compareValues(value, old.values[i] as SqliteValue) === 0) return []
      return [[name, { columnVersion: 1 + (known?.cells.get(name)?.columnVersion ?? 0), value }] as const]
    })
    if (old !== undefined && written.length === 0) return undefined
    const life = old === undefined ? causalLength + 1 : causalLength
    return { table: table.name, key, causalLength: life, cells: new Map(written) }
  }
}

/** The row that a set of changes says; not empty. */
export function rowOf(changes: readonly StampedChange[]): ModelRow {
  const causalLength = Math.max(...changes.map((change) => change.causalLength))
  const life = changes.filter((change) => change.causalLength === causalLength)
  const { actor, version, key } = greatest(life, compareStamps)
  const columns = new Set(life.flatMap(({ cells }) => [...cells.keys()]))
  const cells = new Map<string, ModelCell>()
  for (const column of [...columns].sort()) {
    const written = life.flatMap((change) => {
      const cell = change.cells.get(column)
      return cell === undefined ? [] : [{ ...cell, actor: change.actor, version: change.version }]
    })
    cells.set(column, greatest(written, compareCells))
  }
  return { key, causalLength, owner: { actor, version }, cells }
}

export function compareCells(a: ModelCell, b: ModelCell): number {
  return a.columnVersion - b.columnVersion || compareValues(a.value, b.value) || compareStamps(a, b)
}

function compareStamps(a: Stamp, b: Stamp): number {
  if (a.actor !== b.actor) return a.actor < b.actor ? -1 : 1
  return a.version - b.version
}

/** 0 only for the same storage class and the same bits. */
export function compareValues(a: SqliteValue, b: SqliteValue): number {
  const byClass = classOf(a) - classOf(b)
  if (byClass !== 0 || a === null || b === null) return byClass
  if (typeof a === 'bigint' || typeof a === 'number') return compareNumbers(a, b as typeof a)
  return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string))
}

function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (a !== b) return a < b ? -1 : 1
  return Number(Object.is(b, -0)) - Number(Object.is(a, -0))
}

function classOf(value: SqliteValue): number {
  if (value === null) return 0
  return value instanceof Uint8Array ? 1 : ['string', 'number', 'bigint'].indexOf(typeof value) + 2
}

/** A text that two values share only when they are the same one; for people to read, too. */
export function valueText(value: SqliteValue): string {
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`
  if (typeof value === 'number') return `${Object.is(value, -0) ? '-0' : value}r`
  return typeof value === 'string' ? JSON.stringify(value) : `${value}`
}

export function identity(key: readonly SqliteValue[]): string {
  return key.map(valueText).join(',')
}

function rowId(table: string, key: readonly SqliteValue[]): string {
  return `${table} ${identity(key)}`
}

function rowsOf(image: Image, { name }: ModelTable): ReadonlyMap<string, ImageRow> {
  return image.get(name) ?? new Map()
}

/** What a reader sees in a column of a living row. A cell without a stamp is at its default; a stamped one may be NULL. */
export function shownValue(column: ModelTable['columns'][number], cells: ModelRow['cells']): SqliteValue {
  const cell = cells.get(column.name)
  return cell === undefined ? column.default : cell.value
}

function greatest<T>(items: readonly T[], compare: (a: T, b: T) => number): T {
  return items.reduce((most, item) => (compare(item, most) > 0 ? item : most))
}
