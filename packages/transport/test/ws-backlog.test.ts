/** The connection of the backlog: when it is there, what its loss costs, and that the session does not notice. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type PeerAddress, Prng, peerAddress } from '@patina/base'
import { WebSocket } from 'ws'
import { RecordingStreams } from '../src/contract/recording.ts'
import { testActor } from '../src/contract/streams-contract.ts'
import { until } from '../src/contract/until.ts'
import { decodeFrame, type Frame } from '../src/framing.ts'
import type { Hello } from '../src/hello.ts'
import type { StreamSecurity, WsTimes } from '../src/ws/desk.ts'
import { attachFrame, helloFrame } from '../src/ws/handshake-frames.ts'
import { type CertifiedStreams, listenWs } from '../src/ws/ws-streams.ts'
import { makeAuthority, makeIdentity } from './certificates-of-test.ts'
import { openRelay, type Relay } from './relay.ts'

const B = testActor(2)
let identity: StreamSecurity
const opened: CertifiedStreams[] = []
const relays: Relay[] = []

before(async () => {
  identity = await makeIdentity(await makeAuthority())
})

after(async () => {
  for (const relay of relays) relay.close()
  await Promise.all(opened.map((streams) => streams.close()))
})

interface Node {
  readonly streams: CertifiedStreams
  readonly at: RecordingStreams
}

async function node(
  number: number,
  times: Partial<WsTimes>,
  { security = identity, advertised }: { security?: StreamSecurity; advertised?: PeerAddress } = {},
): Promise<Node> {
  const at = new RecordingStreams()
  const own = { host: '127.0.0.1', port: 0, actor: testActor(number), clusterId: 'blue' }
  const streams = await listenWs({ ...own, security, times, ...(advertised && { advertised }) }, at)
  opened.push(streams)
  return { streams, at }
}

/** `a` with a session to `b`, whose connections all pass the relay: the main one is its first. */
async function pairBehindRelay(times: Partial<WsTimes>): Promise<{ a: Node; b: Node; relay: Relay }> {
  let to = peerAddress('127.0.0.1:1')
  const relay = await openRelay(() => to)
  relays.push(relay)
  const a = await node(1, { goodbyeTimeoutMs: 200, ...times })
  const b = await node(2, { goodbyeTimeoutMs: 200, ...times }, { advertised: relay.address })
  to = b.streams.local
  a.streams.connect(relay.address)
  await until('the session', () => a.at.log.length === 1 && b.at.log.length === 1)
  return { a, b, relay }
}

/** The number at the beginning of each message. */
function numbers({ at }: Node): number[] {
  return at.messages.map(({ bytes }) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0))
}

test('opened when there is backlog, closed when it was idle, opened again; the session hears nothing', async () => {
  const { a, b, relay } = await pairBehindRelay({ backlogIdleMs: 50 })
  a.streams.send(B, 'fresh', Uint8Array.of(1))
  a.streams.send(B, 'repair', Uint8Array.of(2))
  await until('two messages', () => b.at.messages.length === 2)
  assert.equal(relay.open(), 1, 'urgent lanes need no second connection')
  for (const round of [1, 2]) {
    a.streams.send(B, 'backlog', randomBytes(300_000))
    await until('the backlog', () => b.at.messages.length === 2 + round)
    assert.equal(relay.open(), 2)
    assert.ok((relay.bytes()[round] as number) > 300_000, `${relay.bytes()}`)
    await until('its end', () => relay.open() === 1)
  }
  assert.ok((relay.bytes()[0] as number) < 20_000, 'the main connection has carried nothing of it')
  assert.deepEqual([a.at.log.length, b.at.log.length], [1, 1])
})

