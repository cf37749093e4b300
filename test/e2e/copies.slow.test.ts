/**
 * What one agent can say of the others: how many hold a write (`wait`), how old its view of them is (`max_age`). Real
 * processes.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import {
  type Cluster,
  NODE_NAMES,
  type NodeName,
  startCluster,
  untilEqual,
  untilListed,
  waitUntil,
} from '@patina/test-cluster'

const STEP_MS = 30_000
const INSERT = 'INSERT INTO machines (id, app, region, node) VALUES (?, ?, ?, ?)'

interface Written {
  readonly status: number
  readonly version: number | null
  readonly code?: string
  readonly copies?: number
}

async function insert(cluster: Cluster, name: NodeName, id: string, query: string): Promise<Written> {
  const response = await fetch(`http://127.0.0.1:${cluster.node(name).apiPort}/v1/transactions?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([[INSERT, [id, 'app', name, name]]]),
    signal: AbortSignal.timeout(STEP_MS),
  })
  return { status: response.status, ...((await response.json()) as Omit<Written, 'status'>) }
}

test('wait=N: the others have it when the answer comes; while one is frozen the answer says so, and it stays written', async (t) => {
  const cluster = await startCluster(t)
  for (let i = 0; i < 20; i += 1) {
    const { status, copies } = await insert(cluster, 'ams', `a${i}`, 'wait=2&timeout=20')
    assert.deepEqual([status, copies], [200, 2])
    for (const name of ['syd', 'nrt'] as const)
      assert.deepEqual(await cluster.node(name).api.query('SELECT 1 FROM machines WHERE id = ?', [`a${i}`]), [
        [1],
      ])
  }
  cluster.process('nrt').pause()
  const late = await insert(cluster, 'ams', 'late', 'wait=2&timeout=1')
  assert.deepEqual([late.status, late.code, late.version, late.copies], [504, 'wait-timeout', 21, 1])
  await untilListed(cluster.node('ams'), 'nrt', 'down')
  const refused = await insert(cluster, 'ams', 'never', 'wait=2')
  assert.deepEqual([refused.status, refused.code], [503, 'too-few-members'])
  assert.equal((await insert(cluster, 'ams', 'one', 'wait=1&timeout=20')).status, 200)
  cluster.process('nrt').resume()
  await untilEqual(cluster.nodes(), 22)
})

test('max_age: views are young though nobody writes; without streams they age, though all are alive; then they are complete again', async (t) => {
  const cluster = await startCluster(t, { links: 'proxied' })
  const ask = async (name: NodeName): Promise<{ status: number; age_ms?: number | null }> => {
    const response = await fetch(`http://127.0.0.1:${cluster.node(name).apiPort}/v1/queries?max_age=4`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '"SELECT count(*) FROM machines"',
      signal: AbortSignal.timeout(STEP_MS),
    })
    const text = await response.text()
    return { status: response.status, ...(response.ok ? {} : (JSON.parse(text) as { age_ms: number })) }
  }
  const until = (name: NodeName, status: number): Promise<{ age_ms?: number | null }> =>
    waitUntil({ what: `${name} answers ${status}`, deadlineMs: STEP_MS }, async () => {
      const answer = await ask(name)
      return answer.status === status ? answer : undefined
    })
  await Promise.all(NODE_NAMES.map((name) => until(name, 200)))
  await new Promise((resolve) => setTimeout(resolve, 5_000))
  for (const name of NODE_NAMES) assert.equal((await ask(name)).status, 200)
  const lag =
    'SELECT name, behind, age_ms > 0 FROM patina_lag JOIN patina_members USING (actor) ORDER BY name'
  const none = NODE_NAMES.toSorted().map((name) => [name, 0, 0])
  const lagOfSyd = (): Promise<unknown> => cluster.node('syd').api.query(lag)
  assert.deepEqual(await lagOfSyd(), none)
  const untilLag = (wanted: unknown): Promise<true> =>
    waitUntil({ what: `the lag is ${JSON.stringify(wanted)}`, deadlineMs: STEP_MS }, async () =>
      isDeepStrictEqual(await lagOfSyd(), wanted) ? true : undefined,
    )
  cluster.cutConnections()
  await insert(cluster, 'ams', 'meanwhile', '')
  const old = await Promise.all(NODE_NAMES.map((name) => until(name, 503)))
  for (const { age_ms: age } of old) assert.ok(typeof age === 'number' && age >= 4_000, `${age} ms`)
  const states = await cluster.node('syd').api.query('SELECT DISTINCT state FROM patina_members')
  assert.deepEqual(states, [['alive']])
  await untilLag([
    ['ams', 0, 1],
    ['nrt', 0, 1],
    ['syd', 0, 0],
  ])
  cluster.healLinks()
  for (const name of NODE_NAMES) {
    await until(name, 200)
    assert.deepEqual(
      await cluster.node(name).api.query('SELECT count(*) FROM machines'),
      [[1]],
      'young means complete',
    )
  }
  await untilLag(none)
  const arrivals = 'patina_propagation_seconds_count{region="ams",lane="backlog"}'
  assert.ok((await cluster.node('syd').api.metric(arrivals)) >= 1, 'what was missed was caught up')
})
