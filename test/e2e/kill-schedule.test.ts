import assert from 'node:assert/strict'
import test from 'node:test'
import { killSchedule } from './kill-schedule.ts'

const options = {
  victims: Array.from({ length: 9 }, (_, i) => `n${i}`),
  forMs: 300_000,
  everyMs: 2_000,
  downMax: 3,
}

test('a seed gives its kills, in order and within the time', () => {
  const kills = killSchedule({ ...options, seed: 1 })
  assert.deepEqual(kills, killSchedule({ ...options, seed: 1 }))
  assert.notDeepEqual(kills, killSchedule({ ...options, seed: 2 }))
  assert.deepEqual(
    kills,
    kills.toSorted((a, b) => a.atMs - b.atMs),
  )
  assert.ok(kills.every(({ atMs, downMs }) => atMs + downMs <= options.forMs))
  assert.ok(kills.length > 75 && kills.length < 300, `${kills.length} kills`)
  assert.equal(new Set(kills.map(({ name }) => name)).size, options.victims.length)
  assert.equal(new Set(kills.map(({ whom }) => whom)).size, 2)
})

test('nobody who is down is killed, and never more are down than may be', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const kills = killSchedule({ ...options, everyMs: 300, seed })
    for (const { atMs, name } of kills) {
      const down = kills.filter((other) => other.atMs <= atMs && other.atMs + other.downMs >= atMs)
      assert.ok(down.length <= options.downMax, `${down.length} are down`)
      assert.equal(down.filter((other) => other.name === name).length, 1)
    }
  }
})

test('too short a time has no kills', () => {
  assert.deepEqual(killSchedule({ ...options, seed: 1, forMs: 3_000 }), [])
})
