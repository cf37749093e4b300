/** How sessions end and come back: processes that are killed, peers that fall silent, restarts, dials from both ends. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { connect, createServer, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { type PeerAddress, peerAddress, splitPeerAddress } from '@patina/base'
import { RecordingStreams } from '../src/contract/recording.ts'
import { testActor } from '../src/contract/streams-contract.ts'
import { until } from '../src/contract/until.ts'
import type { Streams } from '../src/transport.ts'
import type { StreamSecurity, WsTimes } from '../src/ws/desk.ts'
import { listenWs } from '../src/ws/ws-streams.ts'
import { makeAuthority, makeIdentity } from './certificates-of-test.ts'

let identity: StreamSecurity
const opened: Streams[] = []
const children: ChildProcess[] = []
const links: Link[] = []

before(async () => {
  identity = await makeIdentity(await makeAuthority())
})

after(async () => {
  for (const child of children) child.kill('SIGKILL')
  for (const link of links) link.destroy()
  await Promise.all(opened.map((streams) => streams.close()))
})

interface Node {
  readonly streams: Streams
  readonly at: RecordingStreams
}

async function node(number: number, times: Partial<WsTimes> = {}, advertised?: PeerAddress): Promise<Node> {
  const at = new RecordingStreams()
  const options = {
    host: '127.0.0.1',
    port: 0,
    actor: testActor(number),
    clusterId: 'blue',
    security: identity,
    times,
  }
  const streams = await listenWs({ ...options, ...(advertised && { advertised }) }, at)
  opened.push(streams)
  return { streams, at }
}

/** A node in a process of its own; resolves with its address. */
async function nodeProcess(number: number): Promise<{ child: ChildProcess; address: PeerAddress }> {
  const script = new URL('ws-peer.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=@patina/source', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  child.stdin.end(JSON.stringify({ number, security: identity }))
  const address = await new Promise<string>((resolve) => {
    child.stdout.once('data', (line) => resolve(`${line}`.trim()))
  })
  return { child, address: peerAddress(address) }
}

test('a killed peer is noticed at once, an orderly one says goodbye', async () => {
  const a = await node(1)
  const killed = await nodeProcess(2)
  a.streams.connect(killed.address)
  await until('the session', () => a.at.log.length === 1)
  const start = performance.now()
  killed.child.kill('SIGKILL')
  await until('its end', () => a.at.log.length === 2)
  assert.ok(performance.now() - start < 500)
  assert.equal(a.at.log[1], 'closed 02 broken')
  const orderly = await nodeProcess(3)
  a.streams.connect(orderly.address)
  await until('the session', () => a.at.log.length === 3)
  orderly.child.kill('SIGTERM')
  await until('its end', () => a.at.log.length === 4)
  assert.equal(a.at.log[3], 'closed 03 goodbye')
})

test('a peer that stands still is given up after the idle time, not before', async () => {
  const a = await node(1, { sessionIdleMs: 400 })
  const { child, address } = await nodeProcess(2)
  a.streams.connect(address)
  await until('the session', () => a.at.log.length === 1)
  const start = performance.now()
  await until('three idle times with pings', () => performance.now() - start > 1_200)
  assert.equal(a.at.log.length, 1, 'pings keep a quiet session')
  child.kill('SIGSTOP')
  const stopped = performance.now()
  await until('its end', () => a.at.log.length === 2)
  const after = performance.now() - stopped
  assert.ok(after > 250 && after < 900, `${after} ms`)
  assert.match(a.at.details.at(-1) ?? '', /no byte from the peer for 400 ms/)
})

test('a peer that starts anew replaces its session, in the order closed, opened', async () => {
  const a = await node(1)
  const { link, address } = await breakableLink(a.streams.local)
  const first = await node(2)
  first.streams.connect(address)
  await until('the first', () => a.at.log.length === 1)
  // The old process is gone without a word: its bytes still flow nowhere, its successor dials.
  link.freeze()
  const second = await node(2)
  second.streams.connect(a.streams.local)
  await until('the second', () => a.at.log.length === 3 && second.at.log.length === 1)
  assert.deepEqual(a.at.log, [
    `opened 02 ${first.streams.local}`,
    'closed 02 broken',
    `opened 02 ${second.streams.local}`,
  ])
  second.streams.send(testActor(1), 'fresh', Buffer.from('new'))
  await until('a message', () => a.at.messages.length === 1)
})

test('a peer that has lost the session and dials again replaces it', async () => {
  const a = await node(1)
  const b = await node(2, { sessionIdleMs: 200 })
  const { link, address } = await breakableLink(a.streams.local)
  b.streams.connect(address)
  await until('the session', () => a.at.log.length === 1 && b.at.log.length === 1)
  link.freeze()
  await until('b gives up', () => b.at.log.length === 2)
  assert.equal(a.at.log.length, 1, 'a has noticed nothing')
  b.streams.connect(a.streams.local)
  await until('the new session', () => a.at.log.length === 3 && b.at.log.length === 3)
  assert.deepEqual(a.at.log.slice(1), ['closed 02 broken', `opened 02 ${b.streams.local}`])
})

test('many dials from both ends, again and again: one session, no message lost, no flapping', async () => {
  for (let round = 0; round < 15; round += 1) {
    const [a, b] = [await node(1), await node(2)]
    a.streams.connect(b.streams.local)
    if (round % 3 === 1) await new Promise(setImmediate)
    b.streams.connect(a.streams.local)
    const sent = { a: 0, b: 0 }
    await until('messages both ways', () => {
      if (sent.a < 10 && a.streams.send(testActor(2), 'fresh', Buffer.from('a')) === 'queued') sent.a += 1
      if (sent.b < 10 && b.streams.send(testActor(1), 'fresh', Buffer.from('b')) === 'queued') sent.b += 1
      return a.at.messages.length === 10 && b.at.messages.length === 10
    })
    assert.deepEqual(a.at.log, [`opened 02 ${b.streams.local}`], `round ${round}: ${a.at.details}`)
    assert.deepEqual(b.at.log, [`opened 01 ${a.streams.local}`], `round ${round}: ${b.at.details}`)
    await Promise.all([a.streams.close(), b.streams.close()])
  }
})

test('a second dial by another address of the same peer ends quietly', async () => {
  const a = await node(1)
  const b = await node(2, {}, peerAddress('127.0.0.1:9'))
  a.streams.connect(b.streams.local)
  await until('the session', () => a.at.log.length === 1)
  const { link, address } = await breakableLink(b.streams.local)
  a.streams.connect(address)
  await until('the second dial has come and gone', () => link.passed() === 1)
  assert.deepEqual(a.at.log, ['opened 02 127.0.0.1:9'])
  assert.deepEqual(b.at.log, [`opened 01 ${a.streams.local}`])
})

test('a peer that reads nothing fills the queue, which drops, and costs nobody else anything', async () => {
  const a = await node(1)
  const { child, address } = await nodeProcess(2)
  a.streams.connect(address)
  await until('the session', () => a.at.log.length === 1)
  child.kill('SIGSTOP')
  const message = new Uint8Array(1_000_000)
  let queued = 0
  while (a.streams.send(testActor(2), 'backlog', message) === 'queued') queued += 1
  assert.ok(queued >= 50 && queued <= 100, `${queued}`)
  assert.equal(
    a.streams.send(testActor(2), 'fresh', message),
    'queued',
    'urgent lanes have room of their own',
  )
  const c = await node(3)
  c.streams.connect(a.streams.local)
  await until('another session', () => c.at.log.length === 1)
  child.kill('SIGCONT')
  await until('room again', () => a.streams.send(testActor(2), 'backlog', message) === 'queued')
})

test('closing waits for a stuck peer no longer than the goodbye time', async () => {
  const a = await node(1, { goodbyeTimeoutMs: 100 })
  const { child, address } = await nodeProcess(2)
  a.streams.connect(address)
  await until('the session', () => a.at.log.length === 1)
  child.kill('SIGSTOP')
  for (let i = 0; i < 30; i += 1) a.streams.send(testActor(2), 'backlog', new Uint8Array(1_000_000))
  const start = performance.now()
  await a.streams.close()
  assert.ok(performance.now() - start < 1_000, `${performance.now() - start} ms`)
})

interface Link {
  /** From now on no byte passes, and nobody is told. */
  freeze(): void
  /** Connections that were made and have ended at both ends. */
  passed(): number
  destroy(): void
}

/** A TCP relay in front of an address. */
async function breakableLink(to: PeerAddress): Promise<{ link: Link; address: PeerAddress }> {
  const sockets: Socket[] = []
  const server = createServer((near) => {
    const far = connect(splitPeerAddress(to))
    for (const socket of [near, far]) socket.on('error', () => {})
    near.pipe(far)
    far.pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    sockets.push(near, far)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const link = {
    passed: () => (sockets.length > 0 && sockets.every((socket) => socket.closed) ? sockets.length / 2 : 0),
    freeze: () => {
      for (const socket of sockets) socket.unpipe().pause()
    },
    destroy: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
  links.push(link)
  return { link, address: peerAddress(`127.0.0.1:${(server.address() as { port: number }).port}`) }
}
