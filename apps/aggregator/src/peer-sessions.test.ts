import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { makeApiServer } from './api-server.ts'
import { PeerSessions, type PeerSessionsOptions } from './peer-sessions.ts'

const DEADLINE_MS = 5_000
/** Until the request is there behind the settings. */
const SETTLE_MS = 50

async function listening(t: TestContext, server: Server, port = 0): Promise<string> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Answers with its path; `/wait` with a line, and another when it is told. */
class Peer {
  readonly connections: Socket[] = []
  readonly waiting: (() => void)[] = []
  address = ''
  close: () => void = () => {}

  async start(t: TestContext, port = 0): Promise<this> {
    const answer: RequestListener = ({ url }, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      if (url !== '/wait') response.end(url)
      else {
        response.write('first\n')
        this.waiting.push(() => response.end('second\n'))
      }
    }
    const { server, close } = makeApiServer({ identity: () => undefined, answer })
    server.on('connection', (socket) => this.connections.push(socket))
    this.address = await listening(t, server, port)
    this.close = close
    t.after(close)
    return this
  }
}

function sessionsOf(t: TestContext, options: Partial<PeerSessionsOptions> = {}): PeerSessions {
  const sessions = new PeerSessions({ ca: () => undefined, ...options })
  t.after(() => sessions.close())
  return sessions
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!holds()) {
    assert.ok(performance.now() < deadline, `${what}: not in time`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

test('one connection, opened before it is needed, for all questions and streams', async (t) => {
  const peer = await new Peer().start(t)
  const sessions = sessionsOf(t)
  sessions.keep([peer.address])
  await until('a connection', () => peer.connections.length === 1)
  const paths = Array.from({ length: 300 }, (_, n) => `/v1/${n}`)
  const texts = paths.map(async (path) => await (await sessions.fetch(`${peer.address}${path}`)).text())
  assert.deepEqual(await Promise.all(texts), paths)
  sessions.keep([peer.address])
  assert.deepEqual([peer.connections.length, sessions.size], [1, 1])
})

test('D19: the first question is one flight there and one back', async (t) => {
  const peer = await new Peer().start(t)
  /** Turns of who speaks: a line around the world makes one wait for each. */
  const flights: string[] = []
  const note = (from: string): void => {
    if (flights.at(-1) !== from) flights.push(from)
  }
  const line = createServer((near) => {
    const far = connect(Number(new URL(peer.address).port), '127.0.0.1')
    near.on('data', () => note('there')).pipe(far)
    far.on('data', () => note('back')).pipe(near)
    for (const socket of [near, far]) socket.on('error', () => {})
  })
  const address = await listening(t, line)
  const asked = async (sessions: PeerSessions): Promise<string[]> => {
    flights.length = 0
    assert.equal(await (await sessions.fetch(`${address}/app`)).text(), '/app')
    return [...flights]
  }
  const warm = sessionsOf(t)
  warm.keep([address])
  // A question more lets the settings of both sides come and go.
  await (await warm.fetch(`${address}/first`)).text()
  await until('the line is quiet', () => flights.at(-1) === 'back')
  assert.deepEqual(await asked(warm), ['there', 'back'])
  assert.ok((await asked(sessionsOf(t))).length >= 2)
})

test('what is given up while it is opened harms nobody', async (t) => {
  const peer = await new Peer().start(t)
  const sessions = sessionsOf(t)
  for (let round = 0; round < 20; round += 1) {
    sessions.keep([peer.address])
    sessions.keep([])
    await new Promise((resolve) => setImmediate(resolve))
  }
  await until('all are gone', () => sessions.size === 0)
})

/** RFC 9113 §4.1: length, type, flags, stream. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

test('a status that is none rejects the answer alone', async (t) => {
  const [settings, headers, endHeaders] = [4, 1, 4]
  // RFC 7541 §6.2.2: a literal under the name of static entry 8, `:status`.
  const status700 = Buffer.concat([Buffer.from([0x08, 3]), Buffer.from('700')])
  const odd = createServer((socket) => {
    socket.on('error', () => {}).write(frame(settings, 0, 0, Buffer.alloc(0)))
    socket.once('data', () =>
      setTimeout(() => socket.write(frame(headers, endHeaders, 1, status700)), SETTLE_MS),
    )
  })
  const address = await listening(t, odd)
  await assert.rejects(sessionsOf(t).fetch(`${address}/a`), RangeError)
})

test('apps that are followed no longer cost no other its stream', async (t) => {
  const peer = await new Peer().start(t)
  const sessions = sessionsOf(t)
  const kept = await sessions.fetch(`${peer.address}/wait`)
  for (let round = 0; round < 15; round += 1) {
    const end = new AbortController()
    const answers = Array.from({ length: 100 }, () =>
      sessions.fetch(`${peer.address}/wait`, { signal: end.signal }),
    )
    const texts = (await Promise.all(answers)).map((answer) => answer.text().catch(() => 'ended'))
    end.abort()
    await Promise.all(texts)
  }
  peer.waiting[0]?.()
  assert.equal(await kept.text(), 'first\nsecond\n')
  assert.equal(peer.connections.length, 1)
})

test('a peer that is away fails with its reason, and is asked again when it is back', async (t) => {
  const peer = await new Peer().start(t)
  const port = Number(new URL(peer.address).port)
  const sessions = sessionsOf(t)
  await (await sessions.fetch(`${peer.address}/a`)).text()
  peer.close()
  await until('it is forgotten', () => sessions.size === 0)
  await assert.rejects(sessions.fetch(`${peer.address}/b`), /ECONNREFUSED/)
  await new Peer().start(t, port)
  assert.equal(await (await sessions.fetch(`${peer.address}/c`)).text(), '/c')
})

test('who is no peer any more is left when nothing is under way', async (t) => {
  const peer = await new Peer().start(t)
  const sessions = sessionsOf(t)
  const answer = await sessions.fetch(`${peer.address}/wait`)
  sessions.keep(['none', 'ftp://127.0.0.1', 'mailto:x'])
  const text = answer.text()
  await until('it waits', () => peer.waiting.length === 1)
  peer.waiting[0]?.()
  assert.equal(await text, 'first\nsecond\n')
  await until('it is left', () => sessions.size === 0)
})

test('a signal ends an answer, and the connection stays', async (t) => {
  const peer = await new Peer().start(t)
  const sessions = sessionsOf(t)
  const end = new AbortController()
  const answer = await sessions.fetch(`${peer.address}/wait`, { signal: end.signal })
  const text = assert.rejects(answer.text())
  end.abort()
  await text
  assert.equal(await (await sessions.fetch(`${peer.address}/a`)).text(), '/a')
  assert.equal(peer.connections.length, 1)
})

test('a peer that answers no ping is given up', async (t) => {
  const silent = createServer((socket) => socket.on('error', () => {}).resume())
  const address = await listening(t, silent)
  const sessions = sessionsOf(t, { pingMs: 20, answerMs: 50 })
  await assert.rejects(sessions.fetch(`${address}/a`), /no answer to a ping/)
  await until('it is forgotten', () => sessions.size === 0)
})

test('a peer that never takes up TLS is given up', async (t) => {
  const mute = createServer((socket) => socket.on('error', () => {}).resume())
  const address = await listening(t, mute)
  const sessions = sessionsOf(t, { answerMs: 50 })
  await assert.rejects(sessions.fetch(`${address.replace('http:', 'https:')}/a`), /no connection in time/)
})
