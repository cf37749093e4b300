/** Lag as /v1/status shows it: the oldest view, and the origins that one looks at first. */
import type { ViewAge } from '@patina/node'
import type { ActorLag } from '@patina/sync'
import type { OriginDelays } from './propagation.ts'

export interface LagParts {
  readonly oldestView: ViewAge | undefined
  readonly lag: readonly ActorLag[]
  readonly delaysOf: (origin: ActorLag['actor']) => OriginDelays | undefined
}

/** More are for `patina_lag`. */
const ORIGINS_SHOWN = 64

export function lagJson({ oldestView, lag, delaysOf }: LagParts): object {
  const ageMs = oldestView?.ageMs
  return {
    oldest_view_ms: ageMs === undefined ? null : Math.round(ageMs),
    oldest_view_of: oldestView?.actor ?? null,
    origins: worstFirst(lag).slice(0, ORIGINS_SHOWN).map(originShown(delaysOf)),
  }
}

function originShown(delaysOf: LagParts['delaysOf']): (lag: ActorLag) => object {
  return ({ actor, version, behind, ageMs }) => {
    const took = delaysOf(actor)
    return {
      actor,
      version,
      behind,
      age_ms: ageMs === undefined ? null : Math.round(ageMs),
      p50_ms: took?.p50Ms ?? null,
      p99_ms: took?.p99Ms ?? null,
      max_ms: took?.maxMs ?? null,
    }
  }
}

/** Of whom most is missing, then whose view is oldest. */
function worstFirst(lag: readonly ActorLag[]): ActorLag[] {
  return lag.toSorted((a, b) => b.behind - a.behind || (b.ageMs ?? 0) - (a.ageMs ?? 0))
}
