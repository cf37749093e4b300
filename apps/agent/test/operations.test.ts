/** What those who run agents ask of them: readiness, status, the members as they change; two agents, both protocols. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { AgentUnderTest, temporaryFolder, writeConfig } from './agent-under-test.ts'

const run = promisify(execFile)

const STEP_MS = 20_000

interface Status {
  readonly actor: string
  readonly ready: boolean
  readonly missing: readonly string[]
  readonly members: { readonly alive: number; readonly left: number }
  readonly knowledge: {
    readonly actors: number
    readonly own_head: number
    readonly versions_missing: number
  }
  readonly store: { readonly database_bytes: number }
  readonly processes: { readonly [role: string]: { readonly running: boolean; readonly restarts: number } }
}

async function statusOf(agent: AgentUnderTest): Promise<Status> {
  const response = await fetch(`${agent.base}/v1/status`)
  assert.equal(response.status, 200)
  return (await response.json()) as Status
}

/** Asks until the answer is as wanted. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + STEP_MS
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, what)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function isReady(agent: AgentUnderTest): Promise<boolean> {
  return fetch(`${agent.base}/readyz`).then(({ ok }) => ok)
}

test('an agent alone is ready; one that is to join is ready when it has caught up; both tell of each other', async (t) => {
  const first = await AgentUnderTest.start(t, writeConfig(temporaryFolder(t)))
  const insert = ["INSERT INTO items (id) VALUES ('a')", "INSERT INTO items (id) VALUES ('b')"]
  for (const statement of insert)
    assert.equal((await first.post('/v1/transactions', JSON.stringify([statement]))).status, 200)
  await until('alone and ready', () => isReady(first))
  const alone = await statusOf(first)
  assert.deepEqual([alone.ready, alone.missing, alone.members.alive], [true, [], 1])
  assert.deepEqual(alone.knowledge, {
    actors: 1,
    own_head: 2,
    versions_missing: 0,
    versions_unobtainable: 0,
    versions_lost: 0,
  })
  assert.ok(alone.store.database_bytes > 4_096)
  for (const role of ['store', 'readers', 'live-query'])
    assert.deepEqual(
      [alone.processes[role]?.running, alone.processes[role]?.restarts],
      [true, 0],
      `${role} runs`,
    )

  const watch = await fetch(`${first.base}/v1/members?watch`)
  assert.equal(watch.headers.get('content-type'), 'application/x-ndjson')
  const changes = linesOf(watch)
  const { members } = (await changes.next()).value as { members: { self: boolean }[] }
  assert.deepEqual(
    members.map(({ self }) => self),
    [true],
  )

  const gossip = (await first.logged('ready')).gossip as string
  const second = await AgentUnderTest.start(t, seed(writeConfig(temporaryFolder(t)), gossip))
  const up = (await changes.next()).value as { member: { state: string; actor: string } }
  assert.equal(up.member.state, 'alive')
  await until('joined and caught up', () => isReady(second))
  const joined = await statusOf(second)
  assert.equal(joined.actor, up.member.actor)
  assert.equal(joined.knowledge.versions_missing, 0)
  assert.equal((await second.query('SELECT id FROM items')).length, 4, 'what was there is here')

  await second.stop()
  const left = (await changes.next()).value as { member: { state: string } }
  assert.equal(left.member.state, 'left')
  assert.equal((await statusOf(first)).members.left, 1)
  const end = changes.next()
  await first.stop()
  assert.equal((await end).done, true, 'a watch ends with the agent')
})

test('an agent whose seeds do not answer is not ready and says why', async (t) => {
  const config = seed(writeConfig(temporaryFolder(t)), '127.0.0.1:1')
  const agent = await AgentUnderTest.start(t, config)
  const response = await fetch(`${agent.base}/readyz`)
  assert.equal(response.status, 503)
  assert.deepEqual(((await response.json()) as { missing: string[] }).missing, ['joined', 'caught-up'])
  assert.equal((await fetch(`${agent.base}/healthz`)).status, 200)
  const { ready, missing } = await statusOf(agent)
  assert.deepEqual([ready, missing], [false, ['joined', 'caught-up']])
})

test('curl speaks HTTP/2 with prior knowledge to the same port, streams too', async (t) => {
  const version = await run('curl', ['--version']).catch(() => ({ stdout: '' }))
  if (!/\bHTTP2\b/.test(version.stdout)) return t.skip('there is no curl with HTTP/2 here')
  const agent = await AgentUnderTest.start(t, writeConfig(temporaryFolder(t)))
  const json = ['-H', 'content-type: application/json']
  const curl = async (...args: readonly string[]): Promise<string> => {
    const common = [
      '-sS',
      '--max-time',
      '10',
      '--http2-prior-knowledge',
      '-w',
      '\n%{http_version} %{http_code}',
    ]
    return (await run('curl', [...common, ...args])).stdout
  }
  const write = JSON.stringify([["INSERT INTO items (id, n) VALUES ('h2', ?)", [2]]])
  assert.match(await curl(...json, '-d', write, `${agent.base}/v1/transactions`), /"version":1.*\n2 200$/)
  const query = JSON.stringify('SELECT id, n FROM items')
  assert.match(
    await curl(...json, '-d', query, `${agent.base}/v1/queries`),
    /^\{"columns":\["id","n"\]\}\n\{"row":\[1,\["h2",2\]\]\}\n\{"eoq":.*\}\n\n2 200$/,
  )
  assert.match(await curl(`${agent.base}/v1/nothing`), /\n2 404$/)
  assert.match(
    await curl('-H', 'host: rebound.example', `${agent.base}/v1/members`),
    /unknown-host.*\n2 421$/,
  )
})

/** The same configuration with somebody to join by. */
function seed(configPath: string, gossip: string): string {
  const text = readFileSync(configPath, 'utf8')
  writeFileSync(configPath, text.replace('[gossip]\n', `[gossip]\nbootstrap = ["${gossip}"]\n`))
  return configPath
}

/** The lines of an answer without an end, as JSON. */
async function* linesOf(response: Response): AsyncGenerator<unknown, void, undefined> {
  const utf8 = new TextDecoder()
  let rest = ''
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    const lines = (rest + utf8.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() as string
    for (const line of lines) if (line !== '') yield JSON.parse(line)
  }
}
