import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  AgentProcess,
  ApiError,
  type Cluster,
  NODE_NAMES,
  type NodeName,
  sameContent,
  startCluster,
  untilEqual,
  untilListed,
  untilMembers,
  waitUntil,
} from '@patina/test-cluster'

const INSERT = 'INSERT INTO machines (id, app, region, node) VALUES (?, ?, ?, ?)'
const STEP_MS = 30_000

async function insert(cluster: Cluster, name: NodeName, from: number, count: number): Promise<void> {
  for (let i = from; i < from + count; i += 1)
    await cluster.node(name).api.execute([[INSERT, [`${name}-${i}`, `app-${i % 7}`, name, `host-${name}`]]])
}

async function converged(cluster: Cluster, rows: number): Promise<void> {
  await untilEqual(cluster.nodes(), rows)
  assert.equal((await sameContent(cluster.nodes())).rows, rows)
}

test('writes on all three at once, also of the same cells, end in the same content everywhere', async (t) => {
  const cluster = await startCluster(t)
  await Promise.all(NODE_NAMES.map((name) => insert(cluster, name, 0, 40)))
  await converged(cluster, 120)
  const update = 'UPDATE machines SET state = ?, updated = updated + 1 WHERE id LIKE ?'
  await Promise.all(
    NODE_NAMES.flatMap((name) =>
      NODE_NAMES.map((row) => cluster.node(name).api.execute([[update, [`by ${name}`, `${row}-1%`]]])),
    ),
  )
  await cluster.node('nrt').api.execute([['DELETE FROM machines WHERE id LIKE ?', ['syd-2%']]])
  await converged(cluster, 109)
})

test('kill -9 and restart: what was answered is there, what was missed arrives, no child is left', async (t) => {
  const cluster = await startCluster(t)
  await insert(cluster, 'syd', 0, 20)
  const victim = cluster.process('syd')
  victim.kill()
  await victim.groupGone()
  await Promise.all((['ams', 'nrt'] as const).map((name) => untilListed(cluster.node(name), 'syd', 'down')))
  await insert(cluster, 'ams', 0, 20)
  cluster.spawn('syd')
  await cluster.healthy('syd')
  await insert(cluster, 'syd', 20, 5)
  await converged(cluster, 45)
  await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
})

test('a partition by cut connections: every side writes on, and all agree after it heals', async (t) => {
  const cluster = await startCluster(t, { links: 'proxied' })
  await insert(cluster, 'ams', 0, 5)
  await converged(cluster, 5)
  cluster.cutLinks()
  await Promise.all(NODE_NAMES.map((name) => insert(cluster, name, 100, 20)))
  const update = 'UPDATE machines SET state = ? WHERE id = ?'
  await Promise.all(NODE_NAMES.map((name) => cluster.node(name).api.execute([[update, [name, 'ams-0']]])))
  const alone = await Promise.all(
    cluster.nodes().map(({ api }) => api.query('SELECT count(*) FROM machines')),
  )
  assert.deepEqual(alone, [[[25]], [[25]], [[25]]])
  await untilListed(cluster.node('ams'), 'nrt', 'down')
  cluster.healLinks()
  await converged(cluster, 65)
  await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
})

test('an endless statement, as query and as write, ends at its deadline while the agent serves others', async (t) => {
  const cluster = await startCluster(t)
  const { api, port } = { api: cluster.node('ams').api, port: cluster.node('ams').apiPort }
  const endless = 'WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s) '
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}?timeout=2`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(STEP_MS),
    })
  let ended = 0
  const hopeless = [
    post('/v1/queries', `${endless} SELECT count(*) FROM s`),
    post('/v1/transactions', [`${endless} INSERT INTO machines (id) SELECT max(i) FROM s`]),
  ].map(async (under) => {
    const response = await under
    const text = await response.text()
    ended += 1
    return { status: response.status, text }
  })
  let served = 0
  while (ended < hopeless.length) {
    await api.query('SELECT count(*) FROM machines')
    served += 1
  }
  const answers = await Promise.all(hopeless)
  for (const { status, text } of answers) {
    assert.ok(status >= 400 || /"error"/.test(text), `${status} ${text}`)
    assert.match(text, /timeout/i)
  }
  assert.ok(served > 10, `${served} queries were answered meanwhile`)
  // The store comes back by itself; until then writers are told to try again.
  await waitUntil({ what: 'ams takes writes again', deadlineMs: STEP_MS }, () =>
    insert(cluster, 'ams', 0, 1).then(
      () => true,
      (cause) => (cause instanceof ApiError ? undefined : Promise.reject(cause)),
    ),
  )
  await converged(cluster, 1)
  await untilNoneBurns(cluster)
})

test('a second agent on the same database ends at once with a sentence, and the first goes on', async (t) => {
  const cluster = await startCluster(t)
  const config = join(cluster.folder, 'ams', 'config.toml')
  const log = join(cluster.folder, 'second.log')
  const second = new AgentProcess(config, log)
  const { code } = await second.exited
  assert.equal(code, 1)
  assert.match(second.logTail(), /open|in use/)
  await second.groupGone()
  await insert(cluster, 'ams', 0, 1)
  await converged(cluster, 1)
})

/** No process of the cluster uses a core any more: nobody was left with the endless statement. */
async function untilNoneBurns(cluster: Cluster): Promise<void> {
  await waitUntil({ what: 'no process burns', deadlineMs: STEP_MS, pollMs: 500 }, async () => {
    const before = cpuSeconds(cluster)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    return cpuSeconds(cluster) - before < 0.7 ? true : undefined
  })
}

/** CPU time so far of all processes whose command line names the cluster's folder, or whose parent's does. */
function cpuSeconds(cluster: Cluster): number {
  const { stdout } = spawnSync('ps', ['-eo', 'cputimes=,args='], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .filter((line) => line.includes(cluster.folder))
    .reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[0]), 0)
}
