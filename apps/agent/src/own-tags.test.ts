import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { OwnTags } from './own-tags.ts'
import type { Tags } from './told-tags.ts'

function tags({ mock }: TestContext, fault?: string) {
  const told: Tags[] = []
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const own = new OwnTags({
    configured: { rack: 'a1', role: 'edge' },
    now: () => Date.now(),
    faultOf: () => fault,
    changed: (all) => told.push(all),
  })
  return { own, told, tick: (ms: number) => mock.timers.tick(ms) }
}

test('a lease ends unless it is renewed, and renewing tells nobody anything', (t) => {
  const { own, told, tick } = tags(t)
  assert.ok(own.set({ key: 'aggregator', value: 'yes', leaseMs: 10_000 }).ok)
  tick(9_000)
  assert.ok(own.set({ key: 'aggregator', value: 'yes', leaseMs: 10_000 }).ok)
  tick(9_000)
  assert.deepEqual(own.all(), { rack: 'a1', role: 'edge', aggregator: 'yes' })
  assert.deepEqual(own.list(), [{ key: 'aggregator', value: 'yes', leaseMs: 1_000 }])
  tick(1_000)
  assert.deepEqual(own.all(), { rack: 'a1', role: 'edge' })
  assert.deepEqual(
    told.map(({ aggregator }) => aggregator),
    ['yes', undefined],
  )
})

test('a program may cover a tag of the configuration for a while', (t) => {
  const { own, told, tick } = tags(t)
  own.set({ key: 'role', value: 'aggregator', leaseMs: 5_000 })
  assert.equal(own.all().role, 'aggregator')
  tick(5_000)
  assert.equal(own.all().role, 'edge')
  own.set({ key: 'role', value: 'edge', leaseMs: 5_000 })
  assert.equal(own.delete('role'), true)
  assert.equal(own.delete('role'), false)
  assert.deepEqual(
    told.map(({ role }) => role),
    ['aggregator', 'edge'],
  )
})

test('what cannot be told is refused with a sentence', (t) => {
  const { own, told } = tags(t, 'it is more than gossip carries')
  const refusals = [
    { key: '', value: 'x', leaseMs: 5_000 },
    { key: 'a b', value: 'x', leaseMs: 5_000 },
    { key: 'a', value: 'x'.repeat(65_001), leaseMs: 5_000 },
    { key: 'a', value: 'x', leaseMs: 999 },
    { key: 'a', value: 'x', leaseMs: 1_000.5 },
    { key: 'a', value: 'x', leaseMs: 5_000 },
  ].map((tag) => own.set(tag))
  assert.ok(refusals.every(({ ok }) => !ok))
  const last = refusals.at(-1)
  assert.match(last?.ok === false ? last.error : '', /more than gossip carries/)
  assert.deepEqual([told, own.list()], [[], []])
  own.close()
})
