/** Who may read Consul: ACL tokens and certificates, wrong ones, expired ones, and new ones while the bridge runs. */
import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { findFreePorts, startCluster, waitUntil } from '@patina/test-cluster'
import {
  generateAuthority,
  issueClientCertificate,
  issueNodeCertificate,
  validForDays,
} from '@patina/transport/certificates'
import { BridgeProcess, CONSUL_SCHEMA } from './src/bridge-process.ts'
import { ConsulProcess, consulBinary } from './src/consul-process.ts'
import { IDS, untilRows } from './src/rows.ts'

const binary = consulBinary()
const skip = binary.kind === 'absent' && binary.why
const ROOT_TOKEN = '11111111-2222-3333-4444-555555555555'
const DAY_MS = 86_400_000

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'patina-access-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** As secret managers do it: never half a file. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

async function tokenFor(consul: ConsulProcess, name: string, rules: string): Promise<string> {
  await consul.put('/v1/acl/policy', { Name: name, Rules: rules })
  const made = (await consul.put('/v1/acl/token', { Policies: [{ Name: name }] })) as {
    readonly SecretID: string
  }
  return made.SecretID
}

test('ACLs: a token that may read imports; one that expires deletes nothing', { skip }, async (t) => {
  assert.ok(binary.kind === 'there')
  const cluster = await startCluster(t, { names: ['ams'], schemaFiles: [CONSUL_SCHEMA] })
  const { api, apiPort } = cluster.node('ams')
  const config = { acl: { enabled: true, default_policy: 'deny', tokens: { master: ROOT_TOKEN } } }
  const consul = await ConsulProcess.start({ binary: binary.path, config, token: ROOT_TOKEN })
  t.after(() => consul.kill())
  // ACLs begin some moments after the leader.
  const reads =
    'agent_prefix "" { policy = "read" } node_prefix "" { policy = "read" } service_prefix "" { policy = "read" }'
  const token = await waitUntil({ what: 'ACLs are ready', deadlineMs: 20_000, pollMs: 100 }, () =>
    tokenFor(consul, 'bridge', reads).catch(() => undefined),
  )
  await consul.register('a')
  await consul.register('b')
  const file = join(temporaryFolder(t), 'token')
  writeFileSync(file, 'no-such-token')
  const options = `consul.token_file = "${file}"\nguard.hold_secs = 0`
  const bridge = await BridgeProcess.start({ consul: consul.url, apiPort, config: options })
  t.after(() => bridge.remove())

  await t.test('an unknown token: denied, and nothing imported', async () => {
    await bridge.untilHealth('failing')
    assert.ok((await bridge.metric('patina_consul_failures_total{of="consul",trouble="denied"}')) > 0)
    assert.equal(bridge.command('check').code, 1)
  })

  await t.test('the file changes: imported without a restart', async () => {
    replaceFile(file, `${token}\n`)
    await untilRows(api, IDS, [['a'], ['b']])
    assert.match(bridge.command('check').out, /^node n1: 2 services, 2 checks\n/)
  })

  await t.test(
    'a token that reads nothing any more gets empty lists: nothing is deleted, though the guard holds nothing',
    async () => {
      const versions = await api.metric('patina_commits_total')
      const nothing = await tokenFor(consul, 'nothing', 'key_prefix "x" { policy = "read" }')
      const lists = await fetch(`${consul.url}/v1/agent/services`, { headers: { 'x-consul-token': nothing } })
      assert.deepEqual([lists.status, (await lists.text()).trim()], [200, '{}'])
      replaceFile(file, nothing)
      await bridge.untilHealth('failing')
      await bridge.turns(3)
      assert.deepEqual(await api.query(IDS), [['a'], ['b']])
      assert.equal(await api.metric('patina_commits_total'), versions)
      assert.ok(!bridge.log.includes(nothing) && !bridge.log.includes(token))
      replaceFile(file, token)
      await bridge.untilHealth('well')
    },
  )
})

test('TLS both ways: an expired certificate writes nothing and is told; a new one is taken without a restart', {
  skip,
}, async (t) => {
  assert.ok(binary.kind === 'there')
  const cluster = await startCluster(t, { names: ['ams'], schemaFiles: [CONSUL_SCHEMA] })
  const { api, apiPort } = cluster.node('ams')
  const folder = temporaryFolder(t)
  const now = Date.now()
  const [valid, past] = [
    validForDays(2, now),
    { notBefore: new Date(now - 2 * DAY_MS), notAfter: new Date(now - DAY_MS) },
  ]
  const authority = await generateAuthority('consul', valid)
  const server = await issueNodeCertificate(authority, {
    name: 'n1',
    hosts: ['server.dc1.consul'],
    validity: valid,
  })
  const [good, expired] = await Promise.all(
    [valid, past].map((validity) => issueClientCertificate(authority, { name: 'bridge', validity })),
  )
  assert.ok(good !== undefined && expired !== undefined)
  const path = (name: string): string => join(folder, name)
  writeFileSync(path('ca.pem'), authority.certificatePem)
  writeFileSync(path('server.pem'), server.certificatePem)
  writeFileSync(path('server.key'), server.keyPem)
  const useClient = ({ certificatePem, keyPem }: typeof good): void => {
    replaceFile(path('client.key'), keyPem)
    replaceFile(path('client.pem'), certificatePem)
  }
  useClient(good)
  const [https] = (await findFreePorts(1)) as [number]
  const consul = await ConsulProcess.start({
    binary: binary.path,
    config: {
      ports: { https },
      ca_file: path('ca.pem'),
      cert_file: path('server.pem'),
      key_file: path('server.key'),
      verify_incoming_https: true,
    },
  })
  t.after(() => consul.kill())
  await consul.register('a')
  const config = `[consul.tls]
ca_file = "${path('ca.pem')}"
cert_file = "${path('client.pem')}"
key_file = "${path('client.key')}"
server_name = "server.dc1.consul"`
  const bridge = await BridgeProcess.start({ consul: `https://127.0.0.1:${https}`, apiPort, config })
  t.after(() => bridge.remove())
  await untilRows(api, IDS, [['a']])
  for (const whose of ['own', 'ca', 'consul']) {
    const seconds = await bridge.metric(`patina_consul_certificate_expiry_seconds{of="${whose}"}`)
    assert.equal(seconds, Math.floor(valid.notAfter.getTime() / 1_000), whose)
  }

  useClient(expired)
  await bridge.untilHealth('failing')
  const versions = await api.metric('patina_commits_total')
  await consul.register('b')
  await bridge.turns(2)
  assert.ok((await bridge.metric('patina_consul_failures_total{of="consul",trouble="tls"}')) > 0)
  assert.ok((await bridge.metric('patina_consul_certificate_expiry_seconds{of="own"}')) < now / 1_000)
  assert.equal(await api.metric('patina_commits_total'), versions)

  useClient(good)
  await untilRows(api, IDS, [['a'], ['b']])
})
