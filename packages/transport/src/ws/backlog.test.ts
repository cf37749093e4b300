/** Both ends of the backlog's connection, played: in which order what is said, and what a break leaves behind. */
import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { peerAddress } from '@patina/base'
import { testActor } from '../contract/streams-contract.ts'
import { CAPABILITY, type Hello } from '../hello.ts'
import { limits } from '../limits.ts'
import { Traffic } from '../traffic.ts'
import type { Attach, AttachEvents } from './attach.ts'
import type { Connection } from './connection.ts'
import { PlayedConnection } from './played-connection.ts'
import { Session } from './session.ts'

const HELLO: Hello = {
  versionMin: 1,
  versionMax: 1,
  clusterId: 'blue',
  actor: testActor(2),
  address: peerAddress('10.0.0.2:1'),
  process: '02'.repeat(16),
  moment: 1,
  capabilities: [CAPABILITY.backlogConnection],
}
const TIMES = {
  sessionIdleMs: 60_000,
  goodbyeTimeoutMs: 1_000,
  backlogIdleMs: 2_000,
  backlogRetryMs: 5_000,
  backlogRetryMaxMs: 15_000,
}

class Played {
  readonly main = new PlayedConnection()
  readonly heard: string[] = []
  readonly dials: AttachEvents[] = []
  readonly traffic = new Traffic()
  aborted = 0
  readonly session: Session

  constructor() {
    const agreed = { connection: real(this.main), hello: HELLO, moment: 1, ownMoment: 1 }
    this.session = new Session(agreed, TIMES, {
      traffic: this.traffic,
      packs: true,
      messageReceived: (_session, lane, message) => this.heard.push(`${lane} ${message[0]}`),
      closed: (_session, how) => this.heard.push(how.goodbye ? 'goodbye' : 'broken'),
      dialBacklog: (_session, serial, events) => {
        assert.equal(serial, this.dials.push(events))
        return { abort: () => (this.aborted += 1) } as unknown as Attach
      },
    })
  }

  /** The attempt under way succeeds. */
  attach(): PlayedConnection {
    const connection = new PlayedConnection()
    this.dials.at(-1)?.attached(real(connection))
    return connection
  }

  /** The peer's, as the gate hands it over. */
  take(serial: number): PlayedConnection {
    const connection = new PlayedConnection()
    this.session.takeBacklogFrom(real(connection), serial)
    return connection
  }
}

function real(connection: PlayedConnection): Connection {
  return connection as unknown as Connection
}

/** The kernel takes all that is handed over, in as many turns of the loop as that needs. */
async function flushAll(connection: PlayedConnection): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    await new Promise(setImmediate)
    for (let i = 0; i < 20; i += 1) connection.flushOne()
  }
}

test('the backlog waits for its connection, urgent lanes do not; the switch goes before it', () => {
  const one = new Played()
  one.session.send('backlog', Uint8Array.of(1))
  one.session.send('repair', Uint8Array.of(2))
  assert.deepEqual([one.dials.length, one.main.sent], [1, ['whole']])
  const carrier = one.attach()
  assert.deepEqual([one.main.sent, carrier.sent], [['whole', 'switch'], ['whole']])
  one.session.send('backlog', Uint8Array.of(3))
  assert.deepEqual([one.dials.length, carrier.sent.length], [1, 2])
})

test('a dial that fails leaves the lane to the main connection, until the pause is over', () => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  try {
    const one = new Played()
    one.session.send('backlog', Uint8Array.of(1))
    one.dials[0]?.failed()
    assert.deepEqual(one.main.sent, ['whole'])
    one.session.send('backlog', Uint8Array.of(2))
    assert.deepEqual([one.dials.length, one.main.sent.length], [1, 2])
    mock.timers.tick(TIMES.backlogRetryMs)
    assert.equal(one.dials.length, 1, 'nothing to send')
    one.session.send('backlog', Uint8Array.of(3))
    assert.deepEqual([one.dials.length, one.main.sent.length], [2, 3], 'who failed once is not waited for')
    const carrier = one.attach()
    one.session.send('backlog', Uint8Array.of(4))
    assert.deepEqual([one.main.sent.at(-1), carrier.sent], ['switch', ['whole']])
  } finally {
    mock.timers.reset()
  }
})

