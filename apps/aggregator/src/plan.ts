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
  /** Memory (PSS) of the four processes of an agent that has so many rows, under the load of the fleet; rising. */
  readonly regionalAgent: readonly MemoryPoint[]
  readonly globalAgent: readonly MemoryPoint[]
  /** Resident memory of an aggregator, without and for each entry of its region. */
  readonly aggregator: number
  readonly entryMemory: number
  /** Seconds for each instance of a region: the query runs as a whole, and waits for the run before it. */
  readonly instanceLag: number
}

type MemoryPoint = readonly [rows: number, bytes: number]

/** What each of its members has. */
export interface Tier {
  readonly tier: string
  readonly rows: number
  readonly diskMb: Disk
  readonly changesPerSec: number
  /** Received: every change once. */
  readonly wireKbPerSec: number
  /** Of its agent. */
  readonly memoryMb: number
}

export interface TierPlan {
  readonly tiers: readonly Tier[]
  /** Resident memory of each. */
  readonly aggregatorMb: number
  /** From a change of an instance to the global table, where a roll-up groups all instances of its region: the median, within a factor of two. */
  readonly lagSeconds: number
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
 * Rows of the reference fleet. Disk by the bench `tiers`, up to five million apps; the agent of the global tier by the bench `global-member`, whose
 * memory is the same with eight times as many rows; the rest by `test/tiers/src/measure.ts`, 33,333 to a million instances in a region.
 */
export const MEASURED: Costs = {
  instanceDisk: { written: 453, changed: 792 },
  entryDisk: { written: 226, changed: 502 },
  instanceWire: 113,
  entryWire: 76,
  regionalAgent: [
    [33_333, 316_000_000],
    [200_000, 520_000_000],
    [1_000_000, 650_000_000],
  ],
  globalAgent: [[1, 285_000_000]],
  aggregator: 120_000_000,
  entryMemory: 5_000,
  instanceLag: 3.5e-6,
}

const MB = 1_000_000

/**
 * Entries where nobody has counted them: pairs of an app and a region that have an instance, on the mean, where apps are as popular as those of
 * the reference fleet and regions are alike. Within 1 % of that fleet with 10,000 to five million apps.
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
  const ofInstance = { disk: costs.instanceDisk, wire: costs.instanceWire, memory: costs.regionalAgent }
  const ofEntry = { disk: costs.entryDisk, wire: costs.entryWire, memory: costs.globalAgent }
  const flat = tierOf('one flat cluster', instances, changes, ofInstance)
  const regional = tierOf('a region', instances / regions, changes / regions, ofInstance)
  const global = tierOf('global', entries, (changes * fleet.counting) / 100, ofEntry)
  return {
    tiers: [flat, regional, global],
    aggregatorMb: (costs.aggregator + (entries / regions) * costs.entryMemory) / MB,
    lagSeconds: (instances / regions) * costs.instanceLag,
    share: {
      bytes: global.diskMb.changed / flat.diskMb.changed,
      changes: global.changesPerSec / flat.changesPerSec,
      wire: global.wireKbPerSec / flat.wireKbPerSec,
    },
  }
}

/** What a host may give that has an agent of each tier and an aggregator. */
export interface HostLimits {
  readonly diskMb?: number | undefined
  readonly memoryMb?: number | undefined
  readonly wireKbPerSec?: number | undefined
}

export interface MostThatFits {
  /** The fleet in that proportion: instances, apps and changes. 0: not even next to nothing fits. */
  readonly times: number
  readonly instances: number
  readonly apps: number
  /** What is used up first; null: nothing, even by the largest fleet that is looked at. */
  readonly limit: keyof HostLimits | null
}

/** A fleet is grown, or shrunk, so far at most. */
const TIMES_MAX = 1e6
const STEPS = 60

/** The largest fleet of these proportions, in as many regions, whose every host stays within the limits when all rows have been changed. */
export function mostThatFits(
  fleet: Omit<FleetSize, 'entries'>,
  entriesOf: (fleet: Omit<FleetSize, 'entries'>) => number,
  limits: HostLimits,
  costs: Costs = MEASURED,
): MostThatFits {
  const exceeded = (times: number): keyof HostLimits | null => {
    const grown = grownBy(fleet, times)
    const uses = usesOf(planTiers({ ...grown, entries: entriesOf(grown) }, costs))
    return LIMITS.find((name) => uses[name] > (limits[name] ?? Number.POSITIVE_INFINITY)) ?? null
  }
  const most = (times: number, limit: keyof HostLimits | null): MostThatFits => {
    const { instances, apps } = grownBy(fleet, times)
    return { times, instances, apps, limit }
  }
  let [low, high] = [1 / TIMES_MAX, TIMES_MAX]
  if (exceeded(low) !== null) return { times: 0, instances: 0, apps: 0, limit: exceeded(low) }
  if (exceeded(high) === null) return most(high, null)
  for (let step = 0; step < STEPS; step += 1) {
    const middle = Math.sqrt(low * high)
    if (exceeded(middle) === null) low = middle
    else high = middle
  }
  return most(low, exceeded(high))
}

const LIMITS = ['diskMb', 'memoryMb', 'wireKbPerSec'] as const

function usesOf({ tiers, aggregatorMb }: TierPlan): Required<Record<keyof HostLimits, number>> {
  const both = tiers.slice(1)
  const sum = (value: (tier: Tier) => number): number => both.reduce((all, tier) => all + value(tier), 0)
  return {
    diskMb: sum(({ diskMb }) => diskMb.changed),
    memoryMb: sum(({ memoryMb }) => memoryMb) + aggregatorMb,
    wireKbPerSec: sum(({ wireKbPerSec }) => wireKbPerSec),
  }
}

function grownBy(fleet: Omit<FleetSize, 'entries'>, times: number): Omit<FleetSize, 'entries'> {
  const grown = (value: number): number => Math.max(1, Math.round(value * times))
  return {
    ...fleet,
    instances: grown(fleet.instances),
    apps: grown(fleet.apps),
    changes: fleet.changes * times,
  }
}

function tierOf(
  tier: string,
  rows: number,
  changesPerSec: number,
  costs: { readonly disk: Disk; readonly wire: number; readonly memory: readonly MemoryPoint[] },
): Tier {
  const { written, changed } = costs.disk
  return {
    tier,
    rows: Math.round(rows),
    diskMb: { written: (rows * written) / MB, changed: (rows * changed) / MB },
    changesPerSec,
    wireKbPerSec: (changesPerSec * costs.wire) / 1_000,
    memoryMb: memoryAt(rows, costs.memory) / MB,
  }
}

/** Between two points by a line, beyond the last by the line of the last two; fewer rows than the first need as much as it. */
function memoryAt(rows: number, points: readonly MemoryPoint[]): number {
  const found = points.findIndex(([known]) => rows <= known)
  const at = found === -1 ? points.length - 1 : found
  const above = points[at]
  const below = points[at - 1]
  if (above === undefined) return 0
  if (below === undefined) return above[1]
  return below[1] + ((rows - below[0]) / (above[0] - below[0])) * (above[1] - below[1])
}
