/** The discipline of broadcast on real agents: a member that is muted, one that writes more than its budget, and a deletion meanwhile. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import {
  type Cluster,
  NODE_NAMES,
  type NodeName,
  startCluster,
  untilEqual,
  waitUntil,
} from '@patina/test-cluster'

const STEP_MS = 30_000
const INSERT = 'INSERT INTO machines (id, app, region, node, state) VALUES (?, ?, ?, ?, ?)'

function insert(cluster: Cluster, name: NodeName, id: string, state = ''): Promise<number | null> {
  return cluster.node(name).api.execute([[INSERT, [id, 'app', name, name, state]]])
}

test('a member that is muted on one agent is muted on all; its writes arrive all the same; unmuted elsewhere, it is broadcast again', async (t) => {
  const cluster = await startCluster(t)
  const ams = cluster.node('ams').api
  await insert(cluster, 'ams', 'before')
  await untilEqual(cluster.nodes(), 1)
  const [[actor]] = (await ams.query("SELECT actor FROM patina_members WHERE name = 'ams'")) as [[string]]
  const say = async (name: NodeName, word: 'mute' | 'unmute', muted: readonly string[]): Promise<void> => {
    const base = (at: NodeName): string => `http://127.0.0.1:${cluster.node(at).apiPort}/v1`
    const said = await fetch(`${base(name)}/cluster/${word}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ actor }),
    })
    assert.equal(said.status, 200)
    await waitUntil({ what: `all know of the ${word}`, deadlineMs: STEP_MS }, async () => {
      const told = await Promise.all(
        NODE_NAMES.map(async (at) => {
          const status = (await (await fetch(`${base(at)}/status`)).json()) as { sync: { muted: unknown } }
          return status.sync.muted
        }),
      )
      return told.every((each) => isDeepStrictEqual(each, muted)) ? true : undefined
    })
  }
  await say('syd', 'mute', [actor])
  const sent = await ams.metric('patina_broadcast_sent_total')
  await insert(cluster, 'ams', 'meanwhile')
  await untilEqual(cluster.nodes(), 2)
  assert.equal(await ams.metric('patina_broadcast_sent_total'), sent)
  await say('nrt', 'unmute', [])
  await insert(cluster, 'ams', 'after')
  await untilEqual(cluster.nodes(), 3)
  assert.ok((await ams.metric('patina_broadcast_sent_total')) > sent)
})

test('a member above its budget is served by anti-entropy, and neither a deletion nor another member waits for it', async (t) => {
  const cluster = await startCluster(t)
  const [ams, syd] = [cluster.node('ams').api, cluster.node('syd').api]
  await insert(cluster, 'ams', 'doomed')
  await untilEqual(cluster.nodes(), 1)
  const state = 'x'.repeat(9_000)
  const bulk = Array.from({ length: 20 }, (_, n) =>
    ams.execute(
      Array.from({ length: 100 }, (_, i) => [INSERT, [`b${n}-${i}`, 'app', 'ams', 'ams', state]] as const),
    ),
  )
  await Promise.all(bulk)
  const begunAt = performance.now()
  await ams.execute([["DELETE FROM machines WHERE id = 'doomed'", []]])
  await insert(cluster, 'nrt', 'other')
  await waitUntil({ what: 'syd hears of the deletion and of nrt', deadlineMs: STEP_MS }, async () =>
    isDeepStrictEqual(await syd.query("SELECT id FROM machines WHERE id IN ('doomed', 'other')"), [['other']])
      ? true
      : undefined,
  )
  const urgentMs = performance.now() - begunAt
  await untilEqual(cluster.nodes(), 2_001)
  const allMs = performance.now() - begunAt
  t.diagnostic(`deletion and other member ${Math.round(urgentMs)} ms, all of 18 MB ${Math.round(allMs)} ms`)
  assert.ok((await ams.metric('patina_broadcast_dropped_total')) > 0)
  await waitUntil({ what: 'nothing is delayed any more', deadlineMs: STEP_MS }, async () =>
    (await ams.metric('patina_broadcast_delayed_bytes')) === 0 ? true : undefined,
  )
})
