/**
 * Answers as newer Consuls give them (1.2x; fields by its API documentation, because Debian has no newer binary than
 * 1.8.7), and answers that are none: played by an HTTP server, so that each can be had at will.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startCluster } from '@patina/test-cluster'
import { BridgeProcess, CONSUL_SCHEMA } from './src/bridge-process.ts'
import { CHECKS, IDS, SERVICES, untilRows } from './src/rows.ts'

const TOKEN = 'of-everybody'
const SELF = { Config: { Datacenter: 'dc1', NodeName: 'n1', Server: false, Version: '1.22.0' }, Meta: {} }

function service(id: string): object {
  return {
    ID: id,
    Service: id,
    Tags: ['v2'],
    Meta: {},
    Port: 80,
    Address: '10.0.0.1',
    TaggedAddresses: { lan_ipv4: { Address: '10.0.0.1', Port: 80 } },
    Weights: { Passing: 1, Warning: 1 },
    EnableTagOverride: false,
    Datacenter: 'dc1',
    Partition: 'default',
    Namespace: 'default',
    Locality: { Region: 'r1', Zone: 'z1' },
    Ports: [],
  }
}

function check(id: string): object {
  return {
    Node: 'n1',
    CheckID: `service:${id}`,
    Name: `Service '${id}' check`,
    Status: 'passing',
    Notes: '',
    Output: 'TCP connect 10.0.0.1:80: Success',
    ServiceID: id,
    ServiceName: id,
    ServiceTags: ['v2'],
    Type: 'tcp',
    Interval: '10s',
    Timeout: '1s',
    ExposedPort: 0,
    PeerName: '',
    Partition: 'default',
    Namespace: 'default',
    Definition: {},
    CreateIndex: 0,
    ModifyIndex: 0,
  }
}

/** What the played agent says; a test changes it. */
interface Played {
  ids: readonly string[]
  filtered: boolean
  /** Instead of an answer to a list. */
  instead: ((response: ServerResponse) => void) | undefined
}

async function playConsul(t: TestContext): Promise<{ readonly played: Played; readonly url: string }> {
  const played: Played = { ids: ['a', 'b'], filtered: false, instead: undefined }
  const server = createServer(({ url }, response) => {
    if (url === '/v1/agent/self') return void response.end(JSON.stringify(SELF))
    if (played.instead !== undefined) return played.instead(response)
    if (played.filtered) response.setHeader('x-consul-results-filtered-by-acls', 'true')
    const [keyOf, make] =
      url === '/v1/agent/checks' ? [(id: string) => `service:${id}`, check] : [String, service]
    response.end(JSON.stringify(Object.fromEntries(played.ids.map((id) => [keyOf(id), make(id)]))))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { played, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('a newer Consul', async (t) => {
  const cluster = await startCluster(t, { names: ['ams'], schemaFiles: [CONSUL_SCHEMA], token: TOKEN })
  const { api, apiPort } = cluster.node('ams')
  const { played, url } = await playConsul(t)
  const tokenFile = join(cluster.folder, 'token')
  writeFileSync(tokenFile, TOKEN)
  const bridge = await BridgeProcess.start({
    consul: url,
    apiPort,
    config: `guard.hold_secs = 0\nconsul.timeout_ms = 500\npatina.token_file = "${tokenFile}"`,
  })
  t.after(() => bridge.remove())

  await t.test('is read: fields that are not known do not matter', async () => {
    await untilRows(api, SERVICES, [
      ['a', 'a', '["v2"]', '{}', 80, '10.0.0.1'],
      ['b', 'b', '["v2"]', '{}', 80, '10.0.0.1'],
    ])
    await untilRows(api, CHECKS, [
      ['service:a', 'a', "Service 'a' check", 'passing'],
      ['service:b', 'b', "Service 'b' check", 'passing'],
    ])
  })

  await t.test('that says it hides rows from this token: none is deleted, new ones are written', async () => {
    Object.assign(played, { ids: ['b', 'c'], filtered: true })
    await untilRows(api, IDS, [['a'], ['b'], ['c']])
    await bridge.untilHealth('held')
    assert.equal(await bridge.metric('patina_consul_held_deletions{why="filtered"}'), 2)
    await bridge.turns(3)
    assert.deepEqual(await api.query(IDS), [['a'], ['b'], ['c']])
    played.filtered = false
    await untilRows(api, IDS, [['b'], ['c']])
    await bridge.untilHealth('well')
  })

  const answers: readonly (readonly [string, (response: ServerResponse) => void, string])[] = [
    ['no JSON', (response) => void response.end('<html>'), 'answer'],
    ['a list where an object is expected', (response) => void response.end('[]'), 'answer'],
    ['500', (response) => void response.writeHead(500).end('No cluster leader'), 'answer'],
    ['403', (response) => void response.writeHead(403).end('ACL not found'), 'denied'],
    ['an answer that never comes', () => {}, 'unreachable'],
    [
      'an answer that breaks off',
      (response) => void response.write('{"a":', () => response.destroy()),
      'unreachable',
    ],
    [
      'an answer without end',
      (response) => void setInterval(() => response.write(' '), 50).unref(),
      'unreachable',
    ],
  ]
  for (const [what, instead, trouble] of answers)
    await t.test(`${what}: nothing changes, and it is told as ${trouble}`, async () => {
      const sample = `patina_consul_failures_total{of="consul",trouble="${trouble}"}`
      const before = [await api.metric('patina_commits_total'), await bridge.metric(sample)] as const
      played.instead = instead
      await bridge.untilHealth('failing')
      assert.ok((await bridge.metric(sample)) > before[1])
      played.instead = undefined
      await bridge.untilHealth('well')
      assert.equal(await api.metric('patina_commits_total'), before[0])
      assert.deepEqual(await api.query(IDS), [['b'], ['c']])
    })

  await t.test('a token for the agent that is replaced in its file is used without a restart', async () => {
    const refused = 'patina_consul_failures_total{of="patina",trouble="refused"}'
    writeFileSync(tokenFile, 'unknown-to-the-agent')
    played.ids = ['d']
    await bridge.untilHealth('failing')
    assert.ok((await bridge.metric(refused)) > 0)
    assert.deepEqual(await api.query(IDS), [['b'], ['c']])
    writeFileSync(tokenFile, TOKEN)
    await untilRows(api, IDS, [['d']])
    await bridge.untilHealth('well')
  })
})
