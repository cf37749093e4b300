import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Stream, connect, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import { afterRest, type RestLimits } from './request-rest.ts'

/** A request to a server that reads no body and refuses at once; `seen` resolves when it has refused. */
async function refusedRequest(
  t: TestContext,
  limits: RestLimits,
): Promise<{ readonly stream: ClientHttp2Stream; readonly seen: Promise<void> }> {
  const seen = Promise.withResolvers<void>()
  const refuse = async (): Promise<Response> => {
    setImmediate(seen.resolve)
    return new Response('no', { status: 415 })
  }
  const server = createServer(getRequestListener(afterRest(refuse, limits))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  t.after(() => {
    session.destroy()
    server.close()
  })
  return { stream: session.request({ ':method': 'POST' }), seen: seen.promise }
}

async function answerOf(stream: ClientHttp2Stream): Promise<[number | undefined, string]> {
  const [headers] = await once(stream, 'response')
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += chunk
  return [headers[':status'], text]
}

test('a client that sends its body after it was refused gets the answer, and no reset', async (t) => {
  const { stream, seen } = await refusedRequest(t, { bytesMax: 1_000_000, ms: 5_000 })
  const answer = answerOf(stream)
  const hadEnded = once(stream, 'response').then(() => stream.writableEnded)
  await seen
  stream.write('x'.repeat(100_000))
  // Longer than a listener that cleans up behind the answer would wait.
  await new Promise((resolve) => setTimeout(resolve, 10))
  stream.end('x')
  assert.deepEqual(await answer, [415, 'no'])
  assert.equal(await hadEnded, true)
  assert.equal(stream.rstCode, 0)
})

test('who sends no end is answered after the time', async (t) => {
  const { stream } = await refusedRequest(t, { bytesMax: 1_000_000, ms: 20 })
  const [headers] = await once(
    stream.on('error', () => {}),
    'response',
  )
  assert.equal(headers[':status'], 415)
})

test('who sends without end is answered after the bytes', async (t) => {
  const { stream } = await refusedRequest(t, { bytesMax: 1_000, ms: 60_000 })
  stream.on('error', () => {}).write('x'.repeat(2_000))
  const [headers] = await once(stream, 'response')
  assert.equal(headers[':status'], 415)
})
