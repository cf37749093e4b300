/**
 * What `/readyz` promises to who subscribes next: an agent that comes back and has caught up is not ready while a live result of
 * before has not run again.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { createClient, type Subscription } from '@patina/client'
import { startCluster, waitUntil } from '@patina/test-cluster'

const DEADLINE_MS = 30_000
const ROWS = 2_000
/** Longer than an agent takes to look at itself, and shorter than a process may stand still. */
const STAND_MS = 1_500
const COUNT = 'SELECT count(*) FROM machines'
const FILL = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
INSERT INTO machines (id) SELECT 'm' || i FROM n`

/** The first state that a subscription has. */
async function firstState(address: string, t: TestContext): Promise<unknown> {
  const subscription: Subscription = createClient({ addresses: address }).subscribe(COUNT)
  t.after(() => subscription.close())
  for await (const event of subscription) if (event.kind === 'row') return event.cells[0]
  return undefined
}

async function lacks(address: string): Promise<readonly string[]> {
  const body = (await (await fetch(`http://${address}/readyz`)).json()) as { readonly missing?: string[] }
  return body.missing ?? []
}

test('I-READY-2: an agent that has caught up is ready when its live results have it, and a subscription begins with it', async (t) => {
  const cluster = await startCluster(t, { links: 'proxied' })
  const address = `127.0.0.1:${cluster.node('syd').apiPort}`
  assert.equal(await firstState(address, t), 0)
  await cluster.process('syd').stop()
  await cluster.node('ams').api.execute([[FILL, []]])
  cluster.cutLinks()
  cluster.spawn('syd')
  await cluster.healthy('syd')
  const liveQuery = cluster
    .process('syd')
    .pids()
    .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('live-query'))
  assert.ok(liveQuery !== undefined)
  process.kill(liveQuery, 'SIGSTOP')
  try {
    cluster.healLinks()
    await waitUntil({ what: 'its tables have all', deadlineMs: DEADLINE_MS, pollMs: 20 }, async () =>
      (await cluster.node('syd').api.query(COUNT))[0]?.[0] === ROWS ? true : undefined,
    )
    await waitUntil({ what: 'it has caught up', deadlineMs: DEADLINE_MS, pollMs: 20 }, async () =>
      (await lacks(address)).some((what) => what === 'joined' || what === 'caught-up') ? undefined : true,
    )
    const until = performance.now() + STAND_MS
    while (performance.now() < until) assert.deepEqual(await lacks(address), ['live-results'])
  } finally {
    process.kill(liveQuery, 'SIGCONT')
  }
  await waitUntil({ what: 'it is ready', deadlineMs: DEADLINE_MS, pollMs: 20 }, async () =>
    (await lacks(address)).length === 0 ? true : undefined,
  )
  assert.equal(await firstState(address, t), ROWS)
})
