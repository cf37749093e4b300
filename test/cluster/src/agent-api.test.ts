import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import test, { type TestContext } from 'node:test'
import { AgentApi, ApiError, readRows } from './agent-api.ts'

async function against(t: TestContext, answer: RequestListener): Promise<AgentApi> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const api = new AgentApi('ams', (server.address() as { readonly port: number }).port)
  t.after(() => {
    api.close()
    server.close()
  })
  return api
}

test('a transaction is sent as JSON and gives its version', async (t) => {
  const seen: string[] = []
  const api = await against(t, (request, response) => {
    request.on('data', (part) => seen.push(`${request.url} ${request.headers['content-type']} ${part}`))
    request.on('end', () => response.end('{"results":[],"version":7}'))
  })
  assert.equal(await api.execute([['INSERT', ['é', 1, null]]]), 7)
  assert.deepEqual(seen, ['/v1/transactions application/json [["INSERT",["é",1,null]]]'])
})

test('a metric is found by its name with labels, and is 0 where there is none', async (t) => {
  const text = '# TYPE a counter\na{b="c"} 7\na{b="cd"} 8\nab 9\n'
  const api = await against(t, (_request, response) => void response.end(text))
  const samples = ['a{b="c"}', 'ab', 'a', 'a{b="x"}'].map((sample) => api.metric(sample))
  assert.deepEqual(await Promise.all(samples), [7, 9, 0, 0])
})

test('a query gives its rows; members and health are read', async (t) => {
  const answers: Record<string, string> = {
    '/v1/queries': '{"columns":["a"]}\n{"row":[1,["x",2]]}\n{"row":[2,["y",3]]}\n{"eoq":{"time":0}}\n',
    '/v1/members': '{"members":[{"name":"ams","state":"alive","self":true}]}',
    '/healthz': '{}',
  }
  const api = await against(t, (request, response) => void response.end(answers[request.url as string]))
  assert.deepEqual(await api.query('SELECT'), [
    ['x', 2],
    ['y', 3],
  ])
  assert.equal((await api.members())[0]?.name, 'ams')
  assert.equal(await api.isHealthy(), true)
})

test('an error keeps the words of the agent; nobody there is not healthy', async (t) => {
  const api = await against(t, (_, response) => void response.writeHead(400).end('{"error":"no such table"}'))
  await assert.rejects(
    api.query('SELECT'),
    (error) => error instanceof ApiError && error.status === 400 && /no such table/.test(error.message),
  )
  assert.equal(await api.isHealthy(), false)
  assert.equal(await new AgentApi('nrt', 1).isHealthy(), false)
})

test('a query that failed midway or was cut off is an error', () => {
  assert.throws(() => readRows(['{"columns":[]}', '{"error":"timeout"}'], 'ams'), /timeout/)
  assert.throws(() => readRows(['{"columns":[]}', '{"row":[1,[1]]}'], 'ams'), /cut off/)
  assert.deepEqual(readRows(['{"columns":[]}', '{"row":[1,["a,]}"]]}', '{"eoq":{}}'], 'ams'), ['["a,]}"]'])
})
