/** What an operator says of gossip: budgets that are read again by SIGHUP, mutes that outlive a restart of everybody, what is missing. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { AgentUnderTest, temporaryFolder, writeConfig } from './agent-under-test.ts'

const NOISY = 'ab'.repeat(16)

async function mutedOf({ base }: AgentUnderTest): Promise<readonly string[]> {
  const status = (await (await fetch(`${base}/v1/status`)).json()) as { sync: { muted: readonly string[] } }
  return status.sync.muted
}

test('mutes are there after a restart of the only member; budgets change by SIGHUP, and a fault in the file changes nothing', async (t) => {
  const config = writeConfig(temporaryFolder(t))
  const before = await AgentUnderTest.start(t, config)
  const word = JSON.stringify({ actor: NOISY })
  assert.equal((await before.post('/v1/cluster/mute', word)).status, 200)
  await before.stop()
  const agent = await AgentUnderTest.start(t, config)
  assert.deepEqual(await mutedOf(agent), [NOISY])
  assert.equal((await agent.post('/v1/cluster/unmute', word)).status, 200)
  assert.deepEqual(await mutedOf(agent), [])

  assert.deepEqual(await (await fetch(`${agent.base}/v1/sync/missing`)).json(), { actors: [] })
  const gone = await agent.post('/v1/sync/give-up', JSON.stringify({ actor: NOISY, versions: [[1, 1]] }))
  assert.deepEqual([gone.status, ((await gone.json()) as { code: string }).code], [409, 'not-missing'])

  const text = readFileSync(config, 'utf8')
  const faulty = text.replace('[gossip]', '[gossip]\norigin_bytes_per_sec = "many"')
  assert.notEqual(faulty, text)
  writeFileSync(config, faulty)
  agent.process.kill('SIGHUP')
  assert.match(
    String((await agent.logged('the configuration stays as it is')).reason),
    /origin_bytes_per_sec/,
  )
  writeFileSync(config, text.replace('[gossip]', '[gossip]\norigin_bytes_per_sec = 1234567'))
  agent.process.kill('SIGHUP')
  assert.equal((await agent.logged('budgets of gossip read again')).originBytesPerSecond, 1_234_567)
  await agent.stop()
})
