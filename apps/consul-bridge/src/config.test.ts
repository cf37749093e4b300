import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '@patina/program'
import { CONFIG_KEYS, loadConfig, parseConfig } from './config.ts'

function problemOf(text: string): string {
  try {
    parseConfig(text, '/etc/patina/consul.toml', {})
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.message
    throw cause
  }
  assert.fail(`accepted: ${text}`)
}

test('no file at all: the agents of this host, both on their default ports', () => {
  const config = loadConfig(undefined, {})
  assert.equal(config.consul.address.href, 'http://127.0.0.1:8500/')
  assert.deepEqual(config.patina.address, { host: '127.0.0.1', port: 8080 })
  assert.deepEqual([config.pollMs, config.fullCompareMs], [1_000, 900_000])
  assert.deepEqual(config.guard, { maxShrink: 0.5, holdMs: 30_000 })
  assert.deepEqual([config.node, config.deregisterOnExit], [undefined, false])
})

test('every key is read; files are relative to the configuration', () => {
  const text = `
node = "web-7"
full_compare_secs = 60
deregister_on_exit = true
listen = "127.0.0.1:1"
[consul]
address = "https://localhost:8501"
token_file = "token"
tls = { ca_file = "ca.pem", cert_file = "own.pem", key_file = "own.key", server_name = "server.dc1.consul" }
poll_ms = 50
timeout_ms = 100
[patina]
api_addr = "127.0.0.1:2"
token_file = "/run/token"
[guard]
max_shrink = 0.9
hold_secs = 5
[log]
level = "debug"
format = "json"
`
  const config = parseConfig(text, '/etc/patina/consul.toml', { PATINA_CONSUL__NODE: 'web-8' })
  assert.equal(config.node, 'web-8')
  assert.deepEqual(config.consul.credentials, {
    tokenFile: '/etc/patina/token',
    caFile: '/etc/patina/ca.pem',
    certFile: '/etc/patina/own.pem',
    keyFile: '/etc/patina/own.key',
    serverName: 'server.dc1.consul',
  })
  assert.deepEqual([config.consul.timeoutMs, config.pollMs, config.fullCompareMs], [100, 50, 60_000])
  assert.deepEqual(config.patina, { address: { host: '127.0.0.1', port: 2 }, tokenFile: '/run/token' })
  assert.deepEqual(config.guard, { maxShrink: 0.9, holdMs: 5_000 })
  assert.deepEqual(config.listen, { host: '127.0.0.1', port: 1 })
  assert.deepEqual([config.deregisterOnExit, config.log], [true, { level: 'debug', format: 'json' }])
})

test('what cannot be used is told with its line', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['consul.address = "127.0.0.1:8500"', /consul.toml:1: consul.address must be http:/],
    ['consul.address = "http://a/v1"', /must have no path/],
    ['consul.poll_ms = 1', /must be from 50 to 60000/],
    ['consul.tls.cert_file = "a"', /belong together/],
    ['consul.tls.ca_file = "a"', /write https/],
    ['consul.adress = "http://a"', /did you mean consul.address\?/],
  ]
  for (const [text, message] of cases) assert.match(problemOf(text), message)
})

test('names of keys are distinct', () => {
  assert.equal(new Set(CONFIG_KEYS.map(({ name }) => name)).size, CONFIG_KEYS.length)
})
