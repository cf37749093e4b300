/**
 * Residue: what of a table that was dropped or rebuilt has no place in the schema any more. It goes beside the clocks with its stamps
 * (unknown-table.ts), a slice of rows in a transaction, and continues there if a column comes back. Until it has moved a row is one that
 * this node has not heard of: merging is commutative, so that nobody waits. It counts in `live` all the time. Where it stands
 * needs no note: rows leave the old table as they move, and the table goes with the last.
 */
import type { SqliteValue } from '@patina/base'
import { valueFromSqlite } from '@patina/sqlite'
import { cellStamps, type Stamp } from '../core/row-clock.ts'
import { CLOCK_SUFFIX, type StoredClock } from './clock-table.ts'
import { keepsKey } from './kept-values.ts'
import type { NamesTable } from './names-table.ts'
import { quote } from './quote.ts'
import { deleteRebuild, type RebuildRow } from './rebuilds-table.ts'
import { isolated } from './remote-batch.ts'
import { applyRow, type RemoteContext } from './remote-write.ts'
import type { ReplicatedTable } from './replicated-table.ts'
import { resolveChange } from './resolve-changes.ts'
import { oldName, placeOf } from './schema-rebuild.ts'
import type { StoreParts } from './store-parts.ts'

/** A cell or a life that stood in the old table alone. */
export interface ResidueEntry extends Stamp {
  /** Empty for the life. */
  readonly column: string
  readonly columnVersion: number
  readonly value: SqliteValue
}

interface OldRow {
  readonly key: readonly SqliteValue[]
  readonly clock: StoredClock
}

/** The old table of a rebuild, and the table of the same name that there is now. */
export interface Residue {
  readonly name: string
  readonly phase: RebuildRow['phase']
  readonly old: ReplicatedTable
  readonly now: ReplicatedTable | undefined
}

/** What of a row is not in the table that there is now; its life first. */
export function residueOf({ phase, old, now }: Residue, { key, clock }: OldRow): readonly ResidueEntry[] {
  const stamps = cellStamps(clock)
  const values = stamps.length === 0 ? [] : old.rows.readAll(key)
  const carrying =
    phase === 'rebuilt' && now !== undefined && keepsKey(now.definition.key, key) ? now : undefined
  const cells = stamps.flatMap(({ column, ...stamp }): ResidueEntry[] => {
    const value = valueFromSqlite(values[column])
    if (carrying !== undefined && placeOf(old, carrying, { column, value }) !== undefined) return []
    return [{ ...stamp, column: old.definition.columns[column]?.name ?? '', value }]
  })
  if (carrying !== undefined) return cells
  return [{ ...clock.owner, column: '', columnVersion: 0, value: null }, ...cells]
}

/** Moves the next rows; false where none is left and the old table is gone. Call in a transaction of remote changes. */
export function moveResidue(
  parts: StoreParts,
  names: NamesTable,
  { residue, context }: { readonly residue: Residue; readonly context: RemoteContext },
): boolean {
  const { old, name } = residue
  const { db, pace } = parts
  const rows = old.clocks.after(0, pace.rows)
  const remove = db
    .prepare(`DELETE FROM ${quote(oldName(name) + CLOCK_SUFFIX)} WHERE rowid = ?`)
    .safeIntegers(false)
  for (const row of rows) {
    const merged = isolated(parts, context, (alone) => mergeRow(residue, row, alone))
    // A rule of the table that there is now refuses the row: it waits beside it.
    if (!merged.ok) mergeRow(residue, row, { ...context, tables: new Map() })
    if (row.clock.causalLength % 2 === 1) old.rows.delete(row.key)
    remove.run(row.clock.rowid)
  }
  if (rows.length === pace.rows) return true
  db.exec(`DROP TABLE ${quote(oldName(name))}; DROP TABLE ${quote(oldName(name) + CLOCK_SUFFIX)}`)
  names.rename(oldName(name), '')
  deleteRebuild(db, name)
  return false
}

/** All that one version wrote is merged as one change; the owner's comes first, and with it the life. */
function mergeRow(residue: Residue, row: OldRow, context: RemoteContext): void {
  const { old, name } = residue
  const { causalLength, owner } = row.clock
  const byStamp = Map.groupBy(residueOf(residue, row), ({ actor, version }) => `${actor}/${version}`)
  const first = byStamp.get(`${owner.actor}/${owner.version}`)
  const groups = [
    ...(first === undefined ? [] : [first]),
    ...[...byStamp.values()].filter((g) => g !== first),
  ]
  for (const entries of groups) {
    const [{ actor, version }] = entries as [ResidueEntry]
    const stamp = { actor, version }
    const cells = entries.filter(({ column }) => column !== '')
    const change = { table: name, keyColumns: old.keyNames, key: row.key, causalLength, cells }
    const won = applyRow(resolveChange(change, context.tables), stamp, context)
    const lost = entries.length - won
    context.losses.lose(Array.from({ length: Math.max(lost, 0) }, () => stamp))
  }
}
