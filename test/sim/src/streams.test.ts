import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Lane } from '@patina/base'
import { Cuts, partition } from './cuts.ts'
import type { FleetEvent } from './fleet-event.ts'
import { actorOf, addressOf } from './host.ts'
import { localLatency } from './latency.ts'
import { Streams } from './streams.ts'
import { World } from './world.ts'

class Three {
  readonly world = new World(3)
  readonly cuts = new Cuts()
  readonly log: string[] = []
  readonly deaf = new Set<number>()
  readonly off = new Set<number>()
  /** Under whose actor a node runs, where that is another's. */
  readonly copyOf = new Map<number, number>()
  readonly streams: Streams

  constructor() {
    const name = (
      peer: number,
    ): { actor: ReturnType<typeof actorOf>; address: ReturnType<typeof addressOf> } => ({
      actor: actorOf(peer, 0),
      address: addressOf(peer),
    })
    this.streams = new Streams({
      world: this.world,
      latency: localLatency(10, 20),
      cuts: this.cuts,
      nodes: 3,
      ends: {
        actorAt: (node) => actorOf(this.copyOf.get(node) ?? node, 0),
        accepts: (node) => !this.deaf.has(node) && !this.off.has(node),
        hasKernel: (node) => !this.off.has(node),
        deliver: (node, event) => this.log.push(`${node}: ${textOf(event)}`),
        opened: (peer) => ({ kind: 'session-opened', ...name(peer) }),
        closed: (peer, goodbye) => ({ kind: 'session-closed', actor: actorOf(peer, 0), goodbye }),
        refused: (peer) => ({ kind: 'connection-refused', address: addressOf(peer) }),
        receivedAlone: (peer, bytes) => ({ kind: 'stream-received', from: actorOf(peer, 0), bytes }),
        received: (peer, lane, bytes) => ({ kind: 'message-received', from: actorOf(peer, 0), lane, bytes }),
      },
    })
  }

  open(): void {
    this.streams.connect(0, 1)
    this.world.run(1_000)
    this.log.length = 0
  }

  send(from: number, to: number, byte: number, lane: Lane = 'fresh'): void {
    this.streams.send(from, to, lane, Uint8Array.of(byte))
  }

  /** What was told since the last call. */
  told(ms: number): string[] {
    this.world.run(this.world.now + ms)
    return this.log.splice(0)
  }
}

function textOf(event: FleetEvent): string {
  if (event.kind === 'stream-received') return `alone ${event.bytes[0]}`
  if (event.kind === 'message-received') return `${event.lane} ${event.bytes[0]}`
  return event.kind === 'session-closed' ? (event.goodbye ? 'goodbye' : 'broken') : event.kind
}

test('a session opens at both ends, once, and ends with a goodbye', () => {
  const three = new Three()
  three.streams.connect(0, 1)
  three.streams.connect(1, 0)
  assert.deepEqual(three.told(1_000).sort(), ['0: session-opened', '1: session-opened'])
  three.streams.disconnect(0, 1)
  assert.deepEqual(three.told(1_000).sort(), ['0: goodbye', '1: goodbye'])
})

test('messages of a lane keep their order, whatever the latency', () => {
  const three = new Three()
  three.open()
  for (let i = 0; i < 50; i += 1) three.send(0, 1, i)
  assert.deepEqual(
    three.told(1_000),
    Array.from({ length: 50 }, (_, i) => `1: fresh ${i}`),
  )
})

test('without a session nothing is sent, and it is counted', () => {
  const three = new Three()
  three.send(0, 1, 1)
  assert.deepEqual(three.told(1_000), [])
  assert.equal(three.streams.dropped, 1)
})

test('a short cut delays, a long one breaks', () => {
  const three = new Three()
  three.open()
  const cut = (): void => {
    three.cuts.add({ name: 'cut', cuts: partition(new Set([0])) })
    three.streams.cutsChanged()
  }
  cut()
  three.send(0, 1, 7)
  assert.deepEqual(three.told(10_000), [])
  three.cuts.heal('cut')
  three.streams.cutsChanged()
  assert.deepEqual(three.told(31_000), ['1: fresh 7'])
  cut()
  assert.deepEqual(three.told(31_000).sort(), ['0: broken', '1: broken'])
})

test('a killed process is noticed at once, a host without power after the idle time', () => {
  const three = new Three()
  three.open()
  three.deaf.add(0)
  three.streams.processEnded(0, { withKernel: true })
  assert.deepEqual(three.told(100), ['1: broken'])
  const dark = new Three()
  dark.open()
  dark.off.add(0)
  dark.streams.processEnded(0, { withKernel: false })
  assert.deepEqual(dark.told(14_000), [])
  assert.deepEqual(dark.told(17_000), ['1: broken'])
})

test('a dial is refused at once where the process is gone, and late where nothing answers', () => {
  const three = new Three()
  three.deaf.add(1)
  three.streams.connect(0, 1)
  assert.deepEqual(three.told(200), ['0: connection-refused'])
  three.off.add(2)
  three.streams.connect(0, 2)
  assert.deepEqual(three.told(4_000), [])
  assert.deepEqual(three.told(2_000), ['0: connection-refused'])
})

test('nobody has a session with itself', () => {
  const three = new Three()
  three.streams.connect(0, 0)
  three.streams.sendAlone(0, 0, Uint8Array.of(1))
  assert.deepEqual(three.told(10_000), ['0: connection-refused'])
})

test('a copy of a machine is refused by its original: both say the same actor', () => {
  const three = new Three()
  three.copyOf.set(2, 0)
  three.streams.connect(0, 2)
  three.streams.connect(1, 2)
  three.world.run(1_000)
  assert.deepEqual([three.streams.isOpen(0, 2), three.streams.isOpen(1, 2)], [false, true])
  assert.equal(three.log.filter((line) => line.startsWith('0: connection-refused')).length, 1)
})

test('a session that breaks takes what is under way', () => {
  const three = new Three()
  three.open()
  three.send(0, 1, 1)
  three.streams.break(0, 1)
  assert.deepEqual(three.told(1_000).sort(), ['0: broken', '1: broken'])
})

test('a message outside of sessions is dialled for, keeps its order, and is given up where nobody answers', () => {
  const three = new Three()
  for (let i = 0; i < 3; i += 1) three.streams.sendAlone(0, 1, Uint8Array.of(i))
  assert.deepEqual(three.told(45), [])
  assert.deepEqual(three.told(200), ['1: alone 0', '1: alone 1', '1: alone 2'])
  three.streams.sendAlone(1, 0, Uint8Array.of(3))
  assert.deepEqual(three.told(21), ['0: alone 3'], 'the connection stands')
  three.cuts.add({ name: 'cut', cuts: partition(new Set([0])) })
  three.streams.sendAlone(0, 1, Uint8Array.of(4))
  assert.deepEqual(three.told(4_000), [])
  three.cuts.heal('cut')
  assert.deepEqual(three.told(1_000), ['1: alone 4'])
  three.deaf.add(1)
  three.streams.sendAlone(0, 1, Uint8Array.of(5))
  three.told(10_000)
  three.deaf.delete(1)
  assert.deepEqual(three.told(10_000), [])
})
