/** Who is kept out, with which reason at both ends, and that nobody else notices. */
import assert from 'node:assert/strict'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { type PeerAddress, peerAddress, splitPeerAddress } from '@patina/base'
import { WebSocket } from 'ws'
import { BindError } from '../src/bind-error.ts'
import type { CertifiedKey } from '../src/certificates.ts'
import { RecordingStreams } from '../src/contract/recording.ts'
import { testActor } from '../src/contract/streams-contract.ts'
import { until } from '../src/contract/until.ts'
import { encodeFrame } from '../src/framing.ts'
import { encodeHello, type Hello } from '../src/hello.ts'
import { limits } from '../src/limits.ts'
import type { Streams } from '../src/transport.ts'
import type { StreamSecurity } from '../src/ws/desk.ts'
import { helloFrame } from '../src/ws/handshake-frames.ts'
import { listenWs } from '../src/ws/ws-streams.ts'
import { makeAuthority, makeIdentity } from './certificates-of-test.ts'

type Identity = Exclude<StreamSecurity, 'plaintext'>

const TIMES = { helloTimeoutMs: 200, connectTimeoutMs: 400, goodbyeTimeoutMs: 200 }
const DAY_MS = 86_400_000

let authority: CertifiedKey
let identity: Identity
const opened: Streams[] = []
const servers: Server[] = []
const sockets: { destroy(): void }[] = []

before(async () => {
  authority = await makeAuthority()
  identity = await makeIdentity(authority)
})

after(async () => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers) server.close()
  await Promise.all(opened.map((streams) => streams.close()))
})

interface Node {
  readonly streams: Streams
  readonly at: RecordingStreams
}

async function node(number: number, security: StreamSecurity = identity, clusterId = 'blue'): Promise<Node> {
  const at = new RecordingStreams()
  const options = {
    host: '127.0.0.1',
    port: 0,
    actor: testActor(number),
    clusterId,
    security,
    times: TIMES,
  }
  const streams = await listenWs(options, at)
  opened.push(streams)
  return { streams, at }
}

/** A node with a session that must outlive what the test does, and a way to see that it did. */
async function bystanders(
  security: StreamSecurity = identity,
): Promise<Node & { unharmed(): Promise<void> }> {
  const [a, b] = [await node(1, security), await node(2, security)]
  b.streams.connect(a.streams.local)
  await until('the bystander', () => a.at.log.length === 1 && b.at.log.length === 1)
  a.at.log.length = 0
  const unharmed = async (): Promise<void> => {
    b.streams.send(testActor(1), 'fresh', Buffer.from('still here'))
    await until('the bystander’s message', () => a.at.messages.length > 0)
    assert.deepEqual(b.at.log.length, 1)
    assert.ok(!a.at.log.some((line) => line.startsWith('closed')), `${a.at.log}`)
  }
  return { ...a, unharmed }
}

function rawSocket(to: PeerAddress): Socket {
  const { host, port } = splitPeerAddress(to)
  const socket = connect({ host, port })
  socket.on('error', () => {})
  sockets.push(socket)
  return socket
}

function rawTls(
  to: PeerAddress,
  security: Partial<Identity>,
  maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3',
): TLSSocket {
  const { host, port } = splitPeerAddress(to)
  const { caPem: ca, certificatePem: cert, keyPem: key } = security
  const socket = connectTls({
    host,
    port,
    servername: '',
    maxVersion,
    ...(ca && { ca }),
    ...(cert && { cert, key }),
  })
  socket.on('error', () => {})
  sockets.push(socket)
  return socket
}

function rawWebSocket(to: PeerAddress): WebSocket {
  const webSocket = new WebSocket(`ws://${to}/patina`)
  webSocket.on('error', () => {})
  sockets.push({ destroy: () => webSocket.terminate() })
  return webSocket
}

async function listening(onConnection: (socket: Socket) => void): Promise<PeerAddress> {
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return peerAddress(`127.0.0.1:${(server.address() as { port: number }).port}`)
}

/** Dials `a` as a node with this identity; the refusal at the dialling end and at `a`. */
async function refusals(a: Node, stranger: Identity): Promise<readonly string[]> {
  const dialling = await node(9, stranger)
  dialling.streams.connect(a.streams.local)
  await until('a refusal', () => dialling.at.log.length === 1)
  await until('a refusal at the other end', () => a.at.log.length === 1)
  return [`${dialling.at.log[0]}: ${dialling.at.details[0]}`, `${a.at.log[0]}: ${a.at.details.at(-1)}`]
}

test('a certificate of another CA', async () => {
  const a = await bystanders()
  const [there, here] = await refusals(a, await makeIdentity(await makeAuthority('other CA')))
  assert.match(there ?? '', /^refused tls: 127\.0\.0\.1:\d+: .*(SELF_SIGNED|UNABLE_TO)/)
  assert.match(here ?? '', /^refused tls/)
  await a.unharmed()
})

