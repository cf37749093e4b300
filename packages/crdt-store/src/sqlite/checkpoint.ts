/**
 * Checkpoints: bring the write-ahead log back into the file, and see whether that worked. SQLite tries by itself after enough
 * commits, and says nothing where a reader keeps it from it: then the log grows as long as that reader's snapshot lives
 * (https://sqlite.org/wal.html, "Avoiding Excessively Large WAL Files"). Knows no readers: who holds it is the owner's to find.
 */
import { statSync } from 'node:fs'
import type { Database } from '@patina/sqlite'

/** Of the bound from which on the log counts as held: so much is left for finding the reader and ending it. */
const ALARM_PART = 3 / 4

/** A log that is larger than the files that SQLite keeps (`journal_size_limit`, open.ts) is cut back as soon as that can be. */
const KEPT_BYTES = 64 * 1024 * 1024

/** Until short readers are through; nobody writes meanwhile, and new readers need the log no more. */
const WAIT_MS = 5

export type WalState =
  /** Small enough that nothing was tried. */
  | { readonly kind: 'small'; readonly walBytes: number }
  /** All of it is in the file, and the log begins anew. */
  | { readonly kind: 'reset'; readonly walBytes: number }
  /** A reader holds it; `isAlarming` where it nears its bound. */
  | { readonly kind: 'held'; readonly walBytes: number; readonly isAlarming: boolean }

/** Between requests. Blocks for the time that the disk takes, and 5 ms. Throws SQLite's error. */
export function checkpoint(db: Database, walBytesMax: number): WalState {
  const alarmBytes = walBytesMax * ALARM_PART
  const before = walBytesOf(db)
  if (before <= Math.min(KEPT_BYTES, alarmBytes)) return { kind: 'small', walBytes: before }
  const isReset = run(db, 'PASSIVE') && withBusyTimeout(db, WAIT_MS, () => run(db, 'TRUNCATE'))
  const walBytes = walBytesOf(db)
  return isReset ? { kind: 'reset', walBytes } : { kind: 'held', walBytes, isAlarming: walBytes > alarmBytes }
}

/** Of the file, which keeps its length when the log begins anew. */
export function walBytesOf(db: Database): number {
  return statSync(`${db.name}-wal`, { throwIfNoEntry: false })?.size ?? 0
}

/** Frames; of one kind, number or bigint. */
interface WalResult {
  readonly busy: number | bigint
  readonly log: number | bigint
  readonly checkpointed: number | bigint
}

/** False where a lock was in the way, or frames are left that a reader's snapshot may not see in the file. */
function run(db: Database, mode: 'PASSIVE' | 'TRUNCATE'): boolean {
  const [result] = db.pragma(`wal_checkpoint(${mode})`) as WalResult[]
  return result !== undefined && Number(result.busy) === 0 && result.log === result.checkpointed
}

function withBusyTimeout<Outcome>(db: Database, ms: number, work: () => Outcome): Outcome {
  const before = Number(db.pragma('busy_timeout', { simple: true }))
  db.pragma(`busy_timeout = ${ms}`)
  try {
    return work()
  } finally {
    db.pragma(`busy_timeout = ${before}`)
  }
}
