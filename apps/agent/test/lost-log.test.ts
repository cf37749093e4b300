import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { AgentUnderTest, temporaryFolder, writeConfig } from './agent-under-test.ts'

test('an agent whose log nobody takes goes on', async (t) => {
  const agent = await AgentUnderTest.start(t, writeConfig(temporaryFolder(t)))
  const { gossip } = await agent.logged('ready')
  agent.process.stderr?.destroy()
  // Each junk packet of another kind is a log line; /metrics tells when it was seen.
  const stranger = createSocket('udp4')
  t.after(() => stranger.close())
  const port = Number(String(gossip).split(':').at(-1))
  const deadline = performance.now() + 10_000
  for (let seen = 0; seen < 20; seen += 1) {
    stranger.send(Buffer.alloc(seen % 2 === 0 ? 10 : 100), port, '127.0.0.1')
    const metrics = await (await fetch(`${agent.base}/metrics`)).text()
    if (/refused_total\{[^}]*not-patina"\} [5-9]/.test(metrics)) break
    assert.ok(performance.now() < deadline)
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.equal((await agent.post('/v1/transactions', '["INSERT INTO items (id) VALUES (1)"]')).status, 200)
  agent.process.kill('SIGTERM')
  assert.deepEqual(await once(agent.process, 'exit'), [0, null])
})
