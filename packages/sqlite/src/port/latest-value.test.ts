import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LatestValue } from './latest-value.ts'

test('the first is told at once, then only the newest of those that waited', async () => {
  const told: number[] = []
  const taken: (() => void)[] = []
  const latest = new LatestValue<number>((value) => {
    told.push(value)
    return new Promise<void>((resolve) => taken.push(resolve))
  })
  latest.set(1)
  assert.deepEqual(told, [1])
  latest.set(2)
  latest.set(3)
  assert.deepEqual(told, [1])
  taken[0]?.()
  await turn()
  assert.deepEqual(told, [1, 3])
  taken[1]?.()
  await turn()
  latest.set(4)
  assert.deepEqual(told, [1, 3, 4])
})

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
