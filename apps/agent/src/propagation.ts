/**
 * Propagation: how long changes of others took from their commit there until they were applied here, by the region that they
 * come from and the lane in which they came; and of each origin the last of them, for people. The time of the commit is the
 * origin's clock: a difference of clocks shifts all of its figures, and what seems to come from the future took no time.
 */
import type { ActorId } from '@patina/base'
import type { Arrival } from '@patina/sync'

export interface PropagationOptions {
  readonly wallMs: () => number
  /** Undefined where nobody of that name is known. */
  readonly regionOf: (origin: ActorId) => string | undefined
  readonly observe: (region: string, lane: Arrival['lane'], seconds: number) => void
}

/** Of one origin, over its last `SAMPLES_MAX` versions that were broadcast. */
export interface OriginDelays {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

const SAMPLES_MAX = 128
/** The origin that was silent for longest is forgotten. */
const ORIGINS_MAX = 1_024
/** Labels of metrics are kept for ever by whoever collects them. */
const REGIONS_MAX = 64
const MICROS_PER_MS = 1_000
const MS_PER_SECOND = 1_000

export class Propagation {
  readonly #options: PropagationOptions
  readonly #regions = new Set<string>()
  /** In order of the last arrival. */
  readonly #samples = new Map<ActorId, number[]>()

  constructor(options: PropagationOptions) {
    this.#options = options
  }

  arrived(arrivals: readonly Arrival[]): void {
    const wallMs = this.#options.wallMs()
    for (const { origin, ts, lane } of arrivals) {
      const delayMs = Math.max(0, wallMs - ts / MICROS_PER_MS)
      this.#options.observe(this.#regionOf(origin), lane, delayMs / MS_PER_SECOND)
      // What is caught up says how long this node was away, not how long changes take.
      if (lane !== 'backlog') this.#keep(origin, delayMs)
    }
  }

  delaysOf(origin: ActorId): OriginDelays | undefined {
    const samples = this.#samples.get(origin)
    if (samples === undefined) return undefined
    const sorted = samples.toSorted((a, b) => a - b)
    const at = (share: number): number => Math.round(sorted[Math.ceil(share * sorted.length) - 1] as number)
    return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
  }

  #regionOf(origin: ActorId): string {
    const region = this.#options.regionOf(origin) ?? ''
    if (this.#regions.size >= REGIONS_MAX && !this.#regions.has(region)) return 'other'
    this.#regions.add(region)
    return region
  }

  #keep(origin: ActorId, delayMs: number): void {
    const samples = this.#samples.get(origin) ?? []
    this.#samples.delete(origin)
    this.#samples.set(origin, samples)
    samples.push(delayMs)
    if (samples.length > SAMPLES_MAX) samples.shift()
    const [silent] = this.#samples.keys()
    if (this.#samples.size > ORIGINS_MAX && silent !== undefined) this.#samples.delete(silent)
  }
}
