/**
 * T-H1: readers that hold an old snapshot under writes. The write-ahead log stays below its bound, who holds it is cut with an
 * error after which it may come again, and writes go on. Linux: who reads is found by /proc.
 */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ApiError, createClient } from '@patina/client'
import { AgentUnderTest, temporaryFolder, writeConfig } from './agent-under-test.ts'

const MIB = 1024 * 1024
const WAL_LIMIT = 64 * MIB
const STEP_MS = 30_000
/** Of a row; with its index, its clock and its changeset some 100 KB of the log. */
const ROW_BYTES = 40_000
/** From half of the bound on: some 3 MB of the log each second. */
const WRITE_EVERY_MS = 20

const ENDLESS =
  'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM items, c'

async function start(t: TestContext): Promise<{ agent: AgentUnderTest; walBytes: () => number }> {
  const folder = temporaryFolder(t)
  const config = writeConfig(folder)
  writeFileSync(config, readFileSync(config, 'utf8').replace('[db]\n', `[db]\nwal_limit = ${WAL_LIMIT}\n`))
  const agent = await AgentUnderTest.start(t, config)
  return { agent, walBytes: () => statSync(join(folder, 'state.db-wal')).size }
}

test('T-H1: a reader that holds a snapshot under writes is cut before the log reaches its bound', {
  skip: existsSync('/proc/locks') ? false : 'needs /proc/locks',
}, async (t) => {
  const { agent, walBytes } = await start(t)
  const client = createClient({ addresses: [agent.base] })
  const fill = `INSERT INTO items (id, t) SELECT ? || value, hex(randomblob(5000)) FROM json_each(?)`
  const numbers = JSON.stringify(Array.from({ length: 700 }, (_, n) => n))
  for (const name of ['a', 'b', 'c']) await client.execute([[fill, [name, numbers]]])

  // Reads its first row, and no further: the rest waits in the readers, on a snapshot of this moment.
  const rows = client.query('SELECT id, t FROM items')[Symbol.asyncIterator]()
  await rows.next()
  const aggregate = client
    .query(ENDLESS)
    .all()
    .then(
      () => undefined,
      (cause: unknown) => cause,
    )
  const live = agent
    .post('/v1/subscriptions', JSON.stringify(`${ENDLESS} WHERE c.x > 0`))
    .then(({ status }) => status)

  let [highest, isDone, writes] = [0, false, 0]
  const tookMs: number[] = []
  t.after(() => {
    isDone = true
  })
  const writing = (async () => {
    for (; !isDone; writes += 1) {
      const startedAt = performance.now()
      await client.execute([
        ['INSERT INTO items (id, t) VALUES (?, ?)', [`w${writes}`, 'x'.repeat(ROW_BYTES)]],
      ])
      tookMs.push(performance.now() - startedAt)
      highest = Math.max(highest, walBytes())
      if (highest > WAL_LIMIT / 2) await pause(WRITE_EVERY_MS)
    }
  })()
  const failed = await within(aggregate)
  assert.ok(failed instanceof ApiError, String(failed))
  assert.deepEqual([failed.retryable, failed.status], [true, 503])
  assert.equal(await within(live), 503)
  // The log is let go, and grows no more.
  await pause(2_000)
  isDone = true
  await writing
  const left = walBytes()
  tookMs.sort((a, b) => a - b)
  const p99 = tookMs[Math.floor(tookMs.length * 0.99)] as number
  t.diagnostic(
    `${writes} writes; the log was ${(highest / MIB).toFixed(1)} MiB at most, ${(left / MIB).toFixed(1)} at the end; p99 ${p99.toFixed(0)} ms`,
  )
  assert.ok(highest < WAL_LIMIT)
  assert.ok(left < (WAL_LIMIT * 3) / 4)

  const cut = await (async () => {
    for (;;) if ((await rows.next()).done === true) return undefined
  })().catch((cause: unknown) => cause)
  assert.ok(cut instanceof ApiError, String(cut))
  assert.deepEqual([cut.code, cut.retryable, cut.status], ['snapshot-cut', true, 200])
  assert.deepEqual(await client.query('SELECT count(*) FROM items').all(), [[2_100 + writes]])
  assert.match(
    await (await fetch(`${agent.base}/metrics`)).text(),
    /patina_snapshots_cut_total\{role="readers"\} [1-9]/,
  )
})

async function within<T>(promise: Promise<T>): Promise<T> {
  const late = pause(STEP_MS, undefined, { ref: false }).then(() => {
    throw new Error('waited in vain')
  })
  return Promise.race([promise, late])
}
