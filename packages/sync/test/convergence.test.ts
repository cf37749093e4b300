/**
 * The rule of convergence, against random histories: whatever is lost, doubled, late, failed or restarted, nodes whose
 * sessions stand again end with the same knowledge and the same content, and then fall silent.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { World, type WorldNode, type WorldOptions } from './world.ts'

/** Virtual time in which everything must be repaired: some rounds of the longest pause. */
const REPAIR_MS = 60_000

function randomHistory(options: WorldOptions, steps: number): World {
  const world = new World(options)
  const { prng } = world
  world.connectAll()
  for (let step = 0; step < steps; step += 1) {
    const node = world.node(prng.below(options.nodes))
    const other = world.node(prng.below(options.nodes))
    const dice = prng.below(100)
    if (dice < 70) world.commit(node, randomKeys(world))
    else if (dice < 78 && node !== other) world.disconnect(node, other)
    else if (dice < 90 && node !== other) world.connect(node, other)
    else if (dice < 93) world.restart(node)
    world.run(prng.below(400))
    agreeWhereEqual(world)
  }
  world.connectAll()
  return world
}

/** I-CRDT-3: equal knowledge means equal content, at every moment. */
function agreeWhereEqual(world: World): void {
  const contentByHave = new Map<string, string>()
  for (const { store } of world.nodes) {
    const have = [...store.have]
      .map(([actor, set]) => `${actor}:${set}`)
      .sort()
      .join()
    const content = contentByHave.get(have) ?? store.content()
    assert.equal(store.content(), content, 'equal knowledge, different content')
    contentByHave.set(have, content)
  }
}

function randomKeys(world: World): number[][] {
  const chunks = world.prng.chance(1, 5) ? world.prng.between(2, 5) : 1
  return Array.from({ length: chunks }, () => [world.prng.below(6), world.prng.below(6)])
}

function mustConverge(world: World, seed: number): void {
  assert.ok(
    world.run(REPAIR_MS, () => world.isConverged()),
    `seed ${seed} does not converge`,
  )
}

describe('random histories', () => {
  for (const clearing of [false, true]) {
    it(`converge with loss, duplication, failures, lost sessions and restarts (clearing: ${clearing})`, () => {
      for (let seed = 1; seed <= 40; seed += 1) {
        const faults = { lossPercent: 20, duplicatePercent: 20, storeFailurePercent: 5 }
        mustConverge(randomHistory({ nodes: 3, seed, clearing, ...faults }, 40), seed)
      }
    })
  }

  it('converge without any broadcast arriving (T-D5)', () => {
    for (let seed = 1; seed <= 10; seed += 1)
      mustConverge(randomHistory({ nodes: 4, seed, clearing: true, lossPercent: 100 }, 30), seed)
  })

  it('converge without any anti-entropy where no session is lost (T-D5)', () => {
    const config = { exchangePeriodMs: 1e12, exchangePeriodMaxMs: 1e12 }
    for (let seed = 1; seed <= 10; seed += 1) {
      const world = new World({ nodes: 4, seed, duplicatePercent: 20, config })
      world.connectAll()
      world.run(1_000)
      const [exchanges, served] = [world.count('sync_exchanges'), world.count('sync_changesets_served')]
      for (let i = 0; i < 100; i += 1) {
        world.commit(world.node(world.prng.below(4)), [[world.prng.below(20)], [world.prng.below(20)]])
        world.run(world.prng.below(30))
      }
      assert.ok(
        world.run(1_000, () => world.isConverged()),
        `seed ${seed}`,
      )
      assert.deepEqual(
        [world.count('sync_exchanges'), world.count('sync_changesets_served')],
        [exchanges, served],
      )
    }
  })

  it('T-I2: converge through queues and batches of almost no size, and count what they drop', () => {
    const config = {
      queueBytesMax: 400,
      queueItemsMax: 4,
      batchBytes: 100,
      credits: 1,
      requestVersionsMax: 3,
    }
    const budget = { delayedBytesMax: 60, originBytesPerSecond: 60 }
    const dropped = { apply_dropped: 0, broadcast_dropped: 0 }
    for (let seed = 1; seed <= 15; seed += 1) {
      const options = { nodes: 3, seed, clearing: true, lossPercent: 30, config, configOf: { 0: budget } }
      const world = randomHistory(options, 30)
      for (const metric of ['apply_dropped', 'broadcast_dropped'] as const)
        dropped[metric] += world.count(metric)
      mustConverge(world, seed)
      const left = world.nodes.map(({ sync }) => Object.values(sync.status().queuedBytes).join())
      assert.deepEqual(new Set(left), new Set(['0,0,0']))
    }
    for (const [metric, times] of Object.entries(dropped)) assert.ok(times > 0, `${metric} was never reached`)
  })
})

describe('after quiescence', () => {
  it('digests are equal and traffic falls to a few small messages in ten seconds', () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const world = randomHistory({ nodes: 3, seed, clearing: true, lossPercent: 20 }, 30)
      mustConverge(world, seed)
      world.run(REPAIR_MS)
      const [messages, bytes, requests] = [
        world.sentMessages,
        world.sentBytes,
        world.count('sync_changesets_served'),
      ]
      world.largestMessage = 0
      world.run(60_000)
      assert.ok(world.largestMessage < 150, `a message of ${world.largestMessage} bytes`)
      // Three nodes, an exchange each 10 s, two messages each; and a pulse each second to each peer.
      const pulses = 3 * 2 * 61
      assert.ok(
        world.sentMessages - messages <= 3 * 7 * 2 + pulses,
        `${world.sentMessages - messages} messages`,
      )
      assert.ok(world.sentBytes - bytes <= 3 * 7 * 150 + pulses * 20, `${world.sentBytes - bytes} bytes`)
      assert.equal(world.count('sync_changesets_served'), requests)
    }
  })
})

