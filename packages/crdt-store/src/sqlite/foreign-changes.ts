/**
 * What another program has done to the schema of a replicated table while no agent ran: each start refuses it with what to
 * do about it, before anything is written. Values that it wrote into tables of ours are not looked for.
 */
import type { Database } from '@patina/sqlite'
import type { TableDefinition } from '../core/table.ts'
import { StoreOpenError } from '../errors.ts'
import { Capture } from './capture.ts'
import { CLOCK_SUFFIX } from './clock-table.ts'
import { dirtyTrigger } from './schema-rebuild.ts'

/** Throws StoreOpenError unless the table, its clocks and its triggers are as this program made them. */
export function refuseForeignChanges(db: Database, table: TableDefinition): void {
  const ours = new Set(Capture.triggers(table))
  const mayBe = new Set([...ours, dirtyTrigger(table.name)])
  const tables = [table.name, table.name + CLOCK_SUFFIX] as const
  refuseLosses(db, table, ours)
  for (const name of tables) {
    refuseTriggers(db, name, mayBe)
    refuseUniqueIndexes(db, name)
  }
}

/** Without them local writes would not travel. */
function refuseLosses(db: Database, { name }: TableDefinition, ours: ReadonlySet<string>): void {
  const stands = db
    .prepare<[string], string>('SELECT sql FROM sqlite_schema WHERE lower(tbl_name) = ?')
    .pluck()
  const there = new Set(stands.all(name))
  const areThere = [...ours].every((trigger) => there.has(trigger))
  if (areThere && stands.get(name + CLOCK_SUFFIX) !== undefined) return
  throw new StoreOpenError(
    'damaged',
    `table ${name} has lost its clock table or a trigger (another program changed the file): ` +
      'its writes would not travel. Restore a backup, or start with an empty file and let peers fill it',
  )
}

/** It would run on merges, too, and change rows here alone. */
function refuseTriggers(db: Database, table: string, ours: ReadonlySet<string>): void {
  const triggers = db
    .prepare<[string], { readonly name: string; readonly sql: string }>(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = ?`,
    )
    .all(table)
  const foreign = triggers.find(({ sql }) => !ours.has(sql))
  if (foreign === undefined) return
  throw new StoreOpenError(
    'foreign-trigger',
    `table ${table} has the trigger ${foreign.name}, which another program has made: it would change rows on this ` +
      'node alone. Remove it with DROP TRIGGER in a SQLite shell',
  )
}

/** Two nodes can each write a row that breaks it, and then this one alone would refuse the merge. */
function refuseUniqueIndexes(db: Database, table: string): void {
  const unique = db
    .prepare<[string], string>(
      `SELECT name FROM pragma_index_list(?) WHERE "unique" = 1 AND origin = 'c' ORDER BY name`,
    )
    .pluck()
    .get(table)
  if (unique === undefined) return
  throw new StoreOpenError(
    'foreign-index',
    `table ${table} has the UNIQUE index ${unique}, which another program has made: this node alone would refuse rows ` +
      'of its peers. Remove it with DROP INDEX in a SQLite shell',
  )
}
