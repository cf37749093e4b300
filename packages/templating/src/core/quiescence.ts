/** When is a burst of changes over? Pure: the rule of consul-template's `wait`, a quiet time with a ceiling. */
import { after, earliest, type Instant, type Millis } from '@patina/base'

export interface Quiescence {
  /** So long nothing has changed. */
  readonly quietMs: Millis
  /** So long after the first change at the latest, though changes go on. */
  readonly ceilingMs: Millis
}

/** A burst of changes that nothing has been done about. */
export interface Burst {
  readonly first: Instant
  readonly last: Instant
}

export function withChange(burst: Burst | undefined, now: Instant): Burst {
  return { first: burst?.first ?? now, last: now }
}

export function dueAt({ first, last }: Burst, { quietMs, ceilingMs }: Quiescence): Instant {
  return earliest(after(last, quietMs), after(first, ceilingMs))
}
