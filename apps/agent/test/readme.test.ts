/** The first five minutes of the root README, as they stand there: configuration, schema, and every curl line. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { AgentUnderTest, temporaryFolder } from './agent-under-test.ts'

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')

/** Contents of the fenced blocks of one language, in order. */
function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, text]) => text ?? '',
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('the first five minutes of the README run as written', async (t) => {
  const hasCurl = spawnSync('curl', ['--version']).status === 0
  if (!hasCurl) return t.skip('there is no curl on this machine')
  const folder = temporaryFolder(t)
  const ports: [string, string][] = [
    ['8080', `${await freePort()}`],
    ['8787', `${await freePort()}`],
  ]
  const here = (text: string): string => ports.reduce((all, [port, free]) => all.replaceAll(port, free), text)
  writeFileSync(join(folder, 'config.toml'), here(blocks('toml')[0] ?? ''))
  writeFileSync(join(folder, 'schema.sql'), blocks('sql')[0] ?? '')
  const log = '\n[log]\nformat = "json"\n'
  writeFileSync(join(folder, 'config.toml'), log, { flag: 'a' })
  await AgentUnderTest.start(t, join(folder, 'config.toml'))
  const session = blocks('sh').find((text) => text.includes('/v1/transactions')) ?? ''
  // Continuation lines belong to their command; the comments behind a command are its answer.
  const commands = session.split(/\n(?=curl )/).filter((text) => text.startsWith('curl '))
  assert.equal(commands.length, 3)
  for (const text of commands) {
    const command = here(text.replace(/^#.*$/gm, ''))
    const expected = [...text.matchAll(/^# (.*)$/gm)].map(([, line]) =>
      keysOf(JSON.parse((line ?? '').replace('…', ''))),
    )
    const { stdout, status } = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
    assert.equal(status, 0, command)
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    if (expected.length > 0) assert.deepEqual(answers.map(keysOf), expected, stdout)
    else assert.equal((answers[0] as { members: unknown[] }).members.length, 1)
  }
})

/** The shape of an answer: names, and how many there are of what. */
function keysOf(answer: object): unknown {
  return Object.entries(answer).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.length : typeof value,
  ])
}
