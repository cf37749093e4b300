/**
 * EventHeap: what is still to happen in a simulated world, as one binary heap ordered by (time, rank, order of pushing),
 * so that a run replays. At one instant a lower rank goes first: input before deadlines, as a driver must do it.
 */

/** At one instant: what arrives, then what a scenario does, then deadlines. */
export const RANK = { input: 0, step: 1, deadline: 2 } as const
export type Rank = (typeof RANK)[keyof typeof RANK]

interface Entry<T> {
  readonly at: number
  readonly rank: Rank
  readonly order: number
  readonly item: T
}

export class EventHeap<T> {
  readonly #heap: Entry<T>[] = []
  #order = 0

  get size(): number {
    return this.#heap.length
  }

  /** When the next item is due; infinity where there is none. */
  nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  push(at: number, rank: Rank, item: T): void {
    this.#order += 1
    const entry = { at, rank, order: this.#order, item }
    const heap = this.#heap
    let place = heap.length
    heap.push(entry)
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!isBefore(entry, heap[parent] as Entry<T>)) break
      heap[place] = heap[parent] as Entry<T>
      place = parent
    }
    heap[place] = entry
  }

  /** Takes the item that comes next; undefined where there is none. */
  pop(): T | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first !== undefined && last !== undefined && heap.length > 0) this.#sink(last)
    return first?.item
  }

  /** Puts an entry in the place of the first and lets it sink to where it belongs. */
  #sink(entry: Entry<T>): void {
    const heap = this.#heap
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry<T>, heap[child] as Entry<T>))
        child += 1
      if (isBefore(entry, heap[child] as Entry<T>)) break
      heap[place] = heap[child] as Entry<T>
      place = child
    }
    heap[place] = entry
  }
}

function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.at < b.at || (a.at === b.at && (a.rank < b.rank || (a.rank === b.rank && a.order < b.order)))
}
