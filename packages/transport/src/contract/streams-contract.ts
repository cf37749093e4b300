/**
 * What every implementation of Streams must do. Runs as tests of node:test; a test is skipped only with a reason.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ActorId, actorFromBytes, LANES, type PeerAddress, peerAddress } from '@patina/base'
import { limits } from '../limits.ts'
import type { StreamListener, Streams } from '../transport.ts'
import { RecordingStreams } from './recording.ts'
import { until } from './until.ts'

/** What a test may do to the way to one end. */
export interface Link {
  /** What stands breaks at both ends; who dials afterwards gets through. */
  break(): void
  /** No byte of what stands passes any more, and nobody is told. */
  freeze(): void
  /** Of what stands, bits of the bytes towards that end change on their way. */
  flip(): void
  close(): void
}

export interface LinkedEnd {
  readonly streams: Streams
  /** Where it is reached, by way of the link. */
  readonly address: PeerAddress
  readonly link: Link
}

export interface StreamsHarness {
  /** As `listen`, behind a link; a session without a byte ends within a second. Cases that need it are skipped otherwise. */
  listenLinked(actor: ActorId, clusterId: string, listener: StreamListener): Promise<LinkedEnd>
  /** Listens once more in the same network. */
  listen(actor: ActorId, clusterId: string, listener: StreamListener): Promise<Streams>
  /** Moves a transport that the test drives. */
  work?(): void
  /** How long this transport keeps what it opened for a backlog that has ended, and a bit; 0 where it keeps nothing. */
  readonly backlogPauseMs: number
}

/** Actor 1 is smaller than actor 2. */
export function testActor(number: number): ActorId {
  return actorFromBytes(new Uint8Array(16).fill(number))
}

interface Node {
  readonly streams: Streams
  readonly at: RecordingStreams
  readonly actor: ActorId
}

class World {
  readonly #harness: StreamsHarness
  readonly #nodes: Node[] = []
  readonly #links: Link[] = []

  constructor(harness: StreamsHarness) {
    this.#harness = harness
  }

  async node(number: number, clusterId = 'blue'): Promise<Node> {
    const at = new RecordingStreams()
    const streams = await this.#harness.listen(testActor(number), clusterId, at)
    const node = { streams, at, actor: testActor(number) }
    this.#nodes.push(node)
    return node
  }

  until(what: string, condition: () => boolean): Promise<void> {
    return until(what, condition, () => this.#harness.work?.())
  }

  /** Until the backlog has rested for long enough. */
  pause(): Promise<void> {
    const { backlogPauseMs } = this.#harness
    const start = performance.now()
    return this.until('a pause', () => performance.now() - start >= backlogPauseMs)
  }

  async pair(): Promise<readonly [Node, Node]> {
    const [a, b] = [await this.node(1), await this.node(2)]
    a.streams.connect(b.streams.local)
    await this.until('the session', () => a.at.log.length > 0 && b.at.log.length > 0)
    return [a, b]
  }

  async #linked(number: number): Promise<Node & LinkedEnd> {
    const at = new RecordingStreams()
    const end = await this.#harness.listenLinked(testActor(number), 'blue', at)
    const node = { ...end, at, actor: testActor(number) }
    this.#nodes.push(node)
    this.#links.push(end.link)
    return node
  }

