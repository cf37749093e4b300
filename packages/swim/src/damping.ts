/**
 * Damping: a member that comes back from down again and again is shown to the application only when it has stayed for a
 * while. The protocol itself is not delayed: it is probed, told of and counted as what it is. Pure.
 */
import type { Instant } from '@patina/base'

export interface Damping {
  /** When it came back, within the window; at most `FLAPS_MAX + 1`. */
  readonly revivedAt: readonly Instant[]
  /** The application is not told that it is up. */
  readonly isHeld: boolean
  /** Probes in a row that were answered since it came back. */
  readonly acks: number
}

/** More than this many times within the window: held. */
const FLAPS_MAX = 5
const WINDOW_MS = 600_000
/** What releases it: so many answered probes, and so long since it came back. */
const STEADY_ACKS = 3
const STEADY_MS = 10_000

export function revived(known: Damping | undefined, now: Instant): Damping {
  const recent = (known?.revivedAt ?? []).filter((at) => now - at < WINDOW_MS)
  const revivedAt = [...recent, now].slice(-(FLAPS_MAX + 1))
  return { revivedAt, isHeld: revivedAt.length > FLAPS_MAX, acks: 0 }
}

/** After an answered probe; `isHeld` turns false when it has stayed. */
export function steadied(known: Damping, now: Instant): Damping {
  const acks = known.acks + 1
  const since = known.revivedAt.at(-1) ?? now
  return { ...known, acks, isHeld: known.isHeld && !(acks >= STEADY_ACKS && now - since >= STEADY_MS) }
}
