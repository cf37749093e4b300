import assert from 'node:assert/strict'
import { test } from 'node:test'
import { override } from './overrides.ts'
import { drawReport } from './picture.ts'
import { outcomeOf, reportOf, summary } from './report.ts'
import { runScenario } from './run.ts'
import { parseScenario, type Scenario } from './scenario.ts'

const TEXT = `
title = "a < b & c"
nodes = 5
seconds = 20

[[steps]]
do = "kill"
count = 1
measure = "kill"

[pass]
"kill.wrong" = "= 0"
"kill.max_ms" = "<= 1"
"events" = "<= 1"

[known_failing]
"events" = "there is no such figure"
"kill.wrong" = "is said to be broken"
`
const scenario = parseScenario(TEXT, 'X')
const result = runScenario(scenario, 3)
const figures = (verdicts: readonly { readonly criterion: { readonly figure: string } }[]): string[] =>
  verdicts.map(({ criterion }) => criterion.figure)

test('broken, known to be broken, and better than known', () => {
  const { broken, known, better } = outcomeOf(scenario, result)
  assert.deepEqual(figures(broken), ['kill.max_ms'])
  assert.deepEqual(figures(known), ['events'])
  assert.deepEqual(figures(better), ['kill.wrong'])
})

test('the summary says what broke and how to see it again', () => {
  const text = summary(scenario, result, { nodes: 5 }).join('\n')
  assert.match(text, /^X {5}seed 3 {6}FAILED trace [0-9a-f]{16}/)
  assert.match(text, /broken: kill\.max_ms <= 1: got \d+/)
  assert.match(text, /known to fail: events <= 1: got nothing/)
  assert.match(text, /replay: pnpm sim swim --scenario X --seed 3 --nodes 5$/)
  const fine: Scenario = { ...scenario, criteria: [] }
  assert.match(
    summary(fine, runScenario(fine, 3), {}).join('\n'),
    /^X {5}seed 3 {6}ok {5}trace [0-9a-f]{16}$/,
  )
})

test('the report is plain data with histogram, timeline and traffic', () => {
  const report = JSON.parse(JSON.stringify(reportOf(scenario, result)))
  assert.equal(report.nodes, 5)
  assert.equal(report.figures['kill.wrong'], 0)
  assert.equal(
    report.histograms.kill.reduce((sum: number, [, , count]: [number, number, number]) => sum + count, 0),
    4,
  )
  assert.equal(report.timeline.length, 20)
  assert.equal(report.timeline.at(-1).down, 4)
  assert.ok(report.bytesPerNodeBySecond.length >= 20)
})

test('the picture is one SVG with a panel for each measurement', () => {
  const svg = drawReport(scenario, result)
  assert.match(svg, /^<svg [^>]+>[\s\S]*<\/svg>\n$/)
  assert.ok(svg.includes('a &lt; b &amp; c') && svg.includes('kill: when each view became right'))
  assert.ok(!svg.includes('NaN') && !svg.includes('undefined'))
})

test('a run is a function of scenario and seed', () => {
  assert.equal(runScenario(scenario, 3).traceHash, result.traceHash)
  assert.notEqual(runScenario(scenario, 4).traceHash, result.traceHash)
  assert.notEqual(runScenario(override(scenario, { nodes: 6 }), 3).traceHash, result.traceHash)
})
