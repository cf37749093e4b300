/** What people are told of two nodes: the differences as they are, and nothing moves. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ActorId, type ActorVersions, actorId, type Version, version } from '@patina/base'
import type { Comparison } from '@patina/sync'
import { ModelStore } from './model-store.ts'
import { at, World, type WorldNode } from './world.ts'

/** Nobody compares by itself. */
const ALONE = { exchangePeriodMs: 1e9, exchangePeriodMaxMs: 1e9 }

function rig(actors: number): { world: World; a: WorldNode; b: WorldNode } {
  const world = new World({ nodes: 2, seed: 41, latencyMsMax: 2, config: ALONE })
  const [a, b] = [world.node(0), world.node(1)]
  for (let n = 0; n < actors; n += 1) {
    const { changesets } = new ModelStore(goneActor(n), true).commit([[n]])
    for (const node of [a, b]) node.store.apply({ changesets, cleared: [], basis: [] })
  }
  for (const node of [a, b]) world.restart(node)
  world.connect(a, b)
  world.run(1_000)
  return { world, a, b }
}

function goneActor(n: number): ActorId {
  return actorId(`e${n.toString(16).padStart(31, '0')}`)
}

function compare(world: World, node: WorldNode, peer: WorldNode, waitMs = 100): Comparison | undefined {
  world.handle(node, { kind: 'compare', token: 7, peer: peer.actor })
  world.run(waitMs)
  return node.compared.get(7)
}

describe('a comparison', () => {
  for (const actors of [0, 400])
    it(`tells what each lacks, and moves nothing (${actors} other actors)`, () => {
      const { world, a, b } = rig(actors)
      assert.deepEqual(compare(world, a, b), { kind: 'equal' })
      a.store.commit([[1]])
      b.store.commit([[2]])
      b.store.commit([[3]])
      const { changesets } = new ModelStore(goneActor(9_999), true).commit([[1], [2]])
      const part = { changesets: changesets.slice(0, 1), cleared: [], basis: [] }
      b.store.apply(part)
      for (const node of [a, b]) {
        const report = { outcomes: [], knowledge: node.store.knowledge() }
        world.handle(node, { kind: 'applied', token: 0, report })
      }
      world.run(200)
      assert.deepEqual(compare(world, a, b), {
        kind: 'differs',
        lacks: [
          { actor: b.actor, versions: [{ first: 1, last: 2 }] },
          { actor: goneActor(9_999), versions: [{ first: 1, last: 1 }] },
        ],
        peerLacks: [{ actor: a.actor, versions: [{ first: 1, last: 1 }] }],
        lost: [],
        peerLost: [],
      })
      world.run(20_000)
      assert.equal(world.count('sync_changesets_served'), 0)
      for (const { sync } of [a, b])
        assert.deepEqual(
          sync.comparedPeers(at(world.now)).map(({ settled }) => settled),
          [false],
          'neither takes it for an exchange',
        )
      assert.ok(!world.isConverged())
      world.handle(a, { kind: 'reconcile', peer: b.actor })
      assert.ok(world.run(1_000, () => a.store.haveOf(b.actor).count() === 2))
      assert.ok(world.run(1_000, () => b.store.haveOf(a.actor).count() === 1))
    })

  it('tells what one of them has given up and the other has not heard of', () => {
    const { world, a, b } = rig(0)
    const range = (v: number): { first: Version; last: Version } => ({ first: version(v), last: version(v) })
    const [gone, held] = [goneActor(1), goneActor(2)]
    const giveUp = (node: WorldNode, lost: readonly ActorVersions[]): void => {
      node.store.giveUp(lost)
      world.handle(node, { kind: 'given-up', token: 0, knowledge: node.store.knowledge() })
      world.run(200)
    }
    giveUp(a, [{ actor: gone, versions: [range(1), range(2)] }])
    giveUp(b, [{ actor: gone, versions: [range(2)] }])
    const none = { lacks: [], peerLacks: [], lost: [], peerLost: [] }
    const lost = [{ actor: gone, versions: [range(1)] }]
    assert.deepEqual(compare(world, a, b), { kind: 'differs', ...none, lost })
    const { changesets } = new ModelStore(held, true).commit([[1]])
    a.store.apply({ changesets, cleared: [], basis: [] })
    giveUp(a, [])
    giveUp(b, [{ actor: held, versions: [range(1)] }])
    const lacks = [{ actor: held, versions: [range(1)] }]
    assert.deepEqual(compare(world, b, a), { kind: 'differs', ...none, lacks, peerLost: lost })
  })

  it('with nobody, or with somebody who goes or is silent, ends all the same', () => {
    const { world, a, b } = rig(0)
    world.handle(a, { kind: 'compare', token: 1, peer: goneActor(1) })
    assert.deepEqual(a.compared.get(1), { kind: 'no-session' })
    world.handle(a, { kind: 'compare', token: 2, peer: b.actor })
    world.disconnect(a, b)
    assert.deepEqual(a.compared.get(2), { kind: 'no-session' })
    a.compared.clear()
    world.handle(a, { kind: 'session-opened', peer: b.actor })
    world.handle(a, { kind: 'compare', token: 3, peer: b.actor })
    world.run(6_000)
    assert.deepEqual(a.compared.get(3), { kind: 'silent' })
  })

  it('that comes too soon after another is told when to come back', () => {
    const { world, a, b } = rig(0)
    for (const token of [1, 2]) world.handle(a, { kind: 'compare', token, peer: b.actor })
    world.run(100)
    assert.deepEqual(a.compared.get(1), { kind: 'equal' })
    assert.equal(a.compared.get(2)?.kind, 'refused')
  })

  it('is one of so many at a time', () => {
    const { world, a, b } = rig(0)
    for (let token = 1; token <= 65; token += 1) world.handle(a, { kind: 'compare', token, peer: b.actor })
    assert.deepEqual(a.compared.get(65), { kind: 'too-many' })
  })
})
