import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Disk, likelyEntries, MEASURED, mostThatFits, PLAN_DEFAULTS, planTiers } from './plan.ts'

const reference = { ...PLAN_DEFAULTS, entries: likelyEntries(PLAN_DEFAULTS) }

const FILES = [
  {
    apps: 10_000,
    entries: 29_903,
    global: { written: 6.75, changed: 14.9 },
    region: { written: 1.55, changed: 2.58 },
  },
  {
    apps: 100_000,
    entries: 233_104,
    global: { written: 52.6, changed: 117 },
    region: { written: 15.1, changed: 26.4 },
  },
  {
    apps: 1_000_000,
    entries: 1_841_564,
    global: { written: 414, changed: 928 },
    region: { written: 151, changed: 268 },
  },
  {
    apps: 5_000_000,
    entries: 7_893_197,
    global: { written: 1_784, changed: 4_010 },
    region: { written: 756, changed: 1_343 },
  },
] as const

/** A table whose groups grew row by row has been changed in part. */
function between({ written, changed }: Disk = { written: 0, changed: 0 }, measured: number): void {
  assert.ok(written < measured && measured < changed, `${measured} is not between ${written} and ${changed}`)
}

function within(share: number, predicted: number | undefined, measured: number): void {
  const off = Math.abs((predicted ?? 0) / measured - 1)
  assert.ok(off <= share, `${predicted} is off ${measured} by ${(100 * off).toFixed(0)} %`)
}

test('the prediction is within a fifth of what was measured', () => {
  // One region of 33,333 instances as the reference fleet has them, at 17 changes/s (test/tiers/src/measure.ts).
  const one = planTiers({
    instances: 33_333,
    apps: 3_334,
    regions: 1,
    entries: 2_614,
    changes: 17,
    counting: 79,
  })
  within(0.2, one.tiers[0]?.diskMb.written, 13.3)
  between(one.tiers[2]?.diskMb, 1.1)
  within(0.2, one.aggregatorMb, 131)
  // 200,000 at 500 changes/s: the same apps with more instances each.
  const more = planTiers({
    instances: 200_000,
    apps: 20_000,
    regions: 1,
    entries: 14_210,
    changes: 500,
    counting: 79,
  })
  within(0.2, more.tiers[0]?.diskMb.written, 81.1)
  between(more.tiers[2]?.diskMb, 6.1)
  within(0.2, more.aggregatorMb, 191)
})

test('D14: disk of both tiers is within a fifth of files with 10,000 to five million apps', () => {
  // The bench `tiers`: global table and one region, as written and when each row has been changed.
  for (const { apps, entries, global, region } of FILES) {
    const plan = planTiers({ ...PLAN_DEFAULTS, apps, instances: 10 * apps, entries })
    const [, regional, whole] = plan.tiers
    within(0.2, whole?.diskMb.written, global.written)
    within(0.2, whole?.diskMb.changed, global.changed)
    within(0.2, regional?.diskMb.written, region.written)
    within(0.2, regional?.diskMb.changed, region.changed)
  }
})

test('entries of the reference fleet are those that were counted, of all regions and of one', () => {
  within(0.01, reference.entries, 233_104)
  for (const { apps, entries } of FILES)
    within(0.01, likelyEntries({ instances: 10 * apps, apps, regions: 30 }), entries)
  within(0.01, likelyEntries({ instances: 33_333, apps: 3_334, regions: 1 }), 2_614)
  within(0.01, likelyEntries({ instances: 200_000, apps: 20_000, regions: 1 }), 14_210)
  within(0.01, likelyEntries({ instances: 1_000_000, apps: 100_000, regions: 1 }), 64_805)
})

test('at random: there are not more entries than instances, nor than apps times regions', () => {
  const size = fc.record({
    instances: fc.integer({ min: 1, max: 1e8 }),
    apps: fc.integer({ min: 1, max: 1e7 }),
    regions: fc.integer({ min: 1, max: 200 }),
  })
  fc.assert(
    fc.property(size, (fleet) => {
      const entries = likelyEntries(fleet)
      assert.ok(entries >= 1 && entries <= Math.min(fleet.instances, fleet.apps * fleet.regions))
    }),
  )
})

test('shares are those of the tiers, and everything is linear', () => {
  const plan = planTiers(reference)
  const [flat, region, global] = plan.tiers
  assert.equal(plan.share.bytes, (global?.diskMb.changed ?? 0) / (flat?.diskMb.changed ?? 1))
  assert.equal(plan.share.changes, 0.79)
  within(0.001, (region?.diskMb.written ?? 0) * reference.regions, flat?.diskMb.written ?? 0)
  const free = planTiers(reference, { ...MEASURED, entryDisk: { written: 0, changed: 0 }, entryWire: 0 })
  assert.deepEqual([free.share.bytes, free.share.wire], [0, 0])
})

test('the median of what was measured between a change and the global table is within a factor of two', () => {
  for (const [instances, seconds] of [
    [33_333, 0.078],
    [200_000, 0.6],
    [1_000_000, 3.9],
  ] as const) {
    const { lagSeconds } = planTiers({ ...reference, instances, regions: 1 })
    assert.ok(lagSeconds > seconds / 2 && lagSeconds < 2 * seconds, `${lagSeconds} for ${seconds}`)
  }
})

test('memory of agents is that of the measured ones, and rises between and beyond them', () => {
  const memory = (instances: number): number | undefined =>
    planTiers({ ...reference, instances, regions: 1 }).tiers[1]?.memoryMb
  assert.deepEqual([1, 33_333, 200_000, 1_000_000, 1_800_000].map(memory), [316, 316, 520, 650, 780])
  within(0.001, memory(600_000), 585)
})

test('D14: the largest fleet that fits stays within the limits, and a little more does not', () => {
  const { entries: _, ...fleet } = reference
  const limits = fc.record({
    diskMb: fc.option(fc.integer({ min: 10, max: 1e6 }), { nil: undefined }),
    memoryMb: fc.option(fc.integer({ min: 800, max: 20_000 }), { nil: undefined }),
    wireKbPerSec: fc.option(fc.integer({ min: 1, max: 1e6 }), { nil: undefined }),
  })
  fc.assert(
    fc.property(limits, (given) => {
      const most = mostThatFits(fleet, likelyEntries, given)
      const { limit } = most
      if (limit === null) return assert.ok(Object.values(given).every((each) => each === undefined))
      const used = (times: number): number => {
        const grown = { ...fleet, instances: fleet.instances * times, apps: Math.round(fleet.apps * times) }
        const entries = likelyEntries(grown)
        const { tiers, aggregatorMb } = planTiers({ ...grown, changes: fleet.changes * times, entries })
        const both = tiers.slice(1)
        const sums = {
          diskMb: both.reduce((sum, { diskMb }) => sum + diskMb.changed, 0),
          memoryMb: both.reduce((sum, { memoryMb }) => sum + memoryMb, aggregatorMb),
          wireKbPerSec: both.reduce((sum, { wireKbPerSec }) => sum + wireKbPerSec, 0),
        }
        return sums[limit] / (given[limit] ?? 0)
      }
      assert.ok(used(most.times) <= 1.001 && used(1.02 * most.times) > 1, `${used(most.times)}`)
    }),
    { numRuns: 50 },
  )
  const tooMuch = mostThatFits(fleet, likelyEntries, { memoryMb: 500 })
  assert.deepEqual([tooMuch.times, tooMuch.limit], [0, 'memoryMb'])
})
