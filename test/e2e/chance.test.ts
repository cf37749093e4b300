import assert from 'node:assert/strict'
import test from 'node:test'
import { Chance } from './chance.ts'

test('the same seed gives the same draws, another one others, all below the bound', () => {
  const draws = (seed: number): number[] => {
    const chance = new Chance(seed)
    return Array.from({ length: 100 }, () => chance.below(7))
  }
  assert.deepEqual(draws(1), draws(1))
  assert.notDeepEqual(draws(1), draws(2))
  assert.deepEqual([...new Set(draws(3))].sort(), [0, 1, 2, 3, 4, 5, 6])
  assert.equal(new Chance(1).pick(['only']), 'only')
})

test('a seed with which the generator would stand is refused', () => {
  for (const seed of [0, 0.5, -1, 0x7fff_ffff, Number.NaN]) assert.throws(() => new Chance(seed), RangeError)
})
