import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ActorId,
  actorId,
  err,
  hlc,
  type Instant,
  instant,
  type LocalCommit,
  NEVER,
  ok,
  type PeerAddress,
  peerAddress,
  version,
} from '@patina/base'
import type { NodeEffect, NodeEvent } from '@patina/node'
import type { Datagrams, Streams } from '@patina/transport'
import { until } from '../test/fake-port.ts'
import { type DriverShell, type Machine, NodeDriver } from './node-driver.ts'

const PEER: ActorId = actorId('00000000000000000000000000000002')
const ADDRESS: PeerAddress = peerAddress('127.0.0.1:9')
const BYTES = Uint8Array.of(1)

interface Rig {
  readonly driver: NodeDriver
  readonly events: NodeEvent[]
  readonly sent: unknown[]
  readonly machine: { deadline: Instant; answer: (event: NodeEvent) => readonly NodeEffect[] }
}

function rig(shell: Partial<DriverShell> = {}): Rig {
  const events: NodeEvent[] = []
  const sent: unknown[] = []
  const machine: Rig['machine'] = { deadline: NEVER, answer: () => [] }
  const driver = new NodeDriver({
    clock: () => instant(performance.now()),
    apply: async () => ok({ outcomes: [], knowledge: [] }),
    repairForks: async () => undefined,
    serve: async () => ok({ changesets: [], cleared: [], basis: [], rest: [] }),
    notify: () => {},
    makeDurable: async () => ok(null),
    copiesCounted: () => {},
    compared: () => {},
    giveUp: async () => ok([]),
    unobtainableFound: () => {},
    detailsPulled: () => {},
    arrived: () => {},
    muteChanged: () => {},
    count: (...counted) => sent.push(counted),
    late: () => {},
    refused: (...refused) => sent.push(refused),
    ...shell,
  })
  const driven: Machine = {
    handle: (event) => {
      events.push(event)
      return machine.answer(event)
    },
    nextDeadline: () => machine.deadline,
  }
  const datagrams: Datagrams = {
    local: ADDRESS,
    send: (to, payload) => sent.push(['datagram', to, payload]),
    close: async () => {},
  }
  const streams: Streams = {
    local: ADDRESS,
    connect: (to) => sent.push(['connect', to]),
    send: (to, lane, message) => {
      sent.push(['message', to, lane, message])
      return 'queued'
    },
    disconnect: (peer) => sent.push(['disconnect', peer]),
    close: async () => {},
  }
  driver.start(driven, datagrams, streams)
  return { driver, events, sent, machine }
}

test('effects are performed in their order', () => {
  const { driver, sent, machine } = rig()
  machine.answer = () => [
    { kind: 'send-datagram', to: ADDRESS, bytes: BYTES },
    { kind: 'connect', address: ADDRESS },
    { kind: 'send-message', to: PEER, lane: 'fresh', bytes: BYTES },
    { kind: 'disconnect', actor: PEER },
    { kind: 'count', metric: 'sync_malformed', by: 2 },
  ]
  driver.feed({ kind: 'leave' })
  assert.deepEqual(sent, [
    ['datagram', ADDRESS, BYTES],
    ['connect', ADDRESS],
    ['message', PEER, 'fresh', BYTES],
    ['disconnect', PEER],
    ['sync_malformed', 2],
  ])
})

test('what the sockets tell becomes events', () => {
  const { driver, events, sent } = rig()
  driver.datagramListener.datagramReceived(ADDRESS, BYTES)
  driver.datagramListener.datagramRefused('not-authentic')
  driver.streamListener.sessionOpened({ actor: PEER, address: ADDRESS })
  driver.streamListener.messageReceived({ actor: PEER, address: ADDRESS }, 'control', BYTES)
  driver.streamListener.sessionClosed({ actor: PEER, address: ADDRESS }, { goodbye: true, reason: '' })
  driver.streamListener.connectionRefused(ADDRESS, 'tls', 'expired')
  driver.streamListener.connectionRefused(undefined, 'not-patina', 'junk')
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['datagram-received', 'session-opened', 'message-received', 'session-closed', 'connection-refused'],
  )
  assert.deepEqual(sent, [
    ['datagrams', 'not-authentic', ''],
    ['streams', 'tls', 'expired'],
    ['streams', 'not-patina', 'junk'],
  ])
})

test('the outcome of an apply and of a serve comes back under its token', async () => {
  const lost = err({ kind: 'lost', state: 'unknown', reason: 'killed' } as const)
  for (const [shell, kinds] of [
    [{}, ['applied', 'served']],
    [{ apply: async () => lost, serve: async () => lost }, ['apply-failed', 'serve-failed']],
  ] as const) {
    const { driver, events, machine } = rig(shell)
    machine.answer = ({ kind }) =>
      kind === 'leave'
        ? [
            { kind: 'apply', token: 7, changesets: [], cleared: [], basis: [] },
            { kind: 'serve', token: 8, needs: [], budgetBytes: 1 },
          ]
        : []
    driver.feed({ kind: 'leave' })
    await until(() => events.length === 3)
    const told = new Map(events.slice(1).map((event) => ['token' in event && event.token, event.kind]))
    assert.deepEqual([told.get(7), told.get(8)], kinds)
  }
})

