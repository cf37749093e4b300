/**
 * Damping: a member that comes back from down again and again is shown to the application only when it has stayed for a
 * while. The protocol itself is not delayed: it is probed, told of and counted as what it is. Pure.
 * Staying means that nobody accuses it: in a large cluster others probe it many times before our own turn comes.
 */
import { type Instant, instant } from '@patina/base'

export interface Damping {
  /** When it came back, within the window; at most `FLAPS_MAX + 1`. */
  readonly revivedAt: readonly Instant[]
  /** The application is not told that it is up. */
  readonly isHeld: boolean
  /** Since when nobody has accused it. */
  readonly steadySince: Instant
}

/** More than this many times within the window: held. */
const FLAPS_MAX = 5
const WINDOW_MS = 600_000
/** So long without an accusation releases it; each second somebody probes it. */
const STEADY_MS = 10_000

export function revived(known: Damping | undefined, now: Instant): Damping {
  const recent = (known?.revivedAt ?? []).filter((at) => now - at < WINDOW_MS)
  const revivedAt = [...recent, now].slice(-(FLAPS_MAX + 1))
  return { revivedAt, isHeld: revivedAt.length > FLAPS_MAX, steadySince: now }
}

/** It has refuted an accusation: its time begins anew. */
export function accusedAgain(known: Damping, now: Instant): Damping {
  return { ...known, steadySince: now }
}

/** When it may be shown again, unless it is accused before; undefined where it is shown. */
export function releaseAt(known: Damping): Instant | undefined {
  return known.isHeld ? instant(known.steadySince + STEADY_MS) : undefined
}

export function released(known: Damping): Damping {
  return { ...known, isHeld: false }
}
