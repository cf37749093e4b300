/**
 * LocalHealth: Lifeguard's local health multiplier. A process that misses acks and nacks, has to refute, or stood still
 * is probably slow itself, so it probes more slowly and waits longer before it accuses others.
 * Source: Lifeguard §IV-A (LHA-Probe). Score 0 (well) to S − 1.
 */
import { assert } from '@patina/base'

export class LocalHealth {
  readonly #max: number
  #score = 0

  constructor(max: number) {
    this.#max = max
  }

  /** What probe period and timeout are multiplied by: 1 when all is well. */
  factor(): number {
    return this.#score + 1
  }

  improve(): void {
    this.#score = Math.max(0, this.#score - 1)
  }

  worsen(by: number): void {
    assert(by >= 0, `not a count: ${by}`)
    this.#score = Math.min(this.#max, this.#score + by)
  }
}