test('a certificate of another CA, from a dialler that trusts ours', async () => {
  const a = await bystanders()
  const stranger = await makeIdentity(await makeAuthority('other CA'))
  const [there, here] = await refusals(a, { ...stranger, caPem: identity.caPem })
  assert.match(there ?? '', /^refused tls: .*did not accept this node's certificate/)
  assert.match(here ?? '', /^refused tls/)
  await a.unharmed()
})

test('an expired certificate of the dialler', async () => {
  const a = await bystanders()
  const past = { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) }
  const [there, here] = await refusals(a, await makeIdentity(authority, ['127.0.0.1'], past))
  assert.match(there ?? '', /^refused tls: .*did not accept this node's certificate/)
  assert.match(here ?? '', /^refused tls/)
  await a.unharmed()
})

test('an expired certificate of the dialled, and one that does not cover the dialled IP', async () => {
  const past = { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) }
  const expired = await refusals(await node(1, await makeIdentity(authority, ['127.0.0.1'], past)), identity)
  assert.match(expired[0] ?? '', /^refused tls: .*CERT_HAS_EXPIRED/)
  const elsewhere = await refusals(
    await node(1, await makeIdentity(authority, ['10.9.9.9', 'host'])),
    identity,
  )
  assert.match(elsewhere[0] ?? '', /^refused tls: .*(ALTNAME|altnames)/)
})

test('no client certificate, an older TLS, plaintext towards TLS and TLS towards plaintext', async () => {
  const a = await bystanders()
  rawTls(a.streams.local, { caPem: identity.caPem })
  await until('no certificate', () => a.at.log.length === 1)
  rawTls(a.streams.local, identity, 'TLSv1.2')
  await until('an older TLS', () => a.at.log.length === 2)
  const plain = await node(9, 'plaintext')
  plain.streams.connect(a.streams.local)
  await until('plaintext', () => plain.at.log.length === 1 && a.at.log.length === 3)
  assert.deepEqual(plain.at.log, ['refused not-patina'])
  assert.deepEqual(a.at.log, ['refused tls', 'refused tls', 'refused tls'])
  const secure = await node(8)
  secure.streams.connect(plain.streams.local)
  await until('TLS', () => secure.at.log.length === 1 && plain.at.log.length === 2)
  assert.deepEqual(secure.at.log, ['refused tls'])
  await a.unharmed()
})

test('T-J4: another cluster, another CA and plaintext: refused at both ends, whoever dials, and nothing is heard', async () => {
  const a = await bystanders()
  const elsewhere = await makeIdentity(await makeAuthority('other CA'))
  const strangers: readonly (readonly [string, StreamSecurity, string, readonly string[]])[] = [
    ['red', identity, 'refused other-cluster', ['refused other-cluster']],
    ['blue', elsewhere, 'refused tls', ['refused tls']],
    ['blue', 'plaintext', 'refused tls', ['refused not-patina']],
  ]
  for (const [clusterId, security, here, there] of strangers) {
    a.at.log.length = 0
    const stranger = await node(6, security, clusterId)
    stranger.streams.connect(a.streams.local)
    await until('refusals', () => a.at.log.length === 1 && stranger.at.log.length === 1)
    assert.deepEqual([a.at.log, stranger.at.log], [[here], there])
    a.streams.connect(stranger.streams.local)
    await until('refusals', () => a.at.log.length === 2 && stranger.at.log.length === 2)
    assert.ok([...a.at.log, ...stranger.at.log].every((line) => line.startsWith('refused')))
    assert.equal(stranger.streams.send(testActor(1), 'fresh', Buffer.from('merge me')), 'dropped')
  }
  assert.deepEqual(a.at.messages, [])
  await a.unharmed()
})

for (const mode of ['TLS', 'plaintext'] as const)
  test(`garbage, silence, slow bytes and plain HTTP on a ${mode} port`, async () => {
    const security = mode === 'TLS' ? identity : 'plaintext'
    const a = await bystanders(security)
    const first = mode === 'TLS' ? 'refused tls' : 'refused not-patina'
    rawSocket(a.streams.local).write(Buffer.alloc(5_000, 0xa5))
    await until('garbage', () => a.at.log.length === 1)
    assert.equal(a.at.log[0], first)
    const silent = rawSocket(a.streams.local)
    await until('silence', () => a.at.log.length === 2)
    assert.equal(a.at.log[1], 'refused hello-timeout')
    await until('the silent one is cut', () => silent.destroyed || silent.readableEnded)
    const slow = mode === 'TLS' ? rawTls(a.streams.local, identity) : rawSocket(a.streams.local)
    const drip = setInterval(() => slow.write('G'), 20)
    await until('slow bytes', () => a.at.log.length === 3)
    clearInterval(drip)
    assert.match(a.at.log[2] ?? '', /refused (hello-timeout|not-patina)/)
    const http = mode === 'TLS' ? rawTls(a.streams.local, identity) : rawSocket(a.streams.local)
    http.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await until('plain HTTP', () => a.at.log.length === 4)
    assert.equal(a.at.log[3], 'refused not-patina')
    await a.unharmed()
  })

