import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Hono } from 'hono'
import { BodyReader } from './body.ts'
import { type HttpListener, listen } from './listen.ts'
import { refuseRequest } from './problem.ts'

const HEAD = 'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'

/** A listener that answers with the value of the body. */
async function echoing(t: TestContext, bodyBytesMax: number, clientStallMs = 5_000): Promise<HttpListener> {
  const bodies = new BodyReader({ bodyBytesMax, clientStallMs })
  const app = new Hono()
  app.post('/', async (c) => {
    const body = await bodies.readJson(c)
    return body.ok ? c.json(body.value.value) : refuseRequest(c, body.error)
  })
  const listener = await listen(app.fetch, { host: '127.0.0.1', port: 0 }, 'api.bind_addr')
  t.after(() => listener.close(0))
  return listener
}

function open(t: TestContext, { address }: HttpListener, text: string): Socket {
  const socket = connect(address.port, address.host, () => socket.write(text))
  t.after(() => socket.destroy())
  return socket.on('error', () => {})
}

async function answer(socket: Socket): Promise<string> {
  const [data] = await once(socket, 'data')
  return String(data)
}

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`

test('bodies with a length, in chunks, small and large', async (t) => {
  const listener = await echoing(t, 1_000_000)
  const large = JSON.stringify('x'.repeat(200_000))
  for (const body of ['[1]', large]) {
    const url = `http://127.0.0.1:${listener.address.port}/`
    const headers = { 'content-type': 'application/json' }
    assert.equal(await (await fetch(url, { method: 'POST', headers, body })).text(), body)
    const stream = new Blob([body]).stream()
    const init = { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit
    assert.equal(await (await fetch(url, init)).text(), body)
  }
})

test('a sender that stalls gets 408, with a length and in chunks', async (t) => {
  const listener = await echoing(t, 1_000_000, 20)
  const starts = [
    'content-length: 9\r\n\r\n[',
    'content-length: 90000\r\n\r\n[',
    'transfer-encoding: chunked\r\n\r\n1\r\n[',
  ]
  for (const start of starts)
    assert.match(await answer(open(t, listener, HEAD + start)), /^HTTP\/1\.1 408 [\s\S]*body-stalled/)
})

test('a body above its limit, told by its length or found out, gets 413', async (t) => {
  const listener = await echoing(t, 10)
  assert.match(await answer(open(t, listener, `${HEAD}content-length: 11\r\n\r\n`)), /^HTTP\/1\.1 413/)
  const chunked = `${HEAD}transfer-encoding: chunked\r\n\r\n${chunk('[1,2,3,4,5,6]')}`
  assert.match(await answer(open(t, listener, chunked)), /^HTTP\/1\.1 413/)
})

test('bodies that are being received have a bound together, and give their share back', async (t) => {
  const listener = await echoing(t, 10)
  const start = `${HEAD}transfer-encoding: chunked\r\n\r\n${chunk('[1,1,1,1,1')}`
  const held = [1, 2, 3, 4].map(() => open(t, listener, start))
  const url = `http://127.0.0.1:${listener.address.port}/`
  const small = (): Promise<Response> => {
    const stream = new Blob(['[1]']).stream()
    const headers = { 'content-type': 'application/json' }
    return fetch(url, { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit)
  }
  const until = async (status: number): Promise<void> => {
    const deadline = performance.now() + 5_000
    while ((await small()).status !== status) assert.ok(performance.now() < deadline, `never ${status}`)
  }
  await until(503)
  for (const socket of held) socket.destroy()
  await until(200)
})

test('a client that goes in the middle of its body is no fault of ours', async (t) => {
  const bodies = new BodyReader({ bodyBytesMax: 1_000_000, clientStallMs: 5_000 })
  for (const length of [9, 90_000]) {
    const read = Promise.withResolvers<unknown>()
    const app = new Hono()
    app.post('/', async (c) => {
      read.resolve(await bodies.readJson(c).catch((cause) => cause))
      return c.text('')
    })
    const listener = await listen(app.fetch, { host: '127.0.0.1', port: 0 }, 'api.bind_addr')
    t.after(() => listener.close(0))
    const socket = open(t, listener, `${HEAD}content-length: ${length}\r\n\r\n[`)
    await once(socket, 'connect')
    setTimeout(() => socket.destroy(), 20)
    const result = (await read.promise) as { readonly error: { readonly code: string } }
    assert.equal(result.error.code, 'body-cut')
  }
})
