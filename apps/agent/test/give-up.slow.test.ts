/** A version that died with its writer: two agents miss it, one operator gives it up, and both are whole again. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStore } from '@patina/crdt-store'
import { AgentUnderTest, runPatina, SCHEMA, temporaryFolder, writeConfig } from './agent-under-test.ts'

const STEP_MS = 30_000

interface Knowledge {
  readonly versions_missing: number
  readonly versions_lost: number
}

async function knowledgeOf({ base }: AgentUnderTest): Promise<Knowledge> {
  const status = (await (await fetch(`${base}/v1/status`)).json()) as { knowledge: Knowledge }
  return status.knowledge
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + STEP_MS
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, what)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** The first agent's file as a writer left it: versions 1 and 3 have come, 2 is gone with its disk. Returns who that was. */
function fileWithGap(folder: string): string {
  const schema = [{ name: 'schema.sql', sql: SCHEMA }]
  const writer = openStore({ path: ':memory:' })
  writer.applySchema(schema)
  const [first, , last] = ['a', 'b', 'c'].map((id) => {
    const { commits } = writer.transact([[{ sql: 'INSERT INTO items (id) VALUES (?)', params: [id] }]])
    return commits.flatMap(({ changesets }) => changesets)
  }) as [Uint8Array[], unknown, Uint8Array[]]
  const store = openStore({ path: join(folder, 'state.db') })
  store.applySchema(schema)
  store.apply([...first, ...last])
  store.close()
  writer.close()
  return writer.actor
}

test('what nobody has any more is given up once, and nobody misses it', async (t) => {
  const folder = temporaryFolder(t)
  const writer = fileWithGap(folder)
  const first = await AgentUnderTest.start(t, writeConfig(folder))
  const gossip = (await first.logged('ready')).gossip as string
  const config = writeConfig(temporaryFolder(t))
  const text = readFileSync(config, 'utf8')
  writeFileSync(config, text.replace('[gossip]', `[gossip]\nbootstrap = ["${gossip}"]`))
  const second = await AgentUnderTest.start(t, config)
  await until('the second has what there is', async () => (await knowledgeOf(second)).versions_missing === 1)

  const api = `--api-addr=${new URL(second.base).host}`
  const asked = await runPatina(['sync', 'give-up', writer, api])
  assert.equal(asked.code, 1)
  assert.match(asked.stdout, /missing: 2\n/)
  assert.equal((await knowledgeOf(second)).versions_missing, 1)
  const done = await runPatina(['sync', 'give-up', writer, '--yes', api])
  assert.deepEqual([done.code, done.stderr], [0, ''])
  for (const agent of [first, second])
    await until('nobody misses it', async () => {
      const { versions_missing: missing, versions_lost: lost } = await knowledgeOf(agent)
      return missing === 0 && lost === 1
    })
  await until('the second is ready', () => fetch(`${second.base}/readyz`).then(({ ok }) => ok))
  assert.equal((await second.query('SELECT id FROM items')).length, 4)
  await second.stop()
  await first.stop()
})
