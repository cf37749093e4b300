import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ActorId, actorId, hlc } from '@patina/base'
import { Propagation } from './propagation.ts'

const nth = (n: number): ActorId => actorId(n.toString(16).padStart(32, '0'))
const WALL_MS = 1_000_000

function propagation(regionOf: (origin: ActorId) => string | undefined): {
  made: Propagation
  observed: unknown[][]
} {
  const observed: unknown[][] = []
  const made = new Propagation({ wallMs: () => WALL_MS, regionOf, observe: (...each) => observed.push(each) })
  return { made, observed }
}

test('a delay is from the commit there to now, never below 0, by region and lane', () => {
  const { made, observed } = propagation((origin) => (origin === nth(1) ? 'ams' : undefined))
  made.arrived([
    { origin: nth(1), ts: hlc((WALL_MS - 12) * 1_000), lane: 'fresh' },
    { origin: nth(1), ts: hlc((WALL_MS + 500) * 1_000), lane: 'urgent' },
    { origin: nth(2), ts: hlc((WALL_MS - 60_000) * 1_000), lane: 'backlog' },
  ])
  assert.deepEqual(observed, [
    ['ams', 'fresh', 0.012],
    ['ams', 'urgent', 0],
    ['', 'backlog', 60],
  ])
  assert.deepEqual(made.delaysOf(nth(1)), { p50Ms: 0, p99Ms: 12, maxMs: 12 })
  assert.equal(made.delaysOf(nth(2)), undefined, 'what was caught up says nothing of the way')
})

test('of an origin the last 128 count, and origins and regions have a bound', () => {
  const { made, observed } = propagation((origin) => `r${Number.parseInt(origin, 16)}`)
  const arrive = (n: number, delayMs: number): void =>
    made.arrived([{ origin: nth(n), ts: hlc((WALL_MS - delayMs) * 1_000), lane: 'fresh' }])
  arrive(1, 9_000)
  for (let i = 0; i < 128; i += 1) arrive(1, i)
  assert.deepEqual(made.delaysOf(nth(1)), { p50Ms: 63, p99Ms: 126, maxMs: 127 })
  for (let n = 2; n <= 1_025; n += 1) arrive(n, 1)
  assert.equal(made.delaysOf(nth(1)), undefined)
  assert.equal(new Set(observed.map(([region]) => region)).size, 65, '64 and other')
})
