import assert from 'node:assert/strict'
import test from 'node:test'
import { instant } from '@patina/base'
import { accusedAgain, type Damping, releaseAt, released, revived } from './damping.ts'

function flapped(times: number, everyMs: number): Damping {
  let damping: Damping | undefined
  for (let i = 0; i < times; i += 1) damping = revived(damping, instant(i * everyMs))
  return damping as Damping
}

test('five times in ten minutes are shown, the sixth is held back', () => {
  assert.equal(flapped(5, 60_000).isHeld, false)
  assert.equal(flapped(6, 60_000).isHeld, true)
  assert.equal(flapped(20, 121_000).isHeld, false)
  assert.ok(flapped(50, 1_000).revivedAt.length <= 6)
})

test('released ten seconds after it came back or refuted, whichever was later', () => {
  const damping = flapped(6, 1_000)
  assert.equal(releaseAt(damping), 15_000)
  assert.equal(releaseAt(accusedAgain(damping, instant(9_000))), 19_000)
  assert.equal(releaseAt(released(damping)), undefined)
  assert.equal(releaseAt(flapped(2, 1_000)), undefined)
})
