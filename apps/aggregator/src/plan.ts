/**
 * Plan: what each tier of a fleet holds and moves, from its size and from what a row and a change were measured to cost
 * (docs/tiers.md says how). Pure. A prediction for a fleet whose apps and changes are spread evenly; the file of a region
 * that has more is larger in proportion.
 */
export interface FleetSize {
  readonly instances: number
  readonly apps: number
  readonly regions: number
  /** Members of the regional clusters together, each with an agent of the global cluster beside it. */
  readonly hosts: number
  /** Changes of instances in a second, in the whole fleet. */
  readonly changes: number
}

/** What a row and a change cost. */
export interface Costs {
  readonly instanceDiskBytes: number
  readonly entryDiskBytes: number
  readonly instanceWireBytes: number
  readonly entryWireBytes: number
  /** Of an aggregator: the live result, and what is stored. */
  readonly entryMemoryBytes: number
  readonly aggregatorMemoryBytes: number
  /** Regions that a mean app is in. */
  readonly regionsPerApp: number
  /** Of all changes of instances those that change a count of their app. */
  readonly countingShare: number
}

export interface Tier {
  readonly tier: string
  readonly rows: number
  readonly diskMb: number
  readonly changesPerSec: number
  /** Received by each of its members: every change once. */
  readonly wireKbPerSec: number
  /** Of each aggregator. */
  readonly memoryMb: number
  /** What one of the numbers stands for. */
  readonly perMember: string
}

export interface TierPlan {
  readonly tiers: readonly Tier[]
  /** Of the global tier in what one flat cluster of everything would have. */
  readonly share: { readonly bytes: number; readonly changes: number }
}

export const PLAN_DEFAULTS = {
  instances: 1_000_000,
  apps: 100_000,
  regions: 30,
  hosts: 3_000,
  changes: 500,
} as const

export const MEASURED: Costs = {
  instanceDiskBytes: 445,
  entryDiskBytes: 300,
  instanceWireBytes: 150,
  entryWireBytes: 64,
  entryMemoryBytes: 600,
  aggregatorMemoryBytes: 70_000_000,
  regionsPerApp: 2,
  countingShare: 0.1,
}

const MB = 1_000_000

export function planTiers(fleet: FleetSize, costs: Costs = MEASURED): TierPlan {
  const { instances, apps, regions, hosts, changes } = fleet
  const entries = apps * Math.min(regions, costs.regionsPerApp)
  const entryChanges = changes * costs.countingShare
  const memoryMb = (costs.aggregatorMemoryBytes + (entries / regions) * costs.entryMemoryBytes) / MB
  const flat: Tier = {
    tier: 'one flat cluster',
    rows: instances,
    diskMb: (instances * costs.instanceDiskBytes) / MB,
    changesPerSec: changes,
    wireKbPerSec: (changes * costs.instanceWireBytes) / 1_000,
    memoryMb: 0,
    perMember: `on each of ${hosts} hosts`,
  }
  const regional: Tier = {
    tier: 'regional',
    rows: instances / regions,
    diskMb: flat.diskMb / regions,
    changesPerSec: changes / regions,
    wireKbPerSec: flat.wireKbPerSec / regions,
    memoryMb,
    perMember: `on each of the ${Math.ceil(hosts / regions)} hosts of a region`,
  }
  const global: Tier = {
    tier: 'global',
    rows: entries,
    diskMb: (entries * costs.entryDiskBytes) / MB,
    changesPerSec: entryChanges,
    wireKbPerSec: (entryChanges * costs.entryWireBytes) / 1_000,
    memoryMb: 0,
    perMember: 'on each host with an agent of the global cluster',
  }
  return {
    tiers: [flat, regional, global],
    share: { bytes: global.diskMb / flat.diskMb, changes: global.changesPerSec / flat.changesPerSec },
  }
}
