import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorId, millis, version } from '@patina/base'
import { lagRows, shownAge } from './lag-rows.ts'

test('an age is 0 in good health, whole seconds above, and NULL where nothing proves one', () => {
  const period = millis(1_000)
  const actor = actorId('a'.repeat(32))
  const row = (ageMs: number | undefined): unknown =>
    lagRows(
      [{ actor, version: version(7), behind: 2, ageMs: ageMs === undefined ? ageMs : millis(ageMs) }],
      period,
    )[0]
  assert.deepEqual(row(0), [actor, 7n, 2n, 0n])
  assert.deepEqual(row(3_000), [actor, 7n, 2n, 0n])
  assert.deepEqual(row(3_001), [actor, 7n, 2n, 3_000n])
  assert.deepEqual(row(61_999.5), [actor, 7n, 2n, 61_000n])
  assert.deepEqual(row(undefined), [actor, 7n, 2n, null])
  assert.equal(shownAge(25_000, 10_000), 0, 'many members pulse more rarely')
})
