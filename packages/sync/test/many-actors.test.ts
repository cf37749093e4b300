/** Fleets replace their hosts: most actors are gone, and every exchange must cost what differs and not what there ever was. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ActorId, actorId } from '@patina/base'
import { ModelStore } from './model-store.ts'
import { World, type WorldNode } from './world.ts'

const NOTHING = { cleared: [], basis: [] }

function goneActor(n: number): ActorId {
  return actorId(`f${n.toString(16).padStart(31, '0')}`)
}

/** The changesets of one version of each of so many actors that are gone. */
function history(actors: number): Uint8Array[] {
  return Array.from({ length: actors }, (_, n) => {
    const { changesets } = new ModelStore(goneActor(n), true).commit([[n]])
    return changesets[0] as Uint8Array
  })
}

function give(world: World, node: WorldNode, changesets: readonly Uint8Array[]): void {
  const report = node.store.apply({ changesets, ...NOTHING })
  world.handle(node, { kind: 'applied', token: 0, report })
}

describe('3,000 actors of which most are gone', () => {
  it('10 differences between two nodes cost less than 64 KB and three round trips', () => {
    const world = new World({ nodes: 2, seed: 31, latencyMsMax: 1 })
    const [a, b] = [world.node(0), world.node(1)]
    const changesets = history(3_010)
    for (const node of [a, b]) give(world, node, changesets.slice(0, 3_000))
    world.connect(a, b)
    assert.ok(world.run(30_000, () => world.isConverged()))
    world.run(20_000)
    give(world, a, changesets.slice(3_000, 3_005))
    give(world, b, changesets.slice(3_005))
    const [since, bytes] = [world.now, world.sentBytes]
    assert.ok(world.run(15_000, () => world.isConverged()))
    assert.ok(world.sentBytes - bytes < 30_000, `${world.sentBytes - bytes} bytes`)
    assert.ok(world.now - since < 2_000, `${world.now - since} ms`)
    // Both begin, as both have changed.
    assert.deepEqual([world.said('buckets'), world.said('request')], [2, 2])
  })
})

describe('a session of two that hold the same of 3,000 actors', () => {
  it('opens with some kilobytes', () => {
    const world = new World({ nodes: 2, seed: 33, latencyMsMax: 1 })
    const [a, b] = [world.node(0), world.node(1)]
    const changesets = history(3_000)
    for (const node of [a, b]) give(world, node, changesets)
    world.connect(a, b)
    world.run(5_000)
    assert.equal(world.said('summary'), 0)
    assert.ok(world.sentBytes < 6_000, `${world.sentBytes} bytes`)
  })
})

describe('random histories with many actors', () => {
  it('converge with loss, duplication, failures, lost sessions and restarts', () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const faults = { lossPercent: 20, duplicatePercent: 20, storeFailurePercent: 5 }
      const world = new World({ nodes: 3, seed, clearing: true, ...faults })
      const changesets = history(250)
      for (const node of world.nodes)
        give(
          world,
          node,
          changesets.filter(() => world.prng.chance(9, 10)),
        )
      world.connectAll()
      for (let step = 0; step < 25; step += 1) {
        const [node, other] = [world.node(world.prng.below(3)), world.node(world.prng.below(3))]
        const dice = world.prng.below(100)
        if (dice < 60) world.commit(node, [[world.prng.below(300)]])
        else if (dice < 70) give(world, node, changesets.slice(world.prng.below(250)).slice(0, 3))
        else if (dice < 80 && node !== other) world.disconnect(node, other)
        else if (dice < 95 && node !== other) world.connect(node, other)
        else world.restart(node)
        world.run(world.prng.below(400))
      }
      world.connectAll()
      assert.ok(
        world.run(60_000, () => world.isConverged()),
        `seed ${seed} does not converge`,
      )
      assert.ok(world.said('buckets') > 0)
    }
  })
})

describe('a difference that no broadcast has mended', () => {
  it('is found by all of thirty members within 15 s, one after the other', () => {
    const world = new World({ nodes: 30, seed: 32, lossPercent: 100, latencyMsMax: 100 })
    world.connectAll()
    world.run(30_000)
    for (let trial = 0; trial < 3; trial += 1) {
      world.commit(world.node(trial), [[trial]])
      const since = world.now
      assert.ok(world.run(15_000, () => world.isConverged()))
      assert.ok(world.now - since < 15_000)
      world.run(20_000)
    }
  })
})