  /** `a` has dialled `b` by way of the link. */
  async linkedPair(): Promise<readonly [Node & LinkedEnd, Node & LinkedEnd, Link]> {
    const [a, b] = [await this.#linked(1), await this.#linked(2)]
    a.streams.connect(b.address)
    await this.until('the session', () => a.at.log.length > 0 && b.at.log.length > 0)
    return [a, b, b.link]
  }

  /** Two more nodes with a session that nothing of what happens to others may touch. */
  async bystanders(): Promise<() => Promise<void>> {
    const [c, d] = [await this.node(3), await this.node(4)]
    c.streams.connect(d.streams.local)
    await this.until('the bystanders', () => c.at.log.length > 0 && d.at.log.length > 0)
    return async () => {
      c.streams.send(d.actor, 'fresh', Buffer.from('still here'))
      await this.until('their message', () => d.at.messages.length === 1)
      assert.deepEqual([c.at.log.length, d.at.log.length], [1, 1])
    }
  }

  async close(): Promise<void> {
    const closing = this.#nodes.map(({ streams }) => streams.close())
    this.#harness.work?.()
    for (const link of this.#links) link.close()
    await Promise.all(closing)
  }
}

const NOBODY: PeerAddress = peerAddress('127.0.0.1:1')

const CASES: { readonly [name: string]: (world: World) => Promise<void> } = {
  'a session opens once at both ends, with actor and address': async (world) => {
    const [a, b] = await world.pair()
    a.streams.connect(b.streams.local)
    b.streams.connect(a.streams.local)
    a.streams.send(b.actor, 'control', Buffer.from('x'))
    await world.until('the message', () => b.at.messages.length === 1)
    assert.deepEqual(a.at.log, [`opened 02 ${b.streams.local}`])
    assert.deepEqual(b.at.log, [`opened 01 ${a.streams.local}`])
  },
  'messages of all sizes and lanes arrive whole, in the order of their lane': async (world) => {
    const [a, b] = await world.pair()
    const sizes = [0, 1, 65_535, 65_536, 1_000_000]
    for (const lane of LANES)
      for (const size of sizes)
        assert.equal(a.streams.send(b.actor, lane, Buffer.alloc(size, lane)), 'queued')
    assert.equal(b.streams.send(a.actor, 'fresh', Buffer.from('against the stream')), 'queued')
    await world.until('all messages', () => b.at.messages.length === LANES.length * sizes.length)
    await world.until('the other way', () => a.at.messages.length === 1)
    for (const lane of LANES) {
      const ofLane = b.at.messages.filter((message) => message.lane === lane)
      assert.deepEqual(
        ofLane.map(({ bytes }) => bytes.length),
        sizes,
      )
      assert.ok(
        ofLane.every(({ bytes, from }) => from === '01' && Buffer.alloc(bytes.length, lane).equals(bytes)),
      )
    }
  },
  'the greatest message arrives; a greater one is a programmer’s error': async (world) => {
    const [a, b] = await world.pair()
    a.streams.send(b.actor, 'backlog', new Uint8Array(limits.messageBytesMax).fill(7))
    await world.until('the message', () => b.at.messages.length === 1)
    assert.equal(b.at.messages[0]?.bytes.length, limits.messageBytesMax)
    const greater = new Uint8Array(limits.messageBytesMax + 1)
    assert.throws(() => a.streams.send(b.actor, 'backlog', greater), /assertion failed/)
  },
  'an urgent message overtakes a backlog': async (world) => {
    const [a, b] = await world.pair()
    for (let i = 0; i < 4; i += 1) a.streams.send(b.actor, 'backlog', new Uint8Array(4_000_000))
    a.streams.send(b.actor, 'fresh', Buffer.from('news'))
    await world.until('all', () => b.at.messages.length === 5)
    assert.equal(b.at.messages[0]?.lane, 'fresh')
  },
  'what is sent first overtakes what waits in its lane, and arrives once': async (world) => {
    const [a, b] = await world.pair()
    for (let i = 1; i <= 40; i += 1) a.streams.send(b.actor, 'fresh', new Uint8Array(1_000_000).fill(i))
    a.streams.send(b.actor, 'fresh', Uint8Array.of(99), 'first')
    await world.until('all', () => b.at.messages.length === 41)
    const ids = b.at.messages.map(({ bytes }) => bytes[0] as number)
    // What the sockets hold already goes before it.
    assert.ok(ids.indexOf(99) < 35, `it came as number ${ids.indexOf(99)}`)
    assert.deepEqual(
      ids.filter((id) => id !== 99),
      Array.from({ length: 40 }, (_, i) => i + 1),
    )
  },
  'backlogs of both ends and urgent messages beside them arrive whole, in order, within one session': async (
    world,
  ) => {
    const [a, b] = await world.pair()
    const ids = Array.from({ length: 30 }, (_, id) => id)
    for (const id of ids)
      for (const [from, to] of [
        [a, b],
        [b, a],
      ] as const) {
        assert.equal(from.streams.send(to.actor, 'backlog', new Uint8Array(200_000).fill(id)), 'queued')
        assert.equal(from.streams.send(to.actor, 'fresh', Uint8Array.of(id)), 'queued')
      }
    await world.until('all', () => a.at.messages.length === 60 && b.at.messages.length === 60)
    for (const { at } of [a, b])
      for (const lane of ['backlog', 'fresh'])
        assert.deepEqual(
          at.messages.filter((message) => message.lane === lane).map(({ bytes }) => bytes[0]),
          ids,
        )
    assert.deepEqual([a.at.log.length, b.at.log.length], [1, 1])
  },
  'a backlog that comes back after a while is no new session, and an orderly end still delivers it': async (
    world,
  ) => {
    const [a, b] = await world.pair()
    for (const count of [1, 2, 3]) {
      a.streams.send(b.actor, 'backlog', new Uint8Array(100_000).fill(count))
      await world.until('the message', () => b.at.messages.length === count)
      await world.pause()
    }
    a.streams.send(b.actor, 'backlog', new Uint8Array(3_000_000).fill(4))
    a.streams.disconnect(b.actor)
    await world.until('the end', () => a.at.log.length === 2 && b.at.log.length === 2)
    assert.deepEqual(
      b.at.messages.map(({ bytes }) => bytes[0]),
      [1, 2, 3, 4],
    )
    assert.deepEqual([a.at.log[1], b.at.log[1]], ['closed 02 goodbye', 'closed 01 goodbye'])
  },
  'a full backlog drops, and leaves room for what is urgent': async (world) => {
    const [a, b] = await world.pair()
    const message = new Uint8Array(1_000_000)
    let queued = 0
    while (a.streams.send(b.actor, 'backlog', message) === 'queued') queued += 1
    assert.equal(a.streams.send(b.actor, 'repair', message), 'queued')
    assert.equal(a.streams.send(b.actor, 'fresh', message), 'queued')
    await world.until('all of it', () => b.at.messages.length === queued + 2)
    assert.ok(b.at.messages.findIndex(({ lane }) => lane === 'fresh') < queued / 2)
  },
  'a full queue drops, and says so': async (world) => {
    const [a, b] = await world.pair()
    const outcomes = Array.from({ length: 6 }, () =>
      a.streams.send(b.actor, 'backlog', new Uint8Array(limits.messageBytesMax)),
    )
    assert.equal(outcomes[0], 'queued')
    assert.equal(outcomes.at(-1), 'dropped')
    const queued = outcomes.filter((outcome) => outcome === 'queued').length
    await world.until('what was queued', () => b.at.messages.length === queued)
    assert.deepEqual(a.at.log.length, 1, 'the session lives on')
  },
  'nothing can be sent to a peer without a session': async (world) => {
    const a = await world.node(1)
    assert.equal(a.streams.send(testActor(9), 'control', Buffer.from('x')), 'dropped')
    a.streams.disconnect(testActor(9))
  },
  'an orderly end delivers what is queued and says goodbye': async (world) => {
    const [a, b] = await world.pair()
    a.streams.send(b.actor, 'backlog', new Uint8Array(3_000_000))
    a.streams.disconnect(b.actor)
    assert.equal(a.streams.send(b.actor, 'control', Buffer.from('late')), 'dropped')
    assert.equal(a.at.log.length, 1, 'not inside the call')
    await world.until('the end', () => a.at.log.length === 2 && b.at.log.length === 2)
    assert.equal(b.at.messages.length, 1)
    assert.equal(b.at.log[1], 'closed 01 goodbye')
    assert.equal(a.at.log[1], 'closed 02 goodbye')
  },
  'a pair can meet again after an end': async (world) => {
    const [a, b] = await world.pair()
    a.streams.disconnect(b.actor)
    await world.until('the end', () => b.at.log.length === 2)
    b.streams.connect(a.streams.local)
    await world.until('a new session', () => a.at.log.length === 3 && b.at.log.length === 3)
    b.streams.send(a.actor, 'fresh', Buffer.from('again'))
    await world.until('a message', () => a.at.messages.length === 1)
    assert.deepEqual(a.at.log, [
      `opened 02 ${b.streams.local}`,
      'closed 02 goodbye',
      `opened 02 ${b.streams.local}`,
    ])
  },
  'closing says goodbye to all': async (world) => {
    const [a, b] = await world.pair()
    const closing = a.streams.close()
    await world.until('the end', () => b.at.log.length === 2)
    await closing
    assert.equal(b.at.log[1], 'closed 01 goodbye')
    a.streams.connect(b.streams.local)
    b.streams.connect(a.streams.local)
    await world.until('a refusal', () => b.at.log.length === 3)
    assert.equal(b.at.log[2], 'refused unreachable')
    assert.deepEqual(a.at.log, [`opened 02 ${b.streams.local}`, 'closed 02 goodbye'])
  },
  'two that dial at once have one session and lose no message': async (world) => {
    const [a, b] = [await world.node(1), await world.node(2)]
    a.streams.connect(b.streams.local)
    b.streams.connect(a.streams.local)
    await world.until('the session', () => a.at.log.length > 0 && b.at.log.length > 0)
    for (let i = 0; i < 20; i += 1) {
      assert.equal(a.streams.send(b.actor, 'fresh', Buffer.from(`${i}`)), 'queued')
      assert.equal(b.streams.send(a.actor, 'fresh', Buffer.from(`${i}`)), 'queued')
    }
    await world.until('the messages', () => a.at.messages.length === 20 && b.at.messages.length === 20)
    assert.deepEqual(a.at.log, [`opened 02 ${b.streams.local}`])
    assert.deepEqual(b.at.log, [`opened 01 ${a.streams.local}`])
  },
  'a connection that is lost in the middle of messages: both ends hear of it, and of no part of a message':
    async (world) => {
      const [a, b, link] = await world.linkedPair()
      const unharmed = await world.bystanders()
      for (const lane of LANES) a.streams.send(b.actor, lane, new Uint8Array(4_000_000))
      b.streams.send(a.actor, 'fresh', new Uint8Array(4_000_000))
      link.break()
      const lines = (node: Node, kind: string): number =>
        node.at.log.filter((line) => line.startsWith(kind)).length
      await world.until('the end', () => lines(a, 'closed') === 1 && lines(b, 'closed') === 1)
      assert.ok(a.at.log.includes('closed 02 broken') && b.at.log.includes('closed 01 broken'))
      assert.equal(a.streams.send(b.actor, 'control', Buffer.from('x')), 'dropped')
      const [atA, atB] = [a.at.messages.length, b.at.messages.length]
      b.streams.connect(a.address)
      // An attempt at a connection for the backlog may have been refused, too.
      await world.until('a new session', () => lines(a, 'opened') === 2 && lines(b, 'opened') === 2)
      for (const lane of LANES) a.streams.send(b.actor, lane, new Uint8Array(100_000))
      b.streams.send(a.actor, 'fresh', new Uint8Array(100_000))
      await world.until(
        'messages',
        () => b.at.messages.length === atB + 4 && a.at.messages.length === atA + 1,
      )
      for (const { at } of [a, b])
        assert.ok(at.messages.every(({ bytes }) => bytes.length === 4_000_000 || bytes.length === 100_000))
      await unharmed()
    },
  'a half-open connection ends within the idle time, and what was sent into it is lost': async (world) => {
    const [a, b, link] = await world.linkedPair()
    const unharmed = await world.bystanders()
    link.freeze()
    assert.equal(a.streams.send(b.actor, 'fresh', Buffer.from('into nothing')), 'queued')
    await world.until('the end', () => a.at.log.length > 1 && b.at.log.length > 1)
    assert.deepEqual([a.at.log[1], b.at.log[1]], ['closed 02 broken', 'closed 01 broken'])
    assert.deepEqual(b.at.messages, [])
    await unharmed()
  },
  'flipped bits end the connection, and none of them is heard': async (world) => {
    const [a, b, link] = await world.linkedPair()
    const unharmed = await world.bystanders()
    link.flip()
    for (let i = 0; i < 20; i += 1) a.streams.send(b.actor, 'fresh', new Uint8Array(1_000))
    await world.until('the end', () => a.at.log.length > 1 && b.at.log.length > 1)
    assert.deepEqual([a.at.log[1], b.at.log[1]], ['closed 02 broken', 'closed 01 broken'])
    assert.deepEqual(b.at.messages, [])
    await unharmed()
  },
  'a peer that takes nothing fills its own queue, and nobody else’s': async (world) => {
    const [a, b] = await world.pair()
    const unharmed = await world.bystanders()
    const message = new Uint8Array(1_000_000)
    let queued = 0
    for (const lane of LANES.toReversed())
      while (a.streams.send(b.actor, lane, message) === 'queued') queued += 1
    assert.ok(
      queued * message.length <= limits.sessionQueueBytesMax + 2 * limits.socketBufferBytesMax + 200_000,
    )
    await unharmed()
    await world.until('all of it', () => b.at.messages.length === queued)
    assert.equal(a.streams.send(b.actor, 'backlog', message), 'queued')
  },
  'nobody there, another cluster, itself: refused with the reason, not inside the call': async (world) => {
    const [a, red] = [await world.node(1), await world.node(2, 'red')]
    a.streams.connect(NOBODY)
    assert.deepEqual(a.at.log, [])
    await world.until('a refusal', () => a.at.log.length === 1)
    a.streams.connect(red.streams.local)
    await world.until('a refusal at both ends', () => a.at.log.length === 2 && red.at.log.length === 1)
    a.streams.connect(a.streams.local)
    await world.until('a refusal of itself', () => a.at.log.length >= 3)
    assert.deepEqual(a.at.log.slice(0, 3), [
      'refused unreachable',
      'refused other-cluster',
      'refused own-actor',
    ])
    assert.deepEqual(red.at.log, ['refused other-cluster'])
  },
}

export function testStreamsContract(
  name: string,
  open: () => StreamsHarness | Promise<StreamsHarness>,
  skip: { readonly [name: string]: string } = {},
): void {
  for (const [title, run] of Object.entries(CASES))
    test(`${name}: ${title}`, { skip: skip[title] ?? false }, async () => {
      const world = new World(await open())
      try {
        await run(world)
      } finally {
        await world.close()
      }
    })
}
