/** Details by pull: who is asked for what, what counts as an answer, and every bound on it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DETAILS_BYTES_MAX, markOfDetails } from '../src/index.ts'
import type { MemberRecord } from '../src/member.ts'
import { Bench, bare, recordOf } from './bench.ts'
import { actorOf } from './network.ts'

const PEER = 1
const METADATA = { name: 'n0', region: 'ams', apiAddress: '', tags: {} }
const NOTHING = new Uint8Array(0)

function bytesOf(length: number, fill = 7): Uint8Array {
  return new Uint8Array(length).fill(fill)
}

/** What a peer says of itself that has these details. */
function telling(peer: number, details: Uint8Array, incarnation = 1): MemberRecord {
  const record = recordOf(peer)
  const mark = markOfDetails(details)
  const metadata = {
    ...(record.told?.metadata ?? METADATA),
    ...(mark === undefined ? {} : { details: mark }),
  }
  return { ...record, incarnation, told: { generation: record.generation, incarnation, metadata } }
}

/** A machine that knows peers of whom each tells these details. */
function benchWith(details: ReadonlyMap<number, Uint8Array>): Bench {
  const bench = Bench.with([...details.keys()])
  for (const [peer, bytes] of details) bench.receive(peer, { kind: 'gossip' }, [], telling(peer, bytes))
  return bench
}

function pull(bench: Bench, peer: number, token: number): void {
  bench.feed({ kind: 'pull-details', actor: actorOf(peer), token })
}

/** The exchange of the last pull that was sent to this peer. */
function asked(bench: Bench, peer: number): number {
  const body = bench.streamed('pull', peer).at(-1)?.packet.body
  assert.ok(body?.kind === 'pull')
  return body.exchange
}

function answer(bench: Bench, peer: number, bytes: Uint8Array, sender = bare(peer)): void {
  const body = { kind: 'details', exchange: asked(bench, peer), bytes, retryAfterMs: 0 } as const
  bench.receiveStream(peer, body, [], sender)
}

test('who asks by stream gets all of it, with the metadata that its mark is in', () => {
  const bench = Bench.with([PEER])
  const details = bytesOf(DETAILS_BYTES_MAX)
  bench.feed({ kind: 'set-metadata', metadata: METADATA, details })
  bench.receiveStream(PEER, { kind: 'pull', exchange: 9 })
  const { packet } = bench.streamed('details', PEER)[0] ?? assert.fail('no answer')
  assert.deepEqual(packet.body, { kind: 'details', exchange: 9, bytes: details, retryAfterMs: 0 })
  assert.deepEqual(packet.sender.told?.metadata.details, markOfDetails(details))
  assert.equal(bench.swim.self().metadata.details?.bytes, DETAILS_BYTES_MAX)
})

test('gossip carries the mark alone, and details that are left out end', () => {
  const bench = Bench.with([PEER])
  bench.feed({ kind: 'set-metadata', metadata: METADATA, details: bytesOf(1_000) })
  bench.run(1_000)
  assert.ok(
    bench.packets('gossip').some(({ packet }) => packet.sender.told?.metadata.details?.bytes === 1_000),
  )
  assert.ok(bench.sent.every(({ bytes }) => bytes <= 1_200))
  bench.feed({ kind: 'set-metadata', metadata: METADATA })
  assert.equal(bench.swim.self().metadata.details, undefined)
})

test('a pull by datagram is not answered', () => {
  const bench = Bench.with([PEER])
  bench.feed({ kind: 'set-metadata', metadata: METADATA, details: bytesOf(10) })
  bench.receive(PEER, { kind: 'pull', exchange: 9 })
  assert.deepEqual([bench.streamed('details').length, bench.packets('details').length], [0, 0])
})

test('whoever asks too often is told when to come again', () => {
  const bench = Bench.with([PEER, 2])
  bench.feed({ kind: 'set-metadata', metadata: METADATA, details: bytesOf(10) })
  for (let i = 0; i < 9; i += 1) bench.receiveStream(PEER, { kind: 'pull', exchange: i })
  const answers = bench.streamed('details', PEER).map(({ packet }) => packet.body)
  assert.equal(answers.filter((body) => body.kind === 'details' && body.retryAfterMs === 0).length, 8)
  assert.deepEqual(answers[8], { kind: 'details', exchange: 8, bytes: NOTHING, retryAfterMs: 500 })
  assert.equal(bench.counted('swim_limited'), 1)
  bench.receiveStream(2, { kind: 'pull', exchange: 1 })
  assert.equal(bench.streamed('details', 2).length, 1)
})

