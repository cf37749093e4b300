/** AppServers with real processes and an agent that only remembers what was written. */
import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { type Statement, StepFailure } from '@patina/test-cluster'
import { AppServers } from '../src/app-servers.ts'
import { probeHttp } from '../src/http-probe.ts'

class Agent {
  readonly written: Statement[] = []

  async execute(statements: readonly Statement[]): Promise<number> {
    return this.written.push(...statements)
  }

  /** Of the last registration. */
  cells(): unknown {
    return this.written.at(-1)?.[1]
  }
}

function appServers(t: TestContext): AppServers {
  const servers = new AppServers()
  t.after(() => servers.remove())
  return servers
}

const probe = (port: number): Promise<string> => probeHttp({ addr: '127.0.0.1', port, timeoutMs: 2_000 })

test('a server is registered when it listens, refuses when it is killed, and comes back at another port', async (t) => {
  const [servers, agent] = [appServers(t), new Agent()]
  await servers.start('web-ams-1', 'ams', agent)
  const [first] = servers.list()
  assert.deepEqual(agent.cells(), ['web-ams-1', 'web', 'ams', '127.0.0.1', first?.port, 'starting'])
  assert.equal(await probe(first?.port as number), 'ok')

  servers.kill('web-ams-1')
  while ((await probe(first?.port as number)) !== 'refused') assert.ok(!t.signal.aborted)

  await servers.start('web-ams-1', 'ams', agent)
  const [second, ...others] = servers.list()
  assert.deepEqual([others, agent.written.length], [[], 2])
  assert.notEqual(second?.pid, first?.pid)
  assert.equal(await probe(second?.port as number), 'ok')
})

test('they are listed by their ids, and removed none is left and none begins', async (t) => {
  const [servers, agent] = [appServers(t), new Agent()]
  await Promise.all([servers.start('web-nrt-1', 'nrt', agent), servers.start('web-ams-1', 'ams', agent)])
  const list = servers.list()
  assert.deepEqual(
    list.map(({ id, node }) => [id, node]),
    [
      ['web-ams-1', 'ams'],
      ['web-nrt-1', 'nrt'],
    ],
  )
  await servers.remove()
  assert.deepEqual(await Promise.all(list.map(({ port }) => probe(port))), ['refused', 'refused'])
  await assert.rejects(servers.start('web-syd-1', 'syd', agent), StepFailure)
  assert.equal(agent.written.length, 2)
})

test('who was not started cannot be killed', (t) => {
  assert.throws(() => appServers(t).kill('web-ams-1'), /web-ams-1 was not started/)
})
