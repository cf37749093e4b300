/**
 * Lag as rows of `patina_lag`. Ages change with every moment; who reads the table wants to know who lags, so an age is 0 while
 * it is what pulses allow in good health, and whole seconds above. So a cluster that is well has rows that change only when
 * somebody writes.
 */
import type { Millis } from '@patina/base'
import type { LagRow } from '@patina/sqlite'
import type { ActorLag } from '@patina/sync'

/** A pulse may just be missed, and its answer takes a period more. */
const HEALTHY_PERIODS = 3
const MS_PER_SECOND = 1_000

export function lagRows(lag: readonly ActorLag[], pulsePeriodMs: Millis): LagRow[] {
  return lag.map(({ actor, version, behind, ageMs }) => [
    actor,
    BigInt(version),
    BigInt(behind),
    ageMs === undefined ? null : BigInt(shownAge(ageMs, pulsePeriodMs)),
  ])
}

export function shownAge(ageMs: number, pulsePeriodMs: number): number {
  if (ageMs <= HEALTHY_PERIODS * pulsePeriodMs) return 0
  return Math.floor(ageMs / MS_PER_SECOND) * MS_PER_SECOND
}
