/** `patina template` as a process in front of a real agent: exit codes, tokens, signals, the configuration file. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { AgentUnderTest, MAIN, runPatina, temporaryFolder, writeConfig } from './agent-under-test.ts'

const STEP_MS = 20_000
const TOKEN = 'a-token-of-a-test'
const LIST = '<% for (const { id } of sql("SELECT id FROM items")) { %>\n<%= id %>\n<% } %>\n'

async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = performance.now() + STEP_MS
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== false) return found as T
    if (performance.now() > deadline) throw new Error(`${what}: not in time`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

class Program {
  readonly process: ChildProcess
  readonly ended: Promise<number | null>
  stderr = ''

  constructor(t: TestContext, args: readonly string[]) {
    this.process = spawn(process.execPath, ['--conditions=@patina/source', MAIN, 'template', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, PATINA_TOKEN: TOKEN },
    })
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.ended = new Promise((resolve) => this.process.once('exit', resolve))
    t.after(() => this.process.kill('SIGKILL'))
  }

  said(text: string): Promise<unknown> {
    return until(`${text}\n${this.stderr}`, () => this.stderr.includes(text))
  }
}

test('patina template in front of an agent with a token', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'agent'))
  const extra = `api = { bind_addr = "127.0.0.1:0", authorization = { bearer-token = "${TOKEN}" } }\n`
  const config = writeConfig(join(folder, 'agent'), '')
  writeFileSync(
    config,
    extra + readFileSync(config, 'utf8').replace('[api]\nbind_addr = "127.0.0.1:0"\n', ''),
  )
  const agent = await AgentUnderTest.start(t, config)
  const apiAddr = ['--api-addr', agent.base.slice('http://'.length)]
  const token = { PATINA_TOKEN: TOKEN }
  const path = (name: string): string => join(folder, name)
  const text = (name: string): string | undefined =>
    existsSync(path(name)) ? readFileSync(path(name), 'utf8') : undefined
  const exec = async (sql: string): Promise<void> =>
    assert.equal((await runPatina(['exec', sql, ...apiAddr], token)).code, 0)
  writeFileSync(path('one.eta'), LIST)
  await exec("INSERT INTO items (id) VALUES ('b'), ('a')")

  await t.test('exit codes of --once', async () => {
    const spec = `${path('one.eta')}:${path('one')}`
    assert.equal((await runPatina(['template', spec, '--once', '--api-addr', '127.0.0.1:1'], token)).code, 3)
    const unknown = await runPatina(['template', spec, '--once', ...apiAddr])
    assert.equal(unknown.code, 1)
    assert.match(unknown.stderr, /wants a token/)
    assert.equal(text('one'), undefined)
    assert.equal((await runPatina(['template', spec, '--once', ...apiAddr], token)).code, 0)
    assert.equal(text('one'), 'a\nb\n')
    assert.equal(
      (await runPatina(['template', `${spec}:false`, '--perms', '0600', '--once', ...apiAddr], token)).code,
      1,
    )
  })

  await t.test('--dry prints, and tells where a template fails; templates do not see the token', async () => {
    const shown = await runPatina(
      ['template', `${path('one.eta')}:${path('dry')}`, '--dry', ...apiAddr],
      token,
    )
    assert.deepEqual([shown.code, shown.stdout], [0, 'a\nb\n'])
    const folderThere = await runPatina(
      ['template', `${path('one.eta')}:${folder}`, '--once', ...apiAddr],
      token,
    )
    assert.equal(folderThere.code, 1)
    assert.match(folderThere.stderr, /is no file/)
    writeFileSync(path('bad.eta'), '\n<%= env("PATINA_TOKEN") %>')
    const failed = await runPatina(
      ['template', `${path('bad.eta')}:${path('dry')}`, '--dry', ...apiAddr],
      token,
    )
    assert.equal(failed.code, 1)
    assert.ok(
      failed.stderr.includes(`${path('bad.eta')}:2: the environment has no PATINA_TOKEN`),
      failed.stderr,
    )
    assert.equal(text('dry'), undefined)
    const members =
      '<% for (const m of members()) { %><%= m.state %> <%= json(m.tags) %> <%= m.actor.length %><% } %>'
    writeFileSync(path('members.eta'), members)
    const listed = await runPatina(
      ['template', `${path('members.eta')}:${path('dry')}`, '--dry', ...apiAddr],
      token,
    )
    assert.deepEqual([listed.code, listed.stdout], [0, 'alive {} 32'], listed.stderr)
  })

  await t.test('a file of templates is read again by SIGHUP; one with an error changes nothing', async () => {
    const file = path('templates.toml')
    const table = (name: string): string => `[[template]]\nsource = "one.eta"\ndestination = "${name}"\n`
    writeFileSync(file, table('x'))
    const program = new Program(t, ['--templates', file, '--metrics-addr', '127.0.0.1:0', ...apiAddr])
    await until('x is written', () => text('x') === 'a\nb\n')
    writeFileSync(file, `${table('x')}\nperm = "1"\n`)
    program.process.kill('SIGHUP')
    await program.said('the configuration stays as it was')
    writeFileSync(file, table('x') + table('x'))
    program.process.kill('SIGHUP')
    await program.said('two templates write')
    writeFileSync(file, table('y'))
    program.process.kill('SIGHUP')
    await until('y is written', () => text('y') === 'a\nb\n')
    await exec("INSERT INTO items (id) VALUES ('c')")
    await until('y follows', () => text('y') === 'a\nb\nc\n')
    assert.equal(text('x'), 'a\nb\n')
    program.process.kill('SIGTERM')
    assert.equal(await program.ended, 0)
  })

  await t.test('Ctrl-C ends --once, also inside of a render, with a code and no more', async () => {
    writeFileSync(path('spin.eta'), '<% console.log("spinning"); for (;;) {} %>')
    const program = new Program(t, [`${path('spin.eta')}:${path('spin')}`, '--once', ...apiAddr])
    await program.said('spinning')
    program.process.kill('SIGINT')
    assert.equal(await program.ended, 1)
    assert.doesNotMatch(program.stderr, /at .*:\d+:\d+/, 'a stack trace')
  })

  await t.test('what it has started ends with it', async () => {
    const program = new Program(t, [`${path('one.eta')}:${path('z')}`, ...apiAddr])
    await until('z is written', () => text('z') === 'a\nb\nc\n')
    const { pid } = program.process
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
    assert.ok(children.length >= 1)
    program.process.kill('SIGKILL')
    await program.ended
    await until('the renderer ends', () => children.every((child) => !existsSync(`/proc/${child}`)))
  })
})
