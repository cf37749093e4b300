import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type HttpListener, LISTEN_LIMITS, type ListenLimits, listen } from './listen.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0 }
const QUICK: ListenLimits = { ...LISTEN_LIMITS, headersMs: 100, keepAliveMs: 100, checkMs: 10 }

type Answer = (request: Request) => Response | Promise<Response>

const echo: Answer = async (request) =>
  new Response(`${request.method} ${new URL(request.url).host} ${await request.text()}`)

async function listening(
  t: TestContext,
  { answer = echo, limits = LISTEN_LIMITS }: { answer?: Answer; limits?: ListenLimits } = {},
): Promise<HttpListener> {
  const listener = await listen(answer, LOOPBACK, 'api.bind_addr', limits)
  t.after(() => listener.close(0))
  return listener
}

function session(t: TestContext, { address }: HttpListener): ClientHttp2Session {
  const client = connectHttp2(`http://${address.host}:${address.port}`)
  client.on('error', () => {})
  t.after(() => client.destroy())
  return client
}

/** Status and body of a request of HTTP/2. */
function ask(client: ClientHttp2Session, body = '', headers = {}): Promise<readonly [number, string]> {
  return new Promise((resolve, reject) => {
    const stream = client.request({ ':method': 'POST', ':path': '/a', ...headers })
    let status = 0
    let text = ''
    stream.setEncoding('utf8')
    stream.on('response', (answered) => {
      status = Number(answered[constants.HTTP2_HEADER_STATUS])
    })
    stream.on('data', (chunk: string) => {
      text += chunk
    })
    stream.on('end', () => resolve([status, text])).on('error', reject)
    stream.end(body)
  })
}

function raw(t: TestContext, { address }: HttpListener): Socket {
  const socket = connect(address)
  socket.on('error', () => {})
  t.after(() => socket.destroy())
  return socket
}

/** All that comes until the other side closes; `write` first. */
async function saidUntilClose(socket: Socket, ...write: readonly string[]): Promise<string> {
  let said = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    said += chunk
  })
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  for (const text of write) {
    socket.write(text)
    // Each piece is a segment of its own.
    await new Promise((resolve) => setImmediate(resolve))
  }
  await closed
  return said
}

test('one port answers HTTP/1.1 and HTTP/2, in turn and at the same time', async (t) => {
  const listener = await listening(t)
  const { host, port } = listener.address
  const client = session(t, listener)
  const many = await Promise.all([
    ...Array.from({ length: 50 }, (_, i) => ask(client, `n${i}`)),
    fetch(`http://${host}:${port}/a`, { method: 'PUT', body: 'h1' }).then(
      async (response) => [response.status, await response.text()] as const,
    ),
  ])
  assert.deepEqual(many.at(-1), [200, `PUT ${host}:${port} h1`])
  for (const [i, answered] of many.slice(0, -1).entries())
    assert.deepEqual(answered, [200, `POST ${host}:${port} n${i}`])
})

test('the protocol is found whatever the pieces in which the first bytes come', async (t) => {
  const listener = await listening(t)
  const request = 'PUT /a HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi'
  // P and PR may become a preface, PU cannot.
  for (const cut of [1, 2, 5, request.length - 1]) {
    const said = await saidUntilClose(raw(t, listener), request.slice(0, cut), request.slice(cut))
    assert.match(said, /^HTTP\/1\.1 200 OK[\s\S]*PUT a hi/, `cut at ${cut}`)
  }
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
  for (const cut of [1, 3, 16, 23]) {
    const socket = raw(t, listener)
    const first = new Promise<Buffer>((resolve) => socket.once('data', resolve))
    socket.write(preface.slice(0, cut))
    await new Promise((resolve) => setTimeout(resolve, 5))
    socket.write(`${preface.slice(cut)}\0\0\0\x04\0\0\0\0\0`)
    // A SETTINGS frame (RFC 9113, section 6.5) is the first that a server sends.
    assert.equal((await first)[3], 4, `cut at ${cut}`)
  }
})

test('a request pipelined behind the first one is answered', async (t) => {
  const listener = await listening(t)
  const one = 'PUT /a HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\n1'
  const two = 'PUT /a HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\nconnection: close\r\n\r\n2'
  const said = await saidUntilClose(raw(t, listener), one + two)
  assert.deepEqual(said.match(/PUT a \d/g), ['PUT a 1', 'PUT a 2'])
})

