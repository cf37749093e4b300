/** Entries: what a roll-up of the reference fleet publishes, an app in a region, with its counts. */
import type { Fleet } from '@patina/test-data'

export const FLEET_REGIONS = 30
/** Counts of an entry are one number, because there are millions. */
const COUNTS_BASE = 2 ** 26

export interface Counts {
  readonly instances: number
  readonly healthy: number
}

export interface RollUp {
  /** By `app|region`; `countsOf` reads a value. */
  readonly entries: ReadonlyMap<string, number>
  /** The one whose size is nearest to the mean. */
  readonly meanRegion: string
}

/** Linear in the instances; some microseconds each. */
export function rollUp(fleet: Fleet): RollUp {
  const entries = new Map<string, number>()
  const sizeOf = new Map<string, number>()
  for (const { app, region, state } of fleet.rows()) {
    const key = `${app}|${region}`
    entries.set(key, (entries.get(key) ?? 0) + COUNTS_BASE + (state === 'started' ? 1 : 0))
    sizeOf.set(region, (sizeOf.get(region) ?? 0) + 1)
  }
  const distance = (size: number): number => Math.abs(size - fleet.instances / FLEET_REGIONS)
  const [[meanRegion] = ['']] = [...sizeOf].toSorted(([, a], [, b]) => distance(a) - distance(b))
  return { entries, meanRegion }
}

export function countsOf(packed: number): Counts {
  return { instances: Math.floor(packed / COUNTS_BASE), healthy: packed % COUNTS_BASE }
}
