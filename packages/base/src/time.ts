/**
 * Instant and Millis: time as a value. An Instant is monotonic milliseconds since an arbitrary start (fractions
 * allowed) and says nothing about the wall clock; wall time exists only as Hlc (hlc.ts).
 */
import { assert } from './assert.ts'

export type Instant = number & { readonly brand: 'Instant' }
export type Millis = number & { readonly brand: 'Millis' }

/** The far end of time: no deadline. */
export const NEVER: Instant = Number.POSITIVE_INFINITY as Instant

/** What shells implement: monotonic now. */
export type Clock = () => Instant

export function instant(ms: number): Instant {
  assert(!Number.isNaN(ms), 'not an instant: NaN')
  return ms as Instant
}

/** Checked constructor: a duration ≥ 0 in milliseconds. */
export function millis(ms: number): Millis {
  assert(ms >= 0, `not a duration: ${ms}`)
  return ms as Millis
}

export function after(start: Instant, duration: Millis): Instant {
  return (start + duration) as Instant
}

/** Time from `start` to `end`, 0 where `end` is earlier. */
export function elapsed(start: Instant, end: Instant): Millis {
  return Math.max(0, end - start) as Millis
}

export function earliest(a: Instant, b: Instant): Instant {
  return a < b ? a : b
}

export function latest(a: Instant, b: Instant): Instant {
  return a > b ? a : b
}