test('who says nothing, or half of what tells the protocol, or half of its headers, is cut', async (t) => {
  const listener = await listening(t, { limits: QUICK })
  assert.equal(await saidUntilClose(raw(t, listener)), '')
  assert.equal(await saidUntilClose(raw(t, listener), 'PRI * HT'), '')
  assert.match(
    await saidUntilClose(raw(t, listener), 'GET /a HTTP/1.1\r\nhost'),
    /^HTTP\/1\.1 408/,
    "the http.Server's own limit",
  )
})

test('who ends its side before it has said anything is closed at once', { timeout: 5_000 }, async (t) => {
  const socket = raw(t, await listening(t))
  socket.end()
  assert.equal(await saidUntilClose(socket), '')
})

test('a preface that goes on wrongly is a bad request, and garbage after a right one ends the session', async (t) => {
  const listener = await listening(t)
  assert.match(await saidUntilClose(raw(t, listener), 'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'), /^HTTP\/1\.1 400/)
  await saidUntilClose(raw(t, listener), `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'\xff'.repeat(64)}`)
  assert.deepEqual((await ask(session(t, listener), 'x'))[0], 200)
})

test('a session without requests ends when it has been idle, one with an open answer does not', async (t) => {
  const gate = Promise.withResolvers<Response>()
  const listener = await listening(t, { limits: QUICK, answer: () => gate.promise })
  const busy = session(t, listener)
  const answered = ask(busy)
  const idle = session(t, listener)
  await new Promise<void>((resolve) => idle.on('close', () => resolve()))
  assert.equal(busy.closed, false)
  gate.resolve(new Response('late'))
  assert.deepEqual(await answered, [200, 'late'])
})

test('close finishes what is under way on a session and takes nothing new', async (t) => {
  const gate = Promise.withResolvers<Response>()
  const asked = Promise.withResolvers<void>()
  const listener = await listening(t, {
    answer: () => {
      asked.resolve()
      return gate.promise
    },
  })
  const client = session(t, listener)
  const answered = ask(client)
  await asked.promise
  const goAway = new Promise<void>((resolve) => client.on('goaway', () => resolve()))
  const closed = listener.close(5_000)
  await goAway
  gate.resolve(new Response('a'))
  assert.deepEqual(await answered, [200, 'a'])
  await closed
})

test('close cuts sessions that do not end in time, and connections that have not spoken', {
  timeout: 5_000,
}, async (t) => {
  const asked = Promise.withResolvers<void>()
  const listener = await listening(t, {
    answer: () => {
      asked.resolve()
      return new Promise(() => {})
    },
  })
  const silent = raw(t, listener)
  await new Promise<void>((resolve) => silent.on('connect', () => resolve()))
  const client = session(t, listener)
  const ended = new Promise<void>((resolve) => client.on('close', () => resolve()))
  ask(client).catch(() => {})
  await asked.promise
  const silentEnded = saidUntilClose(silent)
  await listener.close(5)
  await Promise.all([ended, silentEnded])
})

test('a connection of HTTP/1.1 that is kept open ends at close', async (t) => {
  const listener = await listening(t)
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  await new Promise<void>((resolve) => {
    get({ ...listener.address, agent }, (response) => response.resume().on('end', () => resolve()))
  })
  const startedAt = performance.now()
  await listener.close(5_000)
  assert.ok(performance.now() - startedAt < 2_000)
})

test('the end of an HTTP/2 connection ends the streams that it carried, also those that the client did not reset', async (t) => {
  const cancelled = Promise.withResolvers<void>()
  const answer = async (request: Request): Promise<Response> => {
    await request.text()
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('a line\n')),
      cancel: () => cancelled.resolve(),
    })
    return new Response(body)
  }
  const client = session(t, await listening(t, { answer }))
  const stream = client.request({ ':method': 'POST', ':path': '/' })
  stream.on('error', () => {}).end('x')
  await new Promise((resolve) => stream.once('data', resolve))
  // Without a frame for the stream.
  client.destroy()
  const late = new Promise((resolve) => setTimeout(resolve, 2_000, 'still open').unref())
  assert.equal(await Promise.race([cancelled.promise, late]), undefined)
})
