/**
 * Locator: our own place in the network, kept by the round trips that probes measure, and what follows for others.
 * Source: Vivaldi (Dabek et al. 2004); adjustment window and refusals as serf's coordinate client. Not its median of the last
 * three samples of each peer: its caller cuts spikes by the variation of the round trip, which is kept anyway.
 * It trusts no coordinate with its state: what is not of numbers, or would not leave numbers, is ignored.
 */
import type { Prng } from '@patina/base'
import {
  attracted,
  type Coordinate,
  estimateMs,
  isFiniteCoordinate,
  moved,
  ORIGIN,
  rawDistanceMs,
} from './coordinate.ts'

/** Samples whose mistakes make the adjustment. */
const WINDOW_SAMPLES = 20
const RTT_MS_MAX = 10_000
/** Above this error an estimate is a guess. */
const TRUSTED_ERROR = 0.3

export class Locator {
  readonly #prng: Prng
  readonly #mistakes: number[] = []
  #own: Coordinate = ORIGIN

  constructor(prng: Prng) {
    this.#prng = prng
  }

  own(): Coordinate {
    return this.#own
  }

  /** A measured round trip to somebody whose coordinate we have. */
  measured(other: Coordinate, rttMs: number): void {
    if (!(rttMs >= 0 && rttMs <= RTT_MS_MAX) || !isFiniteCoordinate(other)) return
    const next = attracted(
      this.#adjusted(
        moved(this.#own, other, rttMs, () => this.#draw()),
        other,
        rttMs,
      ),
    )
    // As serf: rather no place than one that is none.
    this.#own = isFiniteCoordinate(next) ? next : ORIGIN
  }

  /** The round trip to somebody, by coordinates; undefined where one of both is not sure enough. */
  estimateMs(other: Coordinate | undefined): number | undefined {
    if (other === undefined || other.error >= TRUSTED_ERROR || this.#own.error >= TRUSTED_ERROR)
      return undefined
    return estimateMs(this.#own, other)
  }

  #adjusted(own: Coordinate, other: Coordinate, rttMs: number): Coordinate {
    this.#mistakes.push(rttMs - rawDistanceMs(own, other))
    if (this.#mistakes.length > WINDOW_SAMPLES) this.#mistakes.shift()
    const sum = this.#mistakes.reduce((total, mistake) => total + mistake, 0)
    return { ...own, adjustment: sum / (2 * WINDOW_SAMPLES) }
  }

  #draw(): number {
    return this.#prng.u32() / 2 ** 32 - 0.5
  }
}
