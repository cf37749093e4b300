import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Belief, runWorld } from './clearing-world.ts'

const WORLDS = 800

function firstFault(belief: Belief): string | undefined {
  for (let seed = 1; seed <= WORLDS; seed += 1) {
    const fault = runWorld(seed, belief)
    if (fault !== undefined) return fault
  }
  return undefined
}

test('claims that wait for their basis: equal knowledge is equal content at every step, and the quiet cluster converges', () => {
  assert.equal(firstFault('basis'), undefined)
})

test('the same world finds what is wrong with believing at once: the winner dies with its only holder', () => {
  assert.match(firstFault('at-once') ?? 'nothing', / by /)
})

test('and with closing claims only all together: an older one waits for ever on a newer one that nobody can cover', () => {
  assert.match(firstFault('all-or-none') ?? 'nothing', /do not come to equal knowledge/)
})
