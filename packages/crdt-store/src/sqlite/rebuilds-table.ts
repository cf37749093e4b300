/**
 * `__patina_rebuilds`: which tables are being changed in a way that touches their rows, and how far is that? Made with the first
 * such change. The tables that it speaks of have names of their own beside the user's table (schema-rebuild.ts, residue.ts).
 */
import type { Database } from '@patina/sqlite'

/**
 * `copying`: rows go into the table that will take the place of this one. `rebuilt`: it has taken the place, and what of the former
 * table has none in it goes beside the clocks. `dropped`: the same for all of a table that is gone.
 */
export type RebuildPhase = 'copying' | 'dropped' | 'rebuilt'

export interface RebuildRow {
  /** Folded. */
  readonly name: string
  readonly phase: RebuildPhase
  /** Copying: the place of the last clock whose row is copied. */
  readonly place: number
}

const TABLE = '__patina_rebuilds'

/** None in a file in which no such change was ever made. */
export function rebuilds(db: Database): readonly RebuildRow[] {
  if (db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(TABLE) === undefined) return []
  return db
    .prepare<[], RebuildRow>(`SELECT name, phase, place FROM ${TABLE} ORDER BY name`)
    .safeIntegers(false)
    .all()
}

export function rebuildOf(db: Database, name: string): RebuildRow | undefined {
  return rebuilds(db).find((row) => row.name === name)
}

/** In the transaction that makes what the row speaks of. */
export function putRebuild(db: Database, { name, phase, place }: RebuildRow): void {
  db.exec(`CREATE TABLE IF NOT EXISTS ${TABLE} (
    name  TEXT PRIMARY KEY NOT NULL,  -- the user's table, folded to lower case
    phase TEXT NOT NULL,              -- copying, rebuilt, dropped
    place INTEGER NOT NULL            -- copying: rowid of the last clock that is copied
  ) WITHOUT ROWID`)
  db.prepare(`INSERT OR REPLACE INTO ${TABLE} (name, phase, place) VALUES (?, ?, ?)`)
    .safeIntegers(false)
    .run(name, phase, place)
}

export function deleteRebuild(db: Database, name: string): void {
  db.prepare(`DELETE FROM ${TABLE} WHERE name = ?`).run(name)
}
