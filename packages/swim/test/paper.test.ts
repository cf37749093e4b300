/** One test for each section that the code cites. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { Bench, bare, recordOf, SELF, update } from './bench.ts'
import { actorOf, addressOf } from './network.ts'

/** A bench where peer 1 is silent, run up to the ping to it. */
function silentTarget(peers: readonly number[]): { bench: Bench; pingedAt: number } {
  const bench = Bench.with(peers)
  bench.answering.delete(1)
  while (bench.packets('ping', 1).length === 0) bench.run(10)
  return { bench, pingedAt: bench.packets('ping', 1)[0]?.atMs ?? 0 }
}

test('SWIM §3.1: who does not ack is asked through k helpers, and accused at the end of the period', () => {
  const { bench, pingedAt } = silentTarget([1, 2, 3, 4, 5])
  bench.run(999 - (bench.nowMs - pingedAt))
  const asked = bench.packets('ping-req')
  assert.equal(asked.length, 3)
  assert.ok(asked.every(({ atMs, to }) => atMs === pingedAt + 200 && to !== addressOf(1)))
  assert.equal(bench.state(1), 'alive')
  bench.run(1)
  assert.equal(bench.state(1), 'suspect')
  assert.deepEqual(bench.kinds(), ['member-suspect'])
})

test('SWIM §3.1: an ack through a helper that was asked counts; any other ack does not', () => {
  for (const [helper, expected] of [
    [2, 'alive'],
    [9, 'suspect'],
  ] as const) {
    const { bench, pingedAt } = silentTarget([1, 2])
    bench.run(500)
    bench.receive(9, { kind: 'gossip' }, [], recordOf(9))
    const [request] = bench.packets('ping-req', 2)
    assert.ok(request?.packet.body.kind === 'ping-req')
    bench.receive(helper, { kind: 'ack', probe: request.packet.body.probe })
    bench.run(1_000 - (bench.nowMs - pingedAt))
    assert.equal(bench.state(1), expected)
  }
})

test('stream probe: who is late is asked again and by stream, and who answers only there is alive, though not by datagram', () => {
  const { bench, pingedAt } = silentTarget([1, 2])
  bench.answeringStreams.add(1)
  bench.run(200)
  assert.equal(bench.streamed('ping', 1)[0]?.atMs, pingedAt + 100)
  const pings = bench.packets('ping', 1).map(({ atMs }) => atMs)
  assert.deepEqual(pings, [pingedAt, pingedAt + 100])
  assert.deepEqual(bench.kinds(), [], 'an ack may still come')
  bench.run(5_000)
  assert.equal(bench.packets('ping-req').length, 0, 'who has answered needs no helpers')
  assert.equal(bench.state(1), 'alive')
  assert.deepEqual(bench.kinds(), ['udp-blocked'])
})

test('stream probe: of one lost packet nobody concludes that datagrams are lost, nor how long they take', () => {
  const { bench } = silentTarget([1, 2])
  bench.answeringStreams.add(1)
  const rtt = (): number | undefined => bench.swim.members().find(({ actor }) => actor === actorOf(1))?.rttMs
  const before = rtt()
  bench.run(50)
  bench.answering.add(1)
  bench.run(400)
  assert.equal(bench.packets('ping', 1).length, 2)
  assert.equal(rtt(), before)
  bench.run(5_000)
  assert.deepEqual(bench.kinds(), [])
  assert.equal(bench.packets('ping-req').length, 0)
})

test('in a small cluster more are asked a period, so that nobody is left unasked for seconds by chance', () => {
  for (const [others, perPeriod] of [
    [1, 1],
    [2, 2],
    [9, 3],
    [20, 2],
    [30, 1],
  ] as const) {
    const peers = Array.from({ length: others }, (_, i) => i + 1)
    const bench = Bench.with(peers, { probesPerPeriodMax: 3 })
    bench.run(10_000)
    assert.equal(bench.packets('ping').length, 10 * perPeriod, `${others} others`)
  }
})

