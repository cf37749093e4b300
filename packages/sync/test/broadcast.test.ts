/** Discipline of broadcast over several nodes: budgets that are hit and released, a rogue origin, muting. Wish D16. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hlc } from '@patina/base'
import { World, type WorldNode } from './world.ts'

const FLOOD = { originBytesPerSecond: 10_000_000, delayedBytesMax: 10_000_000 }

/** One origin writes without end at many times its budget, the others now and then; how long theirs take to be everywhere. */
function othersDelays(rogue: boolean): { readonly p99: number; readonly world: World } {
  const config = { originBytesPerSecond: 4_000 }
  const world = new World({ nodes: 4, seed: 11, latencyMsMax: 4, config, configOf: { 0: FLOOD } })
  world.connectAll()
  world.run(100)
  const delays: number[] = []
  for (let step = 0; step < 100; step += 1) {
    if (rogue) for (let i = 0; i < 100; i += 1) world.commit(world.node(0), [[i]])
    const writer = world.node(1 + (step % 3))
    world.commit(writer, [[1_000 + step]])
    const version = writer.store.haveOf(writer.actor).last() as never
    const since = world.now
    const others = world.nodes.filter((node) => node !== writer && node !== world.node(0))
    const isThere = (node: WorldNode): boolean => node.store.haveOf(writer.actor).has(version)
    assert.ok(world.run(1_000, () => others.every(isThere)))
    delays.push(world.now - since)
    world.run(50)
  }
  delays.sort((a, b) => a - b)
  return { p99: delays[98] as number, world }
}

describe('a rogue origin', () => {
  it('is held to its budget, costs nobody else time, and everybody has everything in the end', () => {
    const [quiet, flooded] = [othersDelays(false), othersDelays(true)]
    assert.ok(flooded.world.count('broadcast_refused') > 1_000)
    assert.ok(flooded.p99 <= 1.2 * quiet.p99 + 5, `${flooded.p99} ms, ${quiet.p99} ms without it`)
    assert.ok(flooded.world.run(60_000, () => flooded.world.isConverged()))
  })
})

describe('an origin above its own budget', () => {
  it('is delayed, then served by anti-entropy; when it is below again, everything goes by broadcast', () => {
    const config = { originBytesPerSecond: 2_000, delayedBytesMax: 2_000, changesBytes: 500 }
    const world = new World({ nodes: 3, seed: 12, latencyMsMax: 4, config })
    world.connectAll()
    world.run(100)
    for (let i = 0; i < 300; i += 1) world.commit(world.node(0), [[i]])
    assert.ok(world.node(0).sync.status().delayedBytes > 1_000)
    assert.ok(world.count('broadcast_dropped') > 0)
    assert.ok(world.run(10_000, () => world.isConverged()))
    assert.ok(world.count('sync_changesets_served') > 0)
    world.run(5_000)
    assert.equal(world.node(0).sync.status().delayedBytes, 0)
    const served = world.count('sync_changesets_served')
    world.commit(world.node(0), [[1]])
    assert.ok(world.run(20, () => world.isConverged()))
    assert.equal(world.count('sync_changesets_served'), served)
  })
})

describe('a muted origin', () => {
  const mute = (world: World, by: WorldNode, origin: WorldNode, muted: boolean): void =>
    world.handle(by, { kind: 'mute', origin: origin.actor, muted, at: hlc(world.now) })

  it('is muted by everybody, also by who joins later and itself; anti-entropy brings what it writes', () => {
    const world = new World({ nodes: 4, seed: 13, latencyMsMax: 4, configOf: { 0: FLOOD } })
    const [origin, a, b, late] = [0, 1, 2, 3].map((i) => world.node(i)) as [
      WorldNode,
      WorldNode,
      WorldNode,
      WorldNode,
    ]
    // Told along a line: not everybody hears it from who was asked.
    world.connect(a, b)
    world.connect(b, origin)
    mute(world, a, origin, true)
    world.run(100)
    world.connectAll()
    world.run(1_000)
    for (const node of [origin, a, b, late]) assert.deepEqual(node.sync.status().muted, [origin.actor])
    world.commit(origin, [[1]])
    world.run(20)
    assert.equal(world.count('broadcast_sent'), 0)
    assert.ok(world.run(15_000, () => world.isConverged()))
    mute(world, late, origin, false)
    world.run(100)
    for (const node of [origin, a, b, late]) assert.deepEqual(node.sync.status().muted, [])
    world.commit(origin, [[2]])
    assert.ok(world.run(20, () => world.isConverged()))
    assert.equal(world.count('broadcast_received'), 3)
  })
})
