/** Laws of a run that hold whatever happens: bounds on what is sent, ends of suspicions, quiet, silence after a leave. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { decodePacket } from '../src/codec.ts'
import { retransmitLimit } from '../src/dissemination.ts'
import { defaultConfig, type Notification } from '../src/index.ts'
import { suspicionTimeoutMs } from '../src/suspicion.ts'
import { Bench, bare, recordOf, SELF, update } from './bench.ts'
import { actorOf, addressOf, Network, type Told } from './network.ts'

const NODES = 5
const trouble = fc.record({
  node: fc.nat(NODES - 1),
  forMs: fc.nat(6_000),
  what: fc.constantFrom('pause' as const, 'part' as const, 'udp' as const),
})
const run = fc.record({
  seed: fc.integer(),
  lossPercent: fc.constantFrom(0, 10, 30),
  hasStreams: fc.boolean(),
  troubles: fc.array(trouble, { maxLength: 6 }),
})

test('every suspicion ends within its longest time and two periods; every datagram fits; in the end all agree and are quiet', () => {
  fc.assert(
    fc.property(run, ({ seed, lossPercent, hasStreams, troubles }) => {
      const network = new Network({ seed, lossPercent })
      network.hasStreams = hasStreams
      network.startAll(NODES)
      network.run(5_000)
      for (const { node, forMs, what } of troubles) {
        if (what === 'pause') network.pause(node, forMs)
        if (what === 'part') network.partition((at) => Number(at === node))
        if (what === 'udp') network.isUdpCut = (from, to) => from === node || to === node
        network.run(forMs)
        network.heal()
        network.isUdpCut = () => false
      }
      network.calm()
      assert.ok(network.runUntil(() => network.allUp(), 120_000) !== undefined, 'not whole after two minutes')
      network.run(60_000)
      assert.ok(network.sentBytes.every((bytes) => bytes <= defaultConfig.datagramBytesMax))
      for (const node of network.nodes()) assert.equal(network.swim(node).health().rumors, 0)
      assert.equal(new Set(network.nodes().map((node) => viewOf(network, node))).size, 1)
      for (const told of suspicionsOf(network.told)) checkEnd(told, network.told)
    }),
    { numRuns: 25 },
  )
})

/** What a node believes of all, itself among them. */
function viewOf(network: Network, node: number): string {
  const swim = network.swim(node)
  return [swim.self(), ...swim.members()]
    .map(({ actor, state, generation, incarnation }) => `${actor} ${state} ${generation}.${incarnation}`)
    .sort()
    .join('\n')
}

function suspicionsOf(told: readonly Told[]): Told[] {
  return told.filter(({ notification }) => notification.kind === 'member-suspect')
}

/** Local health and pauses of the observer stretch it: eight times the period, and what it stood still. */
function checkEnd({ atMs, node, notification }: Told, all: readonly Told[]): void {
  assert.ok('member' in notification)
  const { actor } = notification.member
  const longest =
    suspicionTimeoutMs(defaultConfig, NODES, 0) + 2 * 8 * defaultConfig.probePeriodMs + 6 * 6_100
  const end = all.find(
    (told) =>
      told.node === node &&
      told.atMs >= atMs &&
      'member' in told.notification &&
      told.notification.member.actor === actor &&
      ['member-refuted', 'member-down', 'member-left', 'member-updated'].includes(told.notification.kind),
  )
  assert.ok(end !== undefined && end.atMs - atMs <= longest, `a suspicion of ${actor} did not end in time`)
}

test('each holder tells a rumor at most λ times, whatever it is asked meanwhile', () => {
  const peers = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 })
  fc.assert(
    fc.property(peers, (askers) => {
      const bench = Bench.with([1, 2, 3, 4, 5, 6, 7, 8, 9])
      bench.receive(1, { kind: 'gossip' }, [update(2, { state: 'left', incarnation: 1 })])
      for (const asker of askers) {
        bench.receive(asker, { kind: 'ping', probe: 1, target: actorOf(SELF) })
        bench.run(50)
      }
      bench.run(20_000)
      const carriers = bench.sent.filter(({ packet }) =>
        packet.updates.some(({ record }) => record.actor === actorOf(2)),
      )
      // Nine are left, ourselves among them.
      assert.ok(carriers.length <= retransmitLimit(defaultConfig.retransmitFactor, 9), `${carriers.length}`)
    }),
    { numRuns: 20 },
  )
})

test('after a leave nothing is said but the leave and acks, whatever comes in', () => {
  const input = fc.constantFrom(
    'ping',
    'ping-req',
    'announce',
    'digest',
    'suspect',
    'session',
    'join',
    'tell',
  )
  fc.assert(
    fc.property(fc.array(input, { maxLength: 30 }), (inputs) => {
      const bench = Bench.with([1, 2, 3])
      bench.feed({ kind: 'leave' })
      bench.run(2_000)
      bench.forget()
      for (const one of inputs) {
        give(bench, one)
        bench.run(100)
      }
      bench.run(60_000)
      assert.ok(
        bench.sent.every(({ packet }) => packet.body.kind === 'ack' && packet.sender.state === 'left'),
      )
      assert.deepEqual(bench.kinds(), [])
    }),
    { numRuns: 30 },
  )
})

