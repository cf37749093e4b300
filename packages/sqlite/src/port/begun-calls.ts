/**
 * BegunCalls: which call a service works on, in memory that it shares with the thread that watches it (watch-thread.ts). So
 * it is known outside what a process does that does not come round to its messages, and a caller can take back a call
 * that has not begun. Both `begin` and `withdraw` put their mark into the slot of the call by one exchange, so that exactly
 * one of the two gets it: after `withdraw` has said yes `begin` says no, and the other way round.
 * Withdrawing is for kinds whose calls begin in the order in which they came.
 */

/** Words of the shared memory, 32 bits each. */
export interface SharedWords {
  /** 0: nothing · 1: a call · 2: upkeep, which nobody has asked for. */
  readonly running: number
  readonly runningId: number
  /** Milliseconds of the machine's monotonic clock, modulo 2^32, as all times here. */
  readonly runningSince: number
  /** When the loop came round for the last time. */
  readonly beat: number
  /** The greatest call that has begun. */
  readonly lastBegun: number
  /** By the last bits of an id: the id where it was withdrawn, its complement where it has begun. More calls are never under way. */
  readonly firstSlot: number
  readonly slots: number
}

export const WORDS: SharedWords = {
  running: 0,
  runningId: 1,
  runningSince: 2,
  beat: 3,
  lastBegun: 4,
  firstSlot: 5,
  slots: 8192,
}

/** From this thread's `performance.now()` to the clock that all threads share. */
const CLOCK_OFFSET_MS = Number(process.hrtime.bigint() / 1_000_000n) - Math.floor(performance.now())

export class BegunCalls {
  readonly memory: SharedArrayBuffer = new SharedArrayBuffer(4 * (WORDS.firstSlot + WORDS.slots))
  readonly #words = new Int32Array(this.memory)

  /** False: its caller has taken it back; it must leave no trace. Beginning one again is allowed, and always true. */
  begin(id: number): boolean {
    const isFirst = ((id - Atomics.load(this.#words, WORDS.lastBegun)) | 0) > 0
    if (isFirst) {
      Atomics.store(this.#words, WORDS.lastBegun, id | 0)
      if (!this.#mark(id)) return false
    }
    this.work(id)
    return true
  }

  /** False: its caller was here before. */
  #mark(id: number): boolean {
    const slot = WORDS.firstSlot + (id % WORDS.slots)
    for (;;) {
      const there = Atomics.load(this.#words, slot)
      if (there === (id | 0)) return false
      if (Atomics.compareExchange(this.#words, slot, there, ~id) === there) return true
    }
  }

  /** Works on a call of a kind that cannot be withdrawn; without an id, on upkeep. */
  work(id?: number): void {
    Atomics.store(this.#words, WORDS.running, id === undefined ? 2 : 1)
    Atomics.store(this.#words, WORDS.runningId, (id ?? 0) | 0)
    Atomics.store(this.#words, WORDS.runningSince, now())
  }

  rest(): void {
    Atomics.store(this.#words, WORDS.running, 0)
  }

  /** The loop has come round. */
  beat(): void {
    Atomics.store(this.#words, WORDS.beat, now())
  }
}

function now(): number {
  return (CLOCK_OFFSET_MS + performance.now()) | 0
}
