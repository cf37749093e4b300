/**
 * ChangeLog: which changes of one result are still kept for clients that come back, and which numbers come next. Change
 * ids are contiguous from 1 for the life of a result (I-LIVE-2). History is bounded by count and bytes; the oldest go
 * first. Owns the arithmetic only: the changes themselves lie in the state file (sqlite/state-file.ts).
 */
import { assert } from '@patina/base'

export interface HistoryLimits {
  readonly changesMax: number
  readonly bytesMax: number
}

/** What a client that has seen the changes up to `from` can get. */
export type Resumption =
  /** All changes above `from` are kept; there may be none. */
  | { readonly kind: 'kept' }
  /** Some are gone: the lowest that is still there (or would be the next) is `lowest`. */
  | { readonly kind: 'purged'; readonly lowest: number }
  /** No such change was ever made: it is not this result that the client has seen. */
  | { readonly kind: 'unknown'; readonly last: number }

export class ChangeLog {
  readonly #limits: HistoryLimits
  /** Bytes of the changes `lowest` … `last`, from index `#head` on. */
  #bytes: number[]
  #head = 0
  #total = 0
  #last: number

  /** A log whose last change is `last`, with the sizes of those that are kept, oldest first. */
  constructor(limits: HistoryLimits, last = 0, keptBytes: readonly number[] = []) {
    assert(keptBytes.length <= last, 'more changes are kept than were made')
    this.#limits = limits
    this.#last = last
    this.#bytes = [...keptBytes]
    for (const bytes of keptBytes) this.#total += bytes
    this.#trim()
  }

  /** The id of the last change; 0: there was none. */
  get last(): number {
    return this.#last
  }

  /** The lowest id that is kept, or the next one where none is. */
  get lowest(): number {
    return this.#last - (this.#bytes.length - this.#head) + 1
  }

  get bytes(): number {
    return this.#total
  }

  /** Takes up changes of these sizes, numbered from `last + 1`; returns the lowest id that is kept afterwards. */
  append(sizes: readonly number[]): number {
    for (const bytes of sizes) {
      this.#bytes.push(bytes)
      this.#total += bytes
    }
    this.#last += sizes.length
    this.#trim()
    return this.lowest
  }

  resume(from: number): Resumption {
    if (from > this.#last) return { kind: 'unknown', last: this.#last }
    return from + 1 < this.lowest ? { kind: 'purged', lowest: this.lowest } : { kind: 'kept' }
  }

  #trim(): void {
    const { changesMax, bytesMax } = this.#limits
    while (this.#bytes.length - this.#head > changesMax || this.#total > bytesMax) {
      this.#total -= this.#bytes[this.#head] as number
      this.#head += 1
    }
    // Moving the rest costs its length, so it is done only when half of the array is behind us.
    if (this.#head * 2 <= this.#bytes.length) return
    this.#bytes = this.#bytes.slice(this.#head)
    this.#head = 0
  }
}
