import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cuts, oneWay, partition } from './cuts.ts'
import { addressOf } from './host.ts'
import { localLatency } from './latency.ts'
import { DATAGRAM_OVERHEAD_BYTES, Network, type NetworkFaults, NO_FAULTS } from './network.ts'
import { World } from './world.ts'

interface Arrival {
  readonly to: number
  readonly from: number
  readonly byte: number
  readonly at: number
}

class Pair {
  readonly world = new World(7)
  readonly cuts = new Cuts()
  readonly arrived: Arrival[] = []
  readonly network: Network

  constructor(faults: Partial<NetworkFaults> = {}) {
    this.network = new Network({
      world: this.world,
      latency: localLatency(2, 2),
      cuts: this.cuts,
      nodes: 2,
      nodeAt: (address) => [0, 1].find((node) => addressOf(node) === address),
      deliver: (to, from, bytes) =>
        this.arrived.push({ to, from, byte: bytes[0] as number, at: this.world.now }),
    })
    this.network.faults = { ...NO_FAULTS, ...faults }
  }

  send(count: number, from = 0): void {
    for (let i = 0; i < count; i += 1) this.network.send(from, addressOf(1 - from), Uint8Array.of(i % 256))
  }

  run(ms = 10_000): Arrival[] {
    this.world.run(this.world.now + ms)
    return this.arrived
  }
}

test('without faults all arrive once, in order, after the latency', () => {
  const pair = new Pair()
  pair.send(3)
  assert.deepEqual(
    pair.run().map(({ from, to, byte, at }) => [from, to, byte, at]),
    [
      [0, 1, 0, 2],
      [0, 1, 1, 2],
      [0, 1, 2, 2],
    ],
  )
})

test('loss and duplication hit their shares', () => {
  const lossy = new Pair({ lossPpm: 300_000 })
  lossy.send(2_000)
  assert.ok(Math.abs(lossy.run().length - 1_400) < 100)
  assert.equal(lossy.network.lost + lossy.arrived.length, 2_000)
  const doubling = new Pair({ duplicatePpm: 100_000 })
  doubling.send(2_000)
  assert.ok(Math.abs(doubling.run().length - 2_200) < 60)
})

test('reordered packets are late, the others are not', () => {
  const pair = new Pair({ reorderPpm: 200_000, reorderMs: 1_000 })
  pair.send(1_000)
  const late = pair.run().filter(({ at }) => at > 2)
  assert.ok(Math.abs(late.length - 200) < 50)
  assert.ok(late.every(({ at }) => at <= 1_002))
})

test('damaged packets are refused at their destination', () => {
  const pair = new Pair({ corruptPpm: 100_000 })
  pair.send(1_000)
  const arrived = pair.run().length
  assert.equal(arrived + pair.network.refused, 1_000)
  assert.ok(Math.abs(pair.network.refused - 100) < 40)
})

test('a narrow link delays, and drops what would wait too long', () => {
  const bytesPerSecond = 100 * (1 + DATAGRAM_OVERHEAD_BYTES)
  const pair = new Pair({ bytesPerSecond })
  pair.send(100)
  const arrived = pair.run()
  assert.equal(arrived.length, 50)
  assert.equal(arrived[9]?.at, 102)
})

test('a cut goes one way, and takes what is under way', () => {
  const pair = new Pair()
  pair.send(1)
  pair.cuts.add({ name: 'a', cuts: oneWay(new Set([0]), new Set([1])) })
  pair.send(1, 1)
  assert.deepEqual(
    pair.run().map(({ to }) => to),
    [0],
  )
  assert.ok(pair.cuts.heal('a'))
  assert.ok(!pair.cuts.heal('a'))
  pair.send(1)
  assert.equal(pair.run().length, 2)
})

test('a partition cuts what crosses it, a cut of datagrams leaves streams alone', () => {
  const cuts = new Cuts()
  cuts.add({ name: 'p', cuts: partition(new Set([0, 1])) })
  assert.ok(cuts.isApart(0, 2) && cuts.isApart(2, 1) && !cuts.isApart(0, 1) && !cuts.isApart(2, 3))
  cuts.add({ name: 'u', cuts: oneWay(new Set([2]), new Set([3])), service: 'datagrams' })
  assert.ok(cuts.isCut(2, 3, 'datagrams') && !cuts.isCut(2, 3, 'streams') && !cuts.isApart(2, 3))
})

test('traffic counts what is sent, lost or not, with what the layers below add', () => {
  const pair = new Pair({ lossPpm: 1_000_000 })
  pair.send(10)
  pair.run(2_000)
  const size = 1 + DATAGRAM_OVERHEAD_BYTES
  assert.deepEqual(pair.network.traffic.figures(pair.world.now), {
    packetsPerNodeSecond: 2.5,
    bytesPerNodeSecond: (10 * size) / 2 / 2,
    bytesPeak: 10 * size,
  })
  assert.deepEqual(pair.network.traffic.bytesByNode(), [10 * size, 0])
})
