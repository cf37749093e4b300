import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveTable, type QueryChange, type QueryEvent, TooManyRows } from './live-table.ts'
import type { Cell } from './query.ts'

const COLUMNS: QueryEvent = { kind: 'columns', columns: ['a'] }
const row = (rowId: number, ...cells: Cell[]): QueryEvent => ({ kind: 'row', rowId, cells })
const changes = (...rows: readonly (readonly [QueryChange['change'], number, ...Cell[]])[]): QueryEvent => ({
  kind: 'changes',
  changes: rows.map(([change, rowId, ...cells]) => ({ change, rowId, cells })),
})

function tableOf(events: readonly QueryEvent[], rowsMax = 10): LiveTable {
  const table = new LiveTable(rowsMax)
  for (const event of events) table.apply(event)
  return table
}

test('rows are there when a result is complete, then follow its changes', () => {
  const table = tableOf([COLUMNS, row(1, 'x'), row(2, 'y')])
  assert.equal(table.rows(), undefined)
  assert.equal(table.apply({ kind: 'eoq' }), true)
  assert.equal(table.apply(changes(['insert', 3, 'a'])), true)
  table.apply(changes(['update', 1, 'z'], ['delete', 2, 'y']))
  assert.deepEqual(table.rows(), { columns: ['a'], rows: [['a'], ['z']] })
})

test('a result that begins anew replaces the old one when it is complete', () => {
  const table = tableOf([COLUMNS, row(1, 'old'), { kind: 'eoq' }, COLUMNS, row(1, 'new')])
  assert.deepEqual(table.rows()?.rows, [['old']])
  table.apply({ kind: 'eoq' })
  assert.deepEqual(table.rows()?.rows, [['new']])
})

test('equal rows are equal lists, however they came', () => {
  const cells: Cell[] = ['b', null, 2, Uint8Array.of(1), 'a', 1.5, 10n ** 17n, Uint8Array.of(0, 9), '']
  const forward = tableOf([COLUMNS, ...cells.map((cell, i) => row(i, cell, 'x')), { kind: 'eoq' }])
  const backward = tableOf([
    COLUMNS,
    ...cells.toReversed().map((cell, i) => row(i, cell, 'x')),
    { kind: 'eoq' },
  ])
  assert.deepEqual(forward.rows(), backward.rows())
  assert.deepEqual(
    forward.rows()?.rows.map(([cell]) => cell),
    [null, 1.5, 2, 10n ** 17n, '', 'a', 'b', Uint8Array.of(0, 9), Uint8Array.of(1)],
  )
})

test('rows have a bound; a row that is there may change', () => {
  const table = tableOf([COLUMNS, row(1, 'a'), row(2, 'b'), { kind: 'eoq' }], 2)
  table.apply(changes(['update', 2, 'c']))
  assert.throws(() => table.apply(changes(['insert', 3, 'd'])), TooManyRows)
})
