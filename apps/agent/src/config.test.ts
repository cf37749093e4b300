import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '@patina/program'
import { type LoadedConfig, loadConfig, parseConfig } from './config.ts'
import { CONFIG_KEYS } from './config-keys.ts'

const MINIMAL = '[db]\npath = "state.db"\n[gossip]\nbind_addr = "127.0.0.1:9000"\nplaintext = true\n'

function load(text: string, environment: NodeJS.ProcessEnv = {}): LoadedConfig {
  return parseConfig(text, '/etc/patina/config.toml', environment)
}

function problemsOf(text: string, environment: NodeJS.ProcessEnv = {}): readonly string[] {
  try {
    load(text, environment)
  } catch (cause) {
    assert.ok(cause instanceof ConfigError)
    return cause.problems
  }
  assert.fail('the configuration was accepted')
}

test('five lines are enough for a node; paths are relative to the file', () => {
  const { config, effective } = load(MINIMAL)
  assert.equal(config.db.path, '/etc/patina/state.db')
  assert.deepEqual(config.api.bindAddresses, [{ host: '127.0.0.1', port: 8080 }])
  assert.equal(config.gossip.clusterId, 'default')
  assert.equal(config.limits.transactionTimeoutMs, 60_000)
  assert.equal(effective.get('db.path')?.source, '/etc/patina/config.toml:2')
  assert.equal(effective.get('db.durability')?.source, 'default')
})

test('every key is read', () => {
  const { config } = load(`
[node]
name = "host1"
region = "ams"
tags = { role = "edge" }
[db]
path = "/var/lib/patina/state.db"
schema_paths = ["schema", "/etc/more.sql"]
durability = "normal"
[api]
bind_addr = ["127.0.0.1:1", "[::1]:2"]
cors_origins = ["https://console.example"]
hosts = ["agent.example"]
endpoint_name = "ams"
authorization = { bearer-token = "secret" }
[[api.tokens]]
name = "reader"
sha256 = "${'ab'.repeat(32)}"
scopes = ["read"]
[gossip]
addr = "10.0.0.1:7"
external_addr = "192.0.2.1:7"
bootstrap = ["10.0.0.2:7", "peer.example:7"]
cluster_id = "prod-1"
secret_file = "cluster.key"
[gossip.tls]
ca_file = "ca.pem"
cert_file = "cert.pem"
key_file = "key.pem"
[admin]
path = "admin.sock"
[log]
level = "debug"
format = "json"
[telemetry.prometheus]
addr = "127.0.0.1:9090"
[limits]
query_timeout_secs = 7
`)
  assert.deepEqual(config.node, { name: 'host1', region: 'ams', tags: { role: 'edge' } })
  assert.deepEqual(config.db.schemaPaths, ['/etc/patina/schema', '/etc/more.sql'])
  assert.deepEqual(config.api.bindAddresses[1], { host: '::1', port: 2 })
  assert.equal(config.api.bearerToken, 'secret')
  assert.deepEqual(config.api.tokens[0]?.scopes, ['read'])
  assert.deepEqual(config.gossip.tls, {
    caFile: '/etc/patina/ca.pem',
    certFile: '/etc/patina/cert.pem',
    keyFile: '/etc/patina/key.pem',
  })
  assert.deepEqual(config.gossip.bindAddress, { host: '10.0.0.1', port: 7 })
  assert.equal(config.adminSocket, '/etc/patina/admin.sock')
  assert.deepEqual(config.prometheusAddress, { host: '127.0.0.1', port: 9090 })
  assert.equal(config.limits.queryTimeoutMs, 7_000)
})

test('every problem is listed with file, line, key and the nearest name', () => {
  const problems = problemsOf(`${MINIMAL}[api]
bind_adr = "127.0.0.1:1"
cors_origins = "x"
[nodes]
name = "a"
[limits]
drain_secs = -1
[db.more]
x = 1
`)
  assert.deepEqual(problems, [
    '/etc/patina/config.toml:7: unknown key api.bind_adr; did you mean api.bind_addr?',
    '/etc/patina/config.toml:8: api.cors_origins must be a list of texts, not "x"',
    '/etc/patina/config.toml:9: unknown key nodes',
    '/etc/patina/config.toml:12: limits.drain_secs must be from 0 to 3600, not -1',
    '/etc/patina/config.toml:13: unknown key db.more',
  ])
})

