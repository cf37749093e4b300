/** Figures: percentiles, durations as people read them, and the closing table. Pure. */

export interface Figure {
  readonly what: string
  readonly value: string
}

/** The smallest sample that at least `share` (0…1) of the samples do not exceed; NaN without samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/** `4.2 ms`, `38 ms`, `1.35 s`: two or three digits that mean something. */
export function formatMs(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}

/** `10,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** Two columns, the values aligned to the right. */
export function formatTable(figures: readonly Figure[]): string {
  const wide = Math.max(...figures.map(({ what }) => what.length))
  const valueWide = Math.max(...figures.map(({ value }) => value.length))
  return figures.map(({ what, value }) => `  ${what.padEnd(wide)}  ${value.padStart(valueWide)}`).join('\n')
}
