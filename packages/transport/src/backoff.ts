/**
 * Reconnect delay: doubles from `firstMs` to `capMs`, of which the second half is chance, so that a fleet that lost one
 * host does not return to it in step. Pure; who reconnects, and when it gives up, is decided elsewhere.
 */
import { assert, type Millis, millis, type Prng } from '@patina/base'

export interface BackoffOptions {
  readonly firstMs: Millis
  readonly capMs: Millis
}

export const RECONNECT_BACKOFF: BackoffOptions = { firstMs: millis(200), capMs: millis(30_000) }

/** Delay before the attempt after `failures` failures in a row (1 or more): between half and all of the doubled delay. */
export function reconnectDelayMs(
  failures: number,
  prng: Prng,
  options: BackoffOptions = RECONNECT_BACKOFF,
): Millis {
  assert(Number.isInteger(failures) && failures >= 1, `not a number of failures: ${failures}`)
  const doublings = Math.min(failures - 1, DOUBLINGS_MAX)
  const full = Math.min(options.capMs, options.firstMs * 2 ** doublings)
  const half = Math.floor(full / 2)
  return millis(half + prng.below(half + 1))
}

/** 2^20 times any first delay is above every cap; more would only overflow. */
const DOUBLINGS_MAX = 20
