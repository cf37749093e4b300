/**
 * OpenResult: a result under way, chunk by chunk, that holds something (its connection) and gives it back once, at its end
 * of any kind: the last chunk, an error, or a consumer that leaves, also one that never asked.
 */

export class OpenResult implements IterableIterator<Uint8Array, undefined> {
  readonly #result: Generator<Uint8Array, Uint8Array>
  readonly #release: () => void
  /** The first chunk, until somebody takes it. */
  #first: Uint8Array | undefined
  #open = true

  constructor(result: Generator<Uint8Array, Uint8Array>, release: () => void) {
    this.#result = result
    this.#release = release
  }

  /** The first chunk; `done` where it is the only one. */
  begin(): { readonly done: boolean; readonly value: Uint8Array } {
    const { done = false, value } = this.#step()
    if (!done) this.#first = value
    return { done, value }
  }

  next(): IteratorResult<Uint8Array, undefined> {
    const first = this.#first
    this.#first = undefined
    if (first !== undefined) return { done: false, value: first }
    return this.#open ? { done: false, value: this.#step().value } : DONE
  }

  return(): IteratorResult<Uint8Array, undefined> {
    this.#first = undefined
    this.#result.return(NOTHING)
    this.#end()
    return DONE
  }

  [Symbol.iterator](): this {
    return this
  }

  /** The last chunk is what the generator returns. */
  #step(): IteratorResult<Uint8Array, Uint8Array> {
    let done: boolean | undefined = true
    try {
      const step = this.#result.next()
      done = step.done
      return step
    } finally {
      if (done === true) this.#end()
    }
  }

  #end(): void {
    if (this.#open) this.#release()
    this.#open = false
  }
}

const NOTHING = new Uint8Array(0)

const DONE: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined }
