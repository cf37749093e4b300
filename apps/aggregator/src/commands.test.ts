import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type CommandIo, runProgram } from '@patina/program'
import { PATINA_AGGREGATOR } from './commands.ts'

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(...argv: readonly string[]): Promise<Run> {
  let [out, err] = ['', '']
  const io: CommandIo = {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    taken: async () => {},
    environment: {},
    terminal: false,
    interrupted: () => new AbortController().signal,
  }
  return { code: await runProgram(PATINA_AGGREGATOR, argv, io), out, err }
}

function configFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'patina-aggregator-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'aggregator.toml')
  // Port 1: nobody listens there.
  writeFileSync(
    file,
    `region = "syd"
regional.api = "http://127.0.0.1:1"
global.api = "http://127.0.0.1:2"
listen = "127.0.0.1:1"
[[rollup]]
into = "app_regions"
query = "SELECT app FROM machines"
`,
  )
  return file
}

test('every command has help, with examples of itself', async () => {
  for (const name of Object.keys(PATINA_AGGREGATOR.commands)) {
    const { code, out } = await run(name, '--help')
    assert.equal(code, 0)
    assert.match(out, new RegExp(`\n  patina-aggregator ${name}`), name)
  }
})

test('a plan for people and for programs', async () => {
  const { code, out } = await run('plan', '--instances', '1000', '--apps', '100', '--regions', '2')
  assert.equal(code, 0)
  assert.match(out, /^a region +500 /m)
  const { tiers } = JSON.parse((await run('plan', '--json', '--entries', '77')).out)
  assert.equal(tiers[2].rows, 77)
  const limited = await run('plan', '--host-disk', '1000', '--host-memory', '4000', '--host-mbit', '100')
  assert.match(limited.out, /^such hosts carry 8\.\d+ times that: .* apps; disk is used up first$/m)
  assert.match((await run('plan', '--host-memory', '200')).out, /needs more than that/)
  const small = await run('plan', '--instances', '100', '--apps', '10', '--host-memory', '100000000')
  assert.match(small.out, /, and more$/m)
  assert.equal((await run('plan', '--host-mbit', 'much')).code, 2)
  assert.equal((await run('plan', '--apps', 'many')).code, 2)
  assert.equal((await run('plan', '--regions', '0')).code, 2)
})

test('the schema is SQL with the table and the view', async () => {
  const { out } = await run('schema')
  assert.match(out, /CREATE TABLE app_regions/)
  assert.match(out, /CREATE VIEW live_app_regions/)
})

test('what is typed wrongly is 2, a configuration that is none 1, an aggregator or agent that is away 3', async (t) => {
  const config = ['--config', configFile(t)]
  assert.equal((await run('route', ...config)).code, 2)
  assert.equal((await run('status', 'now', ...config)).code, 2)
  assert.equal((await run('run', '--config', '/nowhere/aggregator.toml')).code, 1)
  for (const command of [['status'], ['route', 'web'], ['release', 'app_regions'], ['check']])
    assert.equal((await run(...command, ...config)).code, 3, command.join(' '))
})
