/**
 * What a store's file holds of all rows, wherever: clocks and user tables, and beside them what is unknown. As lines that the oracle
 * has as well. Reads packed clocks with a reader of its own.
 */
import { must, type SqliteValue } from '@patina/base'
import { decodePayload } from '../../src/core/changeset.ts'
import type { Store } from '../../src/index.ts'
import { identity, type ModelRow, type Stamp, valueText } from '../model/replica.ts'
import { varints } from '../two-stores.ts'
import type { DrawnSchema, DrawnTable, Names } from './schema-tables.ts'
import { actorName } from './store-view.ts'

export interface SeenCell extends Stamp {
  readonly columnVersion: number
  readonly value: SqliteValue
}

export interface SeenRow {
  causalLength: number
  owner: Stamp
  readonly cells: Map<string, SeenCell>
}

/** Tables of other key columns are other tables. */
export function tableId(table: string, keyColumns: readonly string[]): string {
  return `${table}(${keyColumns.join()})`
}

/** The row in one line, without names that are forgotten; undefined where all of it is. */
export function seenLine(
  row: string,
  { causalLength, owner, cells }: SeenRow | ModelRow,
  forgotten: Names = NO_NAMES,
): string | undefined {
  const [table = ''] = row.split('(', 1)
  if (forgotten.has(table)) return undefined
  const kept = [...cells].filter(([column]) => !forgotten.has(`${table}.${column}`))
  const shown = kept.map(([column, { columnVersion, value, actor, version }]) => {
    return `${column}=${valueText(value)}@${columnVersion}(${actor}#${version})`
  })
  return `${row} life ${causalLength}(${owner.actor}#${owner.version}) ${shown.sort().join(' ')}`
}

const NO_NAMES: Names = new Set()

/** All rows of the file, each in one line; and where a row shows something else than its stamps say. */
export function seenLines(store: Store, schema: DrawnSchema, forgotten: Names = NO_NAMES): string[] {
  const view = new FileView(store)
  for (const table of schema) view.readTable(table)
  view.readUnknown()
  return view.lines(forgotten)
}

class FileView {
  readonly #store: Store
  readonly #actors: ReadonlyMap<SqliteValue, string>
  readonly #rows = new Map<string, SeenRow>()
  readonly #faults: string[] = []

  constructor(store: Store) {
    this.#store = store
    const actors = this.#all('SELECT ord, lower(hex(actor)) FROM __patina_actors')
    this.#actors = new Map(actors.map(([ord, actor]) => [ord as SqliteValue, actorName(actor as string)]))
  }

  lines(forgotten: Names): string[] {
    const rows = [...this.#rows].flatMap(([row, seen]) => seenLine(row, seen, forgotten) ?? [])
    return [...rows, ...this.#faults].sort()
  }

  readTable({ name, key, columns }: DrawnTable): void {
    const [[ordinal]] = this.#all(`SELECT ord FROM __patina_names WHERE kind = 0 AND name = '${name}'`) as [
      [bigint],
    ]
    const names = this.#all(
      `SELECT name FROM __patina_names WHERE kind = 1 + ${ordinal} ORDER BY ord`,
    ).flat() as string[]
    const shown = [...key, ...columns.map((column) => column.name)].map((column) => `t.${column}`)
    const sql = `SELECT c.k0, c.cl, c.actor, c.version, c.width, c.cells, ${shown.join(', ')}
                 FROM ${name} AS t FULL JOIN ${name}__patina_clock AS c ON t.${key[0]} = c.k0`
    for (const [k0, cl, actor, version, width, cells, id, ...values] of this.#all(sql)) {
      const row = `${tableId(name, key)} ${identity([k0 as SqliteValue])}`
      const owner = this.#stamp(actor as bigint, version as bigint)
      const stamps =
        cells === null ? shared(names, Number(width), owner) : this.#stamps(cells as Uint8Array, names)
      const isAlive = Number(cl) % 2 === 1
      if (cl === null || isAlive !== (id !== null)) this.#faults.push(`${row}: clock ${cl}, row ${id}`)
      const shownAt = (column: string): SqliteValue => {
        const at = columns.findIndex((each) => each.name === column)
        return at < 0 ? `no column ${column}` : (values[at] as SqliteValue)
      }
      for (const column of isAlive ? columns : [])
        if (!stamps.has(column.name) && valueText(shownAt(column.name)) !== valueText(column.default))
          this.#faults.push(`${row}: ${column.name} shows ${valueText(shownAt(column.name))} without a stamp`)
      const seen = [...stamps].map(
        ([column, stamp]) => [column, { ...stamp, value: shownAt(column) }] as const,
      )
      this.#rows.set(row, { causalLength: Number(cl), owner, cells: new Map(seen) })
    }
  }

  readUnknown(): void {
    const entries = this.#all(
      'SELECT "table", key, "column", cl, colv, actor, version, value FROM __patina_unknown ORDER BY 1, 2, 3',
    )
    for (const [table, bytes, column, cl, colv, actor, version, value] of entries) {
      const decoded = decodePayload(new Uint8Array(bytes as Uint8Array), 1)
      const { keyColumns, key } = must(decoded.ok ? decoded.value[0] : undefined, 'keys are our own')
      const row = `${tableId(table as string, keyColumns)} ${identity(key)}`
      const stamp = this.#stamp(actor as bigint, version as bigint)
      const known = this.#rows.get(row)
      const seen = known ?? { causalLength: Number(cl), owner: stamp, cells: new Map<string, SeenCell>() }
      this.#rows.set(row, seen)
      if (
        (known === undefined) !== (column === '') ||
        seen.causalLength !== Number(cl) ||
        seen.cells.has(column as string)
      )
        this.#faults.push(`${row}: ${column} stands beside it with life ${cl}`)
      if (column !== '')
        seen.cells.set(column as string, {
          ...stamp,
          columnVersion: Number(colv),
          value: value as SqliteValue,
        })
    }
  }

  #stamps(cells: Uint8Array, names: readonly string[]): Map<string, Stamp & { columnVersion: number }> {
    const numbers = varints(cells)
    const stamps = new Map<string, Stamp & { columnVersion: number }>()
    for (let i = 0; i < numbers.length; i += 4) {
      const [column, columnVersion, actor, version] = numbers.slice(i, i + 4) as [
        number,
        number,
        number,
        number,
      ]
      stamps.set(must(names[column], 'ordinals are dense'), {
        columnVersion,
        ...this.#stamp(BigInt(actor), BigInt(version)),
      })
    }
    return stamps
  }

  #stamp(actor: bigint, version: bigint): Stamp {
    return { actor: this.#actors.get(actor) ?? `unknown ${actor}`, version: Number(version) }
  }

  #all(sql: string): SqliteValue[][] {
    const { database } = this.#store
    const prepared = statements.get(database) ?? new Map<string, { all: () => unknown[] }>()
    statements.set(database, prepared)
    const statement = prepared.get(sql) ?? database.prepare(sql).raw()
    prepared.set(sql, statement)
    return statement.all() as SqliteValue[][]
  }
}

/** Of each store's connection, by text: a view is made after each step. */
const statements = new WeakMap<Store['database'], Map<string, { all: () => unknown[] }>>()

function shared(
  names: readonly string[],
  width: number,
  owner: Stamp,
): Map<string, Stamp & { columnVersion: number }> {
  return new Map(names.slice(0, width).map((name) => [name, { columnVersion: 1, ...owner }]))
}
