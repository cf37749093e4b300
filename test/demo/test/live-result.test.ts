/** LiveResult with a real `patina watch` and an agent that is one prepared stream. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type TestContext } from 'node:test'
import { StepFailure } from '@patina/test-cluster'
import { LiveResult } from '../src/live-result.ts'

interface Served {
  readonly live: LiveResult
  readonly stream: ServerResponse
  /** Body of the request that opened the stream. */
  readonly asked: string
}

/** A live result whose watch has reached the stream, and the other end of that stream. */
async function served(t: TestContext, status = 200): Promise<Served> {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  const live = new LiveResult((server.address() as AddressInfo).port, 'SELECT id FROM instances')
  t.after(() => live.remove())
  const [request, stream] = (await once(server, 'request')) as [AsyncIterable<Buffer>, ServerResponse]
  let asked = ''
  for await (const part of request) asked += part
  stream.writeHead(status, { 'content-type': 'application/json', 'corro-query-id': 'q1' })
  return { live, stream, asked }
}

function send(stream: ServerResponse, ...lines: readonly object[]): void {
  for (const line of lines) stream.write(`${JSON.stringify(line)}\n`)
}

test('it waits for exactly the rows that are asked for, and tells the moment when they came', async (t) => {
  const { live, stream, asked } = await served(t)
  assert.match(asked, /SELECT id FROM instances/)
  send(stream, { columns: ['id'] }, { row: [1, ['b']] }, { row: [2, ['a']] })
  const before = performance.now()
  send(stream, { eoq: { time: 0, change_id: 0 } })
  const completeAt = await live.untilIds('is complete', ['b', 'a'])
  assert.deepEqual(live.ids(), ['a', 'b'])
  send(stream, { change: ['delete', 2, ['a'], 1] })
  const lostAt = await live.untilIds('has lost a', ['b'])
  assert.ok(before < completeAt && completeAt < lostAt && lostAt <= performance.now())
  assert.equal(await live.untilIds('still', ['b']), lostAt)
})

test('a watch that ends fails the step with its own words', async (t) => {
  const { live, stream } = await served(t, 400)
  stream.end('{"error":"no such table: instances"}')
  await assert.rejects(
    live.untilIds('never', ['a']),
    (error) => error instanceof StepFailure && /no such table: instances/.test(error.message),
  )
})
