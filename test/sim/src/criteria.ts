/**
 * Criteria: what must hold of the figures of a run, as bounds: `"<= 10000"`, `">= 1"`, `"= 0"`, or two of them joined by
 * `and`. A figure that the run did not give fails its criterion: silence proves nothing.
 */
import { ScenarioError } from './table.ts'

export type Figures = ReadonlyMap<string, number>

export interface Criterion {
  readonly figure: string
  readonly bounds: readonly Bound[]
}

interface Bound {
  readonly relation: '<=' | '>=' | '='
  readonly value: number
}

export interface Verdict {
  readonly criterion: Criterion
  /** Undefined where the run has no such figure. */
  readonly got: number | undefined
  readonly holds: boolean
}

const BOUND = /^(<=|>=|=)\s*(-?\d+(?:\.\d+)?)$/

export function parseCriterion(figure: string, text: string, where: string): Criterion {
  const bounds = text.split(/\s+and\s+/).map((part) => {
    const match = BOUND.exec(part.trim())
    if (match === null)
      throw new ScenarioError(
        where,
        `"${figure}" must be bounds like "<= 10" or ">= 1 and <= 2", not "${text}"`,
      )
    return { relation: match[1] as Bound['relation'], value: Number(match[2]) }
  })
  return { figure, bounds }
}

export function judge(criteria: readonly Criterion[], figures: Figures): Verdict[] {
  return criteria.map((criterion) => {
    const got = figures.get(criterion.figure)
    return {
      criterion,
      got,
      holds: got !== undefined && criterion.bounds.every((bound) => holds(bound, got)),
    }
  })
}

/**
 * True of what must never fail, whatever the seed: an exact number, as of mistakes. A bound of a time or of bytes is one of
 * chance: some seed in some hundred breaks it, and says nothing.
 */
export function isInvariant({ bounds }: Criterion): boolean {
  return bounds.every(({ relation }) => relation === '=')
}

export function criterionText({ figure, bounds }: Criterion): string {
  return `${figure} ${bounds.map(({ relation, value }) => `${relation} ${value}`).join(' and ')}`
}

function holds({ relation, value }: Bound, got: number): boolean {
  if (relation === '<=') return got <= value
  return relation === '>=' ? got >= value : got === value
}
