/**
 * The verdict on a server after a probe. A refused connection is proof that nobody listens, and counts at once; silence,
 * a connection that breaks or an ill answer may be a moment of load, and counts only when it repeats. Pure.
 */

export type ProbeOutcome = 'ok' | 'refused' | 'failed'
export type HealthState = 'healthy' | 'unhealthy'

export function isFailure(outcome: ProbeOutcome): boolean {
  return outcome !== 'ok'
}

/** `failures`: in a row, this one included. Undefined: what was known before stays true. */
export function verdictOf(
  outcome: ProbeOutcome,
  failures: number,
  failuresMax: number,
): HealthState | undefined {
  if (outcome === 'ok') return 'healthy'
  return outcome === 'refused' || failures >= failuresMax ? 'unhealthy' : undefined
}
