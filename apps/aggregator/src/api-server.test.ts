/** One port for both versions of HTTP; the certificates are those of `packages/program/test/fixtures`. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fetchTrusting, readTlsFiles } from '@patina/program'
import { makeApiServer } from './api-server.ts'
import { PeerSessions } from './peer-sessions.ts'

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../packages/program/test/fixtures/${name}`, import.meta.url))
const TLS = readTlsFiles({
  certFile: fixture('server.pem'),
  keyFile: fixture('server-key.pem'),
  caFile: fixture('ca.pem'),
})
const answer: RequestListener = (request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' }).end(`${request.httpVersion} ${request.url}`)
}

async function serve(t: TestContext, identity: typeof TLS.own, requestMs = 10_000): Promise<string> {
  const { server, close } = makeApiServer({ identity: () => identity, answer, requestMs })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(close)
  const { port } = server.address() as AddressInfo
  return `${identity === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
}

async function socketTo(t: TestContext, address: string): Promise<Socket> {
  const socket = connect(Number(new URL(address).port), '127.0.0.1')
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

for (const [what, own] of [
  ['without TLS', undefined],
  ['with TLS', TLS.own],
] as const)
  test(`${what} one port answers both versions of HTTP`, async (t) => {
    const address = await serve(t, own)
    const sessions = new PeerSessions({ ca: () => TLS.ca })
    t.after(() => sessions.close())
    for (const [fetch, version] of [
      [fetchTrusting(() => TLS.ca), '1.1'],
      [sessions.fetch, '2.0'],
    ] as const) {
      const answered = await fetch(`${address}/a?b=1`)
      assert.deepEqual([answered.status, answered.headers.get('content-type')], [200, 'text/plain'])
      assert.equal(await answered.text(), `${version} /a?b=1`)
    }
  })

test('a request that comes byte by byte is answered, and so are several on one connection', async (t) => {
  const socket = await socketTo(t, await serve(t, undefined))
  for (const request of ['/a', '/b']) {
    for (const byte of `GET ${request} HTTP/1.1\r\nhost: x\r\n\r\n`) {
      socket.write(byte)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const [data] = await once(socket, 'data')
    assert.match(String(data), new RegExp(`1.1 ${request}`))
  }
})

test('who says too little is closed: nothing, the begin of a preface, half a request, no handshake', async (t) => {
  const [plain, secure] = [await serve(t, undefined, 50), await serve(t, TLS.own, 50)]
  for (const [address, said] of [
    [plain, ''],
    [plain, 'PR'],
    [plain, 'GET / HTTP/1.1\r\nhost'],
    [secure, ''],
    [secure, 'PR'],
  ] as const) {
    const socket = await socketTo(t, address)
    if (said !== '') socket.write(said)
    await once(socket.resume(), 'close')
  }
  const ended = await socketTo(t, plain)
  await once(ended.end('P').resume(), 'close')
})

test('a client of HTTP/2 that has said its last word is let go', async (t) => {
  const socket = await socketTo(t, await serve(t, undefined))
  socket.end('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  await once(socket.resume(), 'close', { signal: AbortSignal.timeout(5_000) })
})
