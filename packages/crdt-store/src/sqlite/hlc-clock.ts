/**
 * HlcClock: the timestamps of this store. Follows what it applies, so that a write that answers another one carries a later
 * time; for lag and for people only. In memory: after a restart it begins at the own head's timestamp.
 */
import { COUNTER_MAX, type Hlc, hlc, observe, tick } from '@patina/base'

/** Leaves two weeks of ticks below what peers accept. */
const WALL_MAX_MICROS: number = COUNTER_MAX - 2 ** 40

export class HlcClock {
  readonly #nowMicros: () => number
  #last: Hlc = hlc(0)

  /** `nowMicros`: the wall clock; what is not a time is taken as 1970, what is too far ahead as the last that travels. */
  constructor(nowMicros: () => number) {
    this.#nowMicros = nowMicros
  }

  /** The next own timestamp, greater than all before it. */
  tick(): Hlc {
    this.#last = tick(this.#last, this.#wall())
    return this.#last
  }

  observe(remote: Hlc): void {
    this.#last = observe(this.#last, remote, this.#wall())
  }

  /** Own timestamps that stand in the file. */
  startAfter(own: Hlc): void {
    this.#last = hlc(Math.max(this.#last, own))
  }

  /** Milliseconds since 1970. */
  wallMillis(): number {
    return Math.floor(this.#wall() / 1000)
  }

  #wall(): number {
    const now = Math.floor(this.#nowMicros())
    return Number.isSafeInteger(now) ? Math.min(Math.max(now, 0), WALL_MAX_MICROS) : 0
  }
}
