/**
 * Rollup: one roll-up of this region as a state machine: what its query wants, what the global table is known to hold, and
 * whether the guard lets the difference through. Decides and performs nothing: the caller brings events, stored rows and
 * time, and sends what `nextBatch` gives. I-ROLL-2: nothing is given that the guard has not judged as it is now, nor while the
 * result is incomplete, the stored rows are unknown or the guard holds. Held is also who does not write, so that it does not claim that it could.
 */
import { earliest, type Instant, type Millis } from '@patina/base'
import type { BatchEvent, Statement, SubscriptionEvent } from '@patina/client'
import { Guard, type Measure, type Measures, type Shrinkage } from '@patina/templating/guard'
import { Pacing } from './pacing.ts'
import {
  type Cells,
  DesiredRows,
  diffRows,
  isUrgent,
  type KeyText,
  type RowDiff,
  sizesOf,
  storedRows,
} from './rollup-rows.ts'
import type { RollupSpec } from './rollup-spec.ts'
import { rowStatements } from './rollup-statements.ts'

export interface RollupOptions {
  readonly spec: RollupSpec
  readonly region: string
  readonly holdMs: Millis
  /** Counts and sums below this are not guarded: with few rows each is a large share. */
  readonly guardedSizeMin: number
}

/** Rows that one transaction writes. */
export interface Batch {
  readonly diff: RowDiff
  readonly statements: readonly Statement[]
}

/** What the guard said last. */
export type Hold =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'held'
      readonly shrunk: readonly Shrinkage[]
      readonly since: Instant
      readonly until: Instant
    }

/** Statements of one transaction: far below what an agent takes, and some milliseconds of its store. */
export const BATCH_ROWS_MAX = 500

export class Rollup {
  readonly spec: RollupSpec
  readonly #options: RollupOptions
  readonly #desired: DesiredRows
  readonly #pacing = new Pacing()
  #stored: Map<KeyText, Cells> | undefined
  /** Keys that may differ from what is stored; empty where that is not known. Emptied by writing. */
  #dirty = new Set<KeyText>()
  /** Those of them that nobody has looked at for urgency. */
  #fresh = new Set<KeyText>()
  #guard: Guard | undefined
  /** How often the guard's measure was taken anew without evidence. */
  #baseline = 0
  #hold: Hold = { kind: 'none' }
  /** Nothing has changed since. */
  #isJudged = false

  constructor(options: RollupOptions) {
    this.spec = options.spec
    this.#options = options
    this.#desired = new DesiredRows(options.spec.key)
  }

  /** Undefined before the first result. */
  get columns(): readonly string[] | undefined {
    return this.#desired.columns
  }

  /** The result is there, the guard knows what it compares with, and lets it through. */
  get isFit(): boolean {
    return this.#desired.isComplete && this.#guard !== undefined && this.#hold.kind === 'none'
  }

  get isComplete(): boolean {
    return this.#desired.isComplete
  }

  get hold(): Hold {
    return this.#hold
  }

  get rows(): number {
    return this.#desired.size
  }

  get unfitRows(): number {
    return this.#desired.unfit
  }