test('all together get at most so many answers a second', () => {
  const peers = Array.from({ length: 40 }, (_, i) => i + 1)
  const bench = Bench.with(peers)
  bench.feed({ kind: 'set-metadata', metadata: METADATA, details: bytesOf(10) })
  for (const peer of peers) bench.receiveStream(peer, { kind: 'pull', exchange: 1 })
  const given = bench
    .streamed('details')
    .filter(({ packet: { body } }) => body.kind === 'details' && body.retryAfterMs === 0)
  assert.equal(given.length, 32)
})

test('what was pulled is found, and kept until its mark is another', () => {
  const [first, second] = [bytesOf(20, 1), bytesOf(20, 2)]
  const bench = benchWith(new Map([[PEER, first]]))
  pull(bench, PEER, 1)
  answer(bench, PEER, first)
  assert.deepEqual(bench.pulled.get(1), { kind: 'found', details: first })
  pull(bench, PEER, 2)
  assert.deepEqual([bench.pulled.get(2)?.kind, bench.streamed('pull').length], ['found', 1])
  bench.receive(PEER, { kind: 'gossip' }, [], telling(PEER, second, 2))
  pull(bench, PEER, 3)
  assert.deepEqual([bench.pulled.has(3), bench.streamed('pull').length], [false, 2])
  answer(bench, PEER, second)
  assert.deepEqual(bench.pulled.get(3), { kind: 'found', details: second })
})

test('details that changed while they were asked for count by the mark that comes with them', () => {
  const [before, after] = [bytesOf(20, 1), bytesOf(30, 2)]
  const bench = benchWith(new Map([[PEER, before]]))
  pull(bench, PEER, 1)
  answer(bench, PEER, after, telling(PEER, after, 2))
  assert.deepEqual(bench.pulled.get(1), { kind: 'found', details: after })
  pull(bench, PEER, 2)
  assert.equal(bench.pulled.get(2)?.kind, 'found')
  bench.receive(PEER, { kind: 'gossip' }, [], telling(PEER, before, 3))
  pull(bench, PEER, 3)
  answer(bench, PEER, NOTHING, telling(PEER, NOTHING, 4))
  assert.deepEqual(bench.pulled.get(3), { kind: 'none' })
})

test('an answer that is not what the mark says, or of somebody else, counts for nothing', () => {
  const details = bytesOf(20, 1)
  const bench = benchWith(
    new Map([
      [PEER, details],
      [2, details],
    ]),
  )
  pull(bench, PEER, 1)
  const exchange = asked(bench, PEER)
  bench.receiveStream(PEER, { kind: 'details', exchange, bytes: bytesOf(20, 9), retryAfterMs: 0 })
  bench.receiveStream(2, { kind: 'details', exchange, bytes: details, retryAfterMs: 0 })
  assert.equal(bench.pulled.has(1), false)
  bench.run(4_000)
  assert.ok(bench.streamed('pull', PEER).length >= 2, 'it is asked again')
  answer(bench, PEER, details)
  assert.equal(bench.pulled.get(1)?.kind, 'found')
})

test('nobody waits for ever', () => {
  const bench = benchWith(new Map([[PEER, bytesOf(20)]]))
  pull(bench, PEER, 1)
  bench.run(9_000)
  assert.equal(bench.pulled.has(1), false)
  bench.run(6_000)
  assert.deepEqual(bench.pulled.get(1), { kind: 'unreachable' })
  const before = bench.streamed('pull').length
  bench.run(20_000)
  assert.equal(bench.streamed('pull').length, before)
})