test('where many fall silent at once, suspects that few have found silent are asked out of turn', () => {
  const peers = Array.from({ length: 60 }, (_, i) => i + 1)
  const bench = Bench.with(peers)
  const suspects = peers.slice(0, 30)
  // More than are asked at once; each accused by one.
  for (const peer of suspects)
    bench.receive(60, { kind: 'gossip' }, [update(peer, { state: 'suspect' }, [actorOf(60)])])
  bench.forget()
  bench.run(20_000)
  const asked = bench
    .packets('ping')
    .filter(({ packet }) => packet.body.kind === 'ping' && packet.body.probe !== 0)
  const confirming = asked.filter(({ to }) => suspects.some((peer) => addressOf(peer) === to))
  assert.ok(confirming.length >= 14, `${confirming.length} of ${asked.length}`)
})

test('stream probe: where datagrams are lost, everything goes by stream, and each ping both ways until one gets through', () => {
  const { bench } = silentTarget([1])
  bench.answeringStreams.add(1)
  bench.run(1_000)
  bench.forget()
  bench.receiveStream(1, { kind: 'ping', probe: 9, target: actorOf(SELF) })
  assert.equal(bench.streamed('ack', 1).length, 1)
  bench.run(5_000)
  assert.equal(bench.streamed('ping', 1).length, 5)
  const times = (sent: readonly { readonly atMs: number }[]): number[] => sent.map(({ atMs }) => atMs)
  assert.deepEqual(times(bench.packets('ping', 1)), times(bench.streamed('ping', 1)))
  bench.answering.add(1)
  bench.run(1_000)
  assert.deepEqual(bench.kinds(), ['udp-restored'])
  bench.forget()
  bench.run(5_000)
  assert.equal(bench.streamed('ping').length, 0)
})

test('Lifeguard §IV-A: a helper pings, relays the ack, and sends a nack at 80 % of the timeout', () => {
  const bench = Bench.with([1, 2])
  bench.answering.clear()
  bench.receive(2, { kind: 'ping-req', probe: 77, target: actorOf(1) })
  const ping = bench.packets('ping', 1).at(-1)
  assert.ok(ping?.packet.body.kind === 'ping')
  bench.run(399)
  assert.equal(bench.packets('nack').length, 0)
  bench.run(1)
  assert.deepEqual(bench.packets('nack', 2)[0]?.packet.body, { kind: 'nack', probe: 77 })
  bench.receive(1, { kind: 'ack', probe: ping.packet.body.probe })
  assert.deepEqual(bench.packets('ack', 2)[0]?.packet.body, { kind: 'ack', probe: 77 })
})

test('a helper pings members only: it cannot be aimed at strangers', () => {
  const bench = Bench.with([2])
  const before = bench.packets('ping').length
  bench.receive(2, { kind: 'ping-req', probe: 77, target: actorOf(8) })
  assert.equal(bench.packets('nack', 2).length, 1)
  assert.equal(bench.packets('ping').length, before)
})

test('Lifeguard §IV-A: a failed probe without nacks makes this process slower; acks make it well again', () => {
  const { bench } = silentTarget([1, 2])
  bench.forget()
  bench.run(3_500)
  const rounds = bench.sent.filter(({ packet }) => packet.body.kind === 'ping' && packet.body.probe !== 0)
  const starts = rounds.filter(({ to }) => to === addressOf(2)).map(({ atMs }) => atMs)
  assert.ok(starts.length <= 2, `healthy pings at ${starts}`)
  bench.answering.add(1)
  bench.receive(1, { kind: 'gossip' }, [], bare(1, { incarnation: 1 }))
  bench.run(20_000)
  bench.forget()
  bench.run(10_000)
  assert.equal(bench.packets('ping').length, 10)
})

test('Lifeguard §IV-A: with a nack from its helper, a process does not blame itself', () => {
  for (const [nacks, roundsIn10s] of [
    [true, 10],
    [false, 9],
  ] as const) {
    const { bench, pingedAt } = silentTarget([1, 2])
    bench.run(300)
    const [request] = bench.packets('ping-req', 2)
    assert.ok(request?.packet.body.kind === 'ping-req')
    if (nacks) bench.receive(2, { kind: 'nack', probe: request.packet.body.probe })
    bench.answering.add(1)
    bench.run(1_000 - (bench.nowMs - pingedAt) - 1)
    bench.forget()
    bench.run(10_000)
    const rounds = bench
      .packets('ping')
      .filter(({ packet }) => packet.body.kind === 'ping' && packet.body.probe !== 0)
    assert.equal(rounds.length, roundsIn10s)
  }
})

