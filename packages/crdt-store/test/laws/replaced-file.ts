/**
 * Another file in the place of a store's own, as production puts it there and as a crash on the way leaves it: a snapshot is adopted
 * beside the live file, restored where that is gone, or copied there by hand.
 */
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { adoptSnapshot, type StoreOptions } from '../../src/index.ts'
import { ADOPTING, REPLACED, removeDatabase } from '../../src/sqlite/finish-adoption.ts'

/**
 * `adopted` · `restored`: on an empty place · `copied`: there, by no command of ours · the others: an adoption that a crash
 * ended while the new file was made, before the names changed, between both changes, and after them.
 */
export type Replacement =
  | 'adopted'
  | 'copied'
  | 'in-place'
  | 'moved-away'
  | 'prepared'
  | 'preparing'
  | 'restored'

/** By weight: a word that stands twice comes twice as often. */
export const REPLACEMENTS: readonly Replacement[] = [
  'adopted',
  'adopted',
  'adopted',
  'restored',
  'restored',
  'copied',
  'preparing',
  'prepared',
  'moved-away',
  'in-place',
]

/** What the next start finds in the file. */
export type Found = 'both' | 'old' | 'snapshot'

/** The store of the file is closed. */
export function replaceFile(snapshot: string, options: StoreOptions, how: Replacement): Found {
  const { path } = options
  switch (how) {
    case 'adopted':
      adoptSnapshot(snapshot, options)
      return 'both'
    case 'restored':
      removeDatabase(path)
      adoptSnapshot(snapshot, options)
      return 'snapshot'
    case 'copied':
      removeDatabase(path)
      copyFileSync(snapshot, path)
      return 'snapshot'
    default:
      return leaveHalfDone(snapshot, options, how)
  }
}

/** Makes the adoption, and puts the files where they were at the crash. */
function leaveHalfDone(
  snapshot: string,
  options: StoreOptions,
  crash: Exclude<Replacement, 'adopted' | 'copied' | 'restored'>,
): Found {
  const { path } = options
  const old = `${path}.old`
  copyFileSync(path, old)
  adoptSnapshot(snapshot, options)
  const isBefore = crash === 'preparing' || crash === 'prepared'
  if (crash !== 'in-place') renameSync(path, path + ADOPTING)
  if (crash === 'preparing') cutInHalf(path + ADOPTING)
  renameSync(old, isBefore ? path : path + REPLACED)
  return isBefore ? 'old' : 'both'
}

function cutInHalf(path: string): void {
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.subarray(0, bytes.length / 2))
}
