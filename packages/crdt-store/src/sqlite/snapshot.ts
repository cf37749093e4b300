/**
 * Snapshots: a consistent copy of the whole store as one file, taken beside writes. A copy with the same actor would be a fork, so
 * a snapshot carries a mark, and whoever opens it becomes a new actor first: a backup is restored by putting it in place.
 */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ActorId } from '@patina/base'
import type { Database } from '@patina/sqlite'
import BetterSqlite3 from 'better-sqlite3'
import { isPassing, SnapshotError } from '../errors.ts'
import { ActorsTable } from './actors-table.ts'
import { syncFile } from './finish-adoption.ts'
import { MetaTable } from './meta-table.ts'

/** What is being written; a crash leaves it, the next snapshot to the same path replaces it. */
const PARTIAL = '-partial'

export interface SnapshotFacts {
  readonly bytes: number
  /** Versions that it holds, of all actors. */
  readonly versions: number
}

/**
 * Writes what the connection sees now, a read-only one too, to a new file. `sync` makes durable what was read, before the
 * file can leave the host. Blocks for as long as the copy takes. Throws SnapshotError, and SQLite's or the disk's error; then
 * there is no file at the path.
 */
export function writeSnapshot(db: Database, path: string, sync: () => void): SnapshotFacts {
  if (existsSync(path))
    throw new SnapshotError('exists', `${path} exists; give a path that is free, or remove the file`)
  if (!MetaTable.exists(db)) throw new SnapshotError('no-store', `${db.name} is no database of Patina's`)
  const partial = path + PARTIAL
  rmSync(partial, { force: true })
  try {
    copyTo(db, partial)
    sync()
    const facts = finish(partial)
    syncFile(partial)
    renameSync(partial, path)
    syncFile(dirname(path))
    return facts
  } catch (cause) {
    rmSync(partial, { force: true })
    throw cause
  }
}

/** A read-only connection refuses all that looks like writing unless it is told that this is none of the file's. */
function copyTo(db: Database, path: string): void {
  const queryOnly = Number(db.pragma('query_only', { simple: true }))
  if (queryOnly === 1) db.pragma('query_only=OFF')
  try {
    db.prepare('VACUUM INTO ?').run(path)
  } finally {
    if (queryOnly === 1) db.pragma('query_only=ON')
  }
}

/** Takes what belongs to the writer alone out of the copy, and marks it. */
function finish(path: string): SnapshotFacts {
  const copy = new BetterSqlite3(path, { fileMustExist: true })
  try {
    copy.pragma('journal_mode=DELETE')
    const meta = new MetaTable(copy)
    copy.transaction(() => {
      copy.exec('DELETE FROM __patina_own; DELETE FROM __patina_abandoned')
      meta.set('snapshot', 1)
    })()
    const number = (sql: string): number => Number(copy.prepare(sql).pluck().get())
    return {
      bytes: number('SELECT page_count * page_size FROM pragma_page_count, pragma_page_size'),
      versions: number('SELECT coalesce(sum(last - first + 1), 0) FROM __patina_have'),
    }
  } finally {
    copy.close()
  }
}

/** Everything into the one file, so that it can be moved. Throws SnapshotError where somebody else has it open. */
export function leaveWal(db: Database): void {
  let mode: unknown
  try {
    mode = db.pragma('journal_mode=DELETE', { simple: true })
  } catch (cause) {
    if (!isPassing(cause)) throw cause
  }
  if (mode !== 'delete')
    throw new SnapshotError(
      'in-use',
      `${db.name} is open elsewhere; close that program (a SQLite shell, a reader)`,
    )
}

/** A store opens a snapshot: from here on it is a live file of another actor. */
export function becomeLive(db: Database, meta: MetaTable, newActor: () => ActorId): void {
  if (!meta.isSnapshot()) return
  db.transaction(() => {
    meta.set('self', new ActorsTable(db).ordinalOf(newActor()))
    meta.delete('snapshot')
  })()
}

/** Whether a file is a snapshot that nobody has opened as a live file. */
export function isSnapshot(path: string): boolean {
  const db = new BetterSqlite3(path, { readonly: true })
  try {
    return MetaTable.exists(db) && new MetaTable(db).isSnapshot()
  } catch {
    return false
  } finally {
    db.close()
  }
}
