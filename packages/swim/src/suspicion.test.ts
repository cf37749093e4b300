import assert from 'node:assert/strict'
import test from 'node:test'
import { actorId, instant } from '@patina/base'
import fc from 'fast-check'
import { defaultConfig } from './config.ts'
import {
  confirm,
  confirmationsWanted,
  type Suspicion,
  suspicionDeadline,
  suspicionTimeoutMs,
} from './suspicion.ts'

const actors = Array.from({ length: 9 }, (_, i) => actorId(`${i}`.repeat(32)))
const suspicion = (members: number): Suspicion => ({
  generation: 1,
  incarnation: 0,
  startedAt: instant(1_000),
  members,
  accusers: actors.slice(0, 1),
})

test('confirmations wanted: none up to 4 members, then one for every three, at most 3', () => {
  const wanted = [1, 2, 3, 4, 5, 7, 8, 10, 11, 100, 1_000].map((n) => confirmationsWanted(defaultConfig, n))
  assert.deepEqual(wanted, [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 3])
})

test('Min is 2 · max(1, log10 n) periods', () => {
  assert.equal(suspicionTimeoutMs(defaultConfig, 3, 0), 2_000)
  assert.equal(suspicionTimeoutMs(defaultConfig, 10, 2), 2_000)
  assert.equal(Math.round(suspicionTimeoutMs(defaultConfig, 1_000, 3)), 6_000)
})

test('the decay is Lifeguard’s: the values of memberlist’s suspicion_test.go, scaled (30 s, 16 s, 7.81 s, 2 s)', () => {
  const config = { ...defaultConfig, suspicionPeriods: 2, suspicionMaxFactor: 15 }
  const timeouts = [0, 1, 2, 3, 4].map((n) =>
    Math.round((suspicionTimeoutMs(config, 11, n) / suspicionTimeoutMs(config, 11, 9)) * 2_000),
  )
  assert.deepEqual(timeouts, [30_000, 16_000, 7_811, 2_000, 2_000])
})

test('the timeout never grows with confirmations and stays between Min and Max', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(8), (members, n) => {
      const [now, later] = [n, n + 1].map((count) => suspicionTimeoutMs(defaultConfig, members, count))
      const min = suspicionTimeoutMs(defaultConfig, members, 9)
      assert.ok((later as number) <= (now as number))
      assert.ok((now as number) >= min && (now as number) <= 8 * min)
    }),
  )
})

test('only independent accusers confirm, and no more than are wanted', () => {
  const first = suspicion(10)
  assert.equal(confirm(defaultConfig, first, actors.slice(0, 1)), first)
  const second = confirm(defaultConfig, first, [actors[1], actors[1], actors[0]] as typeof actors)
  assert.deepEqual(second.accusers, actors.slice(0, 2))
  const full = confirm(defaultConfig, second, actors.slice(2))
  assert.deepEqual(full.accusers, actors.slice(0, 3))
  assert.equal(confirm(defaultConfig, full, actors), full)
})

test('the deadline counts from the start of the suspicion', () => {
  assert.equal(suspicionDeadline(defaultConfig, suspicion(10)), 1_000 + 16_000)
  assert.equal(suspicionDeadline(defaultConfig, confirm(defaultConfig, suspicion(10), actors)), 3_000)
  assert.equal(suspicionDeadline(defaultConfig, suspicion(3)), 3_000)
})
