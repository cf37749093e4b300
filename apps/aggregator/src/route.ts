/**
 * Route: the live regions of an app, the nearest first. Distance is the least round trip between two regions as members of the
 * global cluster measure it, else what the configuration says. Pure.
 */
import type { Member } from '@patina/client'
import { isPresent } from './aggregator-tag.ts'
import { pairOf } from './config.ts'

/** Milliseconds by region, as one region sees them. */
export type Distances = ReadonlyMap<string, number>

/** A row of the route table: `app` and `region`, and whatever else it has. */
export type RouteRow = Readonly<Record<string, unknown>> & { readonly region: string }

export interface RegionRoute {
  readonly region: string
  /** null: nobody knows. */
  readonly distance_ms: number | null
  readonly [column: string]: unknown
}

/** As the own global agent measures them: of each region its nearest member. */
export function measuredDistances(members: readonly Member[], region: string): Distances {
  const distances = new Map<string, number>([[region, 0]])
  for (const member of members) {
    if (member.rtt_ms === null || member.region === region || !isPresent(member)) continue
    distances.set(member.region, Math.min(member.rtt_ms, distances.get(member.region) ?? Infinity))
  }
  return distances
}

/** Regions with something healthy first, then by distance, unknown ones last, then by name. */
export function orderRoutes(
  rows: readonly RouteRow[],
  from: string,
  measured: Distances,
  configured: ReadonlyMap<string, number>,
): RegionRoute[] {
  const distanceTo = (region: string): number | null =>
    region === from ? 0 : (measured.get(region) ?? configured.get(pairOf(from, region)) ?? null)
  return rows
    .map((row) => ({ ...row, distance_ms: distanceTo(row.region) }))
    .sort((a, b) => emptiness(a) - emptiness(b) || far(a) - far(b) || (a.region < b.region ? -1 : 1))
}

function emptiness({ healthy }: RegionRoute): 0 | 1 {
  return typeof healthy === 'number' && healthy <= 0 ? 1 : 0
}

/** No infinity: two of them have no difference. */
function far({ distance_ms }: RegionRoute): number {
  return distance_ms ?? Number.MAX_SAFE_INTEGER
}
