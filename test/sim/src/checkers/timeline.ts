/**
 * Timeline: what all views hold, second by second, and how many of them are wrong. For the picture of a run, and for
 * criteria that must hold at every moment and not only in the end.
 */
import { RANK } from '../event-heap.ts'
import type { Fleet } from '../fleet.ts'
import type { Views } from '../views.ts'

export interface Sample {
  readonly atMs: number
  readonly alive: number
  readonly suspect: number
  readonly down: number
  readonly left: number
  /** Share of pairs whose belief is wrong. */
  readonly wrongShare: number
}

const SAMPLE_MS = 1_000
/** Steps happen at whole seconds; a sample at the same instant would never see their beginning. */
const OFFSET_MS = 137
/** A long run is sampled more rarely. */
const SAMPLES_MAX = 600

export class Timeline {
  readonly samples: Sample[] = []
  readonly #fleet: Fleet
  readonly #views: Views
  readonly #zero: number

  /** Samples from now on, up to `lengthMs` from now. */
  constructor(fleet: Fleet, views: Views, lengthMs: number) {
    this.#fleet = fleet
    this.#views = views
    const { world } = fleet
    this.#zero = world.now
    const everyMs = Math.max(SAMPLE_MS, lengthMs / SAMPLES_MAX)
    for (let ms = 0; ms + OFFSET_MS <= lengthMs; ms += everyMs)
      world.at(this.#zero + ms + OFFSET_MS, RANK.step, () => this.#sample())
  }

  figures(): [string, number][] {
    return [['wrong_share.max', this.samples.reduce((max, { wrongShare }) => Math.max(max, wrongShare), 0)]]
  }

  #sample(): void {
    const { alive, suspect, down, left } = this.#views.counts()
    const pairs = Math.max(1, this.#fleet.running().length * this.#views.subjects.length)
    const wrongShare = this.#views.wrongCount() / pairs
    this.samples.push({ atMs: this.#fleet.world.now - this.#zero, alive, suspect, down, left, wrongShare })
  }
}
