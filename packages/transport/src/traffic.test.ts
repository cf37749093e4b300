import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LANES } from '@patina/base'
import { Traffic } from './traffic.ts'

test('each lane has its own sums', () => {
  const traffic = new Traffic()
  assert.deepEqual([...traffic.byLane.keys()], LANES)
  traffic.sent('backlog', 100, 25)
  traffic.sent('backlog', 10, 10)
  traffic.received('fresh', 7, 7)
  traffic.dropped('repair')
  traffic.dropped('repair')
  const told = [...traffic.byLane].map(([lane, sums]) => [lane, ...Object.values(sums)].join(' '))
  assert.deepEqual(told, ['control 0 0 0 0 0', 'fresh 0 0 0 7 7', 'repair 2 0 0 0 0', 'backlog 0 110 35 0 0'])
})
