/**
 * Report: a run as text for people, and as JSON and SVG files. The JSON has everything that the pictures show: figures,
 * verdicts, the histogram of detection, the timeline of beliefs, bytes per second and per node.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { criterionText, type Verdict } from './criteria.ts'
import { Distribution } from './distribution.ts'
import { type Overrides, replayLine } from './overrides.ts'
import { drawReport } from './picture.ts'
import type { RunResult } from './run.ts'
import type { Scenario } from './scenario.ts'

const BINS = 40
const DECIMALS = 100

export interface Outcome {
  readonly broken: readonly Verdict[]
  /** Broken, and the scenario says so. */
  readonly known: readonly Verdict[]
  /** Said to be broken, and was not in this run. */
  readonly better: readonly Verdict[]
}

export function outcomeOf({ knownFailing }: Scenario, { verdicts }: RunResult): Outcome {
  const isKnown = ({ criterion }: Verdict): boolean => knownFailing.has(criterion.figure)
  return {
    broken: verdicts.filter((verdict) => !verdict.holds && !isKnown(verdict)),
    known: verdicts.filter((verdict) => !verdict.holds && isKnown(verdict)),
    better: verdicts.filter((verdict) => verdict.holds && isKnown(verdict)),
  }
}

/** One line for a run, and one more for each criterion that does not hold. */
export function summary(scenario: Scenario, result: RunResult, overrides: Overrides): string[] {
  const { broken, known } = outcomeOf(scenario, result)
  const verdict = broken.length > 0 ? 'FAILED' : known.length > 0 ? 'known' : 'ok'
  const head = `${result.scenario.padEnd(5)} seed ${String(result.seed).padEnd(6)} ${verdict.padEnd(6)} trace ${result.traceHash}`
  const line = (what: string, { criterion, got }: Verdict): string =>
    `      ${what} ${criterionText(criterion)}: got ${got === undefined ? 'nothing' : rounded(got)}`
  const replay = broken.length > 0 ? [`      replay: ${replayLine(scenario, result.seed, overrides)}`] : []
  return [
    head,
    ...broken.map((one) => line('broken:', one)),
    ...known.map((one) => line('known to fail:', one)),
    ...(broken.length > 0 ? result.remarks.map((remark) => `      ${remark}`) : []),
    ...replay,
  ]
}

/** All figures, for a single run. */
export function figureLines({ figures }: RunResult): string[] {
  const width = Math.max(...[...figures.keys()].map((name) => name.length))
  return [...figures].map(([name, value]) => `  ${name.padEnd(width)}  ${rounded(value)}`)
}

/** Writes `<scenario>-<seed>.json` and `.svg` into the folder. */
export function writeReport(folder: string, scenario: Scenario, result: RunResult): string[] {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${result.scenario}-${result.seed}`)
  writeFileSync(`${path}.json`, `${JSON.stringify(reportOf(scenario, result), null, 1)}\n`)
  writeFileSync(`${path}.svg`, drawReport(scenario, result))
  return [`${path}.json`, `${path}.svg`]
}

/** What came of many runs, as `summary.json`. */
export interface Summary {
  readonly runs: number
  readonly firstSeed: number
  readonly commit: string
  /** The lines that replay what failed. */
  readonly failures: readonly string[]
}

export function writeSummary(folder: string, summary: Summary): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 1)}\n`)
}

export function reportOf(scenario: Scenario, result: RunResult): object {
  const { broken, known, better } = outcomeOf(scenario, result)
  const texts = (verdicts: readonly Verdict[]): string[] =>
    verdicts.map(({ criterion }) => criterionText(criterion))
  return {
    scenario: result.scenario,
    title: scenario.title,
    nodes: result.nodes,
    seed: result.seed,
    trace: result.traceHash,
    events: result.events,
    figures: Object.fromEntries([...result.figures].map(([name, value]) => [name, rounded(value)])),
    broken: texts(broken),
    knownToFail: texts(known),
    betterThanKnown: texts(better),
    remarks: result.remarks,
    histograms: Object.fromEntries(
      result.convergence.map(({ name, settledMs }) => [
        name,
        settledMs.bins(BINS).map(({ from, to, count }) => [Math.round(from), Math.round(to), count]),
      ]),
    ),
    timeline: result.timeline,
    bytesPerNodeBySecond: result.bytesBySecond.map((bytes) => Math.round(bytes / result.nodes)),
    bytesByNode: new Distribution(result.bytesByNode)
      .bins(BINS)
      .map(({ from, to, count }) => [Math.round(from), Math.round(to), count]),
  }
}

export function rounded(value: number): number {
  return Math.round(value * DECIMALS) / DECIMALS
}
