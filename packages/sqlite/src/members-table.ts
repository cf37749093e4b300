/**
 * `patina_members`: what this agent believes of the cluster, as a TEMP table of a connection that runs clients' queries.
 * Main sends the whole list; what is equal stays untouched, and what differs is told by its columns. The connection refuses
 * writes (`query_only`), so that is off for the moment of our own statements.
 * Knows nothing of membership: rows come and go as main says.
 */
import { type SqliteValue, sameValue } from '@patina/base'
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

/** Columns whose values differ; `all`: a row came or went. */
export interface MembersChange {
  readonly table: typeof MEMBERS_TABLE
  readonly columns: readonly string[] | 'all'
}

export class MembersTable {
  readonly #db: Database
  readonly #apply: (put: readonly MemberRow[], gone: readonly string[]) => void
  #rows: ReadonlyMap<string, MemberRow> = new Map()

  constructor(db: Database) {
    this.#db = db
    this.#writable(() => db.exec(MEMBERS_DEFINITION.replace('CREATE TABLE', 'CREATE TEMP TABLE')))
    const remove = db.prepare(`DELETE FROM temp.${MEMBERS_TABLE} WHERE actor = ?`)
    const replace = db.prepare(
      `REPLACE INTO temp.${MEMBERS_TABLE} VALUES (${COLUMNS.map(() => '?').join(', ')})`,
    )
    this.#apply = db.transaction((put: readonly MemberRow[], gone: readonly string[]) => {
      for (const actor of gone) remove.run(actor)
      for (const row of put) replace.run(row)
    })
  }

  /** What changed by this list, or undefined. Of rows of one actor the last counts. Only rows that differ are written. */
  set(rows: readonly MemberRow[]): MembersChange | undefined {
    const byActor = new Map(rows.map((row) => [row[0], row]))
    const gone = [...this.#rows.keys()].filter((actor) => !byActor.has(actor))
    const put: MemberRow[] = []
    const columns = new Set<string>()
    let isNew = false
    for (const [actor, row] of byActor) {
      const before = this.#rows.get(actor)
      isNew ||= before === undefined
      if (before === undefined || differs(before, row, columns)) put.push(row)
    }
    if (put.length === 0 && gone.length === 0) return undefined
    this.#writable(() => this.#apply(put, gone))
    this.#rows = byActor
    return { table: MEMBERS_TABLE, columns: isNew || gone.length > 0 ? 'all' : [...columns] }
  }

  #writable(write: () => void): void {
    this.#db.pragma('query_only=OFF')
    try {
      write()
    } finally {
      this.#db.pragma('query_only=ON')
    }
  }
}

/** Adds the names of the columns whose values differ to `columns`. */
function differs(before: MemberRow, row: MemberRow, columns: Set<string>): boolean {
  let isSame = true
  for (const [i, column] of COLUMNS.entries()) {
    if (sameValue(before[i] as SqliteValue, row[i] as SqliteValue)) continue
    isSame = false
    columns.add(column)
  }
  return !isSame
}
