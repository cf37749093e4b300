/**
 * Baseline: the ratios of an earlier run, kept in baseline.json, and by how much each has changed since. Only ratios
 * are kept: figures of another hour or another machine say nothing.
 */
import { isRate, type Summary } from './sample.ts'

/** A loss above this share needs a word (test/bench/README.md, "Contract"). */
export const LOSS_MAX = 0.1

export interface BaselineEntry {
  /** Day of the run, and what it ran on: for people. */
  readonly date: string
  readonly host: string
  readonly ratios: { readonly [what: string]: number }
}

/** By name of the benchmark. */
export interface Baseline {
  readonly [bench: string]: BaselineEntry
}

export interface RatioChange {
  readonly what: string
  readonly before: number
  readonly now: number
  /** Share by which the ratio has become better (positive) or worse. */
  readonly gain: number
}

/** Ratios that both have, in the order of the summaries. */
export function compare(summaries: readonly Summary[], before: BaselineEntry | undefined): RatioChange[] {
  return summaries.flatMap(({ what, ratio, unit }) => {
    const known = before?.ratios[what]
    if (known === undefined || ratio === undefined) return []
    const change = ratio.median / known - 1
    return [{ what, before: known, now: ratio.median, gain: isRate(unit) ? change : -change }]
  })
}

/** The entry that a run leaves. */
export function entryOf(summaries: readonly Summary[], date: string, host: string): BaselineEntry {
  const ratios = summaries.flatMap(({ what, ratio }): [string, number][] =>
    ratio === undefined ? [] : [[what, Number(ratio.median.toPrecision(3))]],
  )
  return { date, host, ratios: Object.fromEntries(ratios) }
}
