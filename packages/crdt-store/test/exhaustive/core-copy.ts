/**
 * CoreCopy: the real merge (`src/core/merge.ts`) on rows in memory: what remote-write.ts does with it, without SQL.
 * A value: merging gives another copy, so that many orders of delivery share their beginnings.
 */
import type { SqliteValue, Version } from '@patina/base'
import { mergeRow } from '../../src/core/merge.ts'
import {
  type ActorOrder,
  type ActorOrdinal,
  type ColumnOrdinal,
  cellStamps,
  type RowClock,
  type Stamp,
} from '../../src/core/row-clock.ts'
import { liveLine, rowLine } from '../model/describe.ts'
import {
  identity,
  type ModelChange,
  type ModelTable,
  type ModelVersion,
  type Stamp as NamedStamp,
} from '../model/replica.ts'

/** Ordinals in an order of their own, because they mean nothing: a is 2, b is 0, c is 1. */
const NAMES = ['b', 'c', 'a']
const order: ActorOrder = (x, y) => ((NAMES[x] as string) < (NAMES[y] as string) ? -1 : x === y ? 0 : 1)

interface CoreRow {
  readonly key: readonly SqliteValue[]
  readonly clock: RowClock
  /** By column, defaults where nothing was written. Undefined: the row does not live. */
  readonly values: readonly SqliteValue[] | undefined
}

export class CoreCopy {
  readonly #table: ModelTable
  readonly #rows: ReadonlyMap<string, CoreRow>
  readonly #live: ReadonlyMap<string, number>

  constructor(
    table: ModelTable,
    rows: ReadonlyMap<string, CoreRow> = new Map(),
    live: ReadonlyMap<string, number> = new Map(),
  ) {
    this.#table = table
    this.#rows = rows
    this.#live = live
  }

  merge({ actor, version, changes }: ModelVersion): CoreCopy {
    const stamp = { actor: NAMES.indexOf(actor) as ActorOrdinal, version: version as Version }
    const [rows, live] = [new Map(this.#rows), new Map(this.#live)]
    const count = (of: Stamp, by: number): void => {
      const name = stampName(of)
      live.set(name, (live.get(name) ?? 0) + by)
    }
    for (const change of changes) {
      const merged = this.#mergeRow(rows.get(identity(change.key)), change, stamp)
      if (merged === undefined) continue
      rows.set(identity(change.key), merged.row)
      count(stamp, merged.won)
      for (const loser of merged.lost) count(loser, -1)
    }
    return new CoreCopy(this.#table, rows, live)
  }

  /** The lines of model/describe.ts. */
  describe(): string[] {
    const rows = [...this.#rows.values()].map(({ key, clock, values }) =>
      rowLine({
        table: this.#table,
        key,
        causalLength: clock.causalLength,
        owner: named(clock.owner),
        cells: new Map(
          cellStamps(clock).map((cell) => [
            this.#table.columns[cell.column]?.name ?? '',
            { ...named(cell), columnVersion: cell.columnVersion },
          ]),
        ),
        values,
      }),
    )
    const live = [...this.#live].filter(([, count]) => count !== 0)
    return [...rows, ...live.map(([version, count]) => liveLine(version, count))].sort()
  }

  #mergeRow(
    ours: CoreRow | undefined,
    { key, causalLength, cells }: ModelChange,
    stamp: Stamp,
  ): { readonly row: CoreRow; readonly won: number; readonly lost: readonly Stamp[] } | undefined {
    const { columns } = this.#table
    const incoming = columns.flatMap(({ name }, i) => {
      const cell = cells.get(name)
      return cell === undefined ? [] : [{ column: i as ColumnOrdinal, ...cell }]
    })
    const readCell = (column: ColumnOrdinal): SqliteValue => ours?.values?.[column] as SqliteValue
    const verdict = mergeRow(ours?.clock, { causalLength, cells: incoming, stamp }, { order, readCell })
    if (verdict.kind === 'lost') return undefined
    const values =
      verdict.kind === 'reset' ? columns.map((column) => column.default) : [...(ours?.values ?? [])]
    for (const { column, value } of verdict.kind === 'reset' ? incoming : verdict.written)
      values[column] = value
    const row = { key, clock: verdict.clock, values: causalLength % 2 === 1 ? values : undefined }
    return { row, won: verdict.kind === 'reset' ? incoming.length + 1 : verdict.won, lost: verdict.lost }
  }
}

function named({ actor, version }: Stamp): NamedStamp {
  return { actor: NAMES[actor] as string, version }
}

function stampName(stamp: Stamp): string {
  return `${NAMES[stamp.actor]}#${stamp.version}`
}
