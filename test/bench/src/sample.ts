/**
 * Sample: one figure of one repetition, and the spread over repetitions. A ratio is made of two samples of the same
 * repetition, because only they met the same machine; figures of different runs are never divided.
 */

export type Unit =
  | 'rows/s'
  | 'versions/s'
  | 'calls/s'
  | 'messages/s'
  | 'packets/s'
  | 'requests/s'
  | 'MB/s'
  | 'µs'
  | 'ms'
  | 'MB'
  | 'bytes'
  | 'writes'
  | 'cores'
  | 'downs'
  | 'times'

/** What the design asks of the ratio, or of the figure itself where it has no ratio. */
export interface Goal {
  readonly floor?: number
  readonly aim?: number
}

export interface Sample {
  readonly what: string
  readonly value: number
  readonly unit: Unit
  /** Name of the sample of the same repetition by which this one is divided. */
  readonly of?: string
  readonly goal?: Goal
}

/** One benchmark: `repeat` is called so many times, with 0 for the one that only warms up and is not counted. */
export interface Bench {
  readonly name: string
  readonly repetitions: number
  repeat(repetition: number): Promise<readonly Sample[]>
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface Summary {
  readonly what: string
  readonly unit: Unit
  readonly value: Spread
  readonly of: string | undefined
  /** Present where `of` is. */
  readonly ratio: Spread | undefined
  readonly goal: Goal
}

export type Verdict = 'aim' | 'floor' | 'not reached' | ''

/** One line per name, over all repetitions. */
export function summarize(repetitions: readonly (readonly Sample[])[]): Summary[] {
  const [first = []] = repetitions
  const twice = first.find(({ what }, at) => first.findIndex((sample) => sample.what === what) !== at)
  if (twice !== undefined) throw new Error(`two samples are named "${twice.what}"`)
  return first.map(({ what, unit, of, goal = {} }) => {
    const values = repetitions.map((samples) => valueNamed(samples, what))
    const ratios =
      of === undefined
        ? undefined
        : repetitions.map((samples, at) => (values[at] as number) / valueNamed(samples, of))
    return { what, unit, value: spread(values), of, ratio: ratios && spread(ratios), goal }
  })
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}

/** The value below which the share `q` of all values lies. */
export function percentile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

/** More is better of rates; less is better of times and sizes. */
export function isRate(unit: Unit): boolean {
  return unit.endsWith('/s')
}

/** What of its goal the median has reached. */
export function verdict({ value, ratio, goal, unit }: Summary): Verdict {
  const got = (ratio ?? value).median
  const reaches = (want: number): boolean => (isRate(unit) ? got >= want : got <= want)
  if (goal.aim !== undefined && reaches(goal.aim)) return 'aim'
  if (goal.floor !== undefined) return reaches(goal.floor) ? 'floor' : 'not reached'
  return goal.aim === undefined ? '' : 'not reached'
}

function valueNamed(samples: readonly Sample[], what: string): number {
  const sample = samples.find((candidate) => candidate.what === what)
  if (sample === undefined) throw new Error(`no sample is named "${what}"`)
  return sample.value
}