test('a backlog connection that breaks costs what it held; what is sent later comes, once and in order', async () => {
  const { a, b, relay } = await pairBehindRelay({ backlogRetryMs: 30, backlogRetryMaxMs: 30 })
  const prng = new Prng(7)
  let sent = 0
  const send = (bytes: number): void => {
    sent += 1
    const message = new Uint8Array(Math.max(4, bytes))
    new DataView(message.buffer).setUint32(0, sent)
    assert.equal(a.streams.send(B, 'backlog', message), 'queued')
  }
  for (let round = 0; round < 6; round += 1) {
    await until('a connection', () => {
      send(1_000)
      return relay.open() === 2
    })
    const received = b.at.messages.length
    for (let i = 0; i < 12; i += 1) send(100_000)
    await until('some', () => b.at.messages.length > received + prng.below(3))
    relay.break(relay.bytes().length - 1)
    send(100_000)
    await until('the break', () => relay.open() === 1)
  }
  const broken = sent
  await until('a later one', () => {
    send(1)
    return (numbers(b).at(-1) ?? 0) > broken
  })
  const ids = numbers(b)
  assert.deepEqual(
    ids,
    ids.toSorted((x, y) => x - y),
  )
  assert.equal(new Set(ids).size, ids.length, 'none twice')
  // A break may come in the middle of a handshake, which is a refusal; the session stays.
  for (const { at } of [a, b])
    assert.deepEqual(
      at.log.filter((line) => !line.startsWith('refused')).map((line) => line.slice(0, 6)),
      ['opened'],
    )
})

test('no way to the peer: its backlog goes by the main connection, and later by one of its own', async () => {
  const { a, b, relay } = await pairBehindRelay({ backlogRetryMs: 50, backlogRetryMaxMs: 50 })
  relay.refuse(true)
  a.streams.send(B, 'backlog', new Uint8Array(300_000))
  await until('the backlog', () => b.at.messages.length === 1)
  assert.ok((relay.bytes()[0] as number) > 300_000)
  assert.match(a.at.log[1] ?? '', /^refused (tls|unreachable)$/)
  assert.match(a.at.details[0] ?? '', /connection for the backlog/)
  relay.refuse(false)
  await until('a connection of its own', () => {
    a.streams.send(B, 'backlog', new Uint8Array(1_000))
    return relay.open() === 2
  })
  await until('messages by it', () => {
    a.streams.send(B, 'backlog', new Uint8Array(1_000))
    return relay
      .bytes()
      .slice(1)
      .some((bytes) => bytes > 20_000)
  })
  assert.ok(!a.at.log.some((line) => line.startsWith('closed')))
})

test('a backlog is packed where that helps, on the wire and in the figures; other lanes are not', async () => {
  const { a, b, relay } = await pairBehindRelay({})
  const text = Buffer.alloc(1_000_000, 'a table of hosts, regions and states; ')
  for (const lane of ['fresh', 'backlog'] as const) a.streams.send(B, lane, text)
  await until('both', () => b.at.messages.length === 2)
  assert.ok(b.at.messages.every(({ bytes }) => text.equals(bytes)))
  const [main, backlog] = relay.bytes() as [number, number]
  assert.ok(main > 1_000_000 && backlog < 50_000, `${main}, ${backlog}`)
  const sent = a.streams.traffic()
  assert.equal(sent.get('fresh')?.sentBytes, sent.get('fresh')?.sentWireBytes)
  const { sentBytes = 0, sentWireBytes = 0 } = sent.get('backlog') ?? {}
  assert.ok(sentBytes > 1_000_000 && sentWireBytes < backlog, `${sentBytes}, ${sentWireBytes}`)
  const { receivedBytes = 0, receivedWireBytes = 0 } = b.streams.traffic().get('backlog') ?? {}
  // A frame's first byte is not counted where it is read.
  assert.ok(sentBytes - receivedBytes < 100 && sentWireBytes - receivedWireBytes < 100)
  assert.equal(a.streams.send(testActor(9), 'repair', Uint8Array.of(1)), 'dropped')
  assert.equal(sent.get('repair')?.dropped, 1)
})

