/** What whole clusters would hide: bounds, stale timers, order inside a packet, and what makes this process careful. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { Bench, bare, recordOf, SELF, update } from './bench.ts'
import { actorOf, addressOf } from './network.ts'

const NINE = [1, 2, 3, 4, 5, 6, 7, 8, 9]

/** Pings of whole rounds in ten seconds: ten when this process trusts itself. */
function roundsIn10s(bench: Bench): number {
  bench.forget()
  bench.run(10_000)
  return bench.packets('ping').filter(({ packet }) => packet.body.kind === 'ping' && packet.body.probe !== 0)
    .length
}

test('a late confirmation gives a verdict at once, and is not taken for a pause of ours', () => {
  const bench = Bench.with(NINE)
  const suspect = (by: number): void =>
    bench.receive(2, { kind: 'gossip' }, [update(1, { state: 'suspect' }, [actorOf(by)])])
  suspect(2)
  bench.run(5_000)
  suspect(3)
  suspect(4)
  assert.equal(bench.swim.nextDeadline(), bench.nowMs)
  bench.run(0)
  assert.equal(bench.state(1), 'down')
})

test('metadata that comes after its generation is passed on', () => {
  const bench = Bench.with([1, 2])
  bench.receive(1, { kind: 'gossip' }, [], bare(1, { generation: 4 }))
  bench.run(10_000)
  bench.forget()
  const metadata = { name: 'later', region: 'syd', apiAddress: '', tags: {} }
  bench.receive(
    1,
    { kind: 'feed' },
    [],
    bare(1, { generation: 4, told: { generation: 4, incarnation: 0, metadata } }),
  )
  bench.run(1)
  assert.deepEqual(bench.packets('gossip', 2)[0]?.packet.updates[0]?.record.told?.metadata, metadata)
})

test('a refutation introduces us anew, is queued for everybody, and makes this process more careful', () => {
  const bench = Bench.with([1, 2, 3])
  assert.equal(roundsIn10s(bench), 10)
  bench.receive(2, { kind: 'gossip' }, [update(SELF, { state: 'suspect' })])
  assert.ok(bench.packets('gossip').every(({ packet }) => packet.sender.told !== undefined))
  assert.ok(roundsIn10s(bench) < 10)
})

test('a pause makes this process more careful, for a while', () => {
  const bench = Bench.with([1, 2])
  bench.nowMs += 2_000
  assert.ok(roundsIn10s(bench) < 10)
  bench.run(60_000)
  assert.equal(roundsIn10s(bench), 10)
})

test('in one packet good news counts first: no suspicion of what is refuted beside it', () => {
  const bench = Bench.with([1, 2])
  bench.receive(2, { kind: 'gossip' }, [update(1, { state: 'suspect' }), update(1, { incarnation: 1 })])
  assert.deepEqual(bench.kinds(), [])
  assert.equal(bench.state(1), 'alive')
})

test('a helper relays only the ack of the target, and only in its time', () => {
  const bench = Bench.with([1, 2, 3])
  bench.answering.clear()
  const relay = (): number => {
    bench.forget()
    bench.receive(2, { kind: 'ping-req', probe: 77, target: actorOf(1) })
    const [ping] = bench.packets('ping', 1)
    assert.ok(ping?.packet.body.kind === 'ping')
    return ping.packet.body.probe
  }
  const first = relay()
  bench.receive(3, { kind: 'ack', probe: first })
  assert.equal(bench.packets('ack', 2).length, 0)
  bench.run(1_000)
  bench.receive(1, { kind: 'ack', probe: first })
  assert.equal(bench.packets('ack', 2).length, 0)
  bench.receive(1, { kind: 'ack', probe: relay() })
  assert.equal(bench.packets('ack', 2).length, 1)
})

test('bounded: above relaysMax a helper answers with a nack at once', () => {
  const bench = Bench.with([1, 2], { relaysMax: 1 })
  bench.answering.clear()
  bench.receive(2, { kind: 'ping-req', probe: 1, target: actorOf(1) })
  bench.receive(2, { kind: 'ping-req', probe: 2, target: actorOf(1) })
  assert.deepEqual(bench.packets('nack', 2)[0]?.packet.body, { kind: 'nack', probe: 2 })
})

test('bounded: a full table keeps its members and ignores a newcomer', () => {
  const bench = Bench.with([1, 2], { membersMax: 2 })
  bench.receive(3, { kind: 'gossip' }, [], recordOf(3))
  assert.deepEqual([bench.state(1), bench.state(2), bench.state(3)], ['alive', 'alive', undefined])
  assert.deepEqual(bench.kinds(), [])
})

test('who went down just now is gossiped to, so that it can refute', () => {
  const bench = Bench.with([1, 2])
  bench.receive(2, { kind: 'gossip' }, [update(1, { state: 'down' })])
  bench.run(1)
  assert.equal(bench.packets('gossip', 1)[0]?.packet.updates[0]?.record.state, 'down')
})

test('alone, nothing is queued for who may come', () => {
  const bench = Bench.with([1])
  bench.receive(1, { kind: 'gossip' }, [], bare(1, { state: 'left', incarnation: 1 }))
  bench.receive(2, { kind: 'ping', probe: 1, target: actorOf(SELF) }, [], recordOf(2))
  assert.deepEqual(bench.packets('ack', 2)[0]?.packet.updates, [])
})

test('a second join replaces the chain of attempts of the first', () => {
  const bench = new Bench()
  for (let i = 0; i < 5; i += 1) bench.feed({ kind: 'join', seeds: [addressOf(9)] })
  bench.forget()
  bench.run(1_300)
  assert.equal(bench.packets('announce', 9).length, 1)
})

test('a feed cannot kill: what it holds down and we hold up becomes suspect, and may refute', () => {
  const bench = Bench.with([1, 2])
  bench.receive(2, { kind: 'feed' }, [update(1, { state: 'down' })])
  assert.equal(bench.state(1), 'suspect')
  bench.receive(1, { kind: 'gossip' }, [], bare(1, { incarnation: 1 }))
  assert.deepEqual(bench.kinds(), ['member-suspect', 'member-refuted'])
})
