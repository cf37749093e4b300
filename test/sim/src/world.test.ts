import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RANK } from './event-heap.ts'
import { World } from './world.ts'

test('at one instant input comes before steps, and steps before deadlines', () => {
  const world = new World(1)
  const seen: string[] = []
  world.at(5, RANK.deadline, () => seen.push('deadline'))
  world.at(5, RANK.step, () => seen.push('step'))
  world.at(5, RANK.input, () => seen.push('input'))
  world.run(5)
  assert.deepEqual(seen, ['input', 'step', 'deadline'])
})

test('time jumps from event to event and stops where it was told to', () => {
  const world = new World(1)
  const at: number[] = []
  const tick = (): void => {
    at.push(world.now)
    world.after(10, tick)
  }
  world.after(10, tick)
  world.run(35)
  assert.deepEqual(at, [10, 20, 30])
  assert.equal(world.now, 35)
  assert.ok(world.run(100, () => at.length === 5))
  assert.equal(world.now, 50)
})

test('what is wanted in the past happens now', () => {
  const world = new World(1)
  world.run(100)
  let at = -1
  world.at(3, RANK.input, () => {
    at = world.now
  })
  world.run(100)
  assert.equal(at, 100)
})
