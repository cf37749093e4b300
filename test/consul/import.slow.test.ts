/** What the bridge imports from a real Consul, and that it writes nothing else. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startCluster, waitUntil } from '@patina/test-cluster'
import { BridgeProcess, CONSUL_SCHEMA } from './src/bridge-process.ts'
import { ConsulProcess, consulBinary } from './src/consul-process.ts'
import { CHECKS, IDS, SERVICES, untilRows } from './src/rows.ts'

const binary = consulBinary()
const skip = binary.kind === 'absent' && binary.why
/** At 20 turns a second. */
const UNCHANGED_TURNS = 20 * 60 * Number(process.env.UNCHANGED_MINUTES ?? '0.5')

test('a real Consul: everything that it registers is imported, and nothing is written while nothing changes', {
  skip,
}, async (t) => {
  assert.ok(binary.kind === 'there')
  const cluster = await startCluster(t, { names: ['ams'], schemaFiles: [CONSUL_SCHEMA] })
  const { api, apiPort } = cluster.node('ams')
  const consul = await ConsulProcess.start({ binary: binary.path })
  t.after(() => consul.kill())
  await api.execute([
    ["INSERT INTO consul_services (node, id, name, source) VALUES ('n1', 'by-hand', 'kept', 'me')", []],
    ["INSERT INTO consul_services (node, id, name) VALUES ('n1', 'stale', 'gone')", []],
  ])
  const bridge = await BridgeProcess.start({
    consul: consul.url,
    apiPort,
    config: 'full_compare_secs = 1\nguard.hold_secs = 1',
  })
  t.after(() => bridge.remove())

  await t.test('services and checks of every kind', async () => {
    await consul.register('web-1', {
      Name: 'web',
      Tags: ['v1', 'http'],
      Meta: { b: '2', a: '1' },
      Port: 8080,
      Address: '10.0.0.5',
    })
    await consul.register('db')
    await consul.put('/v1/agent/check/register', {
      ID: 'disk',
      Name: 'disk',
      TTL: '1h',
      Status: 'warning',
    })
    await untilRows(api, SERVICES, [
      ['by-hand', 'kept', '[]', '{}', 0, ''],
      ['db', 'db', '[]', '{}', 0, ''],
      ['web-1', 'web', '["v1","http"]', '{"a":"1","b":"2"}', 8080, '10.0.0.5'],
    ])
    await untilRows(api, CHECKS, [
      ['check-db', 'db', 'db lives', 'passing'],
      ['check-web-1', 'web-1', 'web-1 lives', 'passing'],
      ['disk', '', 'disk', 'warning'],
    ])
  })

  await t.test('changes: a status, a port, maintenance, one service less', async () => {
    await consul.setStatus('db', 'critical', 'no answer')
    await untilRows(api, "SELECT status, output FROM consul_checks WHERE id = 'check-db'", [
      ['critical', 'no answer'],
    ])
    await consul.register('db', { Port: 5432 })
    await untilRows(api, "SELECT port FROM consul_services WHERE id = 'db'", [[5432]])
    await consul.put('/v1/agent/service/maintenance/db?enable=true&reason=upgrade')
    await untilRows(
      api,
      "SELECT count(*) FROM consul_checks WHERE id LIKE '\\_service\\_maintenance%' ESCAPE '\\'",
      [[1]],
    )
    await consul.put('/v1/agent/service/maintenance/db?enable=false')
    await consul.deregister('db')
    await untilRows(api, IDS, [['by-hand'], ['web-1']])
    await untilRows(api, CHECKS, [
      ['check-web-1', 'web-1', 'web-1 lives', 'passing'],
      ['disk', '', 'disk', 'warning'],
    ])
  })

  await t.test(
    'unchanged state, however often it is read and its outputs change, is never written',
    async () => {
      const versions = 'patina_commits_total'
      const before = [await api.metric(versions), await bridge.metric('patina_consul_transactions_total')]
      const until = (await bridge.metric('patina_consul_turns_total')) + UNCHANGED_TURNS
      let output = 0
      await waitUntil(
        { what: 'turns of the bridge', deadlineMs: 30_000 + 100 * UNCHANGED_TURNS },
        async () => {
          output += 1
          await consul.setStatus('web-1', 'passing', `at ${output}`)
          return (await bridge.metric('patina_consul_turns_total')) >= until ? true : undefined
        },
      )
      const after = [await api.metric(versions), await bridge.metric('patina_consul_transactions_total')]
      assert.ok(output > 10)
      assert.deepEqual(after, before)
    },
  )

  await t.test('an output is written where the notes ask for it', async () => {
    const check = {
      CheckID: 'check-noisy',
      Name: 'n',
      TTL: '1h',
      Status: 'passing',
      Notes: '{"hash_include":["output"]}',
    }
    await consul.register('noisy', { Check: check })
    await consul.setStatus('noisy', 'passing', 'queue 7')
    await untilRows(api, "SELECT output FROM consul_checks WHERE id = 'check-noisy'", [['queue 7']])
    await consul.setStatus('noisy', 'passing', 'queue 8')
    await untilRows(api, "SELECT output FROM consul_checks WHERE id = 'check-noisy'", [['queue 8']])
  })

  await t.test('T-C3: tables changed by somebody else are healed by the next full comparison', async () => {
    await api.execute([
      ["DELETE FROM consul_services WHERE id = 'web-1'", []],
      ["UPDATE consul_checks SET status = 'unknown' WHERE id = 'disk'", []],
      ["INSERT INTO consul_services (node, id, name) VALUES ('n1', 'invented', 'x')", []],
    ])
    await untilRows(api, IDS, [['by-hand'], ['noisy'], ['web-1']])
    await untilRows(api, "SELECT status FROM consul_checks WHERE id = 'disk'", [['warning']])
  })

  await t.test('compare: nothing while both agree, else what differs and exit code 1', async () => {
    await bridge.turns(2)
    assert.deepEqual(bridge.command('compare'), { code: 0, out: '', err: '0 differences at 1 nodes\n' })
    assert.equal((await bridge.stop()).code, 0)
    await api.execute([
      ["UPDATE consul_services SET port = 1 WHERE id = 'web-1'", []],
      ["DELETE FROM consul_checks WHERE id = 'disk'", []],
      ["INSERT INTO consul_checks (node, id) VALUES ('n1', 'invented')", []],
    ])
    const { code, out } = bridge.command('compare')
    assert.deepEqual(
      [code, out.trimEnd().split('\n')],
      [
        1,
        [
          'n1  service web-1  different: port 8080 ≠ 1',
          'n1  check disk  missing',
          'n1  check invented  extra',
        ],
      ],
    )
    const json = JSON.parse(bridge.command('compare', '--json').out) as { readonly differences: unknown[] }
    assert.equal(json.differences.length, 3)
  })

  await t.test(
    'without being asked its rows stay after it ends; asked, they go, and nobody else’s',
    async () => {
      assert.notDeepEqual(await api.query(IDS), [['by-hand']])
      const again = await BridgeProcess.start({
        consul: consul.url,
        apiPort,
        arguments: ['--deregister-on-exit'],
      })
      t.after(() => again.remove())
      await again.untilHealth('well')
      assert.equal((await again.stop()).code, 0)
      assert.deepEqual(await api.query(IDS), [['by-hand']])
      assert.deepEqual(await api.query(CHECKS), [])
    },
  )
})
