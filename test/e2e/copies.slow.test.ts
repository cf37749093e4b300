/** What one agent can say of the others: how many hold a write (`wait`). Real processes. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  Cluster,
  NODE_NAMES,
  type NodeName,
  untilEqual,
  untilListed,
  untilMembers,
} from '@patina/test-cluster'

const STEP_MS = 30_000
const INSERT = 'INSERT INTO machines (id, app, region, node) VALUES (?, ?, ?, ?)'

async function startCluster(t: TestContext): Promise<Cluster> {
  const cluster = new Cluster()
  t.after(() => cluster.remove())
  await cluster.start()
  await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
  return cluster
}

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
