/**
 * Maintenance: keeps the write-ahead log within its bound (checkpoint.ts), and gives the space of rows that are gone back to the
 * disk, a few pages at a time, so that nobody waits for it. Free pages are written again anyway; only where a file is mostly
 * empty is it worth moving others to shrink it. What is moved goes through the log: while a reader holds that, nothing is.
 */
import { type Database, setSynchronous } from '@patina/sqlite'
import { checkpoint, type WalState } from './checkpoint.ts'

/** Below so many free pages (4 MiB) nothing is done. */
const FREE_PAGES_MIN = 1_024
/** Begins where more than this part of the pages is free, and goes on to half of it. */
const FREE_PART_MAX = 0.25
const PAGES_PER_STEP = 64
/** Of PRAGMA auto_vacuum. */
const INCREMENTAL = 2

export interface Maintenance {
  /** Pages given back to the disk by this call. */
  readonly freedPages: number
  /** False where the time was up before the work was done. */
  readonly isDone: boolean
  readonly wal: WalState
}

export interface MaintenanceOptions {
  readonly budgetMs: number
  readonly walBytesMax: number
  /** The call before this one was not done. */
  readonly isGoingOn: boolean
}

/** Works for about `budgetMs`, and as long as a checkpoint takes. Throws SQLite's error; the content is as it was. */
export function maintain(
  db: Database,
  { budgetMs, walBytesMax, isGoingOn }: MaintenanceOptions,
): Maintenance {
  const wal: WalState = db.memory ? { kind: 'small', walBytes: 0 } : checkpoint(db, walBytesMax)
  if (wal.kind === 'held') return { freedPages: 0, isDone: !isGoingOn, wal }
  return { ...vacuum(db, budgetMs, isGoingOn), wal }
}

/** Files of before may know no incremental vacuum: their pages stay. */
function vacuum(db: Database, budgetMs: number, isGoingOn: boolean): Omit<Maintenance, 'wal'> {
  const before = pagesOf(db)
  if (!isWorth(before, isGoingOn) || Number(db.pragma('auto_vacuum', { simple: true })) !== INCREMENTAL)
    return { freedPages: 0, isDone: true }
  // A crash takes back what was freed, and nothing else.
  setSynchronous(db, 'NORMAL')
  const end = performance.now() + budgetMs
  let now = before
  do {
    db.pragma(`incremental_vacuum(${PAGES_PER_STEP})`)
    now = pagesOf(db)
  } while (isWorth(now, true) && performance.now() < end)
  return { freedPages: before.all - now.all, isDone: !isWorth(now, true) }
}

interface Pages {
  readonly all: number
  readonly free: number
}

function pagesOf(db: Database): Pages {
  const number = (pragma: string): number => Number(db.pragma(pragma, { simple: true }))
  return { all: number('page_count'), free: number('freelist_count') }
}

function isWorth({ all, free }: Pages, isGoingOn: boolean): boolean {
  return free >= FREE_PAGES_MIN && free > all * (isGoingOn ? FREE_PART_MAX / 2 : FREE_PART_MAX)
}
