/** Statements that would fill the memory of the host: the process that runs one is replaced, and everybody else is served. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { AgentUnderTest, temporaryFolder, writeConfig } from './agent-under-test.ts'

const MIB = 2 ** 20
const BOUND = 320 * MIB
/** What a statement may fill before it is seen, on a busy machine. */
const BEYOND = 1_500 * MIB

/** Gigabytes out of a line: values that double, and a text that grows. */
const BOMBS: readonly string[] = [
  `WITH c(s, i) AS (SELECT 'aaaaaaaa', 0 UNION ALL SELECT s || s, i + 1 FROM c WHERE i < 25) SELECT sum(length(s)) FROM c`,
  `WITH c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT length(group_concat(printf('%01000d', i))) FROM c`,
]

/** Twice as many tables at each step: SQLite works for minutes before the statement begins. */
const LONG_TO_PREPARE = `WITH ${Array.from({ length: 24 }, (_, i) =>
  i === 0 ? 'c0 AS (SELECT 1 AS x)' : `c${i} AS (SELECT a.x FROM c${i - 1} a, c${i - 1} b)`,
).join(', ')} SELECT x FROM c23`

function codeOf(text: string): unknown {
  return (JSON.parse(text) as { readonly code?: string }).code
}

function largestChild(agent: AgentUnderTest): number {
  const { pid } = agent.process
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  const resident = children.map((child) => {
    try {
      return Number(readFileSync(`/proc/${child}/statm`, 'utf8').split(' ')[1]) * 4096
    } catch {
      return 0
    }
  })
  return Math.max(...resident)
}

test('memory bombs, through writes, queries and subscriptions, cost the process that runs them, and nobody else', {
  skip: !existsSync('/proc/self/statm'),
}, async (t) => {
  const config = writeConfig(temporaryFolder(t), `limits = { process_bytes_max = ${BOUND} }`)
  const agent = await AgentUnderTest.start(t, config)
  const post = async (path: string, body: unknown): Promise<[number, string]> => {
    const response = await agent.post(path, JSON.stringify(body))
    if (response.status === 200 && path === '/v1/subscriptions') {
      const { value } = (await response.body?.getReader().read()) ?? {}
      return [200, Buffer.from(value ?? []).toString()]
    }
    return [response.status, await response.text()]
  }
  let [isOver, answered, largest] = [false, 0, 0]
  const others = (async () => {
    while (!isOver) {
      const [status, text] = await post('/v1/transactions', [
        ['INSERT OR REPLACE INTO items (id, n) VALUES (?, ?)', ['x', answered]],
      ])
      assert.ok(status === 200 || status === 503, text)
      assert.equal((await fetch(`${agent.base}/v1/members`)).status, 200)
      if (status === 200) answered += 1
      largest = Math.max(largest, largestChild(agent))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  others.catch(() => {})
  for (const bomb of BOMBS) {
    const write = `INSERT INTO items (id, n) SELECT 'bomb', * FROM (${bomb})`
    const [written, writeText] = await post('/v1/transactions?timeout=10', [write])
    assert.deepEqual([written, codeOf(writeText)], [500, 'memory'], writeText)
    // It runs twice, because the neighbour of another may be innocent.
    const [read, readText] = await post('/v1/queries?timeout=10', bomb)
    assert.deepEqual([read, codeOf(readText)], [503, 'overloaded'], readText)
    const [live, liveText] = await post('/v1/subscriptions', bomb)
    assert.ok(live !== 200 || liveText.includes('"error"'), `${live} ${liveText}`)
    t.diagnostic(`subscription ${live} ${liveText.slice(0, 200)}`)
  }
  isOver = true
  await others
  t.diagnostic(`${answered} writes of others; the largest process had ${Math.round(largest / MIB)} MiB`)
  assert.ok(answered > 5)
  assert.ok(largest < BOUND + BEYOND, `${largest}`)
  assert.ok(
    agent.log.some(({ msg, reason }) => msg === 'replacing a child process' && /memory/.test(String(reason))),
  )
  const [, row] = await agent.query('SELECT count(*), max(id) FROM items')
  assert.equal(row, '{"row":[1,[1,"x"]]}')
})

test('a statement that takes for ever to be prepared ends at its deadline, wherever it is sent', async (t) => {
  const config = writeConfig(temporaryFolder(t), 'limits = { query_timeout_secs = 2 }')
  const agent = await AgentUnderTest.start(t, config)
  const [write, read, live] = await Promise.all([
    agent.post('/v1/transactions?timeout=1', [`INSERT INTO items (id) ${LONG_TO_PREPARE}`]),
    agent.post('/v1/queries?timeout=1', JSON.stringify(LONG_TO_PREPARE)),
    agent.post('/v1/subscriptions', JSON.stringify(LONG_TO_PREPARE)),
  ])
  assert.deepEqual([write.status, codeOf(await write.text())], [500, 'timeout'])
  assert.deepEqual([read.status, codeOf(await read.text())], [500, 'timeout'])
  const liveText = await live.text()
  t.diagnostic(`subscription ${live.status} ${liveText.slice(0, 200)}`)
  assert.notEqual(live.status, 200)
  const written = await agent.post('/v1/transactions', ["INSERT INTO items (id) VALUES ('after')"])
  assert.equal(written.status, 200)
  const followed = await agent.post('/v1/subscriptions', '"SELECT id FROM items"')
  assert.equal(followed.status, 200)
  await followed.body?.cancel()
})

test('bodies of millions of values are refused before main looks at them', {
  skip: !existsSync('/proc/self/statm'),
}, async (t) => {
  const agent = await AgentUnderTest.start(t, writeConfig(temporaryFolder(t)))
  const bodies = {
    parameters: `[["INSERT INTO items (id) VALUES (?)", [${'1,'.repeat(31_000_000)}1]]]`,
    objects: `[["INSERT INTO items (id) VALUES (?)", [${'{},'.repeat(20_000_000)}{}]]]`,
    statements: `[${'"S",'.repeat(1_000_000)}"S"]`,
  }
  for (const [what, body] of Object.entries(bodies)) {
    const response = await agent.post('/v1/transactions', body)
    const text = await response.text()
    const code = what === 'statements' ? 'too-many-statements' : 'too-many-values'
    assert.deepEqual([response.status, codeOf(text)], [413, code], what)
  }
  const { pid } = agent.process
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  t.diagnostic(`main had ${Math.round(Number(peak) / 1024)} MiB`)
  // One of these made 3 GiB of its 60 MiB, and kept main from its probes for eight seconds.
  assert.ok(Number(peak) < 1_000 * 1024, `${peak} kB`)
})