test('a dialled port that says nothing, garbage, or hangs up', async () => {
  const a = await node(1, 'plaintext')
  a.streams.connect(await listening(() => {}))
  await until('silence', () => a.at.log.length === 1)
  a.streams.connect(await listening((socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n')))
  await until('garbage', () => a.at.log.length === 2)
  a.streams.connect(await listening((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')))
  await until('another server', () => a.at.log.length === 3)
  assert.deepEqual(a.at.log, ['refused unreachable', 'refused not-patina', 'refused not-patina'])
})

const HELLO: Hello = {
  versionMin: 1,
  versionMax: 1,
  clusterId: 'blue',
  actor: testActor(7),
  address: peerAddress('127.0.0.1:7'),
  process: '07'.repeat(16),
  moment: 1,
  capabilities: [],
}

test('what a stranger may say behind the upgrade', async () => {
  const a = await bystanders('plaintext')
  const first: readonly (readonly [string, (webSocket: WebSocket) => void])[] = [
    ['refused not-patina', (webSocket) => webSocket.send(Buffer.alloc(100, 0xff))],
    ['refused not-patina', (webSocket) => webSocket.send('text')],
    ['refused not-patina', (webSocket) => webSocket.send(new Uint8Array(limits.frameBytesMax + 1))],
    ['refused not-patina', (webSocket) => webSocket.send(encodeFrame('whole', 'control', Uint8Array.of(1)))],
    ['refused not-patina', (webSocket) => webSocket.send(encodeFrame('hello', 'control', Uint8Array.of(1)))],
    ['refused not-patina', (webSocket) => webSocket.close()],
    ['refused hello-timeout', () => {}],
    ['refused other-cluster', (webSocket) => webSocket.send(helloFrame({ ...HELLO, clusterId: 'red' }))],
    ['refused own-actor', (webSocket) => webSocket.send(helloFrame({ ...HELLO, actor: testActor(1) }))],
    [
      'refused incompatible-version',
      (webSocket) => webSocket.send(helloFrame({ ...HELLO, versionMin: 9, versionMax: 9 })),
    ],
    [
      'refused incompatible-version',
      (webSocket) => webSocket.send(helloFrame({ ...HELLO, versionMin: 0, versionMax: 0 })),
    ],
  ]
  for (const [expected, say] of first) {
    a.at.log.length = 0
    const webSocket = rawWebSocket(a.streams.local)
    webSocket.on('open', () => say(webSocket))
    await until(expected, () => a.at.log.length === 1)
    assert.equal(a.at.log[0], expected)
  }
  await a.unharmed()
})

test('what a peer may not say inside a session ends that session alone', async () => {
  const a = await bystanders('plaintext')
  const frames: readonly Uint8Array[] = [
    Buffer.alloc(10, 0xff),
    new Uint8Array(limits.frameBytesMax + 1),
    helloFrame(HELLO),
    encodeFrame('next', 'fresh', Uint8Array.of(1)),
    encodeFrame('first', 'fresh', Uint8Array.of(0xff, 0xff, 0xff, 0x7f, 1)),
  ]
  for (const [index, frame] of frames.entries()) {
    a.at.log.length = 0
    const webSocket = rawWebSocket(a.streams.local)
    const hello = encodeHello({ ...HELLO, process: `${index}7`.repeat(16) })
    webSocket.on('open', () => webSocket.send(encodeFrame('hello', 'control', hello)))
    await until('the session', () => a.at.log.length === 1)
    webSocket.send(frame)
    await until('its end', () => a.at.log.length === 2)
    assert.deepEqual(a.at.log, ['opened 07 127.0.0.1:7', 'closed 07 broken'])
    assert.match(a.at.details.at(-1) ?? '', /malformed|Max payload/)
  }
  a.at.log.length = 0
  assert.ok(!a.at.log.some((line) => line.startsWith('closed')))
  await a.unharmed()
})

test('more silent strangers than allowed do not keep a peer out', async () => {
  const a = await node(1, 'plaintext')
  for (let i = 0; i < limits.pendingConnectionsMax + 10; i += 1) rawSocket(a.streams.local)
  await until('evictions', () => a.at.log.length >= 10)
  assert.equal(a.at.log[0], 'refused too-many-sessions')
  const b = await node(2, 'plaintext')
  b.streams.connect(a.streams.local)
  await until('the session', () => b.at.log.length === 1)
  assert.match(b.at.log[0] ?? '', /^opened 01/)
})

test('an address that cannot be listened on: which one, and what to change', async () => {
  const { streams } = await node(1, 'plaintext')
  const { port } = splitPeerAddress(streams.local)
  const at = new RecordingStreams()
  const options = { actor: testActor(2), clusterId: 'blue', security: 'plaintext' } as const
  await assert.rejects(
    listenWs({ ...options, host: '127.0.0.1', port }, at),
    (error: BindError) =>
      error.kind === 'address-in-use' && error.message.startsWith(`TCP 127.0.0.1:${port} is in use`),
  )
  await assert.rejects(
    listenWs({ ...options, host: '192.0.2.1', port: 0 }, at),
    (error: BindError) => error instanceof BindError && error.kind === 'address-not-here',
  )
})
