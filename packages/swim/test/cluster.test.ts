/** Whole clusters of three and ten in virtual time: the promises of the README, each over several seeds. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { actorOf, Network, type NetworkOptions } from './network.ts'

const SEEDS = [1, 2, 3]

function upCluster(count: number, options: NetworkOptions): Network {
  const network = new Network(options)
  network.startAll(count)
  const took = network.runUntil(() => network.allUp(), 10_000)
  assert.ok(took !== undefined, `seed ${options.seed}: not all up in 10 s`)
  return network
}

for (const count of [2, 3, 10]) {
  for (const seed of SEEDS) {
    test(`${count} nodes: all up within a second (seed ${seed})`, () => {
      const network = new Network({ seed })
      network.startAll(count)
      const took = network.runUntil(() => network.allUp(), 1_000)
      assert.ok(took !== undefined)
      network.run(30_000)
      assert.equal(network.notifications('member-suspect').length, 0)
      assert.equal(network.notifications('member-up').length, count * (count - 1))
    })

    test(`${count} nodes: one killed with its streams is down everywhere in 3 s (seed ${seed})`, () => {
      const network = upCluster(count, { seed })
      network.run(5_000)
      network.kill(count - 1, { sessions: true })
      const took = network.runUntil(() => network.allBelieve(count - 1, 'down'), 3_000)
      assert.ok(took !== undefined && took >= 2_000, `took ${took}`)
      assert.equal(network.notifications('member-down').length, count - 1)
    })

    test(`${count} nodes: one killed without a trace is down everywhere in 6 s (seed ${seed})`, () => {
      const network = upCluster(count, { seed })
      network.run(5_000)
      network.kill(0)
      assert.ok(network.runUntil(() => network.allBelieve(0, 'down'), 6_000) !== undefined)
      network.run(5_000)
      assert.equal(network.notifications('member-down').length, count - 1)
    })

    test(`${count} nodes: a restarted one is up at once, before and after it was down (seed ${seed})`, () => {
      const network = upCluster(count, { seed })
      network.kill(1, { sessions: true })
      network.run(50)
      network.start(1, [0])
      const generation = 2
      const isBack = (): boolean =>
        network.nodes().every((node) => node === 1 || hasGeneration(network, node, 1, generation))
      assert.ok(network.runUntil(isBack, 1_000) !== undefined)
      network.run(10_000)
      assert.equal(network.notifications('member-down').length, 0)
      assert.ok(network.allUp())

      network.kill(1, { sessions: true })
      assert.ok(network.runUntil(() => network.allBelieve(1, 'down'), 4_000) !== undefined)
      network.start(1, [0])
      assert.ok(network.runUntil(() => network.allUp(), 1_000) !== undefined)
    })

    test(`${count} nodes: one that leaves is left everywhere, and never down (seed ${seed})`, () => {
      const network = upCluster(count, { seed })
      network.feed(1, { kind: 'leave' })
      assert.ok(network.runUntil(() => network.allBelieve(1, 'left'), 500) !== undefined)
      network.run(1_000)
      network.kill(1)
      network.run(20_000)
      assert.equal(network.notifications('member-down').length, 0)
      assert.ok(network.allBelieve(1, 'left'))
    })
  }
}

for (const seed of SEEDS) {
  test(`a partition of ten nodes for ten minutes heals without seeds (seed ${seed})`, () => {
    const network = upCluster(10, { seed })
    network.partition((node) => node % 2)
    const apart = (): boolean =>
      network
        .nodes()
        .every((a) => network.nodes().every((b) => a % 2 === b % 2 || network.believed(a, b) === 'down'))
    assert.ok(network.runUntil(apart, 30_000) !== undefined)
    network.run(600_000)
    network.heal()
    const downs = network.notifications('member-down').length
    assert.ok(network.runUntil(() => network.allUp(), 45_000) !== undefined)
    assert.equal(network.notifications('member-down').length, downs, 'the heal itself puts nobody down')
  })

  test(`ten nodes under 10 % loss: nobody is down for ten minutes (seed ${seed})`, () => {
    const network = upCluster(10, { seed, lossPercent: 10, latencyMs: [1, 60] })
    network.run(600_000)
    assert.equal(network.notifications('member-down').length, 0)
    assert.ok(
      network.notifications('member-suspect').length <= network.notifications('member-refuted').length + 9,
    )
  })

  test(`a node that stands still for a second is not down and holds nobody down (seed ${seed})`, () => {
    const network = upCluster(3, { seed })
    network.run(3_000)
    network.pause(2, 1_000)
    network.run(10_000)
    assert.equal(network.notifications('member-down').length, 0)
    assert.ok(network.allUp())
  })

  test(`a node that stood still for a minute comes back by refuting, and holds nobody down (seed ${seed})`, () => {
    const network = upCluster(10, { seed })
    network.run(3_000)
    network.pause(9, 60_000)
    network.run(59_000)
    assert.equal(network.notifications('member-down', 9).length, 9)
    assert.ok(network.runUntil(() => network.allUp(), 5_000) !== undefined)
    assert.deepEqual(
      network.notifications('member-down').filter(({ node }) => node === 9),
      [],
    )
    assert.ok(network.swim(9).self().incarnation > 0)
  })
}

test('two that started with each other as seed find together, whoever was first', () => {
  const network = new Network({ seed: 7 })
  network.start(0, [1])
  network.run(20_000)
  network.start(1, [0])
  assert.ok(network.runUntil(() => network.allUp(), 1_000) !== undefined)
})

test('two clusters whose seed came late become one', () => {
  const network = new Network({ seed: 8 })
  network.start(1, [0])
  network.start(2, [0, 1])
  network.start(3, [0])
  network.run(10_000)
  network.start(0, [])
  assert.ok(network.runUntil(() => network.nodes().length === 4 && network.allUp(), 40_000) !== undefined)
})

test('the same seed gives the same history', () => {
  const history = (): string => {
    const network = upCluster(10, { seed: 11, lossPercent: 20 })
    network.run(60_000)
    return JSON.stringify([network.told, network.sentBytes])
  }
  assert.equal(history(), history())
})

for (const [count, packetsPerSecond] of [
  [2, 2],
  [3, 4],
  [10, 6],
  [30, 2],
] as const)
  test(`${count} nodes: no datagram exceeds 1,200 bytes, and an idle cluster is quiet`, () => {
    const network = upCluster(count, { seed: 12 })
    network.run(10_000)
    const before = network.sentBytes.length
    network.run(60_000)
    const perNodeAndSecond = (network.sentBytes.length - before) / count / 60
    assert.ok(perNodeAndSecond <= packetsPerSecond + 0.1, `${perNodeAndSecond} packets/s a node`)
    assert.ok(network.sentBytes.every((bytes) => bytes <= 1_200))
  })

function hasGeneration(network: Network, viewer: number, node: number, generation: number): boolean {
  const view = network
    .swim(viewer)
    .members()
    .find(({ actor }) => actor === actorOf(node))
  return view?.generation === generation && view.state === 'alive'
}

test('T-J3: all of 24 nodes restart within a minute, each to a seed that may be down: whole within 30 s', () => {
  const network = upCluster(24, { seed: 21, lossPercent: 5 })
  for (let node = 0; node < 24; node += 1) {
    network.kill(node, { sessions: true })
    network.run(1_000)
    network.start(node, [0, 23])
    network.run(1_500)
  }
  assert.ok(network.runUntil(() => network.allUp(), 30_000) !== undefined)
  assert.ok(network.nodes().every((node) => network.swim(node).members().length === 23))
})

test('T-J2: 20 % loss, and one region far away: nobody is down for five minutes, and no list is longer than the cluster', () => {
  const network = upCluster(12, { seed: 22, lossPercent: 20, latencyMs: [1, 150] })
  const longest = (): number =>
    Math.max(...network.nodes().map((node) => network.swim(node).members().length))
  for (let minute = 0; minute < 5; minute += 1) {
    network.run(60_000)
    assert.equal(longest(), 11)
  }
  assert.equal(network.notifications('member-down').length, 0)
})
