/**
 * Together: criteria of chance, judged over all seeds of a run and not in each of them. Who asks whom is drawn, so that of
 * many victims a share that can be calculated is noticed late, on a sound machine too: a bound on the last one of each run fails
 * now and then and says nothing. What can be asked is that no more are late than the calculation has, but for a chance of 1
 * in 1,000. A run of a few victims proves little, and says how many may be late; many make it sharp.
 */
import type { Convergence } from './checkers/convergence.ts'
import { ScenarioError, type Table } from './table.ts'

/** `suspected`: by anybody. `told`: 99 of 100 nodes hold the right belief. */
export type Moment = 'suspected' | 'told'

export interface Together {
  readonly measure: string
  readonly moment: Moment
  readonly withinMs: number
  /** Calculated, of all members that are measured. */
  readonly lateShare: number
}

export interface JointVerdict {
  readonly criterion: Together
  readonly measured: number
  readonly late: number
  readonly lateMax: number
  readonly holds: boolean
}

/** How often a sound machine is called slow. */
const ERROR_SHARE = 1 / 1_000

const MOMENTS = ['suspected', 'told'] as const

export function readTogether(table: Table): Together {
  const together = {
    measure: table.text('measure'),
    moment: table.oneOf('moment', MOMENTS),
    withinMs: table.number('within_ms', undefined),
    lateShare: table.number('late_share', undefined, { max: 1 }),
  }
  table.end()
  if (together.lateShare === 0)
    throw new ScenarioError(table.where, 'late_share 0 is a criterion of each run')
  return together
}

/** What one seed measured. */
export type Measured = readonly Convergence[]

export function judgeTogether(criteria: readonly Together[], runs: readonly Measured[]): JointVerdict[] {
  return criteria.map((criterion) => {
    const { measure, moment, withinMs, lateShare } = criterion
    const times = runs
      .flat()
      .filter(({ name }) => name === measure)
      .flatMap(({ members }) => members.map((member) => member[moment]))
    const late = times.filter((ms) => ms > withinMs).length
    const lateMax = lateAtMost(times.length, lateShare)
    // Who was measured nowhere says nothing.
    return { criterion, measured: times.length, late, lateMax, holds: times.length > 0 && late <= lateMax }
  })
}

/** The runs of several scenarios, in whatever order they come. */
export class JointRuns {
  readonly #byId = new Map<string, { readonly criteria: readonly Together[]; readonly runs: Measured[] }>()

  add(
    { id, together }: { readonly id: string; readonly together: readonly Together[] },
    run: Measured,
  ): void {
    const known = this.#byId.get(id) ?? { criteria: together, runs: [] }
    known.runs.push(run)
    this.#byId.set(id, known)
  }

  verdicts(): { readonly id: string; readonly verdict: JointVerdict }[] {
    return [...this.#byId].flatMap(([id, { criteria, runs }]) =>
      judgeTogether(criteria, runs).map((verdict) => ({ id, verdict })),
    )
  }
}

export function togetherText({ criterion, measured, late, lateMax, holds }: JointVerdict): string {
  const { measure, moment, withinMs, lateShare } = criterion
  const wanted = `${(measured * lateShare).toFixed(1)} calculated, up to ${lateMax} by chance`
  return `${holds ? 'ok' : 'BROKEN'}: all seeds together: ${measure}, ${moment} after ${withinMs} ms: ${late} of ${measured} (${wanted})`
}

/** The least number that is exceeded with a chance of at most ERROR_SHARE where each of `count` is late with this one. */
export function lateAtMost(count: number, lateShare: number): number {
  // The binomial distribution, term by term; in logarithms, as its first term may be too small for a number.
  let logTerm = count * Math.log1p(-lateShare)
  let below = Math.exp(logTerm)
  let late = 0
  while (1 - below > ERROR_SHARE && late < count) {
    logTerm += Math.log((count - late) / (late + 1)) + Math.log(lateShare / (1 - lateShare))
    below += Math.exp(logTerm)
    late += 1
  }
  return late
}