test('SWIM §4.2: a suspect that does not refute is down after the timeout, and everybody is told', () => {
  const bench = Bench.with([1, 2])
  bench.receive(2, { kind: 'gossip' }, [update(1, { state: 'suspect' }, [actorOf(2)])])
  bench.run(1_999)
  assert.equal(bench.state(1), 'suspect')
  bench.forget()
  bench.run(1)
  assert.deepEqual(bench.kinds(), ['member-down'])
  assert.ok(bench.packets('gossip', 2).some(({ packet }) => packet.updates[0]?.record.state === 'down'))
})

test('SWIM §4.2: who refutes in time stays up; the timer of the old suspicion is stale', () => {
  const bench = Bench.with([1, 2])
  bench.receive(2, { kind: 'gossip' }, [update(1, { state: 'suspect' })])
  bench.run(1_500)
  bench.receive(1, { kind: 'gossip' }, [], bare(1, { incarnation: 1 }))
  assert.deepEqual(bench.kinds(), ['member-suspect', 'member-refuted'])
  bench.receive(2, { kind: 'gossip' }, [update(1, { state: 'suspect', incarnation: 1 })])
  bench.run(1_000)
  assert.equal(bench.state(1), 'suspect', 'the second suspicion has its own time')
  bench.run(1_000)
  assert.equal(bench.state(1), 'down')
})

test('SWIM §4.2: suspected ourselves, we raise the incarnation and tell the accuser at once', () => {
  const bench = Bench.with([1, 2, 3])
  bench.receive(2, { kind: 'gossip' }, [update(SELF, { state: 'suspect', incarnation: 0 }, [actorOf(3)])])
  assert.equal(bench.swim.self().incarnation, 1)
  const told = new Set(bench.packets('gossip').map(({ to, packet }) => `${to} ${packet.sender.incarnation}`))
  assert.deepEqual(told, new Set([1, 2, 3].map((peer) => `${addressOf(peer)} 1`)))
  bench.forget()
  bench.receive(2, { kind: 'gossip' }, [update(SELF, { state: 'suspect', incarnation: 0 })])
  assert.equal(bench.swim.self().incarnation, 1, 'an old accusation needs no new incarnation')
  assert.equal(bench.packets('gossip').length, 1, 'only who said it is told again')
})

test('SWIM §4.1: news rides on acks and pings, and is gone after its number of sendings', () => {
  const bench = Bench.with([1, 2, 3])
  bench.answering.clear()
  bench.receive(1, { kind: 'gossip' }, [update(2, { state: 'left', incarnation: 1 })])
  bench.receive(3, { kind: 'ping', probe: 5, target: actorOf(SELF) })
  const [ack] = bench.packets('ack', 3)
  assert.deepEqual(ack?.packet.updates, [update(2, { state: 'left', incarnation: 1 })])
  bench.run(5_000)
  const carriers = bench.sent.filter(({ packet }) =>
    packet.updates.some(({ record }) => record.actor === actorOf(2)),
  )
  assert.equal(carriers.length, 4)
})

test('Lifeguard §IV-B: confirmations by others bring the deadline forward; a repetition does not', () => {
  const bench = Bench.with([1, 2, 3, 4, 5, 6, 7, 8, 9])
  bench.answering.delete(1)
  const suspect = (by: number): void =>
    bench.receive(2, { kind: 'gossip' }, [update(1, { state: 'suspect' }, [actorOf(by)])])
  suspect(2)
  suspect(2)
  bench.answering.add(1)
  bench.run(2_500)
  assert.equal(bench.state(1), 'suspect')
  suspect(3)
  suspect(4)
  bench.run(1)
  assert.equal(bench.state(1), 'down')
})