test('an event that comes up while effects are performed waits for its turn', () => {
  const order: string[] = []
  const { driver, machine } = rig({
    count: () => {
      driver.feed({ kind: 'deadline-reached' })
      order.push('performed')
    },
  })
  machine.answer = ({ kind }) => {
    order.push(kind)
    return kind === 'leave' ? [{ kind: 'count', metric: 'sync_malformed', by: 1 }] : []
  }
  driver.feed({ kind: 'leave' })
  assert.deepEqual(order, ['leave', 'performed', 'deadline-reached'])
})

test('a deadline is told when it has come, once', async () => {
  const { driver, events, machine } = rig()
  machine.deadline = instant(performance.now() + 2)
  machine.answer = ({ kind }) => {
    if (kind === 'deadline-reached') machine.deadline = NEVER
    return []
  }
  driver.feed({ kind: 'leave' })
  await new Promise((resolve) => setTimeout(resolve, 15))
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['leave', 'deadline-reached'],
  )
})

test('after a pause of the process all input that comes in goes before the deadline, and it is told how late that is', async () => {
  const lates: number[] = []
  const { driver, events, machine } = rig({ late: (ms) => lates.push(ms) })
  machine.deadline = instant(performance.now() + 5)
  machine.answer = ({ kind }) => {
    if (kind === 'deadline-reached') machine.deadline = NEVER
    return []
  }
  driver.feed({ kind: 'leave' })
  const pausedUntil = performance.now() + 80
  while (performance.now() < pausedUntil);
  // One packet a turn, the first of them in the turn after that of the timer.
  const packets = (turnsLeft: number): void => {
    if (turnsLeft <= 5) driver.datagramListener.datagramReceived(ADDRESS, BYTES)
    if (turnsLeft > 1) setImmediate(() => packets(turnsLeft - 1))
  }
  setImmediate(() => packets(7))
  await until(() => events.at(-1)?.kind === 'deadline-reached')
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['leave', ...Array.from({ length: 5 }, () => 'datagram-received'), 'deadline-reached'],
  )
  assert.equal(lates.length, 1)
  assert.ok((lates[0] ?? 0) >= 70, `${lates[0]} ms`)
})

test('after stop nothing is handed over', () => {
  const { driver, events } = rig()
  driver.stop()
  driver.feed({ kind: 'leave' })
  assert.deepEqual(events, [])
})

const commit = (n: number): LocalCommit => ({ version: version(n), ts: hlc(n), changesets: [BYTES] })

test('own commits of a turn are handed over together, behind what the turn has settled', async () => {
  const { driver, events } = rig()
  const order: string[] = []
  const answer = Promise.resolve().then(() => order.push(`answered before ${events.length} events`))
  driver.committed([commit(1), commit(2)])
  driver.committed([commit(3)])
  await answer
  await until(() => events.length > 0)
  assert.deepEqual(order, ['answered before 0 events'])
  assert.deepEqual(events, [{ kind: 'committed', commits: [commit(1), commit(2), commit(3)] }])
})

test('a stream of own commits leaves at a pace; one that comes alone leaves at once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 100
  const { driver, events } = rig({ clock: () => instant(now) })
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  driver.committed([commit(1)])
  await turn()
  assert.equal(events.length, 1)
  driver.committed([commit(2)])
  now += 1
  await turn()
  driver.committed([commit(3)])
  await turn()
  assert.equal(events.length, 1)
  now += 1
  t.mock.timers.tick(2)
  assert.deepEqual(events[1], { kind: 'committed', commits: [commit(2), commit(3)] })
  now += 10
  driver.committed([commit(4)])
  await turn()
  assert.deepEqual(events[2], { kind: 'committed', commits: [commit(4)] })
})

test('what waits for the pace goes before the member leaves', () => {
  const { driver, events } = rig()
  driver.committed([commit(1)])
  driver.feed({ kind: 'leave' })
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['committed', 'leave'],
  )
})

test('an apply that was quick is told at its pace, one that took longer at once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  let applied = Promise.withResolvers<void>()
  const { driver, events, machine } = rig({
    clock: () => instant(now),
    apply: async () => {
      await applied.promise
      return ok({ outcomes: [], knowledge: [] })
    },
  })
  const apply = { kind: 'apply', token: 1, changesets: [], cleared: [], basis: [] } as const
  const told = (): number => events.filter(({ kind }) => kind === 'applied').length
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  machine.answer = ({ kind }) => (kind === 'join' ? [apply] : [])
  driver.feed({ kind: 'join', seeds: [] })
  now = 0.5
  applied.resolve()
  await settled()
  t.mock.timers.tick(1)
  await settled()
  assert.equal(told(), 0)
  t.mock.timers.tick(1)
  await settled()
  assert.equal(told(), 1)
  applied = Promise.withResolvers()
  driver.feed({ kind: 'join', seeds: [] })
  now = 10
  applied.resolve()
  await settled()
  assert.equal(told(), 2)
})
