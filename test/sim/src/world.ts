/**
 * World: virtual time. One clock, one heap of what is to happen, one generator of all chance, one trace. Nothing here
 * knows nodes or networks; whoever wants something to happen says when. A run is a function of its seed.
 */
import { assert, Prng } from '@patina/base'
import { EventHeap, RANK, type Rank } from './event-heap.ts'
import { Trace } from './trace.ts'

/** Events at one instant after which the world is taken to stand still: two parties answer each other without end. */
const EVENTS_AT_ONE_INSTANT_MAX = 5_000_000

export class World {
  readonly prng: Prng
  readonly trace: Trace = new Trace()
  readonly #heap = new EventHeap<() => void>()
  #now = 0
  #events = 0

  constructor(seed: number) {
    this.prng = new Prng(seed)
  }

  /** Virtual milliseconds since the world began. */
  get now(): number {
    return this.#now
  }

  /** What has happened so far. */
  get events(): number {
    return this.#events
  }

  /** Lets `run` happen at `atMs`, or now where that has passed. */
  at(atMs: number, rank: Rank, run: () => void): void {
    this.#heap.push(Math.max(atMs, this.#now), rank, run)
  }

  /** Lets `run` happen as input, after `ms`. */
  after(ms: number, run: () => void): void {
    this.at(this.#now + ms, RANK.input, run)
  }

  /** Lets time pass until `endMs`, or until `done` holds; whether it holds. `done` is asked after each event. */
  run(endMs: number, done: () => boolean = () => false): boolean {
    let instant = this.#now
    let atInstant = 0
    while (this.#heap.nextAt() <= endMs) {
      this.#now = this.#heap.nextAt()
      atInstant = this.#now === instant ? atInstant + 1 : 0
      instant = this.#now
      assert(atInstant < EVENTS_AT_ONE_INSTANT_MAX, `time stands still at ${instant} ms`)
      this.#events += 1
      this.#heap.pop()?.()
      if (done()) return true
    }
    this.#now = Math.max(this.#now, endMs)
    return done()
  }
}
