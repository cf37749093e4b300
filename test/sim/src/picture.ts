/**
 * Picture: the SVG of a run: how soon views became right (histogram), what all views held second by second, bytes per
 * node and second, and bytes by node. Drawn by hand, so that it needs nothing but a browser.
 */
import { type Bin, Distribution } from './distribution.ts'
import type { RunResult } from './run.ts'
import type { Scenario } from './scenario.ts'

const WIDTH = 900
const PANEL_HEIGHT = 170
const MARGIN = { left: 70, right: 20, top: 34, bottom: 30 }
const BINS = 60
const COLOURS = { suspect: '#d98e04', down: '#b3261e', left: '#6b6b6b', wrong: '#7b1fa2', bytes: '#1565c0' }

interface Panel {
  readonly title: string
  readonly body: string
  readonly xLabels: readonly [string, string]
  readonly yMax: string
}

interface Line {
  readonly colour: string
  readonly values: readonly number[]
}

export function drawReport(scenario: Scenario, result: RunResult): string {
  const seconds = Math.round(scenario.lengthMs / 1_000)
  const time: [string, string] = ['0 s', `${seconds} s`]
  const panels: Panel[] = [
    ...result.convergence.map(({ name, settledMs }) =>
      histogram(`${name}: when each view became right`, settledMs.bins(BINS), 's', 1_000),
    ),
    lines('beliefs that a member is suspect (amber), down (red), left (grey)', time, [
      { colour: COLOURS.suspect, values: result.timeline.map(({ suspect }) => suspect) },
      { colour: COLOURS.down, values: result.timeline.map(({ down }) => down) },
      { colour: COLOURS.left, values: result.timeline.map(({ left }) => left) },
    ]),
    lines('share of wrong beliefs', time, [
      { colour: COLOURS.wrong, values: result.timeline.map(({ wrongShare }) => wrongShare) },
    ]),
    lines('bytes per node and second, datagrams', time, [
      { colour: COLOURS.bytes, values: result.bytesBySecond.map((bytes) => bytes / result.nodes) },
    ]),
    histogram('bytes that a node sent in all', new Distribution(result.bytesByNode).bins(BINS), 'kB', 1_000),
  ]
  const height = 50 + panels.length * PANEL_HEIGHT
  const drawn = panels.map((panel, i) => frame(panel, 50 + i * PANEL_HEIGHT)).join('\n')
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="16" y="26" font-size="16">${escaped(`${result.scenario}: ${scenario.title}`)}</text>`,
    `<text x="16" y="43" fill="#555">${result.nodes} nodes, seed ${result.seed}, trace ${result.traceHash}</text>`,
    drawn,
    '</svg>',
    '',
  ].join('\n')
}

function histogram(title: string, bins: readonly Bin[], unit: string, scale: number): Panel {
  const max = Math.max(1, ...bins.map(({ count }) => count))
  const width = plotWidth() / Math.max(1, bins.length)
  const bars = bins.map(({ count }, i) => {
    const h = (count / max) * plotHeight()
    return `<rect x="${n(i * width)}" y="${n(plotHeight() - h)}" width="${n(width - 1)}" height="${n(h)}" fill="#2e7d32"/>`
  })
  const label = (value: number | undefined): string => `${((value ?? 0) / scale).toFixed(1)} ${unit}`
  return {
    title,
    body: bars.join(''),
    xLabels: [label(bins[0]?.from), label(bins.at(-1)?.to)],
    yMax: String(max),
  }
}

function lines(title: string, xLabels: readonly [string, string], all: readonly Line[]): Panel {
  const max = Math.max(...all.flatMap(({ values }) => values), Number.MIN_VALUE)
  const paths = all.map(({ colour, values }) => {
    const step = plotWidth() / Math.max(1, values.length - 1)
    const points = values.map((value, i) => `${n(i * step)},${n(plotHeight() * (1 - value / max))}`)
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5"/>`
  })
  return {
    title,
    body: paths.join(''),
    xLabels,
    yMax: max < 1 ? max.toPrecision(2) : String(Math.round(max)),
  }
}

function frame({ title, body, xLabels, yMax }: Panel, y: number): string {
  const bottom = plotHeight()
  return [
    `<g transform="translate(${MARGIN.left},${y + MARGIN.top})">`,
    `<text x="0" y="-10" font-weight="bold">${escaped(title)}</text>`,
    `<path d="M0,0 V${bottom} H${plotWidth()}" fill="none" stroke="#999"/>`,
    `<text x="-6" y="10" text-anchor="end">${yMax}</text><text x="-6" y="${bottom}" text-anchor="end">0</text>`,
    `<text x="0" y="${bottom + 16}">${xLabels[0]}</text>`,
    `<text x="${plotWidth()}" y="${bottom + 16}" text-anchor="end">${xLabels[1]}</text>`,
    body,
    '</g>',
  ].join('')
}

function plotWidth(): number {
  return WIDTH - MARGIN.left - MARGIN.right
}

function plotHeight(): number {
  return PANEL_HEIGHT - MARGIN.top - MARGIN.bottom
}

function n(value: number): string {
  return value.toFixed(1)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
