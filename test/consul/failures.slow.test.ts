/** Consul or Patina fails: what is stored stays, nothing is written, and the bridge goes on by itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCluster } from '@patina/test-cluster'
import { BridgeProcess, CONSUL_SCHEMA } from './src/bridge-process.ts'
import { ConsulProcess, consulBinary } from './src/consul-process.ts'
import { IDS, untilRows } from './src/rows.ts'

const binary = consulBinary()
const skip = binary.kind === 'absent' && binary.why
const HOLD = 'guard.hold_secs = 2'

test('Consul ends, and comes back with nothing in it', { skip }, async (t) => {
  assert.ok(binary.kind === 'there')
  const cluster = await startCluster(t, { names: ['ams'], schemaFiles: [CONSUL_SCHEMA] })
  const { api, apiPort } = cluster.node('ams')
  const first = await ConsulProcess.start({ binary: binary.path })
  t.after(() => first.kill())
  const bridge = await BridgeProcess.start({ consul: first.url, apiPort, config: HOLD })
  t.after(() => bridge.remove())
  for (const id of ['a', 'b']) await first.register(id)
  await untilRows(api, IDS, [['a'], ['b']])
  // Consul makes a service before its check, and a look may come in between.
  await untilRows(api, 'SELECT id FROM consul_checks ORDER BY id', [['check-a'], ['check-b']])
  const versions = await api.metric('patina_commits_total')

  await t.test('while it is down nothing is written, and that is told', async () => {
    await first.kill()
    await bridge.untilHealth('failing')
    assert.equal((await bridge.get('/healthz')).status, 200)
    assert.equal(await bridge.metric('patina_consul_up{of="consul"}'), 0)
    assert.ok((await bridge.metric('patina_consul_failures_total{of="consul",trouble="unreachable"}')) > 0)
    assert.match(bridge.log, /nothing is imported: \/v1\/agent\//)
    assert.deepEqual(await api.query(IDS), [['a'], ['b']])
    assert.equal(await api.metric('patina_commits_total'), versions)
  })

  await t.test('empty, its rows are held; registered again in time, nothing has happened', async () => {
    const second = await ConsulProcess.start({ binary: binary.path, port: first.port })
    t.after(() => second.kill())
    await bridge.untilHealth('held')
    assert.ok((await bridge.metric('patina_consul_held_deletions{why="guard"}')) > 0)
    for (const id of ['a', 'b']) await second.register(id)
    await bridge.untilHealth('well')
    assert.equal(await bridge.metric('patina_consul_held_deletions{why="guard"}'), 0)
    assert.equal(await api.metric('patina_commits_total'), versions)
    for (const id of ['a', 'b']) await second.deregister(id)
    // The guard lets through what stands for as long as it holds.
    await untilRows(api, IDS, [])
    await bridge.untilHealth('well')
    await second.register('c')
    await untilRows(api, IDS, [['c']])
  })
})

test('Patina ends and comes back: what happened meanwhile is imported then', { skip }, async (t) => {
  assert.ok(binary.kind === 'there')
  const cluster = await startCluster(t, { names: ['ams'], schemaFiles: [CONSUL_SCHEMA] })
  const { api, apiPort } = cluster.node('ams')
  const consul = await ConsulProcess.start({ binary: binary.path })
  t.after(() => consul.kill())
  const bridge = await BridgeProcess.start({ consul: consul.url, apiPort })
  t.after(() => bridge.remove())
  for (const id of ['a', 'b']) await consul.register(id)
  await untilRows(api, IDS, [['a'], ['b']])
  cluster.process('ams').kill()
  await cluster.process('ams').groupGone()
  await consul.deregister('a')
  await consul.register('c')
  await bridge.untilHealth('failing')
  assert.ok((await bridge.metric('patina_consul_failures_total{of="patina",trouble="unreachable"}')) > 0)
  cluster.spawn('ams')
  await cluster.healthy('ams')
  await untilRows(api, IDS, [['b'], ['c']])
  await bridge.untilHealth('well')
})

test('an agent without the tables is a refusal that says what to do', { skip }, async (t) => {
  assert.ok(binary.kind === 'there')
  const cluster = await startCluster(t, { names: ['ams'] })
  const consul = await ConsulProcess.start({ binary: binary.path })
  t.after(() => consul.kill())
  const bridge = await BridgeProcess.start({ consul: consul.url, apiPort: cluster.node('ams').apiPort })
  t.after(() => bridge.remove())
  const { code } = await bridge.ended()
  assert.equal(code, 1)
  assert.match(bridge.log, /no such table: consul_services.*`patina-consul schema`.*`patina schema reload`/)
})
