/**
 * Bounds: what may grow under load and must not: what waits for a store, what waits for the budget of a broadcast. Looked at
 * once a second on every running node; the greatest is kept, and what is left in the end.
 */
import type { NodeStatus } from '@patina/node'
import { RANK } from '../event-heap.ts'
import type { Fleet } from '../fleet.ts'
import type { Host } from '../host.ts'

const SAMPLE_MS = 1_000

export class BoundsChecker {
  readonly #fleet: Fleet
  readonly #statusOf: (host: Host) => NodeStatus | undefined
  readonly #counts = new Map<string, number>()
  #queuedMax = 0
  #delayedMax = 0

  /** Looks from now on, as long as the world runs. */
  constructor(fleet: Fleet, statusOf: (host: Host) => NodeStatus | undefined) {
    this.#fleet = fleet
    this.#statusOf = statusOf
    fleet.watch({
      counted: (_, metric, by) => this.#counts.set(metric, (this.#counts.get(metric) ?? 0) + by),
    })
    this.#next()
  }

  figures(): [string, number][] {
    const left = this.#all()
    return [
      ['queued_bytes.max', this.#queuedMax],
      ['queued_bytes.left', sum(left.map(queuedBytes))],
      ['delayed_bytes.max', this.#delayedMax],
      ['delayed_bytes.left', sum(left.map(({ sync }) => sync.delayedBytes))],
      ['may_not_write', left.filter(({ sync }) => !sync.mayWrite).length],
      ...COUNTED.map((name): [string, number] => [name, this.#counts.get(name) ?? 0]),
    ]
  }

  #next(): void {
    const { world } = this.#fleet
    world.at(world.now + SAMPLE_MS, RANK.step, () => {
      const all = this.#all()
      this.#queuedMax = Math.max(this.#queuedMax, ...all.map(queuedBytes))
      this.#delayedMax = Math.max(this.#delayedMax, ...all.map(({ sync }) => sync.delayedBytes))
      this.#next()
    })
  }

  #all(): NodeStatus[] {
    return this.#fleet.running().flatMap((host) => this.#statusOf(host) ?? [])
  }
}

/** Counters of replication that scenarios ask for. */
const COUNTED = [
  'broadcast_sent',
  'broadcast_received',
  'broadcast_dropped',
  'broadcast_refused',
  'sync_changesets_received',
  'sync_malformed',
] as const

function queuedBytes({ sync }: NodeStatus): number {
  return sum(Object.values(sync.queuedBytes))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