test('who is refused comes again, and says so in the end', () => {
  const details = bytesOf(20)
  const bench = benchWith(new Map([[PEER, details]]))
  const refuse = (): void =>
    bench.receiveStream(PEER, {
      kind: 'details',
      exchange: asked(bench, PEER),
      bytes: NOTHING,
      // However long a peer wants us to wait, we ask within our own time.
      retryAfterMs: 4_000_000_000,
    })
  pull(bench, PEER, 1)
  refuse()
  bench.run(4_900)
  assert.equal(bench.streamed('pull', PEER).length, 1)
  while (bench.streamed('pull', PEER).length < 2) bench.run(100)
  assert.ok(bench.nowMs < 25_000, `${bench.nowMs}`)
  refuse()
  bench.run(10_000)
  assert.deepEqual(bench.pulled.get(1), { kind: 'overloaded' })
})

test('one pull serves all who wait, and as many pulls as there may be are under way', () => {
  const peers = Array.from({ length: 65 }, (_, i) => i + 1)
  const bench = benchWith(new Map(peers.map((peer) => [peer, bytesOf(10)])))
  pull(bench, PEER, 1_001)
  for (const peer of peers) pull(bench, peer, peer)
  assert.equal(bench.streamed('pull', PEER).length, 1)
  assert.deepEqual([...bench.pulled], [[65, { kind: 'overloaded' }]])
  answer(bench, PEER, bytesOf(10))
  assert.deepEqual([bench.pulled.get(1_001)?.kind, bench.pulled.get(1)?.kind], ['found', 'found'])
  for (let token = 0; token < 1_100; token += 1) pull(bench, 2, 10_000 + token)
  const refused = [...bench.pulled].filter(([token, { kind }]) => token >= 10_000 && kind === 'overloaded')
  // 63 wait for the others.
  assert.equal(1_100 - refused.length, 1_024 - 63)
})

test('what is kept is bounded, the least recently wanted goes', () => {
  const details = bytesOf(DETAILS_BYTES_MAX)
  const peers = Array.from({ length: 65 }, (_, i) => i + 1)
  const bench = benchWith(new Map(peers.map((peer) => [peer, details])))
  for (const peer of peers) {
    pull(bench, peer, peer)
    answer(bench, peer, details)
    pull(bench, PEER, 1_000 + peer)
  }
  const before = bench.streamed('pull').length
  assert.equal(before, 65)
  pull(bench, PEER, 2_000)
  pull(bench, 65, 2_001)
  assert.equal(bench.streamed('pull').length, before)
  pull(bench, 2, 2_002)
  assert.equal(bench.streamed('pull').length, before + 1)
})

test('there is an answer also where nobody is asked', () => {
  const bench = Bench.with([PEER])
  pull(bench, PEER, 1)
  pull(bench, 99, 2)
  pull(bench, 0, 3)
  bench.feed({ kind: 'set-metadata', metadata: METADATA, details: bytesOf(3) })
  pull(bench, 0, 4)
  bench.receive(PEER, { kind: 'gossip' }, [], { ...telling(PEER, bytesOf(3)), state: 'left' })
  pull(bench, PEER, 5)
  const kinds = [1, 2, 3, 4, 5].map((token) => bench.pulled.get(token)?.kind)
  assert.deepEqual(kinds, ['none', 'unreachable', 'none', 'found', 'unreachable'])
  assert.equal(bench.streamed('pull').length, 0)
})

test('who leaves answers all who wait', () => {
  const bench = benchWith(new Map([[PEER, bytesOf(20)]]))
  pull(bench, PEER, 1)
  bench.feed({ kind: 'leave' })
  pull(bench, PEER, 2)
  assert.deepEqual([...bench.pulled.values()], [{ kind: 'unreachable' }, { kind: 'unreachable' }])
})

test('details that are too long, or leave their mark no room, are a fault of the caller', () => {
  const bench = Bench.with([])
  const metadata = { ...METADATA, name: 'n'.repeat(500) }
  bench.feed({ kind: 'set-metadata', metadata })
  assert.throws(
    () => bench.feed({ kind: 'set-metadata', metadata, details: bytesOf(1) }),
    /metadata exceeds 512/,
  )
  const details = bytesOf(DETAILS_BYTES_MAX + 1)
  assert.throws(
    () => bench.feed({ kind: 'set-metadata', metadata: METADATA, details }),
    /details exceed 65536/,
  )
})
