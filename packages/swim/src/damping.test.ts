import assert from 'node:assert/strict'
import test from 'node:test'
import { instant } from '@patina/base'
import { type Damping, revived, steadied } from './damping.ts'

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

test('released by three answered probes and ten seconds', () => {
  let damping = flapped(6, 1_000)
  for (const at of [6_000, 7_000, 8_000, 14_999]) damping = steadied(damping, instant(at))
  assert.equal(damping.isHeld, true)
  assert.equal(steadied(damping, instant(15_000)).isHeld, false)
  assert.equal(steadied(flapped(6, 1_000), instant(60_000)).isHeld, true, 'one probe is not enough')
})
