import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Disk, likelyEntries, MEASURED, PLAN_DEFAULTS, planTiers } from './plan.ts'

const reference = { ...PLAN_DEFAULTS, entries: likelyEntries(PLAN_DEFAULTS) }

const FILES = [
  {
    apps: 10_000,
    entries: 29_903,
    global: { written: 8.34, changed: 16.7 },
    region: { written: 1.55, changed: 2.58 },
  },
  {
    apps: 100_000,
    entries: 233_104,
    global: { written: 65.3, changed: 132 },
    region: { written: 15.1, changed: 26.4 },
  },
  {
    apps: 1_000_000,
    entries: 1_841_564,
    global: { written: 515, changed: 1_045 },
    region: { written: 151, changed: 268 },
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

test('D14: disk of both tiers is within a fifth of files with 10,000, 100,000 and a million apps', () => {
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
