/**
 * Adopting a snapshot: a node that is far behind, or restores a backup, takes a whole file in the place of its own. The new file is
 * prepared completely beside the old one: it becomes a new actor's, and takes over every version that it lacks and the old file
 * holds, entries and cleared ones together, so that no write of this host is lost. Then names change places, in an order of
 * which each step can be finished by the next start. All of it under the lock of the old file.
 */
import { copyFileSync, existsSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Need, RangeSet, type Version } from '@patina/base'
import { SnapshotError } from '../errors.ts'
import { ADOPTING, clearAdoption, REPLACED, syncFile } from './finish-adoption.ts'
import { isSnapshot } from './snapshot.ts'
import { openStore, type Store, type StoreOptions } from './store.ts'

const BATCH_BYTES = 4 * 1024 * 1024

export interface AdoptionFacts {
  /** Versions that the snapshot held. */
  readonly fromSnapshot: number
  /** Versions that only the old file held. */
  readonly fromOldFile: number
}

/**
 * Puts the snapshot in the place of `options.path`. The old file is gone afterwards; where there was none, the snapshot is simply
 * put in place. Nobody else may have the file open. Throws SnapshotError, OpenError or StoreOpenError; the old file is then
 * as it was.
 */
export function adoptSnapshot(snapshot: string, options: StoreOptions): AdoptionFacts {
  const { path } = options
  if (!existsSync(snapshot)) throw new SnapshotError('missing', `there is no file at ${snapshot}`)
  if (!isSnapshot(snapshot))
    throw new SnapshotError(
      'no-snapshot',
      `${snapshot} was not made as a snapshot; make one with patina backup`,
    )
  const old = openStore(options)
  try {
    const prepared = path + ADOPTING
    copyFileSync(snapshot, prepared)
    const facts = prepare(prepared, old, options)
    swap(path, old)
    return facts
  } finally {
    // Its connection holds the lock, and no file of the new database: SQLite was told to leave WAL mode.
    old.close()
    // Where neither has the name, both are what the next start finishes with.
    if (existsSync(path)) clearAdoption(path)
  }
}

function prepare(path: string, old: Store, options: StoreOptions): AdoptionFacts {
  // Claims wait for the last answer here, and are as many as the old file's own knowledge. Versions in chunks come whole, also where
  // the snapshot has as many that wait as may.
  const limits = {
    ...options.limits,
    pendingClaimRangesMax: Number.MAX_SAFE_INTEGER,
    waitingVersionsMax: Number.MAX_SAFE_INTEGER,
  }
  const next = openStore({ ...options, path, clusterId: old.clusterId, limits })
  try {
    const fromSnapshot = heldBy(next)
    takeOver(next, old)
    next.leaveWal()
    return { fromSnapshot, fromOldFile: heldBy(next) - fromSnapshot }
  } finally {
    next.close()
  }
}

/** Everything that the old file holds: the last answer's basis is all of it, so that the claims close. */
function takeOver(next: Store, old: Store): void {
  let needs = lackedBy(next, old)
  while (needs.length > 0) {
    const { changesets, cleared, basis, rest } = old.serve(needs, BATCH_BYTES)
    next.apply(changesets, cleared.length === 0 ? undefined : { cleared, basis })
    needs = [...rest]
  }
  next.keepForks(doubtful(next, old))
  next.giveUp(
    old.knowledge().flatMap(({ actor, lost }) => (lost === undefined ? [] : [{ actor, versions: lost }])),
  )
  const left = lackedBy(next, old)
  if (left.length > 0)
    throw new SnapshotError(
      'incomplete',
      `versions of ${left.map(({ actor }) => actor).join(', ')} could not be taken over`,
    )
}

/** What came from the old file is held as cleared by its own claims: everybody is asked for that once more. */
function doubtful(next: Store, old: Store): ReturnType<Store['knownForks']> {
  return { forks: [...next.knownForks().forks, ...old.knownForks().forks], answered: [] }
}

function lackedBy(next: Store, old: Store): Need[] {
  const known = new Map(next.knowledge().map(({ actor, have }) => [actor, have]))
  return old.knowledge().flatMap(({ actor, have }): Need[] => {
    const lacked = RangeSet.of<Version>(have).subtract(RangeSet.of(known.get(actor) ?? []))
    return lacked.isEmpty() ? [] : [{ kind: 'versions', actor, versions: [...lacked] }]
  })
}

function swap(path: string, old: Store): void {
  old.leaveWal()
  syncFile(path + ADOPTING)
  syncFile(dirname(path))
  renameSync(path, path + REPLACED)
  syncFile(dirname(path))
  renameSync(path + ADOPTING, path)
  syncFile(dirname(path))
}

function heldBy(store: Store): number {
  let count = 0
  for (const { have } of store.knowledge()) for (const { first, last } of have) count += last - first + 1
  return count
}
