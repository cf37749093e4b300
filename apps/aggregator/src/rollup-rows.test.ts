import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cell, SubscriptionEvent } from '@patina/client'
import fc from 'fast-check'
import { DesiredRows, diffRows, isUrgent, RollupFault, sizesOf, storedRows } from './rollup-rows.ts'

const COLUMNS = ['app', 'instances', 'healthy']

function row(rowId: number, ...cells: Cell[]): SubscriptionEvent {
  return { kind: 'row', rowId, cells }
}

function desiredOf(...rows: readonly SubscriptionEvent[]): DesiredRows {
  const desired = new DesiredRows(['app'])
  desired.apply({ kind: 'columns', columns: COLUMNS })
  for (const event of rows) desired.apply(event)
  desired.apply({ kind: 'eoq', seconds: 0 })
  return desired
}

test('rows by key, sums of the columns that are no key', () => {
  const desired = desiredOf(row(1, 'web', 3, 2), row(2, 'db', 1n, null))
  assert.deepEqual(
    desired.sums(),
    new Map([
      ['instances', 4],
      ['healthy', 2],
    ]),
  )
  desired.apply({ kind: 'change', change: 'delete', rowId: 1, cells: ['web', 3, 2], changeId: 1 })
  assert.deepEqual([desired.size, desired.sums().get('instances')], [1, 1])
})

test('a row without a key and a second one of a key are not published, and counted', () => {
  const [one, other] = [row(1, 'web', 3, 2), row(2, 'web', 4, 4)]
  for (const rows of [
    [one, other],
    [other, one],
  ]) {
    const desired = desiredOf(...rows, row(3, null, 1, 1))
    assert.deepEqual(desired.get('["web"]'), ['web', 4, 4])
    assert.deepEqual([desired.size, desired.unfit], [1, 2])
  }
})

test('a query that cannot be a roll-up is a fault', () => {
  const begin = (columns: readonly string[]) => (): unknown =>
    new DesiredRows(['app']).apply({ kind: 'columns', columns })
  assert.throws(begin(['name']), RollupFault)
  assert.throws(begin(['app', 'region']), RollupFault)
})

test('urgent is a number that fell to nothing', () => {
  assert.equal(isUrgent(undefined, ['web', 3, 2]), false)
  assert.equal(isUrgent(['web', 3, 0], ['web', 3, 2]), true)
  assert.equal(isUrgent(['web', 3, null], ['web', 3, 2n]), true)
  assert.equal(isUrgent(['web', 2, 1], ['web', 3, 2]), false)
  assert.equal(isUrgent(['web', 0, 0], undefined), false)
})

const cell = fc.oneof(
  fc.constant(null),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ maxLength: 3 }),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 63n - 1n }),
  fc.uint8Array({ maxLength: 3 }),
)
const table = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), cell, cell), {
  selector: ([app]) => app,
})

test('law: the difference applied to what is stored gives what is desired, and is empty where both are equal', () => {
  fc.assert(
    fc.property(table, table, (wanted, had) => {
      const desired = desiredOf(...wanted.map((cells, at) => row(at, ...cells)))
      const stored = storedRows(had, COLUMNS, ['app'])
      const { written, gone } = diffRows(desired, stored, 'all')
      for (const key of gone.keys()) stored.delete(key)
      for (const [key, cells] of written) stored.set(key, cells)
      assert.deepEqual([...stored.keys()].sort(), [...desired.keys()].sort())
      for (const [key, cells] of stored) assert.deepEqual(desired.get(key), cells)
      const again = diffRows(desired, stored, 'all')
      assert.equal(again.written.size + again.gone.size, 0)
    }),
    { numRuns: 100 },
  )
})

test('law: the sums kept are those counted anew', () => {
  const numbers = fc.array(fc.tuple(fc.nat(4), fc.nat(100), fc.boolean()), { maxLength: 40 })
  fc.assert(
    fc.property(numbers, (steps) => {
      const desired = desiredOf()
      for (const [rowId, n, deletes] of steps)
        desired.apply({
          kind: 'change',
          change: deletes ? 'delete' : 'update',
          rowId,
          cells: [`app${rowId}`, n, 1],
          changeId: 1,
        })
      const rows = new Map([...desired.keys()].map((key) => [key, desired.get(key) as readonly Cell[]]))
      const sizes = sizesOf(rows, COLUMNS, ['app'])
      assert.equal(desired.size, sizes.get('rows'))
      assert.equal(desired.sums().get('instances'), sizes.get('sum of instances'))
    }),
    { numRuns: 100 },
  )
})
