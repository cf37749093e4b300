/** What the pages tell a new user to type, typed. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ShellSession } from '../src/shell-session.ts'
import { blocksOf, textOf, typeInto } from '../src/typed-page.ts'

async function typed(t: TestContext, files: Readonly<Record<string, string>>, block: string): Promise<void> {
  const session = await ShellSession.open()
  t.after(() => session.close())
  for (const [name, text] of Object.entries(files)) session.write(name, text)
  await typeInto(session, block)
}

test('README.md, first five minutes', async (t) => {
  const blocks = blocksOf('README.md', 'First five minutes')
  const files = { 'config.toml': textOf(blocks, 'toml'), 'schema.sql': textOf(blocks, 'sql') }
  await typed(t, files, textOf(blocks, 'sh'))
})

test('apps/agent/README.md, five minutes', async (t) => {
  await typed(t, {}, textOf(blocksOf('apps/agent/README.md', 'Five minutes'), 'sh'))
})

test('docs/templates.md, a first file', async (t) => {
  await typed(t, {}, textOf(blocksOf('docs/templates.md', 'A first file'), 'sh'))
})

test('docs/tiers.md, a first roll-up', async (t) => {
  await typed(t, {}, textOf(blocksOf('docs/tiers.md', 'A first roll-up'), 'sh'))
})

const NO_OPENSSL = spawnSync('openssl', ['version']).status === 0 ? false : 'this host has no openssl'

test('docs/operations.md, keys of a new cluster', { skip: NO_OPENSSL }, async (t) => {
  const session = await ShellSession.open()
  t.after(() => session.close())
  await typeInto(session, textOf(blocksOf('docs/operations.md', 'Keys and tokens of a new cluster'), 'sh'))
  for (const file of ['cluster.key', 'ca.pem', 'ca-key.pem', 'host1/server.pem', 'host1/server-key.pem'])
    assert.ok(existsSync(join(session.folder, file)), file)
})
