import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoffMs, pause } from './retry.ts'

test('waits double up to their bound, between half and whole', () => {
  const longest = [1, 2, 3, 6, 7, 1_000].map((attempt) => backoffMs({ attempt, chance: 1 }))
  assert.deepEqual(longest, [100, 200, 400, 3_200, 5_000, 5_000])
  assert.equal(backoffMs({ attempt: 3, chance: 0 }), 200)
})

test('an agent may ask for more, not for ever and not for less', () => {
  assert.equal(backoffMs({ attempt: 1, chance: 0, askedMs: 1_000 }), 1_000)
  assert.equal(backoffMs({ attempt: 9, chance: 1, askedMs: 1 }), 5_000)
  assert.equal(backoffMs({ attempt: 1, chance: 0, askedMs: 1e9 }), 60_000)
})

test('an abort ends a pause with its reason, also when it came before', async () => {
  const controller = new AbortController()
  const waiting = pause(60_000, controller.signal)
  controller.abort(new Error('enough'))
  await assert.rejects(waiting, /enough/)
  await assert.rejects(pause(60_000, controller.signal), /enough/)
  await pause(1, new AbortController().signal)
})
