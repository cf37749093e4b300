/**
 * Outbox: collects what one end of a Port sends during a turn of the event loop and hands it over as one batch. A batch
 * costs one serialisation and one write, which is most of the price of a small message between processes.
 * Bounded: a receiver that stops reading ends the channel instead of filling this process's memory.
 */

/** Messages that may wait for a receiver that does not read. Calls and chunks have tighter bounds; this is for events. */
export const OUTBOX_MESSAGES_MAX = 65_536

/** Batches handed to the carrier and not yet taken by the system. */
const BATCHES_IN_FLIGHT_MAX = 16

export class Outbox<Out> {
  readonly #deliver: (batch: readonly Out[], taken: () => void) => void
  readonly #overflow: () => void
  #waiting: Out[] = []
  #inFlight = 0
  #scheduled = false

  /** `deliver` must call `taken` once the system has taken the batch (at once, where the carrier cannot tell). */
  constructor(deliver: (batch: readonly Out[], taken: () => void) => void, overflow: () => void) {
    this.#deliver = deliver
    this.#overflow = overflow
  }

  push(message: Out): void {
    if (this.#waiting.length >= OUTBOX_MESSAGES_MAX) {
      this.#waiting = []
      this.#overflow()
      return
    }
    this.#waiting.push(message)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.flush()
    })
  }

  /** Hands over what waits, unless the receiver is behind: then the next `taken` does. */
  flush(): void {
    if (this.#waiting.length === 0 || this.#inFlight >= BATCHES_IN_FLIGHT_MAX) return
    const batch = this.#waiting
    this.#waiting = []
    this.#inFlight += 1
    this.#deliver(batch, () => {
      this.#inFlight -= 1
      if (!this.#scheduled) this.flush()
    })
  }

  /** Hands over everything, also to a receiver that is behind: for an end in order. */
  flushAll(taken: () => void): void {
    const batch = this.#waiting
    this.#waiting = []
    if (batch.length === 0) taken()
    else this.#deliver(batch, taken)
  }
}
