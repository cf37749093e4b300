import assert from 'node:assert/strict'
import test from 'node:test'
import { PacedUpdates } from './paced-updates.ts'

const PACE = { perSecond: 500, seconds: 0.04, warmUpSeconds: 0.02, deadlineMs: 5 }

test('each counted update is shown once; a later event of its row shows it as well', async () => {
  const updates = new PacedUpdates()
  const held: number[] = []
  const outcome = await updates.run({
    ...PACE,
    pick: () => 7,
    update: async (row, moment) => {
      held.push(moment)
      if (moment % 3 === 0) for (const _ of held.splice(0)) updates.shown(row, moment)
    },
  })
  // 30 updates, of which the first 10 warm up.
  assert.equal(outcome.shownMs.length, 20)
  assert.deepEqual([outcome.refused, outcome.lost], [0, 0])
})

test('what is refused is counted and not waited for; what is never shown is lost', async () => {
  const updates = new PacedUpdates()
  const outcome = await updates.run({
    ...PACE,
    pick: () => 1,
    update: (row, moment) => {
      if (moment === 25) return Promise.reject(new Error('503'))
      if (moment < 29) updates.shown(row, moment)
      return Promise.resolve()
    },
  })
  assert.deepEqual([outcome.refused, outcome.lost], [1, 2])
})