describe('broadcast', () => {
  it('reaches everybody in one hop, without any repair', () => {
    const world = new World({ nodes: 5, seed: 1, latencyMsMax: 5 })
    world.connectAll()
    world.run(100)
    world.commit(world.node(2), [[1], [2], [3]])
    assert.ok(world.run(20, () => world.isConverged()))
    assert.equal(world.count('broadcast_sent'), 4 * 3)
    assert.equal(world.count('broadcast_received'), 4 * 3)
    world.run(5_000)
    assert.equal(world.count('sync_changesets_served'), 0)
  })

  it('of constant writes is not repaired where nothing is lost', () => {
    const world = new World({ nodes: 3, seed: 3, latencyMsMax: 30 })
    world.connectAll()
    for (let i = 0; i < 2_000; i += 1) {
      world.commit(world.node(i % 3), [[i % 50]])
      world.run(5)
    }
    assert.ok(world.run(1_000, () => world.isConverged()))
    const [served, sent] = [world.count('sync_changesets_served'), world.count('broadcast_sent')]
    assert.ok(served <= sent / 100, `${served} of ${sent} served again`)
  })
})

describe('sessions', () => {
  it('nodes that were apart find each other’s writes at the moment they meet', () => {
    const world = new World({ nodes: 2, seed: 4 })
    const [a, b] = [world.node(0), world.node(1)]
    for (let i = 0; i < 50; i += 1) world.commit(i % 2 === 0 ? a : b, [[i]])
    world.run(30_000)
    world.connect(a, b)
    const met = world.now
    assert.ok(world.run(1_000, () => world.isConverged()))
    assert.ok(world.now - met < 400, `${world.now - met} ms`)
  })

  it('one that is lost in the middle of an answer is taken up again', () => {
    const config = { batchBytes: 200, credits: 1 }
    const world = new World({ nodes: 2, seed: 5, config })
    const [a, b] = [world.node(0), world.node(1)]
    for (let i = 0; i < 200; i += 1) world.commit(a, [[i]])
    for (let cut = 0; cut < 5; cut += 1) {
      world.connect(a, b)
      const before = b.store.haveOf(a.actor).count()
      assert.ok(world.run(5_000, () => b.store.haveOf(a.actor).count() > before + 5))
      world.disconnect(a, b)
    }
    assert.ok(!world.isConverged())
    world.connect(a, b)
    assert.ok(world.run(10_000, () => world.isConverged()))
  })

  it('converge by way of a third node', () => {
    const world = new World({ nodes: 3, seed: 6 })
    const [a, b, c] = [world.node(0), world.node(1), world.node(2)]
    world.commit(a, [[1]])
    world.commit(c, [[2], [3]])
    world.connect(a, b)
    world.connect(b, c)
    assert.ok(world.run(15_000, () => world.isConverged()))
  })

  it('a chunk here and a chunk there make a version', () => {
    const world = new World({ nodes: 3, seed: 7 })
    const [origin, a, b] = [world.node(0), world.node(1), world.node(2)]
    const { changesets } = origin.store.commit([[1], [2], [3], [4]])
    const nothing = { cleared: [], basis: [] }
    giveChunks(world, a, { changesets: changesets.slice(0, 2), ...nothing })
    giveChunks(world, b, { changesets: changesets.slice(2), ...nothing })
    world.connect(a, b)
    assert.ok(world.run(5_000, () => a.store.haveOf(origin.actor).has(1 as never)))
    assert.ok(world.run(15_000, () => b.store.haveOf(origin.actor).has(1 as never)))
  })
})

function giveChunks(world: World, node: WorldNode, effect: Parameters<WorldNode['store']['apply']>[0]): void {
  world.handle(node, { kind: 'applied', token: 0, report: node.store.apply(effect) })
}

describe('large gaps', () => {
  it('of 100,000 versions are asked for as ranges and fetched through bounded queues', () => {
    const world = new World({ nodes: 2, seed: 8, latencyMsMax: 2 })
    const [a, b] = [world.node(0), world.node(1)]
    for (let i = 0; i < 100_000; i += 1) a.store.commit([[i % 10]])
    world.restart(a)
    world.connect(a, b)
    let most = 0
    const done = world.run(120_000, () => {
      most = Math.max(most, b.sync.status().queuedBytes.backlog)
      return b.store.haveOf(a.actor).count() === 100_000
    })
    assert.ok(done, `${b.store.haveOf(a.actor)}`)
    assert.ok(most <= 10 * 1_048_576, `${most} bytes queued`)
    assert.equal(world.count('sync_changesets_served'), 100_000, 'nothing is served twice')
    assert.ok(world.isConverged())
  })

  it('with a hole at every second version cost as many ranges and no more', () => {
    const world = new World({ nodes: 2, seed: 9, latencyMsMax: 2 })
    const [a, b] = [world.node(0), world.node(1)]
    const commits = Array.from({ length: 10_000 }, (_, i) => a.store.commit([[i % 10]]))
    const every2nd = commits.filter((_, i) => i % 2 === 0).flatMap(({ changesets }) => changesets)
    giveChunks(world, b, { changesets: every2nd, cleared: [], basis: [] })
    world.restart(a)
    world.restart(b)
    world.connect(a, b)
    assert.ok(world.run(60_000, () => world.isConverged()))
    assert.ok(world.count('sync_changesets_served') < 5_100)
  })
})