test('values of a wrong kind are refused in words', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['[db]\npath = 5', /config.toml:2: db.path must be a path, not 5/],
    ['[db]\ndurability = "some"', /db.durability must be one of full, normal, not "some"/],
    ['[api]\nbind_addr = "localhost:80"', /api.bind_addr must be an address ip:port, not "localhost:80"/],
    ['[api]\nbind_addr = []', /api.bind_addr must be an address ip:port or a list of them/],
    ['[api]\ntokens = [{ name = "a" }]', /api.tokens entry 1: sha256 must be 64 hex digits/],
    ['[api]\ntokens = [{ nam = "a" }]', /api.tokens entry 1: has an unknown key "nam"/],
    ['[gossip]\ncluster_id = "Prod!"', /gossip.cluster_id must match/],
    ['[gossip]\nplaintext = "yes"', /gossip.plaintext must be true or false, not "yes"/],
    ['[node]\ntags = { a = 1 }', /node.tags must be a table of texts/],
    ['[limits]\nbody_bytes_max = 1.5', /limits.body_bytes_max must be a whole number, not 1.5/],
    ['[api]\naddr = "127.0.0.1:1"\nbind_addr = "127.0.0.1:1"', /given twice/],
    ['[db\n', /config.toml:1: not TOML/],
    ['', /db.path is missing/],
  ]
  for (const [text, expected] of cases) assert.match(problemsOf(text).join('\n'), expected, text)
  assert.equal(problemsOf('[db\n').length, 1)
})

test('what single keys cannot show', () => {
  const base = '[db]\npath = "a"\n[gossip]\nbind_addr = "127.0.0.1:9000"\n'
  assert.match(problemsOf(base).join('\n'), /secret_file is missing.*plaintext = true/)
  assert.match(problemsOf(base).join('\n'), /gossip.tls.ca_file is missing/)
  assert.match(
    problemsOf(`${MINIMAL}[api]\nbind_addr = "0.0.0.0:8080"`).join('\n'),
    /0.0.0.0:8080 is not loopback and there are no api.tokens.*allow_unauthenticated/,
  )
  assert.ok(load(`${MINIMAL}[api]\nbind_addr = "0.0.0.0:8080"\nallow_unauthenticated = true`))
  assert.match(
    problemsOf(MINIMAL.replace('127.0.0.1:9000', '0.0.0.0:9000')).join('\n'),
    /add gossip.external_addr/,
  )
})

test('the environment overrides the file', () => {
  const { config, effective } = load(MINIMAL, {
    PATINA__DB__PATH: 'other.db',
    PATINA__API__BIND_ADDR: '["127.0.0.1:5"]',
    PATINA__LIMITS__DRAIN_SECS: '3',
    PATINA__GOSSIP__BOOTSTRAP: '["127.0.0.1:6"]',
    PATINA__API__AUTHORIZATION__BEARER_TOKEN: 'secret',
    PATINA_TOKEN: 'not a key',
  })
  assert.equal(config.db.path, '/etc/patina/other.db')
  assert.deepEqual(config.api.bindAddresses, [{ host: '127.0.0.1', port: 5 }])
  assert.equal(config.limits.drainMs, 3_000)
  assert.equal(config.api.bearerToken, 'secret')
  assert.equal(effective.get('db.path')?.source, 'environment PATINA__DB__PATH')
  assert.deepEqual(problemsOf(MINIMAL, { PATINA__DB__PAHT: 'x' }), [
    'environment PATINA__DB__PAHT: unknown key db.paht; did you mean db.path?',
  ])
})

test('a file that cannot be read is one sentence', () => {
  assert.throws(() => loadConfig('/nowhere/config.toml', {}), /cannot read the configuration file \/nowhere/)
})

test('names of keys are distinct, aliases too', () => {
  const names = CONFIG_KEYS.flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias]))
  assert.equal(new Set(names).size, names.length)
})