test('Lifeguard §IV-C: the first record in any packet to a suspect is the suspicion, and it is pinged at once', () => {
  const { bench, pingedAt } = silentTarget([1, 2, 3])
  bench.run(1_000 - (bench.nowMs - pingedAt))
  const accusedAt = bench
    .packets('ping', 1)
    .filter(({ packet }) => packet.body.kind === 'ping' && packet.body.probe === 0)
  assert.equal(accusedAt.length, 1)
  bench.receive(1, { kind: 'ping', probe: 5, target: actorOf(SELF) })
  for (const { packet } of [...accusedAt, ...bench.packets('ack', 1)]) {
    assert.equal(packet.updates[0]?.record.actor, actorOf(1))
    assert.equal(packet.updates[0]?.record.state, 'suspect')
  }
})

test('a ping for whoever had our address before is not answered', () => {
  const bench = Bench.with([1])
  bench.receive(1, { kind: 'ping', probe: 5, target: actorOf(9) })
  assert.equal(bench.packets('ack').length, 0)
})

test('who is held down and speaks is told so, at most every 5 s, and is up by refuting', () => {
  const bench = Bench.with([1, 2])
  bench.answering.delete(1)
  bench.receive(2, { kind: 'gossip' }, [update(1, { state: 'down' })])
  bench.run(60_000)
  bench.forget()
  for (let i = 0; i < 10; i += 1) bench.receive(1, { kind: 'gossip' })
  const [told, ...more] = bench.packets('gossip', 1)
  assert.deepEqual(told?.packet.updates[0], update(1, { state: 'down' }))
  assert.equal(more.length, 0)
  bench.receive(1, { kind: 'gossip' }, [], bare(1, { incarnation: 1 }))
  assert.deepEqual(bench.kinds(), ['member-up'])
})

test('fast path: a stream that breaks makes the member suspect within its timeout, one that says goodbye does not', () => {
  const bench = Bench.with([1, 2])
  bench.answering.delete(1)
  bench.feed({ kind: 'session-closed', actor: actorOf(1), goodbye: true })
  assert.equal(bench.sent.length, 0)
  bench.feed({ kind: 'session-closed', actor: actorOf(1), goodbye: false })
  bench.feed({ kind: 'session-closed', actor: actorOf(1), goodbye: false })
  assert.equal(bench.packets('ping', 1).length, 1)
  bench.run(99)
  assert.equal(bench.state(1), 'alive')
  bench.run(1)
  assert.equal(bench.state(1), 'suspect')
})

test('fast path: who answers stays alive, however often its streams break', () => {
  const bench = Bench.with([1])
  for (let i = 0; i < 10; i += 1) {
    bench.feed({ kind: 'session-closed', actor: actorOf(1), goodbye: false })
    bench.run(1_000)
  }
  assert.deepEqual(bench.kinds(), [])
})

test('a restarted member is the same one, up at once, with its new metadata', () => {
  const bench = Bench.with([1, 2])
  const told = {
    generation: 4,
    incarnation: 0,
    metadata: { name: 'new', region: 'nrt', apiAddress: '', tags: {} },
  }
  bench.receive(1, { kind: 'announce' }, [], { ...recordOf(1), generation: 4, told })
  assert.deepEqual(bench.kinds(), ['member-updated'])
  const [member] = bench.swim.members()
  assert.equal(member?.metadata.name, 'new')
  bench.receive(2, { kind: 'gossip' }, [update(1, { state: 'down', generation: 3, incarnation: 7 })])
  assert.equal(bench.state(1), 'alive', 'verdicts on its earlier process are void')
})

test('our actor under another generation or address: reported once, no new identity, nothing else', () => {
  const bench = Bench.with([1])
  for (let i = 0; i < 5; i += 1) bench.receive(9, { kind: 'gossip' }, [], bare(SELF, { generation: 4 }))
  bench.receive(1, { kind: 'gossip' }, [update(SELF, { generation: 4 })])
  assert.deepEqual(bench.kinds(), ['identity-clash'])
  assert.equal(bench.swim.self().generation, 3)
  assert.equal(bench.swim.self().incarnation, 0)
})

test('two members at one address: the newer generation stays, the other is down', () => {
  for (const [generation, loser] of [
    [4, 1],
    [2, 5],
  ] as const) {
    const bench = Bench.with([1])
    const told = { generation, incarnation: 0, metadata: { name: '', region: '', apiAddress: '', tags: {} } }
    bench.receive(5, { kind: 'gossip' }, [], { ...recordOf(5), generation, told, address: addressOf(1) })
    assert.equal(bench.state(loser), 'down')
    assert.equal(bench.state(6 - loser), 'alive')
  }
})

