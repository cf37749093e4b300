/** Vivaldi as serf tests it: worlds with known round trips, in which everybody finds a place. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { Prng } from '@patina/base'
import { estimateMs, isFiniteCoordinate, ORIGIN } from './coordinate.ts'
import { Locator } from './locator.ts'

type World = readonly (readonly number[])[]

function worldOf(count: number, rttMs: (a: number, b: number) => number): World {
  return Array.from({ length: count }, (_, a) =>
    Array.from({ length: count }, (_, b) => (a === b ? 0 : rttMs(a, b))),
  )
}

/** Mean and greatest relative error after everybody measured somebody `cycles` times. */
function errorsIn(world: World, cycles: number): { readonly mean: number; readonly max: number } {
  const prng = new Prng(1)
  const locators = world.map(() => new Locator(prng.fork()))
  for (let cycle = 0; cycle < cycles; cycle += 1)
    for (const [a, locator] of locators.entries()) {
      const b = prng.below(world.length)
      if (a !== b) locator.measured((locators[b] as Locator).own(), world[a]?.[b] ?? 0)
    }
  const errors = world.flatMap((row, a) =>
    row.flatMap((rtt, b) => {
      if (a === b) return []
      const estimate = estimateMs((locators[a] as Locator).own(), (locators[b] as Locator).own())
      return [Math.abs(estimate - rtt) / rtt]
    }),
  )
  return { mean: errors.reduce((sum, e) => sum + e, 0) / errors.length, max: Math.max(...errors) }
}

test('Vivaldi §2: a line of ten nodes, 10 ms apart, within 1 % (serf: 0.3 %)', () => {
  const { mean } = errorsIn(
    worldOf(10, (a, b) => 10 * Math.abs(a - b)),
    1_000,
  )
  assert.ok(mean <= 0.01, `${mean}`)
})

test('Vivaldi §2: a grid of 25 nodes, within 1 % (serf: 0.2 %)', () => {
  const world = worldOf(
    25,
    (a, b) => 10 * Math.hypot((a % 5) - (b % 5), Math.floor(a / 5) - Math.floor(b / 5)),
  )
  const { mean } = errorsIn(world, 1_000)
  assert.ok(mean <= 0.01, `${mean}`)
})

test('Vivaldi §2.6, heights: two sites with 1 ms inside and 10 ms between within 1 %', () => {
  const world = worldOf(25, (a, b) => (a < 12 === b < 12 ? 1 : 11))
  const { mean } = errorsIn(world, 1_000)
  assert.ok(mean <= 0.01, `${mean}`)
})

test('a world of random round trips has no right places, but estimates are within 7.5 %, like those of serf', () => {
  const prng = new Prng(9)
  const rtts = new Map<string, number>()
  const world = worldOf(25, (a, b) => {
    const key = `${Math.min(a, b)} ${Math.max(a, b)}`
    const known = rtts.get(key) ?? 100 + prng.below(10)
    rtts.set(key, known)
    return known
  })
  assert.ok(errorsIn(world, 1_000).mean <= 0.075)
})

test('an estimate is given only where both are sure; junk moves nobody', () => {
  const locator = new Locator(new Prng(1))
  const far = { ...ORIGIN, place: [80, 0, 0, 0, 0, 0, 0, 0], error: 0.1 }
  assert.equal(locator.estimateMs(far), undefined)
  assert.equal(locator.estimateMs(undefined), undefined)
  const before = locator.own()
  locator.measured({ ...far, height: Number.NaN }, 10)
  locator.measured(far, -1)
  locator.measured(far, 10_001)
  locator.measured(far, Number.NaN)
  assert.deepEqual(locator.own(), before)
  for (let i = 0; i < 200; i += 1) locator.measured(far, 40)
  assert.ok(Math.abs((locator.estimateMs(far) ?? 0) - 40) < 1)
})

test('extreme but finite coordinates never leave a place that is none', () => {
  const locator = new Locator(new Prng(1))
  const huge = { place: new Array<number>(8).fill(3e38), height: 3e38, adjustment: -3e38, error: 0 }
  for (let i = 0; i < 50; i += 1) locator.measured(huge, 10_000)
  assert.ok(isFiniteCoordinate(locator.own()))
})
