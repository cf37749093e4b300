import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import test, { type TestContext } from 'node:test'
import { QueueWatch } from './queue-watch.ts'

/** An agent whose status says these sums, one after the other, and then the last one. */
async function agentWith(
  t: TestContext,
  sums: readonly number[],
): Promise<{ apiPort: number; asked: Promise<void> }> {
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  let at = 0
  const server = createServer((_, response) => {
    const sum = sums[Math.min(at, sums.length - 1)] as number
    at += 1
    response.end(JSON.stringify({ sync: { queued_bytes: sum - 1, broadcast_delayed_bytes: 1 } }))
    resolve()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { apiPort: (server.address() as { readonly port: number }).port, asked }
}

test('tells the most of one agent, and the rest of all at the end', async (t) => {
  const agents = [await agentWith(t, [500, 3]), await agentWith(t, [70, 4])]
  const watch = new QueueWatch(agents)
  await Promise.all(agents.map(({ asked }) => asked))
  assert.deepEqual(await watch.end(), { most: 500, atEnd: 7 })
})
