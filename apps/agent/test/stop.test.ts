/** SIGTERM while clients are in the middle of things: the end comes in the time that is given for them, and in order. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { AgentUnderTest, temporaryFolder, writeConfig } from './agent-under-test.ts'

/** Above what an agent with nothing under way takes on a busy machine, below what each child process may take to end. */
const MORE_MS = 3_500

const ENDLESS = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'

test('neither a reader who takes nothing nor an endless statement delays it, and live results end in order', async (t) => {
  const folder = temporaryFolder(t)
  const agent = await AgentUnderTest.start(t, writeConfig(folder, 'limits = { drain_secs = 1 }'))
  // A window of 0: every body waits in the agent.
  const session = connect(agent.base, { settings: { initialWindowSize: 0 } }).on('error', () => {})
  t.after(() => session.destroy())
  const post = (path: string, statement: string) => {
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/json' })
    stream.on('error', () => {}).end(JSON.stringify(statement))
    return stream
  }
  await once(post('/v1/subscriptions', 'SELECT id FROM items'), 'response')
  post('/v1/queries', ENDLESS)
  // Behind it on the same connection: the statement has begun when this is answered.
  await once(session.request({ ':path': '/healthz' }), 'response')
  const startedAt = performance.now()
  assert.equal((await agent.stop()).code, 0)
  const tookMs = performance.now() - startedAt
  assert.ok(tookMs < 1_000 + MORE_MS, `${tookMs} ms`)
  const state = new DatabaseSync(join(folder, 'state.db-subscriptions'), { readOnly: true })
  t.after(() => state.close())
  const { value } = state.prepare("SELECT value FROM meta WHERE name = 'clean'").get() as { value: string }
  assert.equal(value, '1', 'clients can resume after the next start, on another boot too')
})
