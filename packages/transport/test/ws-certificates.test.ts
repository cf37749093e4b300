/** Certificates that are replaced while sessions stand, those of a new CA too, and when those of peers end. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { type PeerAddress, splitPeerAddress } from '@patina/base'
import { type CertifiedKey, validForDays } from '../src/certificates.ts'
import { RecordingStreams } from '../src/contract/recording.ts'
import { testActor } from '../src/contract/streams-contract.ts'
import { until } from '../src/contract/until.ts'
import type { StreamSecurity } from '../src/ws/desk.ts'
import { type CertifiedStreams, listenWs } from '../src/ws/ws-streams.ts'
import { LOOPBACK_HOSTS, makeAuthority, makeIdentity } from './certificates-of-test.ts'

type Identity = Exclude<StreamSecurity, 'plaintext'>

const DAY_MS = 86_400_000
const opened: CertifiedStreams[] = []
let authority: CertifiedKey

before(async () => {
  authority = await makeAuthority()
})

after(async () => {
  await Promise.all(opened.map((streams) => streams.close()))
})

interface Node {
  readonly streams: CertifiedStreams
  readonly at: RecordingStreams
}

async function node(number: number, security: StreamSecurity): Promise<Node> {
  const at = new RecordingStreams()
  const own = { host: '127.0.0.1', port: 0, actor: testActor(number), clusterId: 'blue' }
  const streams = await listenWs({ ...own, security, times: { goodbyeTimeoutMs: 200 } }, at)
  opened.push(streams)
  return { streams, at }
}

function pastDays(): ReturnType<typeof validForDays> {
  return { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) }
}

test('an expired certificate is replaced: peers that refused it let it in, both ways, without a restart', async () => {
  const [a, b] = [await node(1, await makeIdentity(authority)), await node(2, await makeIdentity(authority))]
  const late = await node(3, await makeIdentity(authority, LOOPBACK_HOSTS, pastDays()))
  a.streams.connect(b.streams.local)
  await until('a bystander', () => a.at.log.length === 1 && b.at.log.length === 1)
  late.streams.connect(a.streams.local)
  b.streams.connect(late.streams.local)
  await until('refusals', () => late.at.log.length === 2 && a.at.log.length === 2 && b.at.log.length === 2)
  assert.deepEqual([...late.at.log, a.at.log[1], b.at.log[1]], Array(4).fill('refused tls'))
  late.streams.useCertificates(await makeIdentity(authority))
  late.streams.connect(a.streams.local)
  b.streams.connect(late.streams.local)
  await until('sessions', () => late.at.log.length === 4)
  assert.deepEqual(late.at.log.slice(2).sort(), [
    `opened 01 ${a.streams.local}`,
    `opened 02 ${b.streams.local}`,
  ])
})

test('T-C4: from one CA to another, one node after the other, without a session that ends', async () => {
  const other = await makeAuthority('the next CA')
  const both = (identity: Identity): Identity => ({
    ...identity,
    caPem: `${authority.certificatePem}${other.certificatePem}`,
  })
  const nodes = await Promise.all([1, 2, 3].map(async (n) => node(n, await makeIdentity(authority))))
  const [a, b, c] = nodes as [Node, Node, Node]
  a.streams.connect(b.streams.local)
  await until('a session', () => a.at.log.length === 1 && b.at.log.length === 1)
  const steps = [
    // Everybody trusts both, then shows a certificate of the new one, then forgets the old one.
    async () => both(await makeIdentity(authority)),
    async () => both(await makeIdentity(other)),
    async () => makeIdentity(other),
  ]
  for (const step of steps)
    for (const [place, { streams }] of nodes.entries()) {
      streams.useCertificates(await step())
      // A newcomer and everybody meet at each stage, dialled by either side.
      for (const peer of [a, b]) {
        const [from, to] = place % 2 === 0 ? [c, peer] : [peer, c]
        const before = [from.at.log.length, to.at.log.length] as [number, number]
        from.streams.connect(to.streams.local)
        await until('a session', () => from.at.log.length > before[0] && to.at.log.length > before[1])
        from.streams.disconnect(peer === from ? testActor(3) : testActor(peer === a ? 1 : 2))
        await until(
          'its end',
          () => from.at.log.length === before[0] + 2 && to.at.log.length === before[1] + 2,
        )
      }
    }
  a.streams.send(testActor(2), 'backlog', new Uint8Array(300_000))
  await until('a message of the first session', () => b.at.messages.length === 1)
  assert.ok(!nodes.some(({ at }) => at.log.some((line) => line.startsWith('refused'))))
  assert.ok(!a.at.log.includes('closed 02 broken') && !a.at.log.includes('closed 02 goodbye'))
  const old = await node(4, await makeIdentity(authority))
  old.streams.connect(a.streams.local)
  await until('a refusal of the old CA', () => old.at.log.length === 1)
  assert.equal(old.at.log[0], 'refused tls')
})

test('unusable certificates are refused, and the ones in use stay', async () => {
  const [a, b] = [await node(1, await makeIdentity(authority)), await node(2, await makeIdentity(authority))]
  const mixed = { ...(await makeIdentity(authority)), keyPem: (await makeIdentity(authority)).keyPem }
  assert.throws(() => a.streams.useCertificates(mixed), /key values mismatch/)
  assert.throws(() => a.streams.useCertificates({ ...mixed, keyPem: 'no key' }))
  b.streams.connect(a.streams.local)
  a.streams.connect(b.streams.local)
  await until('a session', () => a.at.log.length === 1 && b.at.log.length === 1)
  assert.match(b.at.log[0] ?? '', /^opened 01/)
  const plain = await node(3, 'plaintext')
  const identity = await makeIdentity(authority)
  assert.throws(() => plain.streams.useCertificates(identity), /plaintext has no certificates/)
})

test('when the certificates of peers end, at both ends; in plaintext nobody has one', async () => {
  const soon = validForDays(3, Date.now())
  const a = await node(1, await makeIdentity(authority))
  const b = await node(2, await makeIdentity(authority, LOOPBACK_HOSTS, soon))
  assert.deepEqual(a.streams.peerCertificates(), [])
  b.streams.connect(a.streams.local)
  await until('a session', () => a.at.log.length === 1 && b.at.log.length === 1)
  const [ofB] = a.streams.peerCertificates()
  assert.equal(ofB?.peer.actor, testActor(2))
  assert.equal(ofB?.expiresAtMs, Math.floor(soon.notAfter.getTime() / 1_000) * 1_000)
  const [ofA] = b.streams.peerCertificates()
  assert.ok((ofA?.expiresAtMs ?? 0) < (ofB?.expiresAtMs ?? 0))
  const [x, y] = [await node(3, 'plaintext'), await node(4, 'plaintext')]
  x.streams.connect(y.streams.local)
  await until('a session', () => x.at.log.length === 1)
  assert.deepEqual(x.streams.peerCertificates(), [])
})

test('a TLS session is never taken up again: each connection has its certificate looked at', async () => {
  const identity = await makeIdentity(authority)
  const { streams } = await node(1, identity)
  const first = await tlsConnection(streams.local, identity)
  const second = await tlsConnection(streams.local, identity, first.session)
  assert.deepEqual([first.reused, second.reused], [false, false])
})

/** Connects as a client that takes up an earlier session where it may; what it is given for a later one. */
async function tlsConnection(
  to: PeerAddress,
  { caPem: ca, certificatePem: cert, keyPem: key }: Identity,
  session?: Buffer,
): Promise<{ readonly reused: boolean; readonly session?: Buffer }> {
  const { host, port } = splitPeerAddress(to)
  let given: Buffer | undefined
  const socket = connectTls({ host, port, servername: '', ca, cert, key, ...(session && { session }) })
  socket.on('session', (later) => {
    given = later
  })
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('secureConnect', resolve))
  const reused = socket.isSessionReused()
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await new Promise((resolve) => socket.once('close', resolve).resume())
  return { reused, ...(given && { session: given }) }
}