test('megabytes of backlog that nobody takes, in kernel buffers and in the queue, hold up nothing that is urgent', async () => {
  const { a, b, relay } = await pairBehindRelay({})
  a.streams.send(B, 'backlog', Uint8Array.of(1))
  await until('the connection', () => b.at.messages.length === 1)
  relay.freeze(1)
  const message = randomBytes(1_000_000)
  let queued = 0
  while (a.streams.send(B, 'backlog', message) === 'queued') queued += 1
  assert.ok(queued > 50)
  // The kernel takes what it can, turn by turn.
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
  for (const lane of ['repair', 'fresh', 'control'] as const) {
    const start = performance.now()
    a.streams.send(B, lane, Uint8Array.of(2))
    await until(lane, () => b.at.messages.at(-1)?.lane === lane)
    assert.ok(performance.now() - start < 1_000)
  }
  assert.equal(b.at.messages.length, 4)
})

test('a frozen backlog connection is given up after the idle time, not the session', async () => {
  const { a, b, relay } = await pairBehindRelay({ sessionIdleMs: 400, backlogIdleMs: 60_000 })
  a.streams.send(B, 'backlog', new Uint8Array(100))
  await until('the backlog', () => b.at.messages.length === 1)
  relay.freeze(1)
  await until('its end', () => {
    a.streams.send(B, 'backlog', new Uint8Array(100))
    return b.at.messages.length > 1
  })
  assert.deepEqual([a.at.log.length, b.at.log.length], [1, 1])
})

const HELLO: Hello = {
  versionMin: 1,
  versionMax: 1,
  clusterId: 'blue',
  actor: testActor(7),
  address: peerAddress('127.0.0.1:7'),
  process: '07'.repeat(16),
  moment: 5,
  capabilities: [],
}

/** Somebody who says what a test wants; collects the frames that come. */
async function stranger(to: PeerAddress): Promise<{ send(frame: Uint8Array): void; frames: Frame[] }> {
  const webSocket = new WebSocket(`ws://${to}/patina`)
  const frames: Frame[] = []
  webSocket.on('error', () => {})
  webSocket.on('message', (data: Buffer) => {
    const frame = decodeFrame(data)
    if (frame.ok) frames.push(frame.value)
  })
  await new Promise((resolve) => webSocket.once('open', resolve))
  return { send: (frame) => webSocket.send(frame), frames }
}

test('a peer that knows no such connections gets its backlog on the one that it has', async () => {
  const a = await node(1, {}, { security: 'plaintext' })
  const old = await stranger(a.streams.local)
  old.send(helloFrame(HELLO))
  await until('the session', () => a.at.log.length === 1)
  a.streams.send(testActor(7), 'backlog', Uint8Array.of(1, 2, 3))
  await until('a frame', () => old.frames.some(({ lane }) => lane === 'backlog'))
  assert.deepEqual(
    old.frames.map(({ kind }) => kind),
    ['hello', 'welcome', 'whole'],
  )
})

test('a connection for a session that is not there, or not this one, is refused', async () => {
  const a = await node(1, {}, { security: 'plaintext' })
  const peer = await stranger(a.streams.local)
  peer.send(helloFrame(HELLO))
  await until('the session', () => a.at.log.length === 1)
  const word = { actor: testActor(7), process: HELLO.process, moment: HELLO.moment, serial: 1 }
  const others = [
    { ...word, actor: testActor(8) },
    { ...word, process: '08'.repeat(16) },
    { ...word, moment: 4 },
  ]
  for (const [index, other] of others.entries()) {
    const carrier = await stranger(a.streams.local)
    carrier.send(attachFrame(other))
    await until('a refusal', () => a.at.log.length === 2 + index)
    assert.equal(a.at.log.at(-1), 'refused no-session')
    await until('its end', () => carrier.frames.at(-1)?.kind === 'refusal')
  }
  const carrier = await stranger(a.streams.local)
  carrier.send(attachFrame(word))
  await until('a welcome', () => carrier.frames.at(-1)?.kind === 'welcome')
  assert.equal(a.at.log.filter((line) => line.startsWith('closed')).length, 0)
})
