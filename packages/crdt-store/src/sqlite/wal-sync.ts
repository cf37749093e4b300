/**
 * WalSync: makes what was committed without a sync durable, by `fdatasync` of the WAL from a second descriptor. Under
 * `normal` durability nothing leaves the host before it: a version that a power loss takes back must not have been seen.
 */
import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs'

export class WalSync {
  readonly #descriptor: number
  #isOpen = true

  /** The database at `path` is open in WAL mode, so that its WAL exists; it lives until the last connection closes. */
  constructor(path: string) {
    this.#descriptor = openSync(`${path}-wal`, 'r')
  }

  /** Blocks until everything committed so far is on the disk. Throws the disk's error. */
  sync(): void {
    fdatasyncSync(this.#descriptor)
  }

  /** The same without blocking the loop. */
  syncLater(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#descriptor, (cause) => (cause === null ? resolve() : reject(cause)))
    })
  }

  /** Again is nothing: the number may be somebody else's file by then. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.#descriptor)
  }
}
