/**
 * RunningNote: which query is being evaluated, written before it runs and wiped when nothing runs any more, in a file
 * beside the state file. A process that is killed inside a statement leaves the note; its successor learns from it which
 * query was the one. One write to the page cache, about 1 µs: it must outlive the process, not the machine.
 */
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'

/** A key: 64 hex digits (query-key.ts). What is not one is no note: nothing ran, or the file is not ours. */
const KEY = /^[0-9a-f]{64}$/

/** Over the first digit of a key. */
const WIPE: Uint8Array = Buffer.from(' ')

export class RunningNote {
  readonly #fd: number
  /** What the process before this one was running when it ended; undefined: nothing. */
  readonly left: string | undefined
  #isWritten = false

  constructor(path: string) {
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
    const text = readFileSync(this.#fd, 'latin1')
    this.left = KEY.test(text) ? text : undefined
    ftruncateSync(this.#fd, 0)
  }

  begin(key: string): void {
    writeSync(this.#fd, key, 0, 'latin1')
    this.#isWritten = true
  }

  /** One byte, in place: cutting the file costs four times as much. */
  end(): void {
    if (this.#isWritten) writeSync(this.#fd, WIPE, 0, 1, 0)
    this.#isWritten = false
  }

  close(): void {
    closeSync(this.#fd)
  }
}
