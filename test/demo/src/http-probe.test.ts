import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import test, { type TestContext } from 'node:test'
import { probeHttp } from './http-probe.ts'
import type { ProbeOutcome } from './verdict.ts'

const TIMEOUT_MS = 2_000

async function portOf(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

async function probe(t: TestContext, answer: RequestListener): Promise<ProbeOutcome> {
  const port = await portOf(t, createServer(answer))
  return await probeHttp({ addr: '127.0.0.1', port, timeoutMs: TIMEOUT_MS })
}

test('200 at /healthz is ok; another status, also one that leads elsewhere, is a failure', async (t) => {
  const paths: (string | undefined)[] = []
  const ok = await probe(t, ({ url }, response) => {
    paths.push(url)
    response.end('ok')
  })
  const ill = await probe(t, (_, response) => void response.writeHead(503).end())
  const elsewhere = await probe(t, ({ url }, response) => {
    response.writeHead(url === '/healthz' ? 302 : 200, { location: '/' }).end()
  })
  assert.deepEqual([ok, ill, elsewhere, paths], ['ok', 'failed', 'failed', ['/healthz']])
})

test('a body without end is not read', async (t) => {
  const closed = Promise.withResolvers<void>()
  const outcome = await probe(t, (_, response) => {
    response.on('close', () => closed.resolve())
    response.write('and so on')
  })
  assert.equal(outcome, 'ok')
  await closed.promise
})

test('nobody there is refused; a connection that breaks, silence and a poor address are failures', async (t) => {
  const gone = createTcpServer()
  const port = await portOf(t, gone)
  await new Promise((resolve) => gone.close(resolve))
  assert.equal(await probeHttp({ addr: '127.0.0.1', port, timeoutMs: TIMEOUT_MS }), 'refused')

  assert.equal(await probe(t, ({ socket }) => void socket.destroy()), 'failed')

  const silent = await portOf(
    t,
    createTcpServer((socket) => void t.after(() => socket.destroy())),
  )
  assert.equal(await probeHttp({ addr: '127.0.0.1', port: silent, timeoutMs: 20 }), 'failed')

  assert.equal(await probeHttp({ addr: 'a b', port: 99_999, timeoutMs: TIMEOUT_MS }), 'failed')
})