test('each failure doubles the pause, up to its maximum; an orderly close begins anew', async () => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  try {
    const one = new Played()
    const { backlogRetryMs: first, backlogRetryMaxMs: longest } = TIMES
    for (const [failure, pauseMs] of [first, 2 * first, longest, longest].entries()) {
      one.session.send('backlog', Uint8Array.of(1))
      assert.equal(one.dials.length, failure + 1)
      one.dials.at(-1)?.failed()
      mock.timers.tick(pauseMs - 1)
      one.session.send('backlog', Uint8Array.of(1))
      assert.equal(one.dials.length, failure + 1, `${pauseMs} ms are not over`)
      mock.timers.tick(1)
    }
    one.session.send('backlog', Uint8Array.of(1))
    const carrier = one.attach()
    await flushAll(carrier)
    mock.timers.tick(2 * TIMES.backlogIdleMs)
    carrier.events?.ended('idle')
    one.session.send('backlog', Uint8Array.of(1))
    one.dials.at(-1)?.failed()
    const dials = one.dials.length
    mock.timers.tick(first)
    one.session.send('backlog', Uint8Array.of(1))
    assert.equal(one.dials.length, dials + 1)
  } finally {
    mock.timers.reset()
  }
})

test('a dial that takes its time does not cost the goodbye', () => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  try {
    const one = new Played()
    one.session.send('backlog', Uint8Array.of(1))
    one.session.leave()
    mock.timers.tick(TIMES.goodbyeTimeoutMs / 2)
    assert.equal(one.aborted, 1)
    assert.deepEqual(one.main.sent, ['whole', 'goodbye', 'close'])
  } finally {
    mock.timers.reset()
  }
})

test('a message that was cut in two by a break, or by a switch, begins anew on the other connection', async () => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  try {
    const one = new Played()
    one.session.send('backlog', new Uint8Array(1_000_000))
    const carrier = one.attach()
    assert.equal(carrier.sent[0], 'first')
    carrier.destroy('the test')
    assert.deepEqual(one.main.sent.slice(0, 3), ['switch', 'first', 'next'])
    mock.timers.tick(TIMES.backlogRetryMs)
    const again = one.attach()
    assert.equal(one.main.sent.at(-1), 'switch')
    await flushAll(again)
    assert.equal(again.sent[0], 'first')
    assert.equal(again.sent.length, Math.ceil(1_000_000 / 65_535))
    assert.deepEqual(one.heard, [])
  } finally {
    mock.timers.reset()
  }
})

test('a dial that fails after the pause goes on where the main connection was', async () => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  try {
    const one = new Played()
    one.session.send('backlog', new Uint8Array(1_000_000))
    one.dials[0]?.failed()
    mock.timers.tick(TIMES.backlogRetryMs)
    assert.equal(one.dials.length, 2)
    one.dials[1]?.failed()
    await flushAll(one.main)
    assert.equal(one.main.sent.filter((kind) => kind === 'first').length, 1)
    assert.equal(one.main.sent.length, Math.ceil(1_000_000 / 65_535))
  } finally {
    mock.timers.reset()
  }
})

test('idle: a goodbye and a close; what comes meanwhile waits for the end and is dialled for anew', async () => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  try {
    const one = new Played()
    one.session.send('backlog', Uint8Array.of(1))
    const carrier = one.attach()
    mock.timers.tick(TIMES.backlogIdleMs)
    assert.deepEqual(carrier.sent, ['whole'], 'not while the kernel has not taken it')
    await flushAll(carrier)
    mock.timers.tick(TIMES.backlogIdleMs)
    assert.deepEqual(carrier.sent, ['whole', 'goodbye', 'close'])
    one.session.send('backlog', Uint8Array.of(2))
    assert.equal(one.dials.length, 1)
    carrier.events?.ended('idle')
    assert.equal(one.dials.length, 2)
    assert.deepEqual(one.attach().sent, ['whole'])
    assert.deepEqual(one.heard, [])
  } finally {
    mock.timers.reset()
  }
})

test('an orderly end empties the backlog first, and says goodbye when the peer has read it', async () => {
  const one = new Played()
  one.session.send('backlog', new Uint8Array(1_000_000))
  one.session.leave()
  const carrier = one.attach()
  await flushAll(carrier)
  assert.deepEqual(carrier.sent.slice(-3), ['next', 'goodbye', 'close'])
  assert.equal(one.main.sent.includes('goodbye'), false)
  carrier.events?.ended('this node ended it')
  assert.deepEqual(one.main.sent, ['switch', 'goodbye', 'close'])
  assert.deepEqual(one.heard, ['goodbye'])
})

