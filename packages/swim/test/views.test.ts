/** Whole views: what a feed or a delta may do to the table, how two views are compared, and how the cluster is found. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { actorId } from '@patina/base'
import { digestOf } from '../src/digest.ts'
import type { MemberRecord } from '../src/member.ts'
import type { Update } from '../src/message.ts'
import { pushPullScale } from '../src/push-pull.ts'
import { Bench, bare, recordOf, SELF, type Sent, update } from './bench.ts'
import { actorOf, addressOf } from './network.ts'

const whole = (node: number, change: Partial<MemberRecord> = {}): Update => ({
  record: { ...recordOf(node), ...change },
  accusers: [],
})

test('who is only told of in a view is probed with an introduction, and up when it answers', () => {
  const bench = Bench.with([1])
  bench.receive(1, { kind: 'feed' }, [whole(2), whole(3)])
  bench.answering.add(2)
  assert.deepEqual([bench.state(2), bench.kinds()], [undefined, []])
  assert.equal(bench.swim.explain(actorOf(2))?.because, 'unverified')
  assert.equal(bench.swim.explain(actorOf(2))?.toldBy, actorOf(1))
  bench.run(10)
  assert.deepEqual(bench.kinds(), ['member-up'])
  assert.equal(bench.state(2), 'alive')
  const [ping] = bench.packets('ping', 2)
  assert.equal(ping?.packet.sender.told?.metadata.name, 'n0')
  bench.run(30_000)
  assert.equal(bench.state(3), undefined)
  const told = bench.sent.some(({ packet }) =>
    packet.updates.some(({ record }) => [actorOf(2), actorOf(3)].includes(record.actor)),
  )
  assert.equal(told, false, 'those who told of them know them already')
})

test('who is silent thrice is forgotten; each probe goes through helpers and by stream', () => {
  const bench = Bench.with([1, 4])
  bench.receive(1, { kind: 'feed' }, [whole(2)])
  bench.run(12_000)
  assert.equal(bench.packets('ping', 2).length, 6)
  assert.equal(bench.streamed('ping', 2).length, 3)
  assert.ok(bench.packets('ping-req').length >= 3)
  assert.equal(bench.swim.explain(actorOf(2)), undefined)
  assert.equal(bench.swim.health().localHealth, 0, 'it says nothing about ourselves')
})

test('a helper that hears who is only told of verifies it', () => {
  const bench = Bench.with([1])
  bench.receive(1, { kind: 'feed' }, [whole(2)])
  bench.run(600)
  const [request] = bench.packets('ping-req', 1)
  assert.ok(request?.packet.body.kind === 'ping-req')
  bench.receive(1, { kind: 'ack', probe: request.packet.body.probe })
  assert.equal(bench.state(2), 'alive')
})

test('a word from itself or a rumor of it is as good as an answer', () => {
  for (const speaker of [1, 2]) {
    const bench = Bench.with([1])
    bench.receive(1, { kind: 'feed' }, [whole(2)])
    if (speaker === 2) bench.receive(2, { kind: 'gossip' })
    else bench.receive(1, { kind: 'gossip' }, [whole(2, { incarnation: 1 })])
    assert.deepEqual(bench.kinds(), ['member-up'])
    assert.equal(bench.state(2), 'alive')
  }
})

test('memberlist #312: a stale view brings back nobody whom we hold down, and nobody who is dead', () => {
  const bench = Bench.with([1, 2])
  bench.answering.delete(2)
  bench.receive(1, { kind: 'gossip' }, [update(2, { state: 'down' })])
  bench.run(1_000)
  bench.forget()
  bench.receive(1, { kind: 'feed' }, [whole(2), whole(7)])
  bench.receiveStream(1, { kind: 'delta', exchange: 9, wanted: [] }, [whole(2), whole(7)])
  bench.run(60_000)
  assert.deepEqual([bench.state(2), bench.state(7)], ['down', undefined])
  assert.deepEqual(bench.kinds(), [])
})

test('a tombstone comes with its age and ends for everybody at one time', () => {
  const bench = Bench.with([1], { tombstoneMs: 100_000 })
  const left = (node: number, ageS: number): Update => ({ ...whole(node, { state: 'left' }), ageS })
  bench.receiveStream(1, { kind: 'delta', exchange: 9, wanted: [] }, [left(2, 90), left(3, 100)])
  assert.deepEqual([bench.state(2), bench.state(3)], ['left', undefined])
  bench.run(30_000)
  assert.equal(bench.state(2), undefined)
})

test('a view that knows less about who waits to be verified changes nothing; one that knows its end does', () => {
  const bench = Bench.with([1])
  bench.receive(1, { kind: 'feed' }, [whole(2, { incarnation: 3 })])
  bench.receive(1, { kind: 'feed' }, [whole(2, { state: 'down', incarnation: 2 })])
  assert.equal(bench.swim.explain(actorOf(2))?.because, 'unverified')
  bench.receive(1, { kind: 'feed' }, [whole(2, { state: 'left', incarnation: 4 })])
  assert.equal(bench.state(2), 'left')
})

test('push/pull: a digest is answered with what differs, and asks for ours in return', () => {
  const bench = Bench.with([1, 2])
  bench.receive(1, { kind: 'gossip' }, [update(2, { state: 'down' })])
  bench.run(5_000)
  bench.forget()
  const hashes = digestOf([recordOf(SELF), recordOf(1), recordOf(2)])
  bench.receiveStream(1, { kind: 'digest', exchange: 5, hashes })
  const [delta, ...more] = bench.streamed('delta', 1)
  assert.ok(delta?.packet.body.kind === 'delta')
  assert.equal(delta.packet.body.exchange, 5)
  assert.deepEqual(delta.packet.body.wanted, [0], 'all of these actors lie in bucket 0')
  const [told] = delta.packet.updates
  assert.deepEqual([told?.record.actor, told?.record.state, told?.ageS], [actorOf(2), 'down', 5])
  assert.equal(more.length, 0)
  bench.forget()
  bench.receiveStream(1, { kind: 'delta', exchange: 5, wanted: [0] })
  assert.equal(bench.streamed('delta', 1)[0]?.packet.updates.length, 1)
})

test('push/pull: equal views cost a digest and an empty answer', () => {
  const bench = Bench.with([1])
  bench.receiveStream(1, { kind: 'digest', exchange: 5, hashes: digestOf([recordOf(SELF), recordOf(1)]) })
  const [delta] = bench.streamed('delta', 1)
  assert.deepEqual(delta?.packet.body, { kind: 'delta', exchange: 5, wanted: [] })
  assert.deepEqual(delta.packet.updates, [])
})

test('push/pull: a member each 30 to 38 s, less often in a large cluster', () => {
  const bench = Bench.with([1, 2])
  bench.run(60_000)
  assert.ok(bench.streamed('digest').length >= 2, 'sooner after the start')
  bench.forget()
  bench.run(300_000)
  const digests = bench.streamed('digest').length
  assert.ok(digests >= 8 && digests <= 10, `${digests} in five minutes`)
  assert.deepEqual([1, 32, 33, 64, 65, 1_000, 5_000].map(pushPullScale), [1, 1, 2, 2, 3, 6, 9])
})

test('push/pull: beyond 32 a second askers are sent elsewhere; who is told so asks somebody else, once', () => {
  const bench = Bench.with([1, 2])
  const hashes = digestOf([])
  for (let i = 0; i < 40; i += 1) bench.receiveStream(1 + (i % 2), { kind: 'digest', exchange: i, hashes })
  assert.equal(bench.streamed('delta').length, 32)
  assert.equal(bench.streamed('busy').length, 8)

  bench.run(60_000)
  const asked = bench.streamed('digest').at(-1)
  assert.ok(asked?.packet.body.kind === 'digest')
  bench.forget()
  const { exchange } = asked.packet.body
  for (let i = 0; i < 3; i += 1) bench.receiveStream(1, { kind: 'busy', exchange, retryAfterMs: 4e9 })
  bench.run(1_100)
  assert.equal(bench.streamed('digest').length, 0)
  bench.run(29_900)
  const again = bench.streamed('digest').length
  assert.ok(again === 1 || again === 2, `${again}: once for all refusals, and perhaps in its turn`)
})

test('a view in many packets: none above 64 KiB, all records told', () => {
  const bench = Bench.with([1], { membersMax: 3_000 })
  for (let node = 2; node < 1_402; node += 1) bench.receive(node, { kind: 'gossip' }, [], recordOf(node))
  bench.forget()
  bench.nowMs += 1
  bench.receiveStream(1, { kind: 'digest', exchange: 5, hashes: digestOf([]) })
  const deltas = bench.streamed('delta', 1)
  assert.ok(deltas.length >= 2)
  const told = deltas.flatMap(({ packet }) => packet.updates.map(({ record }) => record.actor))
  assert.equal(new Set(told).size, 1_400)
})

test('who comes back is compared with at once, one a second however many there are', () => {
  const bench = Bench.with([1, 2, 3])
  for (const node of [1, 2, 3]) bench.receive(1, { kind: 'gossip' }, [update(node, { state: 'down' })])
  bench.forget()
  for (const node of [1, 2, 3]) bench.receive(node, { kind: 'gossip' }, [], bare(node, { incarnation: 1 }))
  assert.equal(bench.streamed('digest').length, 1)
})

test('join: seeds by datagram, from the second attempt also by stream; the views of the first three who answer', () => {
  const bench = new Bench()
  bench.feed({ kind: 'join', seeds: [1, 2, 3, 4, 5].map(addressOf) })
  assert.equal(bench.packets('announce').length, 5)
  assert.equal(bench.streamed('announce').length, 0)
  assert.ok(
    bench
      .packets('announce')
      .every(({ packet }) => packet.body.kind === 'announce' && (packet.body.padding ?? 0) > 900),
  )
  bench.run(1_300)
  assert.equal(bench.streamed('announce').length, 5)
  for (const node of [1, 2, 3, 4, 5]) bench.receive(node, { kind: 'feed' }, [], recordOf(node))
  assert.deepEqual(
    bench.streamed('digest').map(({ to }) => to),
    [1, 2, 3].map(addressOf),
  )
})

test('join: while alone, also where members were met before, three at a time; not when somebody is there', () => {
  const bench = new Bench()
  const remembered = [SELF, 11, 12, 13, 14, 15].map(addressOf)
  bench.feed({ kind: 'join', seeds: [addressOf(1)], remembered })
  assert.equal(bench.packets('announce', 1).length, 1)
  assert.equal(bench.packets('announce').length, 4)
  assert.equal(bench.packets('announce', SELF).length, 0)
  bench.receive(12, { kind: 'feed' }, [], recordOf(12))
  bench.answering.add(12)
  bench.forget()
  bench.run(40_000)
  assert.deepEqual(new Set(bench.packets('announce').map(({ to }) => to)), new Set([addressOf(1)]))
})

test('who forges another sender on a stream is not listened to', () => {
  const bench = Bench.with([1, 2])
  bench.receiveStream(1, { kind: 'gossip' }, [], { ...bare(1), incarnation: 4 })
  assert.equal(bench.swim.members()[0]?.incarnation, 4)
  const forged = bare(2, { incarnation: 9 })
  bench.feedStreamAs(1, forged)
  assert.equal(bench.counted('swim_malformed'), 1)
  assert.equal(bench.swim.members()[1]?.incarnation, 0)
  assert.equal(bench.swim.explain(actorId('e'.repeat(32))), undefined)
})

test('a verdict that was missed is fetched: a suspicion that others have long settled asks for their views', () => {
  const bench = Bench.with([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], { pushPullPeriodMs: 3_600_000 })
  // Between two exchanges in their turn, which are then a minute apart.
  bench.run(75_000)
  bench.forget()
  const startedMs = bench.nowMs
  bench.answering.delete(5)
  bench.receive(1, { kind: 'gossip' }, [update(5, { state: 'suspect' })])
  // Twice the 2.2 s after which three confirmations are a verdict.
  bench.run(4_000)
  assert.equal(bench.streamed('digest').length, 0)
  for (let asked = 0; bench.state(5) === 'suspect'; asked += 1) {
    for (let steps = 0; steps < 6 && bench.streamed('digest').length === 0; steps += 1) bench.run(500)
    const [{ packet }] = bench.streamed('digest') as [Sent]
    assert.ok(packet.body.kind === 'digest')
    const { exchange } = packet.body
    bench.forget()
    bench.receiveStream(6 + asked, { kind: 'delta', exchange, wanted: [] }, [update(5, { state: 'down' })])
    bench.run(1)
  }
  assert.equal(bench.state(5), 'down')
  // With the accuser and ourselves alone it would have been 9.7 s.
  assert.ok(bench.nowMs - startedMs < 9_000, `${bench.nowMs - startedMs} ms`)
  bench.forget()
  bench.run(10_000)
  assert.equal(bench.streamed('digest').length, 0)
})
