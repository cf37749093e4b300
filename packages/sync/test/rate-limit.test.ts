/** Limits that are hit and released: broadcast (T-D1) and anti-entropy. Every one of them ends. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { World, type WorldNode } from './world.ts'

const WRITES = 2_000

/** One that has written all this, and others that have nothing of it and know nobody yet. */
function late(world: World): { writer: WorldNode; others: readonly WorldNode[] } {
  const [writer, ...others] = world.nodes as [WorldNode, ...WorldNode[]]
  for (let i = 0; i < WRITES; i += 1) writer.store.commit([[i]])
  world.restart(writer)
  return { writer, others }
}

describe('a limit of broadcast that was exceeded for a minute (T-D1)', () => {
  it('lets the next write through to everybody within a second', () => {
    const config = { originBytesPerSecond: 600, delayedBytesMax: 600, changesBytes: 200 }
    const world = new World({ nodes: 5, seed: 21, latencyMsMax: 4, config })
    const writer = world.node(0)
    world.connectAll()
    for (let second = 0; second < 60; second += 1) {
      for (let i = 0; i < 30; i += 1) world.commit(writer, [[i]])
      world.run(1_000)
    }
    assert.ok(world.count('broadcast_dropped') > 1_000, `${world.count('broadcast_dropped')} above the limit`)
    world.commit(writer, [[1]])
    const version = writer.store.haveOf(writer.actor).last() as never
    const isEverywhere = (): boolean =>
      world.nodes.every(({ store }) => store.haveOf(writer.actor).has(version))
    assert.ok(world.run(1_000, isEverywhere))
    assert.ok(world.run(60_000, () => world.isConverged()))
  })
})

describe('the limit of anti-entropy', () => {
  it('holds a member that catches up to its share of each second, and ends', () => {
    const config = { antiEntropyPeerBytesPerSecond: 10_000, questionBytesMin: 100 }
    const world = new World({ nodes: 2, seed: 22, latencyMsMax: 2, config })
    const { writer, others } = late(world)
    world.connectAll()
    let before = 0
    for (let second = 0; second < 5; second += 1) {
      world.run(1_000)
      // A burst of one second, the second's own share, and one batch of debt.
      assert.ok(world.sentBytes - before < 30_000, `${world.sentBytes - before} bytes in a second`)
      before = world.sentBytes
    }
    assert.ok(!world.isConverged())
    assert.ok(world.run(30_000, () => world.isConverged()))
    assert.equal(world.count('sync_changesets_served'), WRITES, 'nobody slow is asked twice')
    world.run(2_000)
    world.commit(writer, [[1]])
    assert.ok(
      world.run(20, () => world.isConverged()),
      'what is fresh is not held back',
    )
    assert.equal(others.length, 1)
  })

  it('is shared by all; who comes above it is told when to come back, is counted, and gets everything', () => {
    const config = { antiEntropyBytesPerSecond: 20_000, questionBytesMin: 100, requestVersionsMax: 200 }
    const world = new World({ nodes: 5, seed: 23, latencyMsMax: 2, config })
    const { writer, others } = late(world)
    for (const other of others) world.connect(writer, other)
    let before = 0
    for (let second = 0; second < 5; second += 1) {
      world.run(1_000)
      assert.ok(world.sentBytes - before < 60_000, `${world.sentBytes - before} bytes in a second`)
      before = world.sentBytes
    }
    assert.ok((writer.counts.get('sync_refused') ?? 0) > 0)
    assert.ok(world.run(60_000, () => world.isConverged()))
  })

  it('does not keep gaps from being found while another catches up', () => {
    const config = { antiEntropyBytesPerSecond: 10_000, questionBytesMin: 100 }
    const world = new World({ nodes: 3, seed: 24, latencyMsMax: 2, config })
    const { writer, others } = late(world)
    const [greedy, small] = others as [WorldNode, WorldNode]
    world.connect(writer, greedy)
    world.run(3_000)
    assert.ok(greedy.sync.status().missing > 0)
    world.connect(writer, small)
    assert.ok(world.run(1_000, () => small.sync.status().missing > 0))
  })
})

describe('limits that an operator changes while they hold back', () => {
  const tight = { originBytesPerSecond: 600, delayedBytesMax: 100_000, changesBytes: 200 }
  const wide = {
    broadcastBytesPerSecond: 10_000_000,
    originBytesPerSecond: 10_000_000,
    delayedBytesMax: 10_000_000,
    antiEntropyBytesPerSecond: 10_000_000,
    antiEntropyPeerBytesPerSecond: 10_000_000,
  }

  it('let what waits go at the new pace, at the sender and at receivers', () => {
    const never = 1_000_000
    const config = { ...tight, exchangePeriodMs: never, exchangePeriodMaxMs: never }
    const world = new World({ nodes: 3, seed: 23, latencyMsMax: 2, config })
    const [writer] = world.nodes as [WorldNode]
    world.connectAll()
    world.run(100)
    for (let i = 0; i < 300; i += 1) world.commit(writer, [[i]])
    world.run(2_000)
    assert.ok(!world.isConverged() && writer.sync.status().delayedBytes > 5_000)
    for (const node of world.nodes) world.handle(node, { kind: 'budgets-changed', budgets: wide })
    assert.ok(world.run(1_000, () => world.isConverged()))
    assert.equal(writer.sync.status().delayedBytes, 0)
    for (const node of world.nodes)
      world.handle(node, { kind: 'budgets-changed', budgets: { ...wide, ...tight } })
    for (let i = 0; i < 300; i += 1) world.commit(writer, [[i]])
    world.run(1_000)
    assert.ok(writer.sync.status().delayedBytes > 5_000, 'and hold back again')
  })

  it('serve who was sent away', () => {
    const config = {
      antiEntropyPeerBytesPerSecond: 1_000,
      antiEntropyBytesPerSecond: 1_000,
      questionBytesMin: 100,
    }
    const world = new World({ nodes: 2, seed: 24, latencyMsMax: 2, config })
    const { writer } = late(world)
    world.connectAll()
    world.run(5_000)
    assert.ok(!world.isConverged())
    world.handle(writer, { kind: 'budgets-changed', budgets: wide })
    assert.ok(world.run(20_000, () => world.isConverged()))
  })
})