test('the end of the session ends its connections and attempts', () => {
  const one = new Played()
  one.session.send('backlog', Uint8Array.of(1))
  const taken = one.take(1)
  one.main.destroy('the test')
  assert.deepEqual([one.aborted, taken.endedBy, one.heard], [1, 'the test', ['broken']])
  const two = new Played()
  two.session.send('backlog', Uint8Array.of(1))
  const carrier = two.attach()
  two.main.receive('goodbye', 'control')
  assert.equal(carrier.endedBy, 'the peer ended it')
  assert.deepEqual(two.heard, ['goodbye'])
})

test('nothing is read before the switch to this very connection', () => {
  const one = new Played()
  const carrier = one.take(2)
  assert.equal(carrier.isPaused, true)
  one.main.receive('switch', 'backlog', 1)
  one.main.receive('whole', 'backlog', 1)
  assert.deepEqual([carrier.isPaused, carrier.endedBy], [true, undefined])
  one.main.receive('switch', 'backlog', 2)
  assert.equal(carrier.isPaused, false)
  carrier.receive('whole', 'backlog', 2)
  assert.deepEqual(one.heard, ['backlog 1', 'backlog 2'])
})

test('a lane that comes back to the main connection leaves its old one; the parts of a message stay apart', () => {
  const one = new Played()
  one.main.receive('first', 'backlog', 3, 9, 9)
  const carrier = one.take(1)
  one.main.receive('switch', 'backlog', 1)
  carrier.receive('first', 'backlog', 3, 1, 1)
  carrier.receive('next', 'backlog', 1)
  carrier.receive('first', 'backlog', 3, 2, 2)
  one.main.receive('whole', 'backlog', 2)
  assert.equal(carrier.endedBy, 'the lane has left it')
  assert.deepEqual(one.heard, ['backlog 1', 'backlog 2'])
})

test('a newer connection of the peer replaces the older', () => {
  const one = new Played()
  const [first, second] = [one.take(1), one.take(2)]
  assert.equal(first.endedBy, 'the peer has opened another')
  assert.equal(second.endedBy, undefined)
})

test('a frame out of place ends that connection and not the session', () => {
  const early = new Played().take(1)
  early.receive('whole', 'backlog', 1)
  assert.match(early.endedBy ?? '', /^malformed/)
  for (const [kind, lane] of [
    ['hello', 'control'],
    ['whole', 'fresh'],
    ['switch', 'backlog'],
    ['next', 'backlog'],
  ] as const) {
    const one = new Played()
    const carrier = one.take(1)
    one.main.receive('switch', 'backlog', 1)
    carrier.receive(kind, lane, 1)
    assert.match(carrier.endedBy ?? '', /^malformed/, kind)
    assert.deepEqual([one.heard, one.main.endedBy], [[], undefined])
  }
})

test('whoever takes backlog has nothing to say', () => {
  const one = new Played()
  one.session.send('backlog', Uint8Array.of(1))
  const carrier = one.attach()
  carrier.receive('whole', 'backlog', 1)
  assert.match(carrier.endedBy ?? '', /^malformed/)
  assert.deepEqual(one.heard, [])
})

test('in one turn of the loop a backlog gets no more than its share, out and in', async () => {
  const one = new Played()
  one.session.send('backlog', new Uint8Array(2_000_000))
  const out = one.attach()
  for (let i = 0; i < 100; i += 1) out.flushOne()
  const share = Math.ceil(limits.backlogTurnBytes / limits.frameBytesMax)
  assert.ok(out.sent.length <= share + 1, `${out.sent.length}`)
  await new Promise(setImmediate)
  assert.ok(out.sent.length > share + 1 && out.sent.length <= 2 * share + 2, `${out.sent.length}`)
  const taken = one.take(1)
  one.main.receive('switch', 'backlog', 1)
  const frame = new Uint8Array(60_000)
  for (let i = 1; i <= share + 1; i += 1) {
    taken.receive('whole', 'backlog', ...frame)
    assert.equal(taken.isPaused, i * frame.length >= limits.backlogTurnBytes)
  }
  await new Promise(setImmediate)
  assert.equal(taken.isPaused, false)
})
