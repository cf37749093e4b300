import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { test } from 'node:test'
import { AgentUnderTest, runPatina, temporaryFolder, writeConfig } from './agent-under-test.ts'

const ENDLESS = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c'

interface Envelope {
  readonly results: readonly { readonly rows_affected?: number; readonly error?: string }[]
  readonly version: number | null
  readonly actor_id: string
  readonly code?: string
}

test('one agent', async (t) => {
  const agent = await AgentUnderTest.start(t, writeConfig(temporaryFolder(t)))

  async function transact(statements: unknown, query = ''): Promise<[number, Envelope]> {
    const response = await agent.post(`/v1/transactions${query}`, statements)
    return [response.status, (await response.json()) as Envelope]
  }

  await t.test('a write is one version; the same write again is none', async () => {
    const write = [['INSERT OR REPLACE INTO items (id, n) VALUES (?, ?)', ['same', 1]]]
    const [status, first] = await transact(write)
    assert.equal(status, 200)
    assert.match(first.actor_id, /^[0-9a-f]{32}$/)
    assert.equal(typeof first.version, 'number')
    const [, second] = await transact(write)
    assert.equal(second.version, null)
  })

  await t.test('values come back with their storage class and every digit', async () => {
    const insert = `["INSERT INTO items (id, n, r, b, t) VALUES (?, ?, ?, ?, ?)",
      ["exact", 9007199254740993, 1.0, [0, 255], {"a": 1.0}]]`
    assert.equal((await agent.post('/v1/transactions', `[${insert}]`)).status, 200)
    const [columns, row, end] = await agent.query([
      'SELECT n, r, b, t, typeof(n) FROM items WHERE id = :id',
      { ':id': 'exact' },
    ])
    assert.equal(columns, '{"columns":["n","r","b","t","typeof(n)"]}')
    assert.equal(row, '{"row":[1,[9007199254740993,1.0,[0,255],"{\\"a\\":1.0}","integer"]]}')
    assert.match(end as string, /^\{"eoq":\{"time":[\d.e-]+\}\}$/)
  })

  await t.test('a transaction that fails leaves nothing', async () => {
    const [status, body] = await transact([
      "INSERT INTO items (id) VALUES ('half')",
      "INSERT INTO items (id) VALUES ('half')",
    ])
    assert.equal(status, 500)
    assert.match(body.results[0]?.error as string, /UNIQUE/)
    assert.deepEqual([body.version, body.results.length], [null, 1])
    assert.equal((await agent.query("SELECT 1 FROM items WHERE id = 'half'")).length, 2)
  })

  await t.test('what is refused, with its status and code', async () => {
    const cases: readonly (readonly [string, string, number, string | undefined])[] = [
      ['/v1/transactions', '{', 400, 'invalid-json'],
      ['/v1/transactions', '{}', 422, 'invalid-shape'],
      ['/v1/transactions', '[]', 400, 'no-statement'],
      ['/v1/transactions', '["INSERT INTO nowhere VALUES (1)"]', 500, 'unknown-table'],
      ['/v1/transactions', '["DELETE FROM __patina_log"]', 400, 'internal-table'],
      ['/v1/transactions', '["DELETE FROM items__patina_clock"]', 400, 'internal-table'],
      ['/v1/transactions', '["DELETE FROM items; DELETE FROM items"]', 400, 'multiple-statements'],
      ['/v1/transactions', '["BEGIN"]', 400, 'transaction-control'],
      ['/v1/transactions', '["SAVEPOINT a"]', 400, 'transaction-control'],
      ['/v1/transactions', '["ATTACH \'x\' AS y"]', 400, 'attach'],
      ['/v1/transactions', '["CREATE TABLE x (y)"]', 400, 'ddl'],
      ['/v1/transactions', '["PRAGMA journal_mode = DELETE"]', 400, 'pragma'],
      ['/v1/transactions', '["VACUUM"]', 400, undefined],
      ['/v1/queries', '"DELETE FROM items"', 400, 'not-read-only'],
      ['/v1/queries', '"SELECT * FROM nowhere"', 400, undefined],
      ['/v1/queries', '"SELEC"', 400, undefined],
      ['/v1/queries', '["SELECT :a", {":b": 1}]', 400, undefined],
      ['/v1/queries', '"SELECT 1; SELECT 2"', 400, 'multiple-statements'],
      ['/v1/nothing', '', 404, undefined],
    ]
    for (const [path, body, status, code] of cases) {
      const response = await agent.post(path, body)
      const text = await response.text()
      assert.equal(response.status, status, `${body} → ${text}`)
      if (code !== undefined) assert.equal(JSON.parse(text).code, code, body)
    }
    assert.equal(
      (await agent.post('/v1/queries', '"SELECT 1"', { 'content-type': 'text/plain' })).status,
      415,
    )
    const host = { host: 'rebound.example' }
    assert.equal(await rawStatus(agent.base, `GET /v1/members HTTP/1.1\r\nHost: ${host.host}\r\n\r\n`), 421)
    assert.equal((await agent.query('SELECT count(*) FROM items')).length, 3)
  })

  await t.test('junk on the HTTP port is 400 and disturbs nobody', async () => {
    assert.equal(await rawStatus(agent.base, '\u0000\u0001garbage\r\n\r\n'), 400)
    assert.equal((await fetch(`${agent.base}/healthz`)).status, 200)
  })

  await t.test('an endless query ends at its deadline while others are served', async () => {
    const startedAt = performance.now()
    const stuck = agent.post('/v1/queries?timeout=1', JSON.stringify(ENDLESS))
    let served = 0
    let done = false
    const others = (async () => {
      while (!done) {
        assert.equal((await agent.post('/v1/queries', '"SELECT 1"')).status, 200)
        assert.equal((await transact([['UPDATE items SET n = n + 1 WHERE id = ?', ['same']]]))[0], 200)
        served += 1
      }
    })()
    const response = await stuck
    done = true
    await others
    assert.equal(response.status, 500)
    assert.equal(((await response.json()) as { code: string }).code, 'timeout')
    assert.ok(performance.now() - startedAt < 5_000)
    assert.ok(served > 10, `only ${served} were served meanwhile`)
    await agent.logged('replacing a child process')
  })

  await t.test(
    'an endless write ends at its deadline, wrote nothing, and a write that waited is done',
    async () => {
      const stuck = transact([`INSERT INTO items (id) SELECT 'endless' FROM (${ENDLESS})`], '?timeout=1')
      const waiting = transact([["INSERT INTO items (id) VALUES ('waited')", []]], '?timeout=10')
      assert.equal((await agent.post('/v1/queries', '"SELECT 1"')).status, 200)
      const [status, body] = await stuck
      assert.deepEqual([status, body.code], [500, 'timeout'])
      assert.equal((await waiting)[0], 200)
      const [, row] = await agent.query(
        "SELECT group_concat(id) FROM items WHERE id IN ('endless', 'waited')",
      )
      assert.equal(row, '{"row":[1,["waited"]]}')
    },
  )

  await t.test('a client that leaves an endless query leaves no burning process', async () => {
    const before = readersOf(agent)
    const controller = new AbortController()
    const request = fetch(`${agent.base}/v1/queries?timeout=1`, {
      method: 'POST',
      body: JSON.stringify(ENDLESS),
      headers: { 'content-type': 'application/json' },
      signal: controller.signal,
    })
    setTimeout(() => controller.abort(), 100)
    await assert.rejects(request)
    const deadline = performance.now() + 10_000
    while (readersOf(agent).some((pid) => before.includes(pid)) && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(
      readersOf(agent).some((pid) => before.includes(pid)),
      false,
    )
  })

  await t.test('child processes that are killed are replaced, and no answered write is lost', async () => {
    const children = childrenOf(agent)
    assert.equal((await transact(["INSERT INTO items (id) VALUES ('answered')"]))[0], 200)
    for (const pid of children) killed(pid)
    assert.equal((await transact(["INSERT INTO items (id) VALUES ('after')"]))[0], 200)
    const [, row] = await agent.query("SELECT count(*) FROM items WHERE id IN ('answered', 'after')")
    assert.equal(row, '{"row":[1,[2]]}')
    assert.deepEqual(
      childrenOf(agent).filter((pid) => children.includes(pid)),
      [],
    )
  })

  await t.test('a query joins the members, also in a readers process that was just replaced', async () => {
    const self = (
      (await (await fetch(`${agent.base}/v1/members`)).json()) as { members: { actor: string }[] }
    ).members[0]?.actor as string
    assert.equal((await transact([['INSERT INTO items (id, n) VALUES (?, 7)', [self]]]))[0], 200)
    const join = "SELECT n, state FROM items JOIN patina_members ON actor = id WHERE state = 'alive'"
    assert.equal((await agent.query(join))[1], '{"row":[1,[7,"alive"]]}')
    for (const pid of readersOf(agent)) killed(pid)
    assert.equal((await agent.query(join))[1], '{"row":[1,[7,"alive"]]}')
    const write = await agent.post('/v1/queries', '"DELETE FROM patina_members"')
    assert.equal(((await write.json()) as { code: string }).code, 'not-read-only')
    assert.equal((await transact(['DELETE FROM patina_members']))[0], 500)
  })

  await t.test('members, health and metrics', async () => {
    const { members } = (await (await fetch(`${agent.base}/v1/members`)).json()) as {
      members: { self: boolean }[]
    }
    assert.deepEqual(
      members.map(({ self }) => self),
      [true],
    )
    const metrics = await (await fetch(`${agent.base}/metrics`)).text()
    assert.match(metrics, /patina_members\{state="alive"\} 1/)
    assert.match(metrics, /patina_child_restarts_total\{role="readers"\} \d/)
    assert.match(metrics, /patina_database_bytes \d{4,}/)
  })

  await t.test('the command line prints results on stdout and has its exit codes', async () => {
    const api = ['--api-addr', agent.base.slice('http://'.length)]
    const exec = await runPatina([
      'exec',
      ...api,
      'INSERT INTO items (id, t) VALUES (?, ?)',
      '--param',
      'cli',
      '--param',
      'a|b',
    ])
    assert.deepEqual([exec.code, exec.stdout, exec.stderr], [0, 'Rows affected: 1\n', ''])
    const query = await runPatina([
      'query',
      ...api,
      "SELECT id, n, r, t FROM items WHERE id = 'cli'",
      '--columns',
    ])
    assert.deepEqual([query.code, query.stdout], [0, 'id|n|r|t\ncli|0||a|b\n'])
    const json = await runPatina(['query', ...api, '--json', "SELECT 1.0 AS a, 'x' AS b"])
    assert.equal(json.stdout, '[\n{"a":1.0,"b":"x"}\n]\n')
    const refused = await runPatina(['query', ...api, 'DELETE FROM items'])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /read/)
    assert.equal((await runPatina(['query', '--api-addr', '127.0.0.1:1', 'SELECT 1'])).code, 3)
    assert.equal((await runPatina(['query', '--bogus'])).code, 2)
    assert.match((await runPatina(['cluster', 'members', ...api])).stdout, /alive/)
  })

  await t.test('SIGTERM finishes what is under way and ends with 0, with no process left', async () => {
    const children = childrenOf(agent)
    const slow = agent.post(
      '/v1/queries',
      JSON.stringify(`${ENDLESS.replace('FROM c)', 'FROM c LIMIT 3000000)')}`),
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    const ended = agent.stop()
    assert.equal((await slow).status, 200)
    assert.deepEqual([(await ended).code, (await ended).signal], [0, null])
    assert.deepEqual(children.filter(isAlive), [])
  })
})

/** The status of an answer to raw bytes. */
function rawStatus(base: string, text: string): Promise<number> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text))
    socket.once('data', (data) => {
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(data.toString())?.[1]))
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

/** Child processes of the agent by /proc, which Linux has; elsewhere none are seen. */
function childrenOf(agent: AgentUnderTest): number[] {
  const pid = agent.process.pid as number
  const path = `/proc/${pid}/task/${pid}/children`
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number) : []
}

function readersOf(agent: AgentUnderTest): number[] {
  return childrenOf(agent).filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--role=readers'),
  )
}

function isAlive(pid: number): boolean {
  return readdirSync('/proc').includes(String(pid))
}

/** An old process that was finishing its work may have ended by itself since it was listed. */
function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (cause) {
    assert.equal((cause as NodeJS.ErrnoException).code, 'ESRCH')
  }
}
