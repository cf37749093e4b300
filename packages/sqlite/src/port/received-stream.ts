/**
 * ReceivedStream: the caller's side of one stream. Holds at most the window of chunks that the service may be ahead,
 * tells the service what was consumed, and ends once: complete, failed, or cancelled by the consumer's `return()`.
 * A consumer that neither reads nor returns keeps its slot until the deadline of its call.
 */
import { assert, type PortFailure } from '@patina/base'
import { STREAM_WINDOW_CHUNKS } from './message.ts'

export interface StreamSignals {
  /** The service may send so many more chunks. */
  readonly consumed: (chunks: number) => void
  /** The consumer left before the end. */
  readonly cancel: () => void
  /** Called once, at the end of any kind: the slot is free. */
  readonly done: () => void
}

type Step = IteratorResult<Uint8Array, undefined>

const DONE: Step = { done: true, value: undefined }

export class ReceivedStream {
  /** Ends with the stream. */
  timer: NodeJS.Timeout | undefined
  readonly #signals: StreamSignals
  readonly #arrived: Uint8Array[] = []
  #ended = false
  /** Chunks consumed that the service was not told of yet. */
  #untold = 0
  #failure: PortFailure | undefined
  /** A consumer that waits for the next chunk. */
  #waiter:
    | { readonly resolve: (step: Step) => void; readonly reject: (reason: PortFailure) => void }
    | undefined

  constructor(signals: StreamSignals) {
    this.#signals = signals
  }

  push(chunk: Uint8Array): void {
    if (this.#ended) return
    if (this.#waiter === undefined) {
      assert(this.#arrived.length < STREAM_WINDOW_CHUNKS, 'a service sent more chunks than it was granted')
      this.#arrived.push(chunk)
      return
    }
    const waiter = this.#waiter
    this.#waiter = undefined
    this.#consume()
    waiter.resolve({ done: false, value: chunk })
  }

  /** The last word of the service, of the deadline or of the carrier. Chunks that arrived before are still read. */
  end(failure: PortFailure | undefined): void {
    if (this.#ended) return
    this.#ended = true
    this.#failure = failure
    clearTimeout(this.timer)
    this.#signals.done()
    const waiter = this.#waiter
    this.#waiter = undefined
    if (waiter === undefined) return
    if (failure === undefined) waiter.resolve(DONE)
    else waiter.reject(this.#takeFailure() ?? failure)
  }

  chunks(): AsyncIterableIterator<Uint8Array> {
    const iterator: AsyncIterableIterator<Uint8Array> = {
      next: () => this.#next(),
      return: () => this.#return(),
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }

  #next(): Promise<Step> {
    const chunk = this.#arrived.shift()
    if (chunk !== undefined) {
      this.#consume()
      return Promise.resolve({ done: false, value: chunk })
    }
    const failure = this.#takeFailure()
    if (failure !== undefined) return Promise.reject(failure)
    if (this.#ended) return Promise.resolve(DONE)
    assert(this.#waiter === undefined, 'one read of a stream at a time')
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
    })
  }

  #return(): Promise<Step> {
    if (!this.#ended) this.#signals.cancel()
    this.end(undefined)
    this.#arrived.length = 0
    this.#failure = undefined
    return Promise.resolve(DONE)
  }

  /** Told by halves of the window: most answers are one chunk, and telling costs a message to another process. */
  #consume(): void {
    if (this.#ended) return
    this.#untold += 1
    if (2 * this.#untold < STREAM_WINDOW_CHUNKS) return
    this.#signals.consumed(this.#untold)
    this.#untold = 0
  }

  /** A failure is thrown once; after it the iterator is done, as iterators are. */
  #takeFailure(): PortFailure | undefined {
    const failure = this.#failure
    this.#failure = undefined
    return failure
  }
}
