/**
 * RereadFiles: what files of a configuration say, read again by a program that runs when one of them has changed. While they cannot be
 * used, what was read last is used on.
 */
import { statSync } from 'node:fs'

export class RereadFiles<T> {
  readonly #files: readonly string[]
  readonly #read: () => T
  readonly #failed: (message: string) => void
  #stamp: string
  #value: T

  /** `failed` is told once of each state of the files in which they cannot be used. Throws what `read` throws now. */
  constructor(files: readonly string[], read: () => T, failed: (message: string) => void) {
    this.#files = files
    this.#read = read
    this.#failed = failed
    // Before the files are read: what changes in between is read again.
    this.#stamp = stampOf(files)
    this.#value = read()
  }

  /** The same value while nothing has changed. A stat of each file each time. */
  get(): T {
    const stamp = stampOf(this.#files)
    if (stamp === this.#stamp) return this.#value
    this.#stamp = stamp
    try {
      this.#value = this.#read()
    } catch (cause) {
      this.#failed((cause as Error).message)
    }
    return this.#value
  }
}

/** Where a file is not there, or cannot be looked at, why: reading it tells the same. */
function stampOf(files: readonly string[]): string {
  return files.map(stampOfOne).join()
}

function stampOfOne(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file)
    return `${mtimeMs}:${size}:${ino}`
  } catch (cause) {
    return (cause as Error).message
  }
}
