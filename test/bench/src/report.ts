/** Report: what a benchmark measured as lines of text for a terminal and for docs/benchmarks.md. Pure. */
import { LOSS_MAX, type RatioChange } from './baseline.ts'
import { type Spread, type Summary, verdict } from './sample.ts'

const HEADINGS = ['what', 'median', 'min–max', 'unit', 'ratio', 'min–max', 'of', 'floor', 'aim', ''] as const

/** A Markdown table that is readable as it is. */
export function tableOf(summaries: readonly Summary[]): string {
  return align([
    HEADINGS,
    ...summaries.map((summary) => {
      const { what, value, unit, ratio, of, goal } = summary
      return [
        what,
        digits(value.median),
        range(value),
        unit,
        ratio === undefined ? '' : digits(ratio.median),
        ratio === undefined ? '' : range(ratio),
        of ?? '',
        goal.floor === undefined ? '' : digits(goal.floor),
        goal.aim === undefined ? '' : digits(goal.aim),
        verdict(summary),
      ]
    }),
  ])
}

export function changesOf(changes: readonly RatioChange[]): string {
  return align([
    ['ratio', 'baseline', 'now', 'gain', ''],
    ...changes.map(({ what, before, now, gain }) => [
      what,
      digits(before),
      digits(now),
      `${gain >= 0 ? '+' : '−'}${Math.abs(gain * 100).toFixed(1)} %`,
      gain < -LOSS_MAX ? 'a loss that needs a word' : '',
    ]),
  ])
}

/** Three digits that count; thousands apart. */
export function digits(n: number): string {
  if (!Number.isFinite(n)) return '–'
  if (Math.abs(n) >= 100) return Math.round(n).toLocaleString('en')
  return String(Number(n.toPrecision(3)))
}

function range({ min, max }: Spread): string {
  return `${digits(min)}–${digits(max)}`
}

function align(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  return [line(head), rule, ...rows.slice(1).map(line)].join('\n')
}