  /** What the guard compares: rows, and the sum of each column of numbers. */
  get sizes(): ReadonlyMap<string, number> {
    const sums = [...this.#desired.sums()].map(([name, sum]): [string, number] => [`sum of ${name}`, sum])
    return new Map([['rows', this.#desired.size], ...sums])
  }

  /** Another number: what the guard compares with was taken anew, from what is published or despite its size. */
  get baseline(): number {
    return this.#baseline
  }

  get isStoredKnown(): boolean {
    return this.#stored !== undefined
  }

  /** The next moment at which `turn` may say otherwise. */
  nextAt(): Instant {
    const at = this.#pacing.nextAt()
    return this.#hold.kind === 'held' ? earliest(at, this.#hold.until) : at
  }

  /** An event of the live result; what belongs together is one event, so nothing is judged in between. Throws RollupFault. */
  apply(event: BatchEvent, now: Instant): void {
    if (event.kind === 'columns') this.forgetStored()
    this.#isJudged = false
    for (const one of event.kind === 'changes' ? event.changes : [event]) this.#takeOver(one)
    if (this.#desired.isComplete) this.#pacing.note(now)
  }

  #takeOver(event: SubscriptionEvent): void {
    const key = this.#desired.apply(event)
    // While nobody knows what is stored everything differs; and who waits for its turn would gather keys for ever.
    if (key === undefined || this.#stored === undefined) return
    this.#dirty.add(key)
    this.#fresh.add(key)
  }

  /** The stream broke: what is known of the result may be old, and what is stored is compared in full when it is back. */
  lostStream(): void {
    this.#desired.markStale()
    this.forgetStored()
  }

  /** Somebody else may write, or a write has no answer. */
  forgetStored(): void {
    this.#stored = undefined
    this.#dirty.clear()
    this.#fresh.clear()
  }

  /** Rows of this region as the table has them now, columns in the order of `columns`: everything is compared. */
  adoptStored(rows: readonly Cells[], now: Instant): void {
    const columns = this.#desired.columns ?? []
    const { key } = this.spec
    this.#stored = storedRows(rows, columns, key)
    this.#dirty = new Set([...this.#desired.keys(), ...this.#stored.keys()])
    this.#fresh.clear()
    const sizes = sizesOf(this.#stored, columns, key)
    if (this.#guard === undefined) this.#takeGuard(this.#makeGuard(sizes))
    // Else it is what was accepted here: what goes in small steps would be compared with the last step alone.
    else if (this.#hold.kind === 'held' && this.#guard.isTooSmall(this.#measures(this.#guard, sizes)))
      this.#compareWith(sizes, now)
  }

  /** Is it time to judge and to send? */
  isDue(now: Instant): boolean {
    if (this.#pacing.isDue(now) || (this.#hold.kind === 'held' && now >= this.#hold.until)) return true
    if (!this.#pacing.looks(now)) return false
    const keys = this.#fresh
    this.#fresh = new Set()
    const stored = this.#stored
    return stored !== undefined && [...keys].some((key) => isUrgent(this.#desired.get(key), stored.get(key)))
  }

  /** Asks the guard about the result as it is now. */
  judge(now: Instant): Hold {
    this.#pacing.sent()
    if (this.#guard === undefined || !this.#desired.isComplete) return this.#hold
    const verdict = this.#guard.judge(this.#measures(this.#guard), now)
    this.#isJudged = true
    if (verdict.kind === 'held') this.#hold = verdict
    else {
      this.#hold = { kind: 'none' }
      if (verdict.despite.length > 0) this.#baseline += 1
      this.#guard.accept(measuresOf(this.sizes), now)
    }
    return this.#hold
  }

  /** What is to be written next; undefined where there is nothing or nothing may be. */
  nextBatch(): Batch | undefined {
    const { columns } = this.#desired
    if (!this.isFit || !this.#isJudged || this.#stored === undefined || columns === undefined)
      return undefined
    const keys: KeyText[] = []
    const written = new Map<KeyText, Cells>()
    const gone = new Map<KeyText, Cells>()
    for (const key of this.#dirty) {
      if (keys.length >= BATCH_ROWS_MAX) break
      const diff = diffRows(this.#desired, this.#stored, [key])
      if (diff.written.size + diff.gone.size === 0) this.#dirty.delete(key)
      else keys.push(key)
      for (const [at, cells] of diff.written) written.set(at, cells)
      for (const [at, cells] of diff.gone) gone.set(at, cells)
    }
    if (keys.length === 0) return undefined
    const diff = { written, gone }
    return { diff, statements: rowStatements(this.spec, this.#options.region, columns, diff) }
  }

  /** The batch is stored. A key that changed meanwhile stays dirty. */
  wrote({ diff: { written, gone } }: Batch): void {
    for (const [key, cells] of written) this.#stored?.set(key, cells)
    for (const key of gone.keys()) this.#stored?.delete(key)
  }

  /** Lets through what is held. False where nothing is, or its result is only arriving. */
  release(now: Instant): boolean {
    if (this.#hold.kind === 'none' || !this.isComplete || this.#guard?.release() !== true) return false
    this.judge(now)
    return true
  }

  /**
   * `evidence`: what it would have if the hosts that have gone were there, asked for when it had `sizes`. Where the guard would let
   * that through, those sizes are the measure from now on, and what has gone since is judged by them. True where that was so.
   */
  explain(sizes: ReadonlyMap<string, number>, evidence: ReadonlyMap<string, number>, now: Instant): boolean {
    const guard = this.#guard
    if (guard === undefined || this.#hold.kind === 'none') return false
    if (guard.isTooSmall(this.#measures(guard, evidence))) return false
    guard.accept(measuresOf(sizes), now)
    this.judge(now)
    return true
  }

  /** Another aggregator may have been released: what is published is then the measure. */
  #compareWith(sizes: ReadonlyMap<string, number>, now: Instant): void {
    const guard = this.#makeGuard(sizes)
    if (guard.judge(this.#measures(guard), now).kind === 'pass') {
      this.#takeGuard(guard)
      this.judge(now)
    }
  }

  #takeGuard(guard: Guard): void {
    this.#guard = guard
    this.#baseline += 1
  }

  #makeGuard(sizes: ReadonlyMap<string, number>): Guard {
    const { spec, holdMs } = this.#options
    // What shrinks in small steps is seen over the time for which it would be held.
    return new Guard({ maxShrink: spec.maxShrink, holdMs, windowMs: Math.max(1, holdMs) as Millis }, sizes)
  }

  /** What was small before is told as not smaller. */
  #measures(guard: Guard, sizes = this.sizes): Measures {
    const measures = measuresOf(sizes)
    for (const [name, peak] of guard.peaks())
      if (peak < this.#options.guardedSizeMin) measures.set(name, { size: Math.max(peak, 1) })
    return measures
  }
}

function measuresOf(sizes: ReadonlyMap<string, number>): Map<string, Measure> {
  return new Map([...sizes].map(([name, size]) => [name, { size }]))
}
