/**
 * Guard: does what is about to be published hold much less than what was published before? Then the last good state is
 * kept until the smaller one has stood for a while or an operator lets it through (I-GUARD-1). Pure: sizes and time are
 * arguments. Used for rendered files, roll-ups and imports; it knows none of them.
 * Compared is with the largest size accepted within the last one to two windows, so that what goes in small steps is seen too.
 */
import { after, assert, elapsed, type Instant, type Millis } from '@patina/base'

/** What is counted, by name: rows of a query, the sum of a column. */
export type Measures = ReadonlyMap<string, Measure>

export interface Measure {
  readonly size: number
  /** Instead of the guard's own. */
  readonly maxShrink?: number | undefined
}

export interface Shrinkage {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** `despite`: it is smaller, but was let through or has stood for long enough. */
export type Verdict =
  | { readonly kind: 'pass'; readonly despite: readonly Shrinkage[] }
  | {
      readonly kind: 'held'
      readonly shrunk: readonly Shrinkage[]
      readonly since: Instant
      readonly until: Instant
    }

export interface GuardOptions {
  /** The share of a measure that may go at once, 0 to 1. Nothing left is held at any share. */
  readonly maxShrink: number
  /** How long a smaller state must stand. Infinity: until `release`. */
  readonly holdMs: Millis
  /** How far back sizes are compared. */
  readonly windowMs: Millis
}

/** Of one measure, as accepted. The peak is the largest of the three. */
interface Sizes {
  previousWindow: number
  thisWindow: number
  last: number
}

export class Guard {
  readonly #options: GuardOptions
  readonly #sizes = new Map<string, Sizes>()
  #windowBegan: Instant | undefined
  /** Since when what was judged has been smaller without a break. */
  #heldSince: Instant | undefined
  #released = false

  /** `known`: sizes of what is published already, as `peaks` gave them. */
  constructor(options: GuardOptions, known: ReadonlyMap<string, number> = new Map()) {
    assert(options.maxShrink >= 0 && options.maxShrink <= 1, `not a share: ${options.maxShrink}`)
    this.#options = options
    for (const [name, size] of known)
      this.#sizes.set(name, { previousWindow: size, thisWindow: size, last: size })
  }

  /** A name that is known and not measured has size 0. Linear in the names. */
  judge(measures: Measures, now: Instant): Verdict {
    this.#turnWindow(now)
    const shrunk = this.#shrunk(measures)
    if (shrunk.length === 0) {
      this.#heldSince = undefined
      return { kind: 'pass', despite: [] }
    }
    this.#heldSince ??= now
    const until = after(this.#heldSince, this.#options.holdMs)
    if (this.#released || now >= until) return { kind: 'pass', despite: shrunk }
    return { kind: 'held', shrunk, since: this.#heldSince, until }
  }

  /** Would this be held, if nothing was released and nothing stood for long? */
  isTooSmall(measures: Measures): boolean {
    return this.#shrunk(measures).length > 0
  }

  /** What was judged last is published. What passed despite its size is the measure from now on. */
  accept(measures: Measures, now: Instant): void {
    this.#turnWindow(now)
    if (this.#heldSince !== undefined) this.#sizes.clear()
    this.#heldSince = undefined
    this.#released = false
    for (const name of this.#sizes.keys()) if (!measures.has(name)) this.#note(name, 0)
    for (const [name, { size }] of measures) this.#note(name, size)
  }

  /** Lets through what is held now; the next `judge` passes. False where nothing is held. */
  release(): boolean {
    this.#released = this.#heldSince !== undefined
    return this.#released
  }

  /** Others are forgotten: whoever publishes has changed what it publishes. */
  retain(names: ReadonlySet<string>): void {
    for (const name of this.#sizes.keys()) if (!names.has(name)) this.#sizes.delete(name)
  }

  /** To be kept for the next start. */
  peaks(): ReadonlyMap<string, number> {
    return new Map([...this.#sizes].map(([name, sizes]) => [name, peakOf(sizes)]))
  }

  #shrunk(measures: Measures): Shrinkage[] {
    return [...this.#sizes].flatMap(([name, sizes]) => {
      const { size: to, maxShrink = this.#options.maxShrink } = measures.get(name) ?? { size: 0 }
      const from = peakOf(sizes)
      return from > 0 && (to <= 0 || to < from * (1 - maxShrink)) ? [{ name, from, to }] : []
    })
  }

  #note(name: string, size: number): void {
    const sizes = this.#sizes.get(name)
    if (sizes === undefined) this.#sizes.set(name, { previousWindow: size, thisWindow: size, last: size })
    else {
      sizes.last = size
      sizes.thisWindow = Math.max(sizes.thisWindow, size)
      // Else a name that is used once, as a query that is no longer called, would be kept for ever.
      if (peakOf(sizes) === 0) this.#sizes.delete(name)
    }
  }

  #turnWindow(now: Instant): void {
    this.#windowBegan ??= now
    const passed = Math.floor(elapsed(this.#windowBegan, now) / this.#options.windowMs)
    // While something is held the good state is not forgotten.
    if (passed === 0 || this.#heldSince !== undefined) return
    this.#windowBegan = now
    for (const sizes of this.#sizes.values()) {
      sizes.previousWindow = passed === 1 ? sizes.thisWindow : sizes.last
      sizes.thisWindow = sizes.last
    }
  }
}

function peakOf({ previousWindow, thisWindow, last }: Sizes): number {
  return Math.max(previousWindow, thisWindow, last)
}
