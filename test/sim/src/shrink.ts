/**
 * Shrinking: from a run that breaks a criterion to a smaller one that still does: fewer steps, fewer faults, fewer nodes,
 * less time. Greedy: a simplification stays where one of a few seeds still fails, as another fleet draws other chances.
 */

import { FAULT_NAMES, type Overrides } from './overrides.ts'
import type { Scenario } from './scenario.ts'

export interface Failure {
  readonly seed: number
  readonly overrides: Overrides
}

export interface ShrinkOptions {
  readonly scenario: Scenario
  /** Whether this run still breaks the criterion. */
  readonly fails: (failure: Failure) => boolean
  /** Runs that may be spent. */
  readonly runsMax: number
  readonly seedsPerAttempt: number
}

const SECOND_MS = 1_000
const NODES_MIN = 2

export function shrink(
  found: Failure,
  { scenario, fails, runsMax, seedsPerAttempt }: ShrinkOptions,
): Failure {
  let best = found
  let runs = 0
  const attempt = (overrides: Overrides): boolean => {
    for (const seed of seedsFrom(best.seed, seedsPerAttempt)) {
      if (runs >= runsMax) return false
      runs += 1
      if (!fails({ seed, overrides })) continue
      best = { seed, overrides }
      return true
    }
    return false
  }
  for (let improved = true; improved && runs < runsMax; )
    improved = simpler(scenario, best.overrides).some(attempt)
  return best
}

/** Each a little simpler than what there is; the greatest step first. */
export function simpler(scenario: Scenario, now: Overrides): Overrides[] {
  const dropped = now.dropSteps ?? []
  const without = now.without ?? []
  const nodes = now.nodes ?? scenario.nodes
  const seconds = now.seconds ?? scenario.lengthMs / SECOND_MS
  return [
    ...[nodes >> 1, nodes - (nodes >> 2), nodes - 1]
      .filter((fewer, i, all) => fewer >= NODES_MIN && fewer < nodes && all.indexOf(fewer) === i)
      .map((fewer) => ({ ...now, nodes: fewer })),
    ...scenario.steps
      .map((_, i) => i)
      .filter((i) => !dropped.includes(i))
      .map((i) => ({ ...now, dropSteps: [...dropped, i].sort((a, b) => a - b) })),
    ...FAULT_NAMES.filter((name) => hasFault(scenario, name) && !without.includes(name)).map((name) => ({
      ...now,
      without: [...without, name],
    })),
    // Where copies have to come together in the end, steps that are cut off in the middle prove nothing.
    ...(scenario.convergeMs > 0 ? [] : [Math.ceil(seconds / 2), Math.ceil(seconds * 0.8)])
      .filter((shorter, i, all) => shorter < seconds && all.indexOf(shorter) === i)
      .map((shorter) => ({ ...now, seconds: shorter })),
  ]
}

function hasFault({ faults }: Scenario, name: (typeof FAULT_NAMES)[number]): boolean {
  return name === 'bandwidth' ? faults.bytesPerSecond > 0 : faults[`${name}Ppm`] > 0
}

function seedsFrom(first: number, count: number): number[] {
  return [first, ...Array.from({ length: count - 1 }, (_, i) => i + 1).filter((seed) => seed !== first)]
}
