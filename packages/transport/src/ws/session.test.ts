/** A session over a connection that the test plays: back-pressure, the order of an orderly end, what ends it. */
import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { peerAddress } from '@patina/base'
import { testActor } from '../contract/streams-contract.ts'
import { encodeFrame, type Frame } from '../framing.ts'
import type { Hello } from '../hello.ts'
import { limits } from '../limits.ts'
import { Traffic } from '../traffic.ts'
import type { Connection } from './connection.ts'
import { frameOf, PlayedConnection } from './played-connection.ts'
import { Session } from './session.ts'

const HELLO: Hello = {
  versionMin: 1,
  versionMax: 1,
  clusterId: 'blue',
  actor: testActor(2),
  address: peerAddress('10.0.0.2:1'),
  process: '02'.repeat(16),
  moment: 1,
  capabilities: [],
}

interface Played {
  readonly connection: PlayedConnection
  readonly session: Session
  readonly heard: string[]
}

function played(sessionIdleMs = 60_000): Played {
  const connection = new PlayedConnection()
  const heard: string[] = []
  const times = {
    sessionIdleMs,
    goodbyeTimeoutMs: 1_000,
    backlogIdleMs: 60_000,
    backlogRetryMs: 60_000,
    backlogRetryMaxMs: 60_000,
  }
  const agreed = { connection: connection as unknown as Connection, hello: HELLO, moment: 1, ownMoment: 1 }
  const session = new Session(agreed, times, {
    traffic: new Traffic(),
    packs: true,
    dialBacklog: () => assert.fail('this peer knows no such connections'),
    messageReceived: (_session, lane, message) => heard.push(`${lane} ${message.length}`),
    closed: (_session, how) => heard.push(`${how.goodbye ? 'goodbye' : 'broken'}: ${how.reason}`),
  })
  return { connection, session, heard }
}

function receive({ connection }: Played, kind: Frame['kind'], ...payload: number[]): void {
  connection.events?.frameReceived(frameOf(encodeFrame(kind, 'fresh', Uint8Array.from(payload))))
}

test('frames wait in the lanes while the socket is full, and each flush lets more go', () => {
  const one = played()
  one.session.send('backlog', new Uint8Array(2_000_000))
  const full = one.connection.sent.length
  assert.ok(one.connection.unflushedBytes >= limits.socketBufferBytesMax)
  assert.ok(one.connection.unflushedBytes < limits.socketBufferBytesMax + limits.frameBytesMax)
  one.session.send('control', Uint8Array.of(1))
  assert.equal(one.connection.sent.length, full, 'nothing more is taken')
  while (one.connection.sent.length === full) one.connection.flushOne()
  assert.equal(one.connection.sent[full], 'whole', 'the urgent message goes first')
  for (let i = 0; i < 100; i += 1) one.connection.flushOne()
  assert.equal(one.connection.unflushedBytes, 0)
  assert.equal(one.connection.sent.filter((kind) => kind !== 'whole').length, Math.ceil(2_000_000 / 65_535))
})

test('an orderly end: what is queued, then goodbye, then the close, each once', () => {
  const one = played()
  one.session.send('backlog', new Uint8Array(1_000_000))
  one.session.leave()
  one.session.leave()
  assert.deepEqual(one.heard, ['goodbye: this node ended it'])
  assert.equal(one.connection.sent.includes('goodbye'), false)
  for (let i = 0; i < 50; i += 1) one.connection.flushOne()
  assert.deepEqual(one.connection.sent.slice(-3), ['next', 'goodbye', 'close'])
  assert.equal(one.session.send('fresh', Uint8Array.of(1)), false)
  receive(one, 'whole', 1)
  one.connection.events?.ended('gone')
  assert.deepEqual(one.heard, ['goodbye: this node ended it'])
})

test('a goodbye of the peer ends the session at once, and what follows it is not read', async () => {
  const one = played()
  receive(one, 'whole', 1, 2)
  receive(one, 'goodbye')
  receive(one, 'whole', 3)
  assert.deepEqual(one.heard, ['fresh 2', 'goodbye: the peer ended it'])
  assert.equal(one.session.send('fresh', Uint8Array.of(1)), false)
  one.connection.events?.ended('gone')
  await one.session.gone
  assert.equal(one.heard.length, 2)
})

test('a frame out of place ends the session as broken', () => {
  for (const kind of ['hello', 'welcome', 'refusal', 'next'] as const) {
    const one = played()
    receive(one, kind, 1)
    assert.match(one.heard[0] ?? '', /^broken: malformed/)
    assert.match(one.connection.endedBy ?? '', /^malformed/)
  }
})

test('silence: pings at half the idle time, the end after all of it, and any byte starts over', () => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  try {
    const one = played(4_000)
    mock.timers.tick(3_000)
    assert.equal(one.connection.pings, 1)
    one.connection.bytesRead += 1
    mock.timers.tick(4_000)
    assert.deepEqual(one.heard, [])
    mock.timers.tick(1_000)
    assert.deepEqual(one.heard, ['broken: no byte from the peer for 4000 ms'])
    assert.equal(one.connection.pings, 3)
  } finally {
    mock.timers.reset()
  }
})

test('a peer that takes no goodbye is cut after the deadline', () => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  try {
    const one = played()
    one.session.send('backlog', new Uint8Array(1_000_000))
    one.session.leave()
    mock.timers.tick(999)
    assert.equal(one.connection.endedBy, undefined)
    mock.timers.tick(1)
    assert.equal(one.connection.endedBy, 'the peer took no goodbye')
  } finally {
    mock.timers.reset()
  }
})
