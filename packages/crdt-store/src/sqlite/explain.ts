/**
 * Explain: who wrote each cell of a row, when, and what else decides when copies merge. For people who ask why a value is
 * what it is. Reads only.
 */
import type { ActorId, CausalLength, ColumnVersion, Hlc, SqliteValue, Version } from '@patina/base'
import { isAlive } from '../core/causal-length.ts'
import { cellStamps, type Stamp } from '../core/row-clock.ts'
import { foldName } from '../core/table.ts'
import type { StoreParts } from './store-parts.ts'

/** The version that won something. */
export interface Writer {
  readonly actor: ActorId
  readonly version: Version
  /** When it was written, by its writer's clock; undefined where this file has not kept it. */
  readonly ts: Hlc | undefined
}

export interface CellExplanation extends Writer {
  readonly column: string
  readonly columnVersion: ColumnVersion
}

export interface RowExplanation {
  readonly isAlive: boolean
  readonly causalLength: CausalLength
  /** Owner of the row's life, or of its death. */
  readonly owner: Writer
  /** By column; a column that was never written is not there. */
  readonly cells: readonly CellExplanation[]
}

/** `undefined`: no replicated table of this name, or nobody has ever written such a row. */
export function explain(
  { db, tables, actors }: StoreParts,
  table: string,
  key: readonly SqliteValue[],
): RowExplanation | undefined {
  const replicated = tables.get(foldName(table))
  if (replicated === undefined || key.length !== replicated.keyNames.length) return undefined
  const clock = replicated.clocks.get(key)
  if (clock === undefined) return undefined
  const time = db
    .prepare<[number, number], Hlc>('SELECT ts FROM __patina_log WHERE actor = ? AND version = ? LIMIT 1')
    .pluck()
    .safeIntegers(false)
  const writer = ({ actor, version }: Stamp): Writer => ({
    actor: actors.idOf(actor),
    version,
    ts: time.get(actor, version),
  })
  const nameOf = new Map(replicated.definition.columns.map(({ ordinal, name }) => [ordinal, name]))
  return {
    isAlive: isAlive(clock.causalLength),
    causalLength: clock.causalLength,
    owner: writer(clock.owner),
    cells: cellStamps(clock).flatMap((stamp) => {
      const column = nameOf.get(stamp.column)
      return column === undefined ? [] : [{ column, columnVersion: stamp.columnVersion, ...writer(stamp) }]
    }),
  }
}
