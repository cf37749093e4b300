/**
 * The same statements over HTTP: 300 at one of three real agents, through transactions, queries and subscriptions, while a
 * bystander reads and writes there. Nobody notices, and the other agents, who hear of it what replication carries, hold the same.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Prng } from '@patina/base'
import { openStore } from '@patina/crdt-store'
import { Cluster, NODE_NAMES, type RunningNode, untilMembers, waitUntil } from '@patina/test-cluster'
import { classify } from './classify.ts'
import { GROWN, type HostileStatement, hostileStatement } from './generate.ts'
import { CONTENT_SQL, SCHEMA, TABLES } from './schema.ts'

const SEED = 20_261_121
const STATEMENTS = 300
/** At a time, on all three routes together. */
const CONCURRENT = 6
const STEP_MS = 30_000
const ROUTES = ['transactions', 'queries', 'subscriptions'] as const
const ENDLESS = 'WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c'

interface Answer {
  readonly status: number
  readonly code: string | undefined
  readonly text: string
}

test('300 hostile statements at a real agent: refused with a code, or legal; its neighbours and its peers do not notice', async (t) => {
  const cluster = await startCluster(t)
  const [target, ...others] = cluster.nodes() as [RunningNode, ...RunningNode[]]
  const bystander = new Bystander(target)
  const prng = new Prng(SEED)
  const statements = Array.from({ length: STATEMENTS }, () => hostileStatement(prng))
  await inParallel(statements, async (statement, i) => {
    const route = ROUTES[i % ROUTES.length] as (typeof ROUTES)[number]
    judge(route, statement, await send(target, route, statement.sql))
  })
  await refuseLarge(target)
  const calm = await bystander.end()
  assert.ok(calm.requests > 50, `${calm.requests} requests of others`)
  await endEndless(target)
  assert.equal(cluster.process(target.name).hasExited(), false)
  await holdTheSame([target, ...others])
  await Promise.all(cluster.nodes().map(({ name }) => cluster.process(name).stop()))
  for (const { name } of cluster.nodes()) {
    const store = openStore({ path: join(cluster.folder, name, 'patina.db'), clusterId: 'loopback' })
    assert.deepEqual(store.verify(), [], name)
    store.close()
  }
})

async function startCluster(t: TestContext): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'patina-hostile-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'hostile.sql')
  writeFileSync(file, SCHEMA)
  const cluster = new Cluster({ schemaFiles: [file] })
  t.after(() => cluster.remove())
  await cluster.start()
  await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
  return cluster
}

async function send(
  { apiPort }: RunningNode,
  route: string,
  sql: string,
  { query = '', params = [] as readonly unknown[] } = {},
): Promise<Answer> {
  const ended = new AbortController()
  const statement = params.length > 0 ? [sql, params] : sql
  const response = await fetch(`http://127.0.0.1:${apiPort}/v1/${route}${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(route === 'transactions' ? [statement] : statement),
    signal: AbortSignal.any([ended.signal, AbortSignal.timeout(STEP_MS)]),
  })
  const { status } = response
  if (route === 'subscriptions' && status === 200) {
    // It has no end of its own; its first bytes say that it runs.
    await response.body?.getReader().read()
    ended.abort()
    return { status, code: undefined, text: '' }
  }
  const text = await response.text()
  const code = status === 200 ? undefined : (JSON.parse(text) as { readonly code?: string }).code
  return { status, code, text }
}

/** As in process: what is forbidden is refused with its code, and what is accepted is legal by its words. */
function judge(route: string, { sql, expect, code }: HostileStatement, answer: Answer): void {
  const what = `${route} ${JSON.stringify(sql.slice(0, 300))}: ${answer.status} ${answer.text.slice(0, 300)}`
  if (answer.status === 200) {
    assert.notEqual(expect, 'refused', what)
    assert.equal(classify(sql, TABLES).kind, route === 'transactions' ? 'write' : 'read', what)
    return
  }
  // A lone surrogate is no JSON that UTF-8 can carry: the shape is refused before the statement is.
  assert.ok([400, 422, 500].includes(answer.status), what)
  assert.equal(typeof answer.code, 'string', what)
  if (code !== undefined && answer.status !== 422) assert.equal(answer.code, code, what)
  if (expect === 'read' && route === 'queries') assert.fail(what)
  if (expect === 'write' && route === 'transactions')
    assert.match(answer.code ?? '', /^SQLITE_CONSTRAINT/, what)
}

/** Texts of 1 MiB, and 100,000 parameters. */
async function refuseLarge(target: RunningNode): Promise<void> {
  for (const [i, grow] of GROWN.entries()) {
    const sql = grow(Math.floor(1_040_000 / ((grow(69).length - grow(9).length) / 60 || 1)))
    const { status } = await send(target, ROUTES[i % 2] as string, sql)
    assert.ok([200, 400, 500].includes(status), `${status} for ${sql.slice(0, 60)}`)
  }
  const params = Array.from({ length: 100_000 }, (_, i) => i)
  for (const [route, verb] of [
    ['transactions', 'DELETE FROM items WHERE n'],
    ['queries', 'SELECT 1 WHERE 1'],
  ] as const) {
    const marks = params.map(() => '?').join(',')
    const { status, text } = await send(target, route, `${verb} IN (${marks})`, { params })
    assert.match(`${status} ${text}`, /^422 .*a statement has more than 32766 parameters/)
  }
}

/** Their own time limit ends them, and nothing else. */
async function endEndless(target: RunningNode): Promise<void> {
  const query = '?timeout=1'
  const [write, read] = await Promise.all([
    send(target, 'transactions', `INSERT INTO items (id) SELECT 'x' FROM (${ENDLESS})`, { query }),
    send(target, 'queries', ENDLESS, { query }),
  ])
  assert.deepEqual([write.status, write.code, read.status, read.code], [500, 'timeout', 500, 'timeout'])
}

async function inParallel<T>(
  items: readonly T[],
  work: (item: T, i: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [i, item] of queue) await work(item, i)
  }
  await Promise.all(Array.from({ length: CONCURRENT }, worker))
}

/** Somebody who reads, writes and asks for the health of the same agent all the time: each request must be answered well. */
class Bystander {
  readonly #node: RunningNode
  readonly #work: Promise<void>
  #requests = 0
  #isEnding = false

  constructor(node: RunningNode) {
    this.#node = node
    this.#work = this.#live()
    // Its failure is told by end().
    this.#work.catch(() => {})
  }

  async end(): Promise<{ readonly requests: number }> {
    this.#isEnding = true
    await this.#work
    return { requests: this.#requests }
  }

  async #live(): Promise<void> {
    const { api } = this.#node
    for (let i = 0; !this.#isEnding; i += 1) {
      await api.execute([['INSERT OR REPLACE INTO machines (id, updated) VALUES (?, ?)', [`m${i % 50}`, i]]])
      assert.deepEqual(await api.query('SELECT updated FROM machines WHERE id = ?', [`m${i % 50}`]), [[i]])
      assert.equal(await api.isHealthy(), true)
      this.#requests += 3
      await sleep(5)
    }
  }
}

async function holdTheSame(nodes: readonly RunningNode[]): Promise<void> {
  const sql = [...CONTENT_SQL, 'SELECT id, updated FROM machines ORDER BY id']
  await waitUntil({ what: 'all hold the same rows', deadlineMs: STEP_MS, pollMs: 50 }, async () => {
    const contents = await Promise.all(
      nodes.map(async ({ api }) =>
        JSON.stringify(await Promise.all(sql.map((each) => api.queryLines(each)))),
      ),
    )
    return new Set(contents).size === 1 ? true : undefined
  })
}
