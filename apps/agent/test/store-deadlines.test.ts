/** Writes whose time is up, in a real agent: who runs too long fails alone, who waited is told so, and each other runs once. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { AgentUnderTest, temporaryFolder, writeConfig } from './agent-under-test.ts'

const STEPS = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c'
const ENDLESS = `INSERT INTO items (id, n) SELECT 'endless', count(*) FROM (${STEPS}) SELECT x FROM c)`
/** Long enough for others to come together behind it. */
const SHORT = `INSERT INTO items (id, n) SELECT 'short', count(*) FROM (${STEPS} LIMIT 1500000) SELECT x FROM c)`
/** Some seconds. */
const LONG = `INSERT INTO items (id, n) SELECT 'long', count(*) FROM (${STEPS} LIMIT 15000000) SELECT x FROM c)`

interface Answer {
  readonly status: number
  readonly code: string | undefined
}

async function start(t: TestContext): Promise<AgentUnderTest> {
  const agent = await AgentUnderTest.start(t, writeConfig(temporaryFolder(t)))
  assert.equal((await write(agent, "INSERT INTO items (id, n) VALUES ('counter', 0)", 10)).status, 200)
  return agent
}

async function write(agent: AgentUnderTest, sql: string, timeoutSecs: number): Promise<Answer> {
  const response = await agent.post(`/v1/transactions?timeout=${timeoutSecs}`, JSON.stringify([sql]))
  return { status: response.status, code: ((await response.json()) as { code?: string }).code }
}

function storeOf(agent: AgentUnderTest): number | undefined {
  const pid = agent.process.pid as number
  const path = `/proc/${pid}/task/${pid}/children`
  const children = existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ') : []
  return children
    .map(Number)
    .find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('--role=store'))
}

test('beside a write without an end each other write is done once, and reads and probes go on', async (t) => {
  const agent = await start(t)
  const before = storeOf(agent)
  const increments = Array.from({ length: 20 }, () =>
    write(agent, "UPDATE items SET n = n + 1 WHERE id = 'counter'", 15),
  )
  const endless = write(agent, ENDLESS, 1)
  increments.push(
    ...Array.from({ length: 20 }, () => write(agent, "UPDATE items SET n = n + 1 WHERE id = 'counter'", 15)),
  )
  assert.equal((await agent.query('SELECT 1'))[1], '{"row":[1,[1]]}')
  assert.equal((await fetch(`${agent.base}/healthz`)).status, 200)
  assert.deepEqual(await endless, { status: 500, code: 'timeout' })
  for (const answer of await Promise.all(increments)) assert.equal(answer.status, 200)
  const [, row] = await agent.query("SELECT group_concat(id || ' ' || n) FROM items")
  assert.equal(row, '{"row":[1,["counter 40"]]}')
  assert.notEqual(before, undefined)
  assert.notEqual(storeOf(agent), before, 'the store is another process')
})

test('a write that only waits behind a long one is told to come again, and the long one is left alone', async (t) => {
  const agent = await start(t)
  const before = storeOf(agent)
  const long = write(agent, LONG, 60)
  // It has begun when a write that came with it is not answered.
  await new Promise((resolve) => setTimeout(resolve, 200))
  const waited = await Promise.all(
    [1, 2].map(() => write(agent, "UPDATE items SET n = n + 1 WHERE id = 'counter'", 1)),
  )
  assert.deepEqual(
    waited,
    Array.from({ length: 2 }, () => ({ status: 503, code: 'overloaded' })),
  )
  assert.equal((await long).status, 200)
  const [, row] = await agent.query("SELECT group_concat(id || ' ' || n) FROM items")
  assert.equal(row, '{"row":[1,["counter 0,long 15000000"]]}')
  assert.equal(storeOf(agent), before)
})

test('a write that shares a transaction with an endless one is told to come again, and the endless one fails by itself', async (t) => {
  const agent = await start(t)
  const before = storeOf(agent)
  const short = write(agent, SHORT, 30)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const shares = write(agent, "UPDATE items SET n = n + 1 WHERE id = 'counter'", 2)
  await new Promise((resolve) => setTimeout(resolve, 20))
  const endless = write(agent, ENDLESS, 3)
  assert.equal((await short).status, 200)
  assert.deepEqual(await shares, { status: 503, code: 'overloaded' })
  assert.notEqual(storeOf(agent), before, 'the store is another process')
  assert.deepEqual(await endless, { status: 500, code: 'timeout' })
  const [, row] = await agent.query("SELECT group_concat(id || ' ' || n) FROM items")
  assert.equal(row, '{"row":[1,["counter 0,short 1500000"]]}')
})
