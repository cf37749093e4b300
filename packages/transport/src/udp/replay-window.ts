/**
 * ReplayWindow: which counters of one sending process have been received, as a sliding bit set (RFC 4303 §3.4.3, RFC
 * 6479). Pure. A counter is asked for and marked in one step, and only after its packet is proven authentic.
 */
import { assert } from '@patina/base'

const BITS = 32

export class ReplayWindow {
  readonly #size: number
  readonly #words: Uint32Array
  /** The highest counter received; the window is the `size` counters up to it. −1: none yet. */
  #newest = -1

  /** `size`: how many counters up to the newest may still arrive; a multiple of 32. */
  constructor(size: number) {
    assert(size >= BITS && size % BITS === 0, `not a window size: ${size}`)
    this.#size = size
    this.#words = new Uint32Array(size / BITS)
  }

  /** True, and marked, where the counter is new; false where it was received before or is too old to tell. */
  accept(counter: number): boolean {
    if (counter > this.#newest) this.#advance(counter)
    else if (counter <= this.#newest - this.#size) return false
    const slot = counter % this.#size
    const word = Math.floor(slot / BITS)
    const bit = 1 << (slot % BITS)
    const before = this.#words[word] as number
    if ((before & bit) !== 0) return false
    this.#words[word] = before | bit
    return true
  }

  /** Clears the slots of the counters that enter the window. */
  #advance(newest: number): void {
    if (newest - this.#newest >= this.#size) this.#words.fill(0)
    else for (let c = this.#newest + 1; c <= newest; c += 1) this.#clear(c % this.#size)
    this.#newest = newest
  }

  #clear(slot: number): void {
    const word = Math.floor(slot / BITS)
    this.#words[word] = (this.#words[word] as number) & ~(1 << (slot % BITS))
  }
}
