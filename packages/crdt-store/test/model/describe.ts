/**
 * A copy as lines of text, one for each row, version and actor: the same lines from the oracle and from a store's file
 * mean identical rows, stamps, life owners, counters and knowledge; the first line that differs tells what is wrong.
 */
import type { SqliteValue } from '@patina/base'
import { identity, type ModelTable, type Replica, type Stamp, shownValue, valueText } from './replica.ts'

/** Knowledge of one actor's versions. */
export interface KnownVersions {
  readonly actor: string
  readonly have: readonly number[]
  /** Seqs here of versions that are not complete. */
  readonly waiting: ReadonlyMap<number, readonly number[]>
  readonly head: number
  readonly headTs: number
}

export interface DescribedRow {
  readonly table: ModelTable
  readonly key: readonly SqliteValue[]
  readonly causalLength: number
  readonly owner: Stamp
  readonly cells: ReadonlyMap<string, Stamp & { readonly columnVersion: number }>
  /** As a reader sees them; undefined where there is no such row in the user's table. */
  readonly values: readonly SqliteValue[] | undefined
}

export function rowLine({ table, key, causalLength, owner, cells, values }: DescribedRow): string {
  const shown = table.columns.map(({ name }, i) => {
    const stamp = cells.get(name)
    const value = values === undefined ? 'gone' : valueText(values[i] as SqliteValue)
    return `${name}=${value}${stamp === undefined ? '' : `@${stamp.columnVersion}${stampText(stamp)}`}`
  })
  return `${table.name} ${identity(key)} life ${causalLength}${stampText(owner)} ${shown.join(' ')}`
}

export function liveLine(version: string, live: number): string {
  return `live ${version} ${live}`
}

export function knowledgeLine({ actor, have, waiting, head, headTs }: KnownVersions): string {
  const parts = [...waiting]
    .sort(([a], [b]) => a - b)
    .map(([version, seqs]) => `${version}:${rangesText(seqs)}`)
  return `have ${actor} ${rangesText(have)} head ${head}@${headTs} waiting ${parts.join(' ')}`
}

/** The lines of the oracle. */
export function describeReplica(replica: Replica, tables: readonly ModelTable[]): string[] {
  const rows = tables.flatMap((table) =>
    replica.rows(table.name).map(({ key, causalLength, owner, cells }) => {
      const values = table.columns.map((column) => shownValue(column, cells))
      const isAlive = causalLength % 2 === 1
      return rowLine({ table, key, causalLength, owner, cells, values: isAlive ? values : undefined })
    }),
  )
  return [...rows, ...[...replica.live()].map(([version, live]) => liveLine(version, live))].sort()
}

function stampText({ actor, version }: Stamp): string {
  return `(${actor}#${version})`
}

/** Sorted numbers as ranges. */
export function rangesText(numbers: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const n of numbers) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === n - 1) last[1] = n
    else ranges.push([n, n])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}