function give(bench: Bench, what: string): void {
  if (what === 'ping') bench.receive(1, { kind: 'ping', probe: 3, target: actorOf(SELF) })
  if (what === 'ping-req') bench.receive(1, { kind: 'ping-req', probe: 3, target: actorOf(2) })
  if (what === 'announce') bench.receive(4, { kind: 'announce' }, [], recordOf(4))
  if (what === 'digest')
    bench.receiveStream(1, { kind: 'digest', exchange: 1, hashes: new Uint8Array(2_048) })
  if (what === 'suspect')
    bench.receive(1, { kind: 'gossip' }, [update(SELF, { state: 'suspect', incarnation: 9 })])
  if (what === 'session') bench.feed({ kind: 'session-closed', actor: actorOf(1), goodbye: false })
  if (what === 'join') bench.feed({ kind: 'join', seeds: [addressOf(8)] })
  if (what === 'tell') bench.feed({ kind: 'paused', forMs: 60_000 })
}

test('arbitrary bytes, by datagram and by stream, change nothing and never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const bench = Bench.with([1])
      const before = bench.swim.members()
      fc.pre(!decodePacket(bytes).ok && !decodePacket(bytes, 'stream').ok)
      bench.feed({ kind: 'datagram-received', from: addressOf(1), bytes })
      bench.feed({ kind: 'stream-received', from: actorOf(1), bytes })
      assert.equal(bench.counted('swim_malformed'), 2)
      assert.deepEqual([bench.swim.members(), bench.sent], [before, []])
    }),
    { numRuns: 30 },
  )
})

test('packets that can be read, of any content, keep records rising and the table sound', () => {
  const state = fc.constantFrom('alive' as const, 'suspect' as const, 'down' as const, 'left' as const)
  const said = fc.record({
    from: fc.integer({ min: 1, max: 4 }),
    about: fc.nat(4),
    state,
    generation: fc.integer({ min: 1, max: 4 }),
    incarnation: fc.nat(3),
    kind: fc.constantFrom('gossip' as const, 'feed' as const),
  })
  fc.assert(
    fc.property(fc.array(said, { maxLength: 40 }), (messages) => {
      const bench = Bench.with([1, 2, 3])
      const heights = new Map<string, number>()
      for (const { from, about, kind, ...change } of messages) {
        const record = { ...recordOf(about), ...change }
        bench.receive(from, { kind }, [{ record, accusers: [] }], bare(from, { generation: 3 }))
        bench.run(40)
        for (const { actor, generation, incarnation } of [bench.swim.self(), ...bench.swim.members()]) {
          const height = generation * 1_000 + incarnation
          assert.ok(height >= (heights.get(actor) ?? 0), 'a record fell')
          heights.set(actor, height)
          assert.ok(actor !== actorOf(SELF) || generation === 3, 'only we raise our generation')
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('whoever claims whose address, each has one active member, and nobody comes up who has lost his', () => {
  const state = fc.constantFrom('alive' as const, 'suspect' as const, 'down' as const, 'left' as const)
  const said = fc.record({
    from: fc.integer({ min: 1, max: 3 }),
    about: fc.integer({ min: 1, max: 6 }),
    at: fc.integer({ min: 0, max: 3 }),
    state,
    generation: fc.integer({ min: 1, max: 4 }),
    incarnation: fc.nat(3),
    kind: fc.constantFrom('gossip' as const, 'feed' as const),
    isIntroduced: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(said, { maxLength: 40 }), (messages) => {
      const bench = Bench.with([1, 2, 3])
      for (const { from, about, at, kind, isIntroduced, ...change } of messages) {
        const record = {
          ...(isIntroduced ? recordOf(about) : bare(about)),
          ...change,
          address: addressOf(at),
        }
        bench.receive(from, { kind }, [{ record, accusers: [] }], bare(from))
        bench.run(40)
        const active = bench.swim
          .members()
          .filter((member) => member.state === 'alive' || member.state === 'suspect')
          .map(({ address }) => address)
        assert.equal(new Set([...active, addressOf(SELF)]).size, active.length + 1, 'two at one address')
      }
      const histories = Map.groupBy(
        bench.notified.filter((one) => 'member' in one),
        ({ member }) => member.actor,
      )
      for (const history of histories.values()) checkRanks(history)
    }),
    { numRuns: 150 },
  )
})

const RANKS = ['alive', 'suspect', 'down', 'left'] as const

/** What is told of one member only rises, and its ups and downs take turns. */
function checkRanks(history: readonly Notification[]): void {
  let highest = -1
  let isUp: boolean | undefined
  for (const one of history) {
    if (!('member' in one)) continue
    const { generation, incarnation, state } = one.member
    const height = 100 * generation + 10 * incarnation + RANKS.indexOf(state)
    assert.ok(height >= highest, 'a record fell')
    highest = height
    if (one.kind === 'member-up') assert.notEqual(isUp, true, 'up twice')
    if (one.kind === 'member-down') assert.notEqual(isUp, false, 'down twice')
    if (one.kind === 'member-up') isUp = true
    if (one.kind === 'member-down') isUp = false
    if (one.kind === 'member-left') isUp = undefined
  }
}
