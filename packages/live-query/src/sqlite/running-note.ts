/**
 * RunningNote: which query is being evaluated, written before it runs and wiped after it, in a file beside the state file.
 * A process that is killed inside a statement leaves the note; its successor learns from it which query was the one. One
 * write to the page cache, about 2 µs: it must outlive the process, not the machine.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'

/** Longer than any key. A file that is longer is not ours. */
const NOTE_BYTES_MAX = 128

export class RunningNote {
  readonly #fd: number
  /** What the process before this one was running when it ended; undefined: nothing. */
  readonly left: string | undefined

  constructor(path: string) {
    this.#fd = openSync(path, 'a+', 0o600)
    const text = readFileSync(this.#fd, 'latin1')
    this.left = text.length > 0 && text.length <= NOTE_BYTES_MAX ? text : undefined
    this.end()
  }

  begin(key: string): void {
    writeSync(this.#fd, key)
  }

  end(): void {
    ftruncateSync(this.#fd, 0)
  }

  close(): void {
    closeSync(this.#fd)
  }
}
