import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '@patina/program'
import { CONFIG_KEYS, pairOf, parseConfig } from './config.ts'

const LEAST = `
region = "syd"
regional.api = "http://127.0.0.1:8080"
global.api = "http://127.0.0.1:9080"
[[rollup]]
into = "app_regions"
query = "SELECT app, count(*) AS instances FROM machines GROUP BY app"
`

function problemOf(text: string): string {
  try {
    parseConfig(text, '/etc/patina/aggregator.toml', {})
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.message
    throw cause
  }
  assert.fail(`accepted: ${text}`)
}

test('region, the two agents and a roll-up are enough', () => {
  const config = parseConfig(LEAST, '/etc/patina/aggregator.toml', {})
  assert.deepEqual([config.region, config.name], ['syd', 'main'])
  assert.equal(config.regional.url.href, 'http://127.0.0.1:8080/')
  assert.deepEqual([config.fullCompareMs, config.guard], [300_000, { holdMs: 300_000, sizeMin: 10 }])
  assert.equal(config.advertise, 'http://127.0.0.1:9280')
  assert.deepEqual(config.tls, { certFile: undefined, keyFile: undefined, caFile: undefined })
  assert.deepEqual(config.rollups[0]?.key, ['app'])
})

test('every key is read', () => {
  const text = `
name = "two"
full_compare_secs = 2
token_file = "token"
listen = "0.0.0.0:1"
advertise = "https://syd-1.example:1"
tls = { cert_file = "c.pem", key_file = "k.pem", ca_file = "/ca.pem" }
distances = { "syd-nrt" = 104 }
regional.token_file = "a"
global.token_file = "/b"
guard = { hold_secs = 3, min_size = 4 }
route.table = "regions"
instances.query = "SELECT id FROM machines WHERE app = :app"
log = { level = "debug", format = "json" }
${LEAST}`
  const config = parseConfig(text, '/etc/patina/aggregator.toml', { PATINA_AGGREGATOR__REGION: 'mel' })
  assert.deepEqual([config.region, config.name, config.routeTable], ['mel', 'two', 'regions'])
  assert.deepEqual(
    [config.tokenFile, config.regional.tokenFile, config.global.tokenFile],
    ['/etc/patina/token', '/etc/patina/a', '/b'],
  )
  assert.deepEqual(config.guard, { holdMs: 3_000, sizeMin: 4 })
  assert.equal(config.distances.get(pairOf('nrt', 'syd')), 104)
  assert.equal(config.advertise, 'https://syd-1.example:1')
  assert.deepEqual(config.tls, {
    certFile: '/etc/patina/c.pem',
    keyFile: '/etc/patina/k.pem',
    caFile: '/ca.pem',
  })
  assert.match(config.instancesQuery ?? '', /:app/)
  assert.deepEqual([config.fullCompareMs, config.log.level], [2_000, 'debug'])
})

test('what cannot be used is told with its line', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [`${LEAST}max_shrink = 2`, /aggregator.toml:8: rollup.0.max_shrink must be a share/],
    [
      `${LEAST}\n[[rollup]]\nquery = "SELECT 1"`,
      /aggregator.toml:9: rollup.1.into must be the name of a table/,
    ],
    [LEAST.replace('[[rollup]]', '[[rolup]]'), /aggregator.toml:5: unknown key rolup; did you mean rollup\?/],
    [LEAST.replace(':9080', ':8080'), /are the same agent/],
    [`listen = "0.0.0.0:1"${LEAST}`, /token_file is missing/],
    [`tls.cert_file = "a.pem"${LEAST}`, /cert_file and tls.key_file belong together/],
    [
      `advertise = "http://syd-1.example:1"\ntls.cert_file = "a.pem"\ntls.key_file = "k.pem"${LEAST}`,
      /only https:\/\/ is answered/,
    ],
    [`distances = { nrt = 1 }${LEAST}`, /aggregator.toml:1: distances names a pair of regions/],
    [
      LEAST.replace('http://127.0.0.1:8080', '127.0.0.1:8080'),
      /aggregator.toml:3: regional.api must be http/,
    ],
  ]
  for (const [text, message] of cases) assert.match(problemOf(text), message)
})

test('names of keys are distinct', () => {
  assert.equal(new Set(CONFIG_KEYS.map(({ name }) => name)).size, CONFIG_KEYS.length)
})
