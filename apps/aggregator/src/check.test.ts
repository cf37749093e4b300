import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, type Client, ConnectionError } from '@patina/client'
import { checkTiers } from './check.ts'
import { parseConfig } from './config.ts'

const config = parseConfig(
  `region = "syd"
regional.api = "http://127.0.0.1:1"
global.api = "http://127.0.0.1:2"
instances.query = "SELECT id FROM machines WHERE app = :app"
[[rollup]]
into = "app_regions"
query = "SELECT app FROM machines"
`,
  'aggregator.toml',
  {},
)

/** An agent whose queries have these columns, or fail like this. */
function agent(columns: readonly string[] | Error, region = 'syd'): Client {
  const outcome = async <T>(value: T): Promise<T> => {
    if (columns instanceof Error) throw columns
    return value
  }
  const query = { columns: () => outcome(columns), close: async () => {}, all: () => outcome([]) }
  return { query: () => query, members: async () => [{ region }] } as unknown as Client
}

const REFUSED = new ApiError('no such table: machines', { status: 500 })

test('what fits is told', async () => {
  const { facts, problems } = await checkTiers(config, agent(['app']), agent(['app']))
  assert.deepEqual(problems, [])
  assert.equal(facts.length, 3)
  assert.match(facts[0] as string, /roll-up app_regions: app; 0 rows of syd are stored/)
})

test('each problem is told with what it is of', async () => {
  const told = async (regional: Client, global: Client): Promise<string> =>
    (await checkTiers(config, regional, global)).problems.join('\n')
  assert.match(
    await told(agent(REFUSED), agent(['app'])),
    /^roll-up app_regions: no such table[\s\S]*^instances.query: no such/m,
  )
  assert.match(await told(agent(['name']), agent(['app'])), /app_regions: its query has no column app/)
  assert.match(await told(agent(['app']), agent(REFUSED)), /route.table live_app_regions: no such table/)
  assert.match(await told(agent(['app']), agent(['app'], 'nrt')), /node.region = syd/)
})

test('an agent that is not there is no problem of the configuration', async () => {
  const away = agent(new ConnectionError('unreachable', 'x', 'refused'))
  await assert.rejects(checkTiers(config, away, away), ConnectionError)
})
