import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { AgentUnderTest, temporaryFolder, writeConfig } from './agent-under-test.ts'

const WAIT_MS = 20_000

/** The lines of a subscription as they come. */
class Lines {
  readonly response: Response
  readonly #reader: ReadableStreamDefaultReader<string>
  #rest = ''
  readonly #lines: string[] = []

  constructor(response: Response) {
    this.response = response
    const body = response.body as ReadableStream<Uint8Array>
    this.#reader = body
      .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
      .getReader()
  }

  /** The next line, or undefined at the end of the stream. */
  async next(): Promise<string | undefined> {
    while (this.#lines.length === 0) {
      const { done, value } = await this.#reader.read()
      if (done) return undefined
      const lines = (this.#rest + value).split('\n')
      this.#rest = lines.pop() ?? ''
      this.#lines.push(...lines)
    }
    return this.#lines.shift()
  }

  async take(count: number): Promise<unknown[]> {
    const lines: unknown[] = []
    while (lines.length < count) lines.push(JSON.parse((await this.next()) ?? '"the stream ended"'))
    return lines
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel()
  }
}

async function start(t: TestContext): Promise<AgentUnderTest> {
  return AgentUnderTest.start(t, writeConfig(temporaryFolder(t)))
}

async function subscribe(agent: AgentUnderTest, statement: unknown, query = ''): Promise<Lines> {
  return new Lines(await agent.post(`/v1/subscriptions${query}`, JSON.stringify(statement)))
}

async function resume(agent: AgentUnderTest, id: string, query = ''): Promise<Lines> {
  const signal = AbortSignal.timeout(WAIT_MS)
  return new Lines(await fetch(`${agent.base}/v1/subscriptions/${id}${query}`, { signal }))
}

function killStore(agent: AgentUnderTest): void {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
  const [pid] =
    stdout
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .find(([, parent, ...args]) => Number(parent) === agent.process.pid && args.includes('--role=store')) ??
    []
  process.kill(Number(pid), 'SIGKILL')
}

const write = async (agent: AgentUnderTest, ...statements: unknown[]): Promise<void> => {
  const response = await agent.post('/v1/transactions', statements)
  assert.equal(response.status, 200, await response.text())
}

test('a subscription tells its result and then every change; it resumes where a client was', async (t) => {
  const agent = await start(t)
  await write(agent, "INSERT INTO items (id, n) VALUES ('a', 1), ('b', 2)")
  const live = await subscribe(agent, ['SELECT id, n FROM items WHERE n > ?', [0]])
  assert.equal(live.response.status, 200)
  const id = live.response.headers.get('corro-query-id') ?? ''
  assert.match(live.response.headers.get('corro-query-hash') ?? '', /^[0-9a-f]{16}$/)
  const [columns, , , end] = (await live.take(4)) as Record<string, { change_id?: number }>[]
  assert.deepEqual(columns, { columns: ['id', 'n'] })
  assert.equal(end?.eoq?.change_id, 0)
  await write(agent, "INSERT INTO items (id, n) VALUES ('c', 3)")
  await write(agent, "UPDATE items SET t = 'not read' WHERE id = 'a'", 'UPDATE items SET n = 0 WHERE n = 2')
  const changes = (await live.take(2)) as { change: [string, number, unknown[], number] }[]
  assert.deepEqual(
    changes.map(({ change: [kind, , cells, at] }) => [kind, cells, at]),
    [
      ['insert', ['c', 3], 1],
      ['delete', ['b', 2], 2],
    ],
  )
  await live.cancel()
  await write(agent, "DELETE FROM items WHERE id = 'a'")
  const again = await resume(agent, id, '?from=1')
  assert.deepEqual(
    ((await again.take(2)) as { change: [string, number, unknown[], number] }[]).map(
      ({ change }) => change[3],
    ),
    [2, 3],
  )
  await again.cancel()
})

test('what is asked wrongly is refused with the status of the original', async (t) => {
  const agent = await start(t)
  const cases: [Promise<Lines>, number][] = [
    [subscribe(agent, 'SELECT nonsense FROM items'), 400],
    [subscribe(agent, 'DELETE FROM items'), 400],
    [subscribe(agent, ['SELECT 1']), 422],
    [subscribe(agent, 'SELECT 1 FROM items', '?from=x'), 400],
    [subscribe(agent, 'SELECT n FROM items', '?from=7'), 400],
    [subscribe(agent, 'SELECT n FROM items', '?marks=1'), 400],
    [resume(agent, 'no-uuid'), 400],
    [resume(agent, '00000000-0000-4000-8000-000000000000'), 404],
  ]
  for (const [asked, status] of cases) {
    const { response } = await asked
    assert.equal(response.status, status)
  }
})

test('a statement that a client may not subscribe to has a code that says why', async (t) => {
  const agent = await start(t)
  const codes: [string, string][] = [
    ["UPDATE items SET n = 1 WHERE id = 'a'", 'not-read-only'],
    ['EXPLAIN SELECT n FROM items', 'not-read-only'],
    ['SELECT 1; SELECT 2', 'multiple-statements'],
    ['PRAGMA user_version', 'pragma'],
    ["ATTACH 'x.db' AS x", 'attach'],
    ['VACUUM', 'vacuum'],
    ['BEGIN', 'transaction-control'],
    ['SELECT * FROM __patina_log', 'internal-table'],
    ['SELECT n FROM later', 'unknown-table'],
    ['SELECT later FROM items', 'unknown-column'],
    ['SELEKT 1', 'syntax'],
  ]
  for (const [sql, code] of codes) {
    const response = await agent.post('/v1/subscriptions', JSON.stringify(sql))
    assert.equal(response.status, 400, sql)
    assert.equal(((await response.json()) as { code: string }).code, code, sql)
  }
})

test('a table that appears later can be subscribed to from then on; other results go on', async (t) => {
  const folder = temporaryFolder(t)
  const agent = await AgentUnderTest.start(t, writeConfig(folder))
  const live = await subscribe(agent, 'SELECT id, n FROM items')
  await live.take(2)
  assert.equal((await subscribe(agent, 'SELECT id FROM later')).response.status, 400)
  appendFileSync(join(folder, 'schema.sql'), '\nCREATE TABLE later (id TEXT NOT NULL PRIMARY KEY);')
  agent.process.kill('SIGHUP')
  await agent.logged('schema reloaded')
  const later = await subscribe(agent, 'SELECT id FROM later')
  assert.equal(later.response.status, 200)
  await later.take(2)
  await write(agent, "INSERT INTO later (id) VALUES ('x')", "INSERT INTO items (id, n) VALUES ('a', 1)")
  assert.deepEqual(await later.take(1), [{ change: ['insert', 1, ['x'], 1] }])
  assert.deepEqual(await live.take(1), [{ change: ['insert', 1, ['a', 1], 1] }])
  killStore(agent)
  await agent.logged('the store is back')
  await write(agent, "INSERT INTO later (id) VALUES ('y')")
  assert.deepEqual(await later.take(1), [{ change: ['insert', 2, ['y'], 2] }])
  await Promise.all([live.cancel(), later.cancel()])
})

test('members are a table that a subscription can join', async (t) => {
  const agent = await start(t)
  const live = await subscribe(agent, "SELECT count(*) FROM patina_members WHERE state = 'alive'")
  assert.deepEqual((await live.take(2))[1], { row: [1, [1]] })
  await live.cancel()
})

test('results outlive a restart of the agent: a client goes on where it was', async (t) => {
  const folder = temporaryFolder(t)
  const first = await AgentUnderTest.start(t, writeConfig(folder))
  await write(first, "INSERT INTO items (id, n) VALUES ('a', 1)")
  const live = await subscribe(first, 'SELECT id FROM items')
  const id = live.response.headers.get('corro-query-id') ?? ''
  await live.take(3)
  const ended = first.stop()
  assert.equal(await live.next(), undefined)
  assert.equal((await ended).code, 0)
  const second = await AgentUnderTest.start(t, writeConfig(folder))
  await write(second, "INSERT INTO items (id, n) VALUES ('b', 2)")
  const again = await resume(second, id, '?from=0&skip_rows=true')
  assert.equal(again.response.status, 200)
  await again.cancel()
  await second.stop()
})

test('a query that never ends costs the live-query process, not the agent, and is refused from then on', async (t) => {
  const folder = temporaryFolder(t)
  const agent = await AgentUnderTest.start(t, writeConfig(folder, 'limits = { query_timeout_secs = 1 }'))
  const endless =
    'WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s) SELECT count(*) FROM s, items'
  const stuck = subscribe(agent, endless).catch(() => undefined)
  await write(agent, "INSERT INTO items (id, n) VALUES ('a', 1)")
  await agent.logged('replacing a child process')
  const lines = await stuck
  assert.ok(
    lines === undefined || lines.response.status >= 400 || /error/.test((await lines.next()) ?? 'error'),
  )
  const deadline = performance.now() + WAIT_MS
  for (let status = 0; status !== 200 && performance.now() < deadline; ) {
    const live = await subscribe(agent, 'SELECT id FROM items')
    status = live.response.status
    if (status === 200) assert.deepEqual((await live.take(2))[1], { row: [1, ['a']] })
    await live.cancel()
  }
  const refused = await subscribe(agent, endless)
  assert.equal(refused.response.status, 400)
  await agent.stop()
})

test('who asks for it gets an empty line in each silence, of results and of members', async (t) => {
  const agent = await start(t)
  const rows = await subscribe(agent, 'SELECT id FROM items', '?keep_alive=1')
  await rows.take(2)
  const members = new Lines(await fetch(`${agent.base}/v1/members?watch&keep_alive=1`))
  await members.take(1)
  assert.deepEqual(await Promise.all([rows.next(), members.next()]), ['', ''])
  await write(agent, "INSERT INTO items (id) VALUES ('a')")
  assert.deepEqual(await rows.take(1), [{ change: ['insert', 1, ['a'], 1] }])
  for (const lines of [rows, members]) await lines.cancel()
  const refused = await agent.post('/v1/subscriptions?keep_alive=0', '"SELECT 1"')
  assert.deepEqual(
    [refused.status, ((await refused.json()) as { code: string }).code],
    [400, 'invalid-keep-alive'],
  )
})

test('who asks for it gets a mark behind what was written together, and behind what it missed', async (t) => {
  const agent = await start(t)
  const [plain, marked] = [
    await subscribe(agent, 'SELECT id FROM items'),
    await subscribe(agent, 'SELECT id FROM items', '?marks=true'),
  ]
  const { headers } = marked.response
  assert.deepEqual([plain.response.headers.get('patina-marks'), headers.get('patina-marks')], [null, 'true'])
  await Promise.all([plain.take(2), marked.take(2)])
  await write(agent, "INSERT INTO items (id) VALUES ('a'), ('b')")
  const changes = await plain.take(2)
  assert.deepEqual(await marked.take(3), [...changes, { mark: 2 }])
  const again = await resume(agent, headers.get('corro-query-id') ?? '', '?from=1&marks=true')
  assert.deepEqual(await again.take(2), [changes[1], { mark: 2 }])
  for (const lines of [plain, marked, again]) await lines.cancel()
})

/** The first line of a stream that stays open. */
function firstLine(stream: ClientHttp2Stream): Promise<string> {
  let text = ''
  stream.setEncoding('utf8')
  return new Promise((resolve, reject) => {
    stream.on('data', (part: string) => {
      text += part
      if (text.endsWith('\n')) resolve(text)
    })
    stream.on('close', () => reject(new Error(`the stream was closed: ${text}`)))
  })
}

test('more than a thousand streams are open at the same time, each where its client left off', async (t) => {
  const agent = await start(t)
  await write(agent, "INSERT INTO items (id, n) VALUES ('a', 1)")
  const first = await subscribe(agent, 'SELECT id, n FROM items')
  const path = `/v1/subscriptions/${first.response.headers.get('corro-query-id')}?from=1`
  await first.take(3)
  for (const n of [2, 3]) {
    await write(agent, `UPDATE items SET n = ${n}`)
    await first.take(1)
  }
  const sessions = [connectHttp2(agent.base), connectHttp2(agent.base)]
  t.after(() => {
    for (const session of sessions) session.destroy()
  })
  const streams: ClientHttp2Stream[] = []
  while (streams.length < 1_200) {
    const wave = Array.from({ length: 40 }, (_, at) =>
      (sessions[at % 2] as ClientHttp2Session).request({ ':path': path }),
    )
    for (const line of await Promise.all(wave.map(firstLine)))
      assert.equal(line, '{"change":["update",1,["a",3],2]}\n')
    streams.push(...wave)
  }
  assert.equal(streams.filter((stream) => stream.closed).length, 0)
})
