import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { StartRefusal } from '@patina/program'
import { type HttpListener, listen } from './listen.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0 }

async function listening(t: TestContext, answer: () => Promise<Response>): Promise<HttpListener> {
  const listener = await listen(answer, LOOPBACK, 'api.bind_addr')
  t.after(() => listener.close(0))
  return listener
}

/** A request over a connection that stays open. */
function kept(listener: HttpListener, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ ...listener.address, agent }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode))
    }).once('error', reject)
  })
}

test('the address has its real port', async (t) => {
  const listener = await listening(t, async () => new Response('a'))
  assert.notEqual(listener.address.port, 0)
})

test('a port in use and an address of another host are sentences with the key', async (t) => {
  const { address } = await listening(t, async () => new Response('a'))
  const refusal = async (host: string): Promise<string> => {
    try {
      await listen(async () => new Response('a'), { host, port: address.port }, 'api.bind_addr')
    } catch (cause) {
      assert.ok(cause instanceof StartRefusal)
      return cause.message
    }
    assert.fail('it listens')
  }
  assert.match(await refusal('127.0.0.1'), /^api\.bind_addr: 127\.0\.0\.1:\d+ is in use by another process/)
  assert.match(await refusal('192.0.2.1'), /^api\.bind_addr: 192\.0\.2\.1:\d+ is not an address of this host/)
})

test('close waits for the answer under way and not for the connection that it leaves open', async (t) => {
  const gate = Promise.withResolvers<Response>()
  const asked = Promise.withResolvers<void>()
  const listener = await listening(t, () => {
    asked.resolve()
    return gate.promise
  })
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  const answer = kept(listener, agent)
  await asked.promise
  const startedAt = performance.now()
  const closed = listener.close(5_000)
  gate.resolve(new Response('a'))
  assert.equal(await answer, 200)
  await closed
  assert.ok(performance.now() - startedAt < 2_000)
})

test('what is not done in time is cut', async (t) => {
  const asked = Promise.withResolvers<void>()
  const listener = await listening(t, () => {
    asked.resolve()
    return new Promise(() => {})
  })
  const answer = kept(listener, new Agent()).catch((cause: Error) => cause.message)
  await asked.promise
  await listener.close(5)
  assert.match(String(await answer), /socket hang up|ECONNRESET/)
})

test('HTTP/1.0 without a Host is answered, as load balancers ask; HTTP/1.1 without one is not', async (t) => {
  const { address } = await listening(t, async () => new Response('a'))
  const statusOf = async (request: string): Promise<string> => {
    const socket = connect(address.port, address.host)
    socket.write(request)
    const [answer] = await once(socket, 'data')
    socket.destroy()
    return String(answer).slice(0, 12)
  }
  assert.equal(await statusOf('GET /healthz HTTP/1.0\r\n\r\n'), 'HTTP/1.1 200')
  assert.equal(await statusOf('GET /healthz HTTP/1.1\r\n\r\n'), 'HTTP/1.1 400')
})
