/**
 * Names of an adoption, and what a start does with those that a crash has left. Each state between two steps has one way on:
 * before the old file has another name nothing has happened; from then on the prepared one is complete.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'

/** What is being prepared, and what was replaced. Both lie beside the file. */
export const ADOPTING = '-adopting'
export const REPLACED = '-replaced'

/** Files that SQLite and the lock, itself a database, make beside a database. */
const COMPANIONS = ['-wal', '-shm', '-journal', '-lock', '-lock-journal']

/** Finishes what a crash left half done. Under the lock of `path`. */
export function finishAdoption(path: string): void {
  const [prepared, replaced] = [path + ADOPTING, path + REPLACED]
  if (existsSync(replaced) && !existsSync(path)) {
    renameSync(existsSync(prepared) ? prepared : replaced, path)
    syncFile(dirname(path))
  }
  clearAdoption(path)
}

/** Removes what an adoption leaves beside the file, which is the old one or the new one by now. */
export function clearAdoption(path: string): void {
  rmSync(path + REPLACED, { force: true })
  removeDatabase(path + ADOPTING)
}

/** Removes a database that nobody has open, and what lies beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of ['', ...COMPANIONS]) rmSync(path + suffix, { force: true })
}

/** Makes a file durable, or the names in a folder. */
export function syncFile(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
