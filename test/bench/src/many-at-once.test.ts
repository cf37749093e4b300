import assert from 'node:assert/strict'
import test from 'node:test'
import { stepMicros, stepsPerSecond } from './many-at-once.ts'

test('all steps are taken, never more at a time than the width, and every worker takes some', async () => {
  let [underWay, most, taken] = [0, 0, 0]
  const workers = new Set<number>()
  const rate = await stepsPerSecond({ steps: 100, width: 8 }, async (worker) => {
    workers.add(worker)
    underWay += 1
    most = Math.max(most, underWay)
    await new Promise((resolve) => setImmediate(resolve))
    underWay -= 1
    taken += 1
  })
  assert.deepEqual([taken, most, workers.size], [100, 8, 8])
  assert.ok(rate > 0)
})

test('each step has its own time', async () => {
  assert.equal((await stepMicros(5, async () => {})).length, 5)
})
