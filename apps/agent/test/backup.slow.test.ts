/** Backup, restore and verify as an operator uses them: beside a running agent, under writes, and into its place. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { AgentUnderTest, runPatina, temporaryFolder, writeConfig } from './agent-under-test.ts'

interface Json {
  readonly [key: string]: unknown
}

async function patina(
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const { code, stdout, stderr } = await runPatina([...args])
  return { code, out: stdout, err: stderr }
}

async function insert(agent: AgentUnderTest, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += 1) {
    const response = await agent.post('/v1/transactions', [
      ['INSERT INTO items (id, n) VALUES (?, ?)', [`i${n}`, n]],
    ])
    assert.equal(response.status, 200)
  }
}

async function count(agent: AgentUnderTest): Promise<string> {
  return (await agent.query('SELECT count(*) FROM items')).join(' ')
}

async function stopped(agent: AgentUnderTest): Promise<void> {
  agent.process.kill('SIGTERM')
  assert.equal((await agent.ended).code, 0)
}

function newConfig(t: TestContext): { readonly folder: string; readonly config: string } {
  const folder = temporaryFolder(t)
  return { folder, config: writeConfig(folder) }
}

test('a backup beside a running agent under writes, restored on another host and on its own', async (t) => {
  const { folder, config } = newConfig(t)
  const agent = await AgentUnderTest.start(t, config)
  await insert(agent, 0, 20)
  const backup = join(folder, 'backup.db')
  const writing = insert(agent, 20, 60)
  const made = await patina('backup', backup, '-c', config, '--json')
  await writing
  assert.equal(made.code, 0, made.err)
  const facts = JSON.parse(made.out) as Json
  assert.deepEqual([facts.path, typeof facts.bytes, Number(facts.versions) >= 20], [backup, 'number', true])
  assert.deepEqual(await patina('backup', backup, '-c', config), {
    code: 1,
    out: '',
    err: `${backup} exists; give a path that is free, or remove the file\n`,
  })
  const verified = await patina('verify', '-c', config)
  assert.deepEqual([verified.code, verified.out], [0, `${join(folder, 'state.db')}: all agrees\n`])
  const taken = await patina('restore', backup, '-c', config)
  assert.deepEqual([taken.code, taken.out], [1, ''])
  assert.match(taken.err, /^another process has .*state\.db open; stop that agent/)
  await stopped(agent)

  // On its own host: what was written after the backup is kept.
  const restored = await patina('restore', backup, '-c', config, '--json')
  assert.equal(restored.code, 0, restored.err)
  const { fromSnapshot, fromOldFile } = JSON.parse(restored.out) as Json
  assert.equal(Number(fromSnapshot) + Number(fromOldFile), 60)
  const again = await AgentUnderTest.start(t, config)
  assert.match(await count(again), /\{"row":\[1,\[60\]\]\}/)
  await insert(again, 60, 61)
  await stopped(again)

  // On another host: the backup and nothing else.
  const other = newConfig(t)
  assert.equal((await patina('restore', backup, '-c', other.config)).code, 0)
  const copy = await AgentUnderTest.start(t, other.config)
  assert.match(await count(copy), new RegExp(`\\{"row":\\[1,\\[${fromSnapshot}\\]\\]\\}`))
  await stopped(copy)
})

test('refusals are sentences: no backup, no database, a backup that is none', async (t) => {
  const { folder, config } = newConfig(t)
  for (const [args, code, sentence] of [
    [['backup'], 2, /^the file to write is missing\n/],
    [['backup', join(folder, 'b.db')], 1, /^there is no database at .*state\.db/],
    [['restore', join(folder, 'nowhere.db')], 1, /^there is no file at .*nowhere\.db\n/],
    [['restore', config], 1, /config\.toml was not made as a snapshot; make one with patina backup\n/],
    [['verify', 'x'], 2, /^verify takes no arguments\n/],
  ] as const) {
    const { code: got, err } = await patina(...args, '-c', config)
    assert.equal(got, code, err)
    assert.match(err, sentence)
  }
  writeFileSync(join(folder, 'state.db'), 'text that is no database at all, however long one makes it')
  assert.match((await patina('backup', join(folder, 'b.db'), '-c', config)).err, /is not a SQLite database/)
})
