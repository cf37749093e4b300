/**
 * EvidenceSeeker: asks for evidence (evidence.ts) when a roll-up is held, and not too often, and for what evidence must know whenever
 * the guard's measure is taken anew. Without an answer there is no evidence, and what is held stays held.
 */
import { after, elapsed, type Instant, millis, NEVER } from '@patina/base'
import type { EvidenceSource } from './evidence.ts'
import type { Rollup } from './rollup.ts'

export interface EvidenceSeekerOptions {
  readonly rollup: Rollup
  readonly source: Pick<EvidenceSource, 'learn' | 'seek' | 'accept'>
  readonly now: () => Instant
  readonly tell: (
    event:
      | { readonly kind: 'explained'; readonly lost: number }
      | { readonly kind: 'failed'; readonly of: 'regional'; readonly cause: unknown },
  ) => void
}

/** Whoever waits for a word of the guard waits for this first. */
const ANSWER_MS = 3_000
/** Between two looks; after one that took long, so many times as long. */
const PAUSE_MS = 1_000
const PAUSE_FACTOR = 10

export class EvidenceSeeker {
  readonly #options: EvidenceSeekerOptions
  #notBefore: Instant
  #isSeeking = false
  /** The measure whose hosts are known. */
  #learnt = 0

  constructor(options: EvidenceSeekerOptions) {
    this.#options = options
    this.#notBefore = options.now()
  }

  get isSeeking(): boolean {
    return this.#isSeeking
  }

  /** When `look` has something to ask; NEVER: while nothing is held and the measure is known. */
  nextAt(): Instant {
    const { rollup } = this.#options
    const isKnown = rollup.baseline === this.#learnt
    return isKnown && rollup.hold.kind === 'none' ? NEVER : this.#notBefore
  }

  /** Afterwards the roll-up is judged with the evidence there is. */
  async look(signal: AbortSignal): Promise<void> {
    const { now, tell } = this.#options
    const began = now()
    if (began < this.nextAt()) return
    this.#isSeeking = true
    try {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)])
      if (this.#options.rollup.baseline !== this.#learnt) await this.#learn(deadline)
      else await this.#seek(deadline)
    } catch (cause) {
      if (!signal.aborted) tell({ kind: 'failed', of: 'regional', cause })
      this.#rest(began)
    } finally {
      this.#isSeeking = false
    }
  }

  /** A measure that was just taken explains nothing yet: the hosts that it lacks are only being asked for. */
  async #learn(signal: AbortSignal): Promise<void> {
    const { rollup, source } = this.#options
    const { baseline } = rollup
    await source.learn(signal)
    this.#learnt = baseline
  }

  async #seek(signal: AbortSignal): Promise<void> {
    const { rollup, source, now, tell } = this.#options
    const [began, { sizes, columns = [] }] = [now(), rollup]
    const found = await source.seek(columns, signal)
    if (found !== undefined && rollup.explain(sizes, found.sizes, now())) {
      source.accept(found)
      tell({ kind: 'explained', lost: found.hosts.length })
    }
    this.#rest(began)
  }

  #rest(began: Instant): void {
    const { now } = this.#options
    const tookMs = elapsed(began, now())
    this.#notBefore = after(now(), millis(Math.max(PAUSE_MS, PAUSE_FACTOR * tookMs)))
  }
}
