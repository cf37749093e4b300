/**
 * Plan: what each tier of a fleet holds and moves, from its size and from what a row and a change were measured to cost
 * (docs/tiers.md, "Size", says how). Pure. A prediction for regions that are alike; the file of one that has more is larger in
 * proportion. A file grows with the changes of its rows, until each has been changed: it then has two versions in the log.
 */
export interface FleetSize {
  readonly instances: number
  readonly apps: number
  readonly regions: number
  /** Rows of the global table: an app in a region. */
  readonly entries: number
  /** Changes of instances in a second, in the whole fleet. */
  readonly changes: number
  /** Of a hundred of these those that change a row of the global table. */
  readonly counting: number
}

/** Disk with clock, log and indexes, of a row or of all. */
export interface Disk {
  /** As they were written first, many at a time. */
  readonly written: number
  /** When each has been changed by a version of its own. */
  readonly changed: number
}

/** Bytes of a row and of a change. */
export interface Costs {
  readonly instanceDisk: Disk
  readonly entryDisk: Disk
  /** A change, to each member once. */
  readonly instanceWire: number
  readonly entryWire: number
  /** Resident memory of an aggregator, without and for each entry of its region. */
  readonly aggregator: number
  readonly entryMemory: number
}

/** What each of its members has. */
export interface Tier {
  readonly tier: string
  readonly rows: number
  readonly diskMb: Disk
  readonly changesPerSec: number
  /** Received: every change once. */
  readonly wireKbPerSec: number
}

export interface TierPlan {
  readonly tiers: readonly Tier[]
  /** Resident memory of each. */
  readonly aggregatorMb: number
  /** Of the global tier in what one flat cluster of everything would have, when all rows have been changed. */
  readonly share: { readonly bytes: number; readonly changes: number; readonly wire: number }
}

/** Of the reference fleet (test/data): 1 M instances of 100,000 apps whose sizes are Zipf's, in 30 regions. */
export const PLAN_DEFAULTS = {
  instances: 1_000_000,
  apps: 100_000,
  regions: 30,
  changes: 500,
  counting: 79,
} as const

/** Instances by rank of their app: Zipf's law with the exponent of the reference fleet. */
const APP_EXPONENT = 1.1
/** So many ranks are counted one by one, those behind them in steps of a hundredth. */
const EXACT_RANKS = 1_000

/**
 * Rows of the reference fleet. Disk by the bench `tiers`, 100,000 and a million apps; the rest by `test/tiers/src/measure.ts`, 33,333 instances
 * in a region at 17 changes/s.
 */
export const MEASURED: Costs = {
  instanceDisk: { written: 453, changed: 792 },
  entryDisk: { written: 280, changed: 566 },
  instanceWire: 113,
  entryWire: 76,
  aggregator: 120_000_000,
  entryMemory: 5_000,
}

const MB = 1_000_000

/**
 * Entries where nobody has counted them: pairs of an app and a region that have an instance, on the mean, where apps are as popular as those of
 * the reference fleet and regions are alike. Within 1 % of that fleet with 10,000, 100,000 and a million apps.
 */
export function likelyEntries({
  instances,
  apps,
  regions,
}: Pick<FleetSize, 'instances' | 'apps' | 'regions'>): number {
  const steps = [...rankSteps(apps)]
  const all = steps.reduce((sum, { share, ranks }) => sum + ranks * share, 0)
  const perApp = (share: number): number => regions * (1 - Math.exp((-instances * share) / (all * regions)))
  return Math.round(steps.reduce((sum, { share, ranks }) => sum + ranks * perApp(share), 0))
}

/** Neighbouring ranks that are taken for one, with the weight of each. */
function* rankSteps(apps: number): Generator<{ readonly ranks: number; readonly share: number }> {
  for (let first = 1; first <= apps; ) {
    const ranks = Math.min(first < EXACT_RANKS ? 1 : Math.floor(first / 100), apps - first + 1)
    yield { ranks, share: (first + (ranks - 1) / 2) ** -APP_EXPONENT }
    first += ranks
  }
}

export function planTiers(fleet: FleetSize, costs: Costs = MEASURED): TierPlan {
  const { instances, regions, entries, changes } = fleet
  const flat = tierOf('one flat cluster', instances, changes, {
    disk: costs.instanceDisk,
    wire: costs.instanceWire,
  })
  const global = tierOf('global', entries, (changes * fleet.counting) / 100, {
    disk: costs.entryDisk,
    wire: costs.entryWire,
  })
  const regional = tierOf('a region', instances / regions, changes / regions, {
    disk: costs.instanceDisk,
    wire: costs.instanceWire,
  })
  return {
    tiers: [flat, regional, global],
    aggregatorMb: (costs.aggregator + (entries / regions) * costs.entryMemory) / MB,
    share: {
      bytes: global.diskMb.changed / flat.diskMb.changed,
      changes: global.changesPerSec / flat.changesPerSec,
      wire: global.wireKbPerSec / flat.wireKbPerSec,
    },
  }
}

function tierOf(
  tier: string,
  rows: number,
  changesPerSec: number,
  bytes: { readonly disk: Disk; readonly wire: number },
): Tier {
  const { written, changed } = bytes.disk
  const diskMb = { written: (rows * written) / MB, changed: (rows * changed) / MB }
  return {
    tier,
    rows: Math.round(rows),
    diskMb,
    changesPerSec,
    wireKbPerSec: (changesPerSec * bytes.wire) / 1_000,
  }
}
