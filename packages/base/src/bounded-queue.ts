/**
 * BoundedQueue: a ring buffer with a lid. Overflow is part of its contract: it drops the oldest item or refuses the
 * new one, and hands what it dropped to the caller, who counts it and knows what repairs it.
 */
import { assert } from './assert.ts'

/** Which item goes when the queue is full. */
export type DropPolicy = 'oldest' | 'newest'

export class BoundedQueue<T> {
  readonly capacity: number
  readonly #policy: DropPolicy
  #items: (T | undefined)[] = []
  #head = 0
  #size = 0

  constructor(capacity: number, policy: DropPolicy) {
    assert(Number.isInteger(capacity) && capacity >= 1, `not a capacity: ${capacity}`)
    this.capacity = capacity
    this.#policy = policy
  }

  get size(): number {
    return this.#size
  }

  /** Appends; returns what was dropped for it: the oldest item, the new one itself, or undefined. */
  push(item: T): T | undefined {
    if (this.#size < this.capacity) {
      if (this.#size === this.#items.length) this.#grow()
      this.#items[(this.#head + this.#size) % this.#items.length] = item
      this.#size += 1
      return undefined
    }
    if (this.#policy === 'newest') return item
    const dropped = this.shift()
    this.push(item)
    return dropped
  }

  /** Removes and returns the oldest item. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head] = undefined
    this.#head = (this.#head + 1) % this.#items.length
    this.#size -= 1
    return item
  }

  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#items[this.#head]
  }

  /** Memory follows use: doubles up to the capacity. */
  #grow(): void {
    const inOrder = [...this.#items.slice(this.#head), ...this.#items.slice(0, this.#head)]
    inOrder.length = Math.min(this.capacity, Math.max(16, 2 * this.#items.length))
    this.#items = inOrder
    this.#head = 0
  }
}