test('a stranger without metadata is asked, not believed; strangers that are down are not even asked for', () => {
  const bench = Bench.with([1])
  bench.receive(7, { kind: 'ping', probe: 1, target: actorOf(SELF) })
  bench.receive(7, { kind: 'ping', probe: 2, target: actorOf(SELF) })
  bench.receive(1, { kind: 'gossip' }, [update(8, { state: 'down' })])
  assert.equal(bench.state(7), undefined)
  assert.equal(bench.packets('announce', 7).length, 1)
  assert.equal(bench.packets('announce').length, 1)
  bench.receive(7, { kind: 'feed' }, [], recordOf(7))
  assert.deepEqual(bench.kinds(), ['member-up'])
})

test('junk is counted and changes nothing', () => {
  const bench = Bench.with([1])
  const before = bench.swim.members()
  bench.feed({ kind: 'datagram-received', from: addressOf(1), bytes: new Uint8Array([1, 2, 3]) })
  bench.feed({ kind: 'datagram-received', from: addressOf(1), bytes: new Uint8Array(0) })
  bench.feed({ kind: 'datagram-received', from: addressOf(1), bytes: new Uint8Array(2_000) })
  assert.equal(bench.counted('swim_malformed'), 3)
  assert.deepEqual(bench.swim.members(), before)
  assert.equal(bench.sent.length, 0)
})

test('a deadline that is not due does nothing', () => {
  const bench = Bench.with([1])
  const next = bench.swim.nextDeadline()
  for (let i = 0; i < 5; i += 1) bench.feed({ kind: 'deadline-reached' })
  assert.equal(bench.sent.length, 0)
  assert.equal(bench.swim.nextDeadline(), next)
})

test('a process that stood still gives the others their time again', () => {
  const bench = Bench.with([1, 2])
  bench.receive(2, { kind: 'gossip' }, [update(1, { state: 'suspect' })])
  bench.run(100)
  bench.nowMs += 30_000
  bench.feed({ kind: 'deadline-reached' })
  bench.run(500)
  assert.equal(bench.state(1), 'suspect')
  bench.run(2_000)
  assert.equal(bench.state(1), 'down')
})

test('after a leave: told and repeated, pings answered as left, nothing believed', () => {
  const bench = Bench.with([1, 2])
  bench.feed({ kind: 'leave' })
  bench.run(10_000)
  assert.equal(bench.packets('gossip', 1).length, 3)
  assert.ok(
    bench.sent.every(({ packet }) => packet.sender.state === 'left' && packet.sender.incarnation === 1),
  )
  bench.forget()
  bench.receive(1, { kind: 'ping', probe: 4, target: actorOf(SELF) }, [update(2, { state: 'down' })])
  assert.equal(bench.packets('ack', 1)[0]?.packet.sender.state, 'left')
  assert.deepEqual([bench.state(2), bench.kinds()], ['alive', []])
  assert.equal(bench.swim.nextDeadline(), Number.POSITIVE_INFINITY)
})

test('the heal loop announces to who is down, and the announce carries the verdict', () => {
  const bench = Bench.with([1])
  bench.answering.clear()
  bench.receive(1, { kind: 'gossip' }, [], bare(1, { incarnation: 1 }))
  bench.run(30_000)
  assert.equal(bench.state(1), 'down')
  bench.forget()
  bench.run(60_000)
  const announces = bench.packets('announce', 1)
  assert.ok(announces.length >= 3 && announces.length <= 4, `${announces.length} in a minute`)
  assert.equal(announces[0]?.packet.updates[0]?.record.state, 'down')
})

test('tombstones are forgotten after a day', () => {
  const bench = Bench.with([1, 2], { tombstoneMs: 60_000 })
  bench.receive(1, { kind: 'gossip' }, [update(2, { state: 'left', incarnation: 1 })])
  bench.run(59_000)
  assert.equal(bench.state(2), 'left')
  bench.run(20_000)
  assert.equal(bench.state(2), undefined)
})
