/** `patina_lag`: what this agent knows of, and lacks of, what each actor has written, as a local table (local-table.ts). */
import type { SqliteValue } from '@patina/base'
import { LocalTable } from './local-table.ts'
import type { Database } from './open.ts'

/** A row in the order of the columns: actor, version, behind, age_ms. */
export type LagRow = readonly [actor: string, version: SqliteValue, behind: SqliteValue, ageMs: SqliteValue]

export const LAG_TABLE = 'patina_lag'

const COLUMNS = ['actor', 'version', 'behind', 'age_ms'] as const

export const LAG_DEFINITION: string = `CREATE TABLE ${LAG_TABLE} (
  actor TEXT PRIMARY KEY NOT NULL, -- 32 hex digits
  version INTEGER NOT NULL,        -- the highest that is known of
  behind INTEGER NOT NULL,         -- how many up to it are not held
  age_ms INTEGER                   -- of the view of a live member, rounded; NULL where nothing proves one
) WITHOUT ROWID`

export class LagTable extends LocalTable<LagRow> {
  constructor(db: Database) {
    super(db, { name: LAG_TABLE, definition: LAG_DEFINITION, columns: COLUMNS })
  }
}
