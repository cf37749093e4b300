/**
 * Locator: our own place in the network, kept by the round trips that probes measure, and what follows for others.
 * Source: Vivaldi (Dabek et al. 2004); median filter, adjustment window and refusals as serf's coordinate client.
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

/** Samples of one peer whose median counts, so that one late packet moves nobody. */
const FILTER_SAMPLES = 3
/** Samples whose mistakes make the adjustment. */
const WINDOW_SAMPLES = 20
/** Peers whose last samples are kept. */
const PEERS_MAX = 4_096
const RTT_MS_MAX = 10_000
/** Above this error an estimate is a guess. */
const TRUSTED_ERROR = 0.3

export class Locator {
  readonly #prng: Prng
  /** The last samples of each peer; the least recently measured goes first. */
  readonly #samples = new Map<string, number[]>()
  readonly #mistakes: number[] = []
  #own: Coordinate = ORIGIN

  constructor(prng: Prng) {
    this.#prng = prng
  }

  own(): Coordinate {
    return this.#own
  }

  /** A measured round trip to somebody whose coordinate we have. */
  measured(peer: string, other: Coordinate, rttMs: number): void {
    if (!(rttMs >= 0 && rttMs <= RTT_MS_MAX) || !isFiniteCoordinate(other)) return
    const rtt = this.#filtered(peer, rttMs)
    const next = attracted(
      this.#adjusted(
        moved(this.#own, other, rtt, () => this.#draw()),
        other,
        rtt,
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

  #filtered(peer: string, rttMs: number): number {
    const samples = [...(this.#samples.get(peer) ?? []), rttMs].slice(-FILTER_SAMPLES)
    this.#samples.delete(peer)
    this.#samples.set(peer, samples)
    if (this.#samples.size > PEERS_MAX) {
      const oldest = this.#samples.keys().next()
      if (!oldest.done) this.#samples.delete(oldest.value)
    }
    return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] as number
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
