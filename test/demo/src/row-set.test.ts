import assert from 'node:assert/strict'
import test from 'node:test'
import { RowSet } from './row-set.ts'

function applied(...lines: readonly object[]): RowSet {
  const rows = new RowSet()
  for (const line of lines) rows.apply(JSON.stringify(line))
  return rows
}

const RESULT = [{ columns: ['id'] }, { row: [1, ['b']] }, { row: [2, ['a']] }]
const END = { eoq: { time: 0, change_id: 0 } }

test('rows are complete with the end of the query, and follow its changes', () => {
  assert.equal(applied(...RESULT).isComplete, false)
  const rows = applied(...RESULT, END)
  assert.deepEqual([rows.isComplete, rows.firstCells()], [true, ['a', 'b']])
  rows.apply('{"change":["delete",1,["b"],1]}')
  rows.apply('{"change":["insert",3,["c"],2]}')
  rows.apply('{"change":["update",2,["d"],3]}')
  assert.deepEqual(rows.firstCells(), ['c', 'd'])
})

test('another result makes what came before it void', () => {
  const rows = applied(...RESULT, END, { columns: ['id'] }, { row: [1, ['z']] })
  assert.deepEqual([rows.isComplete, rows.firstCells()], [false, ['z']])
})

test('what is no line of a subscription is an error', () => {
  for (const line of ['', 'Error: x', '{"error":"gone"}']) assert.throws(() => new RowSet().apply(line))
})
