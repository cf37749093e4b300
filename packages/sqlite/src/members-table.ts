/** `patina_members`: what this agent believes of the cluster, as a local table (local-table.ts). */
import type { SqliteValue } from '@patina/base'
import { LocalTable } from './local-table.ts'
import type { Database } from './open.ts'

/** A row in the order of the columns: actor, name, addr, state, region, tags, rtt_ms, since. */
export type MemberRow = readonly [
  actor: string,
  name: string,
  addr: string,
  state: string,
  region: SqliteValue,
  tags: SqliteValue,
  rttMs: SqliteValue,
  since: SqliteValue,
]

export const MEMBERS_TABLE = 'patina_members'

const COLUMNS = ['actor', 'name', 'addr', 'state', 'region', 'tags', 'rtt_ms', 'since'] as const

/** What the inspector is told, so that it knows the table; before the file's definitions, as the TEMP table hides one there. */
export const MEMBERS_DEFINITION: string = `CREATE TABLE ${MEMBERS_TABLE} (
  actor TEXT PRIMARY KEY NOT NULL, -- 32 hex digits
  name TEXT NOT NULL,
  addr TEXT NOT NULL,
  state TEXT NOT NULL,             -- alive, suspect, down, left
  region TEXT,
  tags TEXT,                       -- JSON
  rtt_ms INTEGER,                  -- rounded, so that it seldom changes
  since INTEGER
) WITHOUT ROWID`

export class MembersTable extends LocalTable<MemberRow> {
  constructor(db: Database) {
    super(db, { name: MEMBERS_TABLE, definition: MEMBERS_DEFINITION, columns: COLUMNS })
  }
}
