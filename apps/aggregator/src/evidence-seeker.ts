/**
 * EvidenceSeeker: asks for evidence (evidence.ts) when a roll-up is held, and not too often, and for what evidence must know whenever
 * the guard's measure is taken anew. Without an answer there is no evidence, and what is held stays held.
 */
import { after, elapsed, type Instant, type Millis, millis, NEVER } from '@patina/base'
import type { EvidenceSource, Sizes } from './evidence.ts'
import type { Rollup } from './rollup.ts'

export interface EvidenceSeekerOptions {
  readonly rollup: Rollup
  readonly source: Pick<EvidenceSource, 'learn' | 'observe' | 'seek' | 'accept'>
  /** Of the guard. */
  readonly holdMs: Millis
  readonly now: () => Instant
  readonly tell: (
    event:
      | { readonly kind: 'explained'; readonly lost: number }
      | { readonly kind: 'failed'; readonly of: 'regional'; readonly cause: unknown },
  ) => void
}

/** Whoever waits for a word of the guard waits for this first. */
const ANSWER_MS = 3_000
/** Between two looks at a roll-up that is held; after one that took long, so many times as long. */
const PAUSE_MS = 1_000
const PAUSE_FACTOR = 10
/** Between two looks at the members while nothing is held; several in the time that the guard remembers. */
const OBSERVE_MS = 2_000
const OBSERVATIONS_MIN = 4
/** Also where the guard remembers nothing. */
const OBSERVE_MS_MIN = 250

export class EvidenceSeeker {
  readonly #options: EvidenceSeekerOptions
  readonly #observeMs: Millis
  #notBefore: Instant
  #observeAt: Instant
  #isSeeking = false
  /** The measure whose hosts are known. */
  #learnt = 0

  constructor(options: EvidenceSeekerOptions) {
    this.#options = options
    const oftenEnough = Math.min(OBSERVE_MS, options.holdMs / OBSERVATIONS_MIN)
    this.#observeMs = millis(Math.max(OBSERVE_MS_MIN, oftenEnough))
    this.#notBefore = options.now()
    this.#observeAt = this.#notBefore
  }

  get isSeeking(): boolean {
    return this.#isSeeking
  }

  /** When there is something to ask; NEVER: while the result is not whole, and its sizes say nothing. */
  nextAt(): Instant {
    const { rollup } = this.#options
    if (!rollup.isComplete) return NEVER
    const isAtRest = rollup.hold.kind === 'none' && rollup.baseline === this.#learnt
    return isAtRest && this.#observeAt > this.#notBefore ? this.#observeAt : this.#notBefore
  }

  /** Where something is held: afterwards it is judged with the evidence there is. Else the hosts of a measure that was just taken. */
  async seek(signal: AbortSignal): Promise<void> {
    const { rollup } = this.#options
    if (rollup.baseline !== this.#learnt) await this.#ask(signal, (deadline) => this.#learn(deadline))
    else if (rollup.hold.kind === 'held') await this.#ask(signal, (deadline) => this.#seek(deadline))
  }

  /** What evidence must know while nothing is held; when what was due is done. */
  async observe(signal: AbortSignal): Promise<void> {
    const { rollup, source } = this.#options
    if (rollup.hold.kind === 'none' && rollup.baseline === this.#learnt)
      await this.#ask(signal, (deadline) => source.observe(deadline))
  }

  async #ask(signal: AbortSignal, ask: (deadline: AbortSignal) => Promise<void>): Promise<void> {
    const { now, tell } = this.#options
    const began = now()
    if (began < this.nextAt()) return
    this.#isSeeking = true
    try {
      await ask(AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]))
      this.#observeAt = after(now(), this.#observeMs)
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

  /** What was explained is a new state, and another host of the same rack may be next. */
  async #seek(signal: AbortSignal): Promise<void> {
    const { rollup, source, now, tell } = this.#options
    const [began, { columns = [] }] = [now(), rollup]
    const sizes = (): Sizes | undefined => (rollup.isComplete ? rollup.sizes : undefined)
    const found = await source.seek(columns, sizes, signal)
    if (found === undefined || !rollup.explain(found.was, found.sizes, now())) return this.#rest(began)
    source.accept(found)
    tell({ kind: 'explained', lost: found.hosts.length })
  }

  #rest(began: Instant): void {
    const { now } = this.#options
    const tookMs = elapsed(began, now())
    this.#notBefore = after(now(), millis(Math.max(PAUSE_MS, PAUSE_FACTOR * tookMs)))
  }
}
