/** Lateness: of deadlines, read from the histogram that an agent keeps, as upper bounds of its buckets. */

export interface Histogram {
  /** Cumulative counts by upper bound in seconds. */
  readonly buckets: ReadonlyMap<number, number>
}

export interface Lateness {
  readonly p99Ms: number
  readonly maxMs: number
  readonly count: number
}

const METRIC = 'patina_deadline_late_seconds'
const P99 = 0.99

export async function readLateness(port: number): Promise<Histogram> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`)
  return parseLateness(await response.text())
}

export function parseLateness(text: string): Histogram {
  const lines = [...text.matchAll(new RegExp(`^${METRIC}_bucket\\{le="([^"]+)"\\} (\\d+)$`, 'gm'))]
  if (lines.length === 0) throw new Error(`the agent has no ${METRIC}`)
  return {
    buckets: new Map(
      lines.map(([, bound, count]) => [bound === '+Inf' ? Infinity : Number(bound), Number(count)]),
    ),
  }
}

export function latenessBetween(before: Histogram, after: Histogram): Lateness {
  const counts = [...after.buckets].map(
    ([bound, n]) => [bound, n - (before.buckets.get(bound) ?? 0)] as const,
  )
  const total = counts.at(-1)?.[1] ?? 0
  const boundOf = (share: number): number =>
    1_000 * (counts.find(([, n]) => n >= share * total)?.[0] ?? Number.POSITIVE_INFINITY)
  return { p99Ms: boundOf(P99), maxMs: boundOf(1), count: total }
}
