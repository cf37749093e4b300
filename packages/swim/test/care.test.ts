/** Care: rate limits, answers to strangers, pauses, members that come and go, what is explained. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type { MemberRecord } from '../src/member.ts'
import { Bench, bare, recordOf, SELF, update } from './bench.ts'
import { actorOf, addressOf } from './network.ts'

const METADATA = { region: 'ams', apiAddress: '', tags: {} }

const NINE = [1, 2, 3, 4, 5, 6, 7, 8, 9]

test('one peer is heard 400 times at once and 200 times a second; the rest is counted, others are heard', () => {
  const bench = Bench.with([1, 2])
  for (let i = 0; i < 500; i += 1) bench.receive(1, { kind: 'ping', probe: i, target: actorOf(SELF) })
  bench.receive(2, { kind: 'ping', probe: 1, target: actorOf(SELF) })
  assert.equal(bench.packets('ack', 1).length, 400)
  assert.equal(bench.packets('ack', 2).length, 1)
  assert.equal(bench.counted('swim_limited'), 100)
  bench.nowMs += 100
  bench.forget()
  for (let i = 0; i < 50; i += 1) bench.receive(1, { kind: 'ping', probe: i, target: actorOf(SELF) })
  assert.equal(bench.packets('ack', 1).length, 20)
})

test('pings for others: 40 at once and 20 a second for one who asks, then a nack', () => {
  const bench = Bench.with([1, 2])
  for (let i = 0; i < 60; i += 1) bench.receive(2, { kind: 'ping-req', probe: i, target: actorOf(1) })
  assert.equal(bench.packets('ping', 1).length, 40)
  assert.equal(bench.packets('nack', 2).length, 20)
  assert.equal(bench.counted('swim_limited'), 20)
})

test('a stranger is answered with at most three times its bytes; a member with four packets', () => {
  const bench = new Bench()
  for (let node = 10; node < 200; node += 1) bench.receive(node, { kind: 'gossip' }, [], recordOf(node))
  const bytesFed = (): number => bench.bytesOf('feed')
  bench.forget()
  bench.receive(5, { kind: 'announce' }, [], recordOf(5))
  const short = bytesFed()
  assert.ok(short > 0 && short <= 3 * 80, `${short} bytes`)
  bench.forget()
  bench.receive(6, { kind: 'announce', padding: 1_100 }, [], recordOf(6))
  const long = bytesFed()
  assert.ok(long > 2_400 && long <= 3_600, `${long} bytes`)
  bench.forget()
  bench.receive(5, { kind: 'announce' })
  assert.ok(bytesFed() > 4_000)
})

test('announces are answered four times at once, then twice a second', () => {
  const bench = Bench.with([1])
  for (let i = 0; i < 10; i += 1) bench.receive(1, { kind: 'announce' })
  assert.equal(bench.packets('feed', 1).length, 4)
  bench.nowMs += 1_000
  for (let i = 0; i < 10; i += 1) bench.receive(1, { kind: 'announce' })
  assert.equal(bench.packets('feed', 1).length, 6)
})

test('Lifeguard §IV-A, a pause is noticed by the first event after it: deadlines wait until the input was read', () => {
  const bench = Bench.with([1, 2])
  bench.answering.clear()
  while (bench.packets('ping', 1).length === 0) bench.run(10)
  const [ping] = bench.packets('ping', 1)
  assert.ok(ping?.packet.body.kind === 'ping')
  bench.nowMs += 30_000
  bench.feed({ kind: 'deadline-reached' })
  assert.equal(bench.packets('ping-req').length, 0, 'nothing is judged before the sockets were read')
  bench.receive(1, { kind: 'ack', probe: ping.packet.body.probe })
  bench.run(900)
  assert.equal(bench.state(1), 'alive')
  const rtt = bench.swim.members().find(({ actor }) => actor === actorOf(1))?.rttMs ?? 0
  assert.ok(rtt < 1_000, 'and the pause is not taken for a round trip')
})

test('after a pause longer than a suspicion we say anew that we are alive, and compare views', () => {
  const bench = Bench.with([1, 2])
  bench.nowMs += 1_500
  bench.feed({ kind: 'deadline-reached' })
  assert.equal(bench.swim.self().incarnation, 0, 'nobody can hold us down after that')
  bench.run(10_000)
  bench.forget()
  bench.nowMs += 10_000
  bench.receive(1, { kind: 'gossip' })
  assert.equal(bench.swim.self().incarnation, 1)
  assert.equal(bench.streamed('digest').length, 1)
  bench.run(300)
  assert.ok(bench.packets('gossip').some(({ packet }) => packet.sender.told !== undefined))
})

test('a pause that no monotonic clock shows is told by the shell, and counts as one', () => {
  const bench = Bench.with([1, 2])
  bench.feed({ kind: 'paused', forMs: 60_000 })
  assert.equal(bench.swim.self().incarnation, 1)
  assert.equal(bench.swim.health().localHealth, 7)
})

test('a suspicion that stood through a pause of ours keeps its time, also when it is confirmed later', () => {
  const bench = Bench.with(NINE)
  bench.answering.delete(1)
  const suspect = (by: number): void =>
    bench.receive(2, { kind: 'gossip' }, [update(1, { state: 'suspect' }, [actorOf(by)])])
  suspect(2)
  bench.run(500)
  bench.nowMs += 20_000
  suspect(3)
  suspect(4)
  bench.run(500)
  assert.equal(bench.state(1), 'suspect')
  bench.run(1_200)
  assert.equal(bench.state(1), 'down')
})

test('who comes and goes for the sixth time in ten minutes is shown when it has stayed; that it left is told', () => {
  const bench = Bench.with([1, 2])
  for (let i = 1; i <= 6; i += 1) {
    bench.receive(2, { kind: 'gossip' }, [update(1, { state: 'down', incarnation: i - 1 })])
    bench.receive(1, { kind: 'gossip' }, [], bare(1, { incarnation: i }))
  }
  assert.equal(bench.kinds().filter((kind) => kind === 'member-up').length, 5)
  assert.equal(bench.kinds().at(-1), 'member-down')
  const held = bench.swim.members().find(({ actor }) => actor === actorOf(1))
  assert.deepEqual([held?.state, held?.held], ['alive', true], 'the list says both')
  const explained = bench.swim.explain(actorOf(1))
  assert.deepEqual([explained?.because, explained?.revivals], ['held', 6])
  bench.forget()
  bench.run(9_000)
  assert.deepEqual(bench.kinds(), [])
  assert.ok(bench.packets('ping', 1).length > 0, 'the protocol is not delayed')
  bench.receive(2, { kind: 'gossip' }, [update(1, { state: 'suspect', incarnation: 6 })])
  bench.receive(1, { kind: 'gossip' }, [], bare(1, { incarnation: 7 }))
  bench.run(9_900)
  assert.deepEqual(bench.kinds(), [], 'an accusation begins its time anew')
  bench.run(200)
  assert.deepEqual(bench.kinds(), ['member-up'])
  assert.equal(bench.state(1), 'alive')
})

test('the ack timeout follows the measured round trip of each peer', () => {
  const bench = Bench.with([1])
  bench.answering.clear()
  for (let i = 0; i < 30; i += 1) {
    bench.forget()
    while (bench.packets('ping', 1).length === 0) bench.run(1)
    const [ping] = bench.packets('ping', 1)
    assert.ok(ping?.packet.body.kind === 'ping')
    bench.run(80)
    bench.receive(1, { kind: 'ack', probe: ping.packet.body.probe })
  }
  const explained = bench.swim.explain(actorOf(1))
  assert.ok(explained !== undefined && Math.abs((explained.member.rttMs ?? 0) - 80) < 4)
  assert.equal(explained.lowestRttMs, 80)
  assert.equal(explained.ring, 3)
  assert.ok(explained.ackTimeoutMs >= 100 && explained.ackTimeoutMs < 130, `${explained.ackTimeoutMs}`)
})

test('coordinates ride on one ack in five, and give a timeout to who was never measured', () => {
  const bench = Bench.with([1])
  for (let i = 0; i < 10; i += 1) bench.receive(1, { kind: 'ping', probe: i, target: actorOf(SELF) })
  const acks = bench.packets('ack', 1).map(({ packet }) => packet.body)
  assert.equal(acks.filter((body) => body.kind === 'ack' && body.coordinate !== undefined).length, 2)
})

test('explain: who accused, who confirmed, when the verdict falls; afterwards why it is down', () => {
  const bench = Bench.with(NINE)
  bench.answering.delete(1)
  bench.receive(2, { kind: 'gossip' }, [update(1, { state: 'suspect' }, [actorOf(2), actorOf(3)])])
  const suspected = bench.swim.explain(actorOf(1))
  assert.equal(suspected?.because, 'accused')
  assert.deepEqual(suspected.accusers, [actorOf(2), actorOf(3)])
  assert.equal(suspected.confirmationsWanted, 2)
  assert.ok((suspected.verdictAt ?? 0) > bench.nowMs)
  bench.run(20_000)
  const down = bench.swim.explain(actorOf(1))
  assert.equal(down?.member.state, 'down')
  assert.ok(down.accusers.includes(actorOf(2)))
  assert.equal(down.verdictAt, undefined)
  const heard = bench.swim.explain(actorOf(4))
  assert.deepEqual([heard?.because, heard?.heardBy, heard?.lastProbe?.how], ['heard', 'datagram', 'acked'])
  const [verdict] = bench.notified.filter(({ kind }) => kind === 'member-down')
  assert.ok(verdict?.kind === 'member-down' && (verdict.confirmers?.length ?? 0) >= 1)
})

test('news about ourselves: a higher incarnation, told to all, and shown by others as an update', () => {
  const bench = Bench.with([1, 2])
  const metadata = { name: 'n0', region: 'ams', apiAddress: '', tags: { role: 'aggregator' } }
  bench.feed({ kind: 'set-metadata', metadata })
  assert.deepEqual([bench.swim.self().incarnation, bench.swim.self().metadata], [1, metadata])
  bench.run(10)
  assert.deepEqual(bench.packets('gossip')[0]?.packet.sender.told?.metadata, metadata)
  assert.throws(() => bench.feed({ kind: 'set-metadata', metadata: { ...metadata, name: 'x'.repeat(600) } }))

  const told = { generation: 3, incarnation: 1, metadata }
  bench.forget()
  bench.receive(1, { kind: 'gossip' }, [], bare(1, { incarnation: 1, told }))
  assert.deepEqual(bench.kinds(), ['member-updated'])
  assert.equal(bench.swim.members()[0]?.metadata.tags.role, 'aggregator')
})

test('a leave goes to three by stream, which loses nothing, and to all by datagram', () => {
  const bench = Bench.with(NINE)
  bench.feed({ kind: 'leave' })
  assert.equal(bench.streamed('gossip').length, 3)
  assert.ok(bench.streamed('gossip').every(({ packet }) => packet.sender.state === 'left'))
  assert.equal(bench.packets('gossip').length, 9)
  bench.run(2_000)
  assert.equal(bench.streamed('gossip').length, 3)
  bench.receiveStream(1, { kind: 'ping', probe: 4, target: actorOf(SELF) })
  assert.equal(bench.streamed('ack', 1)[0]?.packet.sender.state, 'left')
})

test('each fourth attempt to heal goes by stream', () => {
  const bench = Bench.with([1])
  bench.answering.clear()
  bench.receive(1, { kind: 'gossip' }, [update(1, { state: 'down' })])
  bench.forget()
  bench.run(600_000)
  const [datagrams, streams] = [bench.packets('announce', 1).length, bench.streamed('announce', 1).length]
  assert.ok(streams >= 8 && Math.abs(datagrams - 3 * streams) <= 3, `${datagrams} and ${streams}`)
})

test('fast path: whose datagrams are lost is asked by stream before it is accused for a stream that broke', () => {
  const bench = Bench.with([1, 2])
  bench.answering.delete(1)
  bench.answeringStreams.add(1)
  bench.run(5_000)
  bench.forget()
  bench.feed({ kind: 'session-closed', actor: actorOf(1), goodbye: false })
  bench.run(400)
  assert.deepEqual([bench.state(1), bench.kinds()], ['alive', []])
  bench.answeringStreams.delete(1)
  bench.run(1_000)
  bench.feed({ kind: 'session-closed', actor: actorOf(1), goodbye: false })
  bench.run(1_700)
  assert.equal(bench.state(1), 'suspect')
})

test('versions per pair: a peer that understands only an older protocol is spoken to in it', () => {
  const bench = Bench.with([1])
  assert.equal(bench.swim.explain(actorOf(1))?.protocolMax, 1)
  bench.receiveProtocol(1, 9)
  assert.equal(bench.swim.explain(actorOf(1))?.protocolMax, 9)
  bench.receive(1, { kind: 'ping', probe: 1, target: actorOf(SELF) })
  assert.equal(bench.packets('ack', 1).at(-1)?.packet.protocol, 1)
})

test('the nodes of another region are gossiped to at least in each third round', () => {
  const bench = new Bench()
  for (let node = 1; node < 60; node += 1) bench.receive(node, { kind: 'gossip' }, [], recordOf(node))
  const far = recordOf(99)
  const told = { generation: 3, incarnation: 0, metadata: { ...recordOf(1).told?.metadata, region: 'syd' } }
  bench.receive(99, { kind: 'gossip' }, [], { ...far, told: told as never })
  bench.answering.add(99)
  bench.forget()
  for (let i = 0; i < 30; i += 1) {
    bench.receive(1, { kind: 'gossip' }, [update(2 + i, { incarnation: 1 + i })])
    bench.run(200)
  }
  assert.ok(bench.packets('gossip', 99).length >= 9, `${bench.packets('gossip', 99).length}`)
  assert.equal(addressOf(99), bench.packets('gossip', 99)[0]?.to)
})

test('two processes with one identity: who is not in our table hears who is, at most every 5 s', () => {
  const bench = Bench.with([1, 2])
  bench.receive(1, { kind: 'gossip' }, [], bare(1, { generation: 5 }))
  bench.forget()
  for (let i = 0; i < 5; i += 1) bench.receive(1, { kind: 'gossip' }, [], bare(1, { address: addressOf(7) }))
  for (let i = 0; i < 5; i += 1)
    bench.receive(7, { kind: 'gossip' }, [], bare(1, { generation: 5, address: addressOf(7) }))
  const told = bench.sent.filter(({ packet }) =>
    packet.updates.some(({ record }) => record.actor === actorOf(1)),
  )
  assert.equal(told.length, 2)
  assert.deepEqual([told[0]?.packet.updates[0]?.record.generation, told[1]?.to], [5, addressOf(7)])
})

test('two processes with one identity: both report it, whoever learns of it tells the other, and nothing else changes', () => {
  const bench = Bench.with([1])
  bench.receive(1, { kind: 'gossip' }, [update(SELF, { generation: 9, address: addressOf(7) })])
  assert.equal(bench.packets('gossip', 7).length, 1)
  const other = Bench.with([1])
  other.receive(7, { kind: 'gossip' }, [], bare(SELF, { generation: 2, address: addressOf(7) }))
  assert.equal(other.packets('gossip', 7).length, 0)
  for (const one of [bench, other]) {
    assert.deepEqual(one.kinds(), ['identity-clash'])
    assert.deepEqual([one.swim.self().generation, one.swim.self().incarnation], [3, 0])
  }
})

test('helpers are those whom we have heard lately, and others only where there are too few', () => {
  const bench = Bench.with([1, 2, 3])
  for (let node = 10; node < 30; node += 1)
    bench.receive(2, { kind: 'gossip' }, [{ record: recordOf(node), accusers: [] }])
  bench.forget()
  bench.answering.clear()
  while (bench.packets('ping-req').length === 0) {
    bench.receive(1, { kind: 'gossip' })
    bench.receive(2, { kind: 'gossip' })
    bench.receive(3, { kind: 'gossip' })
    bench.run(50)
  }
  const asked = bench.packets('ping-req').map(({ to }) => to)
  const heard = [1, 2, 3].map(addressOf)
  assert.equal(asked.length, 3)
  assert.ok(heard.filter((address) => asked.includes(address)).length >= 2, `${asked}`)
})

test('who lost its address is down from the first word of it, and stays down whatever others still say', () => {
  const bench = Bench.with([2])
  const successor = { ...recordOf(5), generation: 4, address: addressOf(1) }
  const told = { generation: 4, incarnation: 0, metadata: { ...METADATA, name: 'n5' } }
  bench.receive(5, { kind: 'gossip' }, [], { ...successor, told })
  const say = (change: Partial<MemberRecord>): void =>
    bench.receive(2, { kind: 'gossip' }, [{ record: { ...recordOf(1), ...change }, accusers: [actorOf(2)] }])
  say({ state: 'suspect' })
  say({ state: 'alive', incarnation: 1 })
  say({ state: 'suspect', incarnation: 1 })
  bench.run(500)
  say({ state: 'alive', incarnation: 2 })
  const ofOld = bench.notified.filter((one) => 'member' in one && one.member.actor === actorOf(1))
  assert.deepEqual(
    ofOld.map(({ kind }) => kind),
    ['member-down'],
  )
  assert.deepEqual([bench.state(1), bench.state(5)], ['down', 'alive'])
  // It is there again, as a new process: then the other one is gone.
  bench.receive(2, { kind: 'gossip' }, [
    { record: { ...recordOf(1), generation: 5, told: { ...told, generation: 5 } }, accusers: [] },
  ])
  assert.deepEqual([bench.state(1), bench.state(5)], ['alive', 'down'])
})
