/**
 * Ring: how far away a member is, in six steps, from the lowest of its last round trips: the path itself, without its
 * jams. Source: corrosion's buckets. With hysteresis and one step at a time, so that what is built on rings stays. Pure.
 */

/** 0: the same site … 5: the other side of the world. */
export type Ring = 0 | 1 | 2 | 3 | 4 | 5

/** Upper bounds of the rings 0 to 4, in ms. */
const BOUNDS_MS: readonly number[] = [6, 15, 50, 100, 200]
/** A member must be this far beyond a bound to leave its ring. */
const HYSTERESIS_MS = 2

export function ringAt(latencyMs: number): Ring {
  const ring = BOUNDS_MS.findIndex((bound) => latencyMs < bound)
  return (ring < 0 ? BOUNDS_MS.length : ring) as Ring
}

/** The ring after another measurement: at most one step from the known one. */
export function nextRing(known: Ring | undefined, latencyMs: number): Ring {
  if (known === undefined) return ringAt(latencyMs)
  const outer = BOUNDS_MS[known] ?? Number.POSITIVE_INFINITY
  const inner = BOUNDS_MS[known - 1] ?? 0
  if (latencyMs >= outer + HYSTERESIS_MS) return (known + 1) as Ring
  if (latencyMs < inner - HYSTERESIS_MS) return (known - 1) as Ring
  return known
}
