/**
 * T-A2: each process of an agent stands still, for a while and for good. Membership and the API of the others go on; what
 * stands for good runs again within ten seconds, with a file that says what it was doing. Linux: processes are found by /proc.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { AgentUnderTest, type LaunchOptions, temporaryFolder, writeConfig } from './agent-under-test.ts'

const skip = existsSync('/proc/self/task') ? false : 'needs /proc'

/** What the design promises, on a machine that may be busy. */
const RESTARTED_MS = 10_000
const STEP_MS = 20_000

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}

function mainOf(agent: AgentUnderTest): number {
  return childrenOf(agent.process.pid as number)[0] as number
}

function childOf(main: number, role: string): number {
  const child = childrenOf(main).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`--role=${role}`),
  )
  assert.ok(child !== undefined, `${role} runs`)
  return child
}

async function until(what: string, holds: () => Promise<boolean> | boolean, ms = STEP_MS): Promise<number> {
  const startedAt = performance.now()
  while (!(await holds())) {
    assert.ok(performance.now() - startedAt < ms, what)
    await pause(50)
  }
  return performance.now() - startedAt
}

interface Supervised {
  readonly agent: AgentUnderTest
  readonly folder: string
  readonly dumps: () => string[]
  readonly write: (id: string) => Promise<number>
}

async function start(t: TestContext, options: LaunchOptions = {}): Promise<Supervised> {
  const folder = temporaryFolder(t)
  const config = writeConfig(folder, '')
  const agent = await AgentUnderTest.start(t, config, { args: ['--supervise'], ...options })
  const dumpsIn = `${folder}/state.db-stalls`
  return {
    agent,
    folder,
    dumps: () =>
      existsSync(dumpsIn)
        ? readdirSync(dumpsIn).map((name) => readFileSync(`${dumpsIn}/${name}`, 'utf8'))
        : [],
    write: async (id) => {
      const statement = [`INSERT INTO items (id) VALUES ('${id}')`]
      const response = await agent.post('/v1/transactions', JSON.stringify(statement))
      await response.text()
      return response.status
    },
  }
}

async function isHealthy(base: string): Promise<boolean> {
  return fetch(`${base}/healthz`, { signal: AbortSignal.timeout(1_000) }).then(
    ({ ok }) => ok,
    () => false,
  )
}

describe('patina agent --supervise', { concurrency: true, skip }, () => {
  it('T-A2: a child that stands for three seconds is left alone; for good, it is replaced, and the file says how it stood', async (t) => {
    const { agent, dumps, write } = await start(t)
    assert.equal(await write('before'), 200)
    const main = mainOf(agent)
    const roles = ['store', 'readers', 'live-query']
    const pids = roles.map((role) => childOf(main, role))
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    await pause(3_000)
    assert.ok(await isHealthy(agent.base), 'main answers')
    for (const pid of pids) process.kill(pid, 'SIGCONT')
    await pause(1_500)
    assert.deepEqual(
      roles.map((role) => childOf(main, role)),
      pids,
    )
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    const tookMs = await until('all are replaced', () => pids.every((pid) => !existsSync(`/proc/${pid}`)))
    t.diagnostic(`killed after ${Math.round(tookMs)} ms`)
    assert.ok(tookMs < RESTARTED_MS)
    await until('all are back', () => isHealthy(agent.base))
    for (const [i, role] of roles.entries()) {
      const dump = dumps().find((text) => text.startsWith(`${role} (process ${pids[i]}) stalled`))
      assert.match(dump ?? '', /T \(stopped\)/, `${dumps()}`)
    }
    assert.equal(await write('after'), 200)
    assert.equal((await agent.query('SELECT count(*) FROM items'))[1], '{"row":[1,[2]]}')
    assert.equal(mainOf(agent), main, 'nobody restarted the agent')
    assert.deepEqual(await agent.stop().then(({ code, signal }) => [code, signal]), [0, null])
    assert.equal(existsSync(`/proc/${main}`), false)
  })

  it('T-A2: a main process that stands for three seconds is left alone; for good, the agent is started again', async (t) => {
    const { agent, dumps, write } = await start(t)
    assert.equal(await write('before'), 200)
    const main = mainOf(agent)
    process.kill(main, 'SIGSTOP')
    await pause(3_000)
    process.kill(main, 'SIGCONT')
    assert.equal(await write('between'), 200)
    await pause(1_500)
    assert.equal(mainOf(agent), main)

    const children = childrenOf(main)
    process.kill(main, 'SIGSTOP')
    const tookMs = await until('main is killed', () => !existsSync(`/proc/${main}`))
    t.diagnostic(`killed after ${Math.round(tookMs)} ms`)
    assert.ok(tookMs < RESTARTED_MS)
    await until('its children are gone', () => children.every((pid) => !existsSync(`/proc/${pid}`)))
    assert.match(dumps()[0] ?? '', new RegExp(`^main \\(process ${main}\\) stalled`))
    await until('the agent is back', () => agent.log.filter(({ msg }) => msg === 'ready').length === 2)
    const [, again] = agent.log.filter(({ msg }) => msg === 'ready')
    const second = `http://${(again as unknown as { api: string[] }).api[0]}`
    assert.ok(await isHealthy(second))
    const rows = await fetch(`${second}/v1/queries`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '"SELECT group_concat(id) FROM items"',
    })
    assert.match(await rows.text(), /"before,between"/)
    assert.equal((await agent.stop()).code, 0)
  })

  it('T-A2: a main loop without an end is shown by its functions, and started again', async (t) => {
    const { agent, dumps } = await start(t, { node: ['--inspect-port=0'] })
    const main = mainOf(agent)
    // Node's own way to a debugger: nothing of the agent helps.
    process.kill(main, 'SIGUSR1')
    const socket = new WebSocket(await debuggerOf(agent))
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    const expression = 'setTimeout(function spinsForEver() { for (;;); }, 100)'
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }))
    const tookMs = await until('main is killed', () => !existsSync(`/proc/${main}`))
    socket.close()
    t.diagnostic(`killed after ${Math.round(tookMs)} ms`)
    assert.ok(tookMs < RESTARTED_MS)
    assert.match(dumps()[0] ?? '', /spinsForEver/)
    await until('the agent is back', () => agent.log.filter(({ msg }) => msg === 'ready').length === 2)
    assert.equal((await agent.stop()).code, 0)
  })

  it('an agent that is killed is started again; a refusal and a decision to end are kept', async (t) => {
    const { agent, folder } = await start(t)
    process.kill(mainOf(agent), 'SIGKILL')
    await until('the agent is back', () => agent.log.filter(({ msg }) => msg === 'ready').length === 2)
    const refused = new AgentUnderTest(`${folder}/config.toml`, { args: ['--supervise'] })
    const ended = await refused.ended
    assert.equal(ended.code, 1)
    assert.match(ended.stderr, /another process has .*state\.db open/)
    const main = mainOf(agent)
    agent.process.kill('SIGKILL')
    await until('an agent without its supervisor ends in order', () => !existsSync(`/proc/${main}`))
    assert.ok(
      agent.log.some(
        ({ msg, reason }) => msg === 'the agent must stop' && reason === 'its supervisor is gone',
      ),
    )
    assert.ok(agent.log.some(({ msg }) => msg === 'stopped'))
  })
})

/** The address that Node prints when its debugger listens. */
async function debuggerOf(agent: AgentUnderTest): Promise<string> {
  let address: string | undefined
  await until('the debugger listens', () => {
    address = /ws:\/\/\S+/.exec(agent.stderr)?.[0]
    return address !== undefined
  })
  return address as string
}
