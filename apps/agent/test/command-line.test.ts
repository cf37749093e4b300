/** The command line as its users meet it: a real program in front of a real agent, with pipes and Ctrl-C. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { AgentUnderTest, MAIN, runPatina, temporaryFolder, writeConfig } from './agent-under-test.ts'

const NUMBERS = 'WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s) SELECT i FROM s'
const DEADLINE_MS = 15_000

test('the command line', async (t) => {
  const folder = temporaryFolder(t)
  // A token file must have the right token: "secret" by its SHA-256.
  const sha256 = '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b'
  const config = writeConfig(folder)
  const tokens = `tokens = [{ name = "a", sha256 = "${sha256}", scopes = ["read"] }]`
  writeFileSync(config, readFileSync(config, 'utf8').replace('[api]', `[api]\n${tokens}`))
  const agent = await AgentUnderTest.start(t, config)
  const token = join(folder, 'token')
  writeFileSync(token, 'secret\n')
  const api = ['--api-addr', agent.base.slice('http://'.length), '--token-file', token]

  function start(...args: readonly string[]): ChildProcess {
    return spawn(process.execPath, ['--conditions=@patina/source', MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** No query is left at the agent. */
  async function untilIdle(): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS
    for (;;) {
      const headers = { authorization: 'Bearer secret' }
      const metrics = await (await fetch(`${agent.base}/metrics`, { headers })).text()
      if (metrics.includes('patina_port_pending{role="readers"} 0\n')) return
      assert.ok(performance.now() < deadline, 'a query is left')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  await t.test('Ctrl-C ends a query here and at the agent', async () => {
    const query = start('query', ...api, NUMBERS)
    await once(query.stdout as NodeJS.EventEmitter, 'data')
    query.stdout?.resume()
    query.kill('SIGINT')
    assert.deepEqual(await once(query, 'exit'), [null, 'SIGINT'])
    await untilIdle()
  })

  await t.test('a reader that has enough (| head) ends a query in order', async () => {
    const query = start('query', ...api, NUMBERS)
    let err = ''
    query.stderr?.on('data', (text) => {
      err += text
    })
    await once(query.stdout as NodeJS.EventEmitter, 'data')
    query.stdout?.destroy()
    assert.deepEqual(await once(query, 'exit'), [0, null])
    assert.equal(err, '')
    await untilIdle()
  })

  await t.test('the token: right, wrong, none, and one without the scope', async () => {
    assert.deepEqual(await runPatina(['query', ...api, 'SELECT 1']), { code: 0, stdout: '1\n', stderr: '' })
    const without = api.slice(0, 2)
    const wrong = await runPatina(['query', ...without, 'SELECT 1'], { PATINA_TOKEN: 'guess' })
    assert.equal(wrong.code, 1)
    assert.match(wrong.stderr, /PATINA_TOKEN|--token-file/)
    assert.equal((await runPatina(['query', ...without, 'SELECT 1'])).code, 1)
    const write = await runPatina(['exec', ...api, "INSERT INTO items (id) VALUES ('x')"])
    assert.deepEqual([write.code, write.stderr], [1, 'this token has no scope "write"\n'])
  })

  await t.test('a deadline, a failing statement, a refused one: 1 and a sentence', async () => {
    const cases = [
      [
        ['query', ...api, '--timeout', '1', NUMBERS.replace('SELECT i FROM', 'SELECT max(i) FROM')],
        /did not end within 1000 ms/,
      ],
      [['query', ...api, 'SELECT nothing'], /nothing/],
      [['query', ...api, 'BEGIN'], /not allowed/],
    ] as const
    for (const [args, sentence] of cases) {
      const { code, stdout, stderr } = await runPatina(args)
      assert.deepEqual([code, stdout], [1, ''])
      assert.match(stderr, sentence)
    }
  })

  await t.test('after the agent has stopped: 3', async () => {
    assert.equal((await agent.stop()).code, 0)
    const { code, stderr } = await runPatina(['cluster', 'members', ...api])
    assert.equal(code, 3)
    assert.match(stderr, /^cannot reach the agent at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/)
  })
})
