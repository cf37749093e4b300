/**
 * Hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014), folded into one safe integer: microseconds
 * since 1970. It never runs backwards on one node and follows what it hears from others up to a drift limit.
 * For lag and for people only: no merge rule looks at it, so a wrong clock cannot lose a write.
 */
import { assert } from './assert.ts'

export type Hlc = number & { readonly brand: 'Hlc' }

/** Above the wall clock by more than this, a remote timestamp is not followed. 300 ms, as the original. */
export const HLC_DRIFT_MAX_MICROS = 300_000

export function isHlc(n: number): n is Hlc {
  return Number.isSafeInteger(n) && n >= 0
}

/** Checked constructor: microseconds since 1970 as a safe integer ≥ 0. */
export function hlc(micros: number): Hlc {
  assert(isHlc(micros), `not a timestamp: ${micros}`)
  return micros
}

/** The timestamp of a local event: the wall clock, or just above `last` where that clock stands still or stepped back. */
export function tick(last: Hlc, wallMicros: number): Hlc {
  return hlc(Math.max(last + 1, wallMicros))
}

/** `last` after hearing `remote`; a remote too far ahead of the wall clock is ignored. */
export function observe(last: Hlc, remote: Hlc, wallMicros: number): Hlc {
  return remote > wallMicros + HLC_DRIFT_MAX_MICROS ? last : hlc(Math.max(last, remote))
}
