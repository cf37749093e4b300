/**
 * CHECK holds for local writes only: two valid writes may merge into a row that breaks it, and refusing that row on one
 * node would part the copies. Ignoring it costs a new preparation of every statement, so that is done where one failed.
 */
import type { Database } from '@patina/sqlite'

const ignoring = new WeakSet<Database>()

/** Runs work in which no CHECK is looked at. */
export function withoutChecks<T>(db: Database, work: () => T): T {
  ignoring.add(db)
  db.pragma('ignore_check_constraints=ON')
  try {
    return work()
  } finally {
    try {
      enforceChecks(db)
    } catch {
      // The work is done as it is done; whoever needs the constraints asks for them again.
    }
  }
}

/** Before local writes. Throws SQLite's error; then nothing may be written. */
export function enforceChecks(db: Database): void {
  if (!ignoring.has(db)) return
  db.pragma('ignore_check_constraints=OFF')
  ignoring.delete(db)
}
