/**
 * Deadlines: the timers of the machine as one binary heap ordered by (time, order of setting), so that a run replays.
 * There is no cancel: a timer that came to nothing is recognised as stale by who gets it, and does nothing.
 * Size: at most one timer per probe, relay and confirmation, each gone when its time has come.
 */
import { type Instant, NEVER } from '@patina/base'

interface Entry<T> {
  readonly order: number
  readonly timer: T
  at: Instant
}

export class Deadlines<T> {
  readonly #heap: Entry<T>[] = []
  #order = 0

  size(): number {
    return this.#heap.length
  }

  next(): Instant {
    return this.#heap[0]?.at ?? NEVER
  }

  set(at: Instant, timer: T): void {
    this.#order += 1
    this.#heap.push({ at, order: this.#order, timer })
    this.#rise(this.#heap.length - 1)
  }

  /** Takes the earliest timer that is due; undefined where none is. */
  takeDue(now: Instant): T | undefined {
    const first = this.#heap[0]
    if (first === undefined || first.at > now) return undefined
    const last = this.#heap.pop() as Entry<T>
    if (this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink(0)
    }
    return first.timer
  }

  /** Moves every timer by the length of a pause of this process; their order stays. */
  shift(byMs: number): void {
    for (const entry of this.#heap) entry.at = (entry.at + byMs) as Instant
  }

  clear(): void {
    this.#heap.length = 0
  }

  #rise(from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#before(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #sink(from: number): void {
    let at = from
    for (;;) {
      const left = 2 * at + 1
      const right = left + 1
      let least = at
      if (left < this.#heap.length && this.#before(left, least)) least = left
      if (right < this.#heap.length && this.#before(right, least)) least = right
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }

  #before(a: number, b: number): boolean {
    const [x, y] = [this.#heap[a] as Entry<T>, this.#heap[b] as Entry<T>]
    return x.at < y.at || (x.at === y.at && x.order < y.order)
  }

  #swap(a: number, b: number): void {
    const entry = this.#heap[a] as Entry<T>
    this.#heap[a] = this.#heap[b] as Entry<T>
    this.#heap[b] = entry
  }
}
