import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { nodeFetch } from './node-fetch.ts'

async function serving(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a request and its answer: method, headers, body, status', async (t) => {
  let seen: unknown
  const base = await serving(t, async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    seen = [request.method, request.url, request.headers['content-type'], Buffer.concat(parts).toString()]
    response.writeHead(418, { 'retry-after': '1', 'set-cookie': ['a=1', 'b=2'] }).end('tea')
  })
  const headers = { 'content-type': 'application/json' }
  const response = await nodeFetch(`${base}/x?y=1`, { method: 'POST', headers, body: '[1]' })
  assert.deepEqual(seen, ['POST', '/x?y=1', 'application/json', '[1]'])
  assert.deepEqual([response.status, await response.text()], [418, 'tea'])
  assert.deepEqual([response.headers.get('retry-after'), response.headers.getSetCookie().length], ['1', 2])
})

test('an answer without a body', async (t) => {
  const base = await serving(t, (_request, response) => void response.writeHead(204).end())
  assert.equal((await nodeFetch(base)).body, null)
})

test('an abort ends the request before and within the answer', async (t) => {
  const base = await serving(t, (request, response) => {
    if (request.url === '/begun') response.write('a')
  })
  const before = new AbortController()
  const waiting = nodeFetch(base, { signal: before.signal })
  before.abort()
  await assert.rejects(waiting, { name: 'AbortError' })
  const within = new AbortController()
  const reader = (await nodeFetch(`${base}/begun`, { signal: within.signal })).body?.getReader()
  await reader?.read()
  within.abort()
  await assert.rejects(async () => reader?.read(), /aborted/)
})

test('a port that browsers refuse is a port', async () => {
  // Somebody may listen there; what is not there is a list of bad ports.
  const outcome = await nodeFetch('http://127.0.0.1:6000/').catch((cause: Error) => cause)
  if (outcome instanceof Error) assert.match(outcome.message, /ECONNREFUSED/)
})
