import assert from 'node:assert/strict'
import { test } from 'node:test'
import { likelyEntries, MEASURED, PLAN_DEFAULTS, planTiers } from './plan.ts'

const reference = { ...PLAN_DEFAULTS, entries: likelyEntries(PLAN_DEFAULTS) }

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
  within(0.2, one.tiers[0]?.diskMb, 13.3)
  within(0.2, one.tiers[2]?.diskMb, 1.1)
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
  within(0.2, more.tiers[0]?.diskMb, 81.1)
  within(0.2, more.tiers[2]?.diskMb, 6.1)
  within(0.2, more.aggregatorMb, 191)
})

test('entries of the reference fleet, counted: 233,104 of 1 M instances', () => {
  within(0.05, reference.entries, 233_104)
  assert.equal(likelyEntries({ instances: 5, apps: 100, regions: 30 }), 5)
  assert.equal(likelyEntries({ instances: 1_000, apps: 100, regions: 1 }), 65)
})

test('shares are those of the tiers, and everything is linear', () => {
  const plan = planTiers(reference)
  const [flat, region, global] = plan.tiers
  assert.equal(plan.share.bytes, (global?.diskMb ?? 0) / (flat?.diskMb ?? 1))
  assert.equal(plan.share.changes, 0.79)
  within(0.001, (region?.diskMb ?? 0) * reference.regions, flat?.diskMb ?? 0)
  const free = planTiers(reference, { ...MEASURED, entryDisk: 0, entryWire: 0 })
  assert.deepEqual([free.share.bytes, free.share.wire], [0, 0])
})
