/**
 * A schema that changes while a cluster of real agents works: node after node, in either order, with writers on all of them; and
 * columns that are added to a large table, which sends nothing and stops nobody.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, type SchemaSkew } from '@patina/client'
import {
  Cluster,
  NODE_NAMES,
  type NodeName,
  type RunningNode,
  untilMembers,
  waitUntil,
} from '@patina/test-cluster'

const STEP_MS = 30_000
const [V1, V2, V3] = [
  'CREATE TABLE jobs (id TEXT NOT NULL PRIMARY KEY, state TEXT);',
  `CREATE TABLE jobs (id TEXT NOT NULL PRIMARY KEY, state TEXT, note TEXT, tries INTEGER NOT NULL DEFAULT 7);
   CREATE TABLE owners (job TEXT NOT NULL PRIMARY KEY, owner TEXT);`,
  `CREATE TABLE jobs (id TEXT NOT NULL PRIMARY KEY, tries INTEGER NOT NULL DEFAULT 7, note TEXT, state TEXT, due REAL);
   CREATE TABLE owners (job TEXT NOT NULL PRIMARY KEY, owner TEXT, since INTEGER NOT NULL DEFAULT 0);
   CREATE TABLE queues (name TEXT NOT NULL PRIMARY KEY, depth INTEGER);`,
] as const

/** What a writer may name at a stage. */
const WRITES: readonly (readonly string[])[] = [
  ["INSERT OR REPLACE INTO jobs (id, state) VALUES (:id, :n || ' at one')"],
  [
    'INSERT INTO jobs (id, note, tries) VALUES (:id, :n, :n) ON CONFLICT (id) DO UPDATE SET note = :n, tries = :n',
    'INSERT OR REPLACE INTO owners (job, owner) VALUES (:id, :n)',
  ],
  [
    'INSERT INTO jobs (id, due) VALUES (:id, :n) ON CONFLICT (id) DO UPDATE SET due = :n, state = NULL',
    'INSERT INTO owners (job, since) VALUES (:id, :n) ON CONFLICT (job) DO UPDATE SET since = :n',
    'INSERT OR REPLACE INTO queues (name, depth) VALUES (:id, :n)',
  ],
]

/** Of each agent, once all have the last schema. */
const WRITES_AT_LAST = 80

interface Site {
  readonly cluster: Cluster
  /** The one file that all agents read, each when it is told to. */
  write(sql: string): void
}

async function startSite(t: TestContext, sql: string): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'patina-rolling-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'rolling.sql')
  writeFileSync(file, sql)
  const cluster = new Cluster({ schemaFiles: [file] })
  t.after(() => cluster.remove())
  await cluster.start()
  await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
  return { cluster, write: (text) => writeFileSync(file, text) }
}

function clientOf({ apiPort }: RunningNode): ReturnType<typeof createClient> {
  return createClient({ addresses: [`127.0.0.1:${apiPort}`] })
}

/** Writes to one agent all the time, with what its stage of the schema allows. */
class Writer {
  readonly #node: RunningNode
  readonly #work: Promise<void>
  stage = 0
  /** Of the slowest write since it was last asked for. */
  slowestMs = 0
  /** Writes that changed something: what another has just written is none. */
  versions = 0
  /** Of all its writes. */
  writes = 0
  #isEnding = false

  constructor(node: RunningNode) {
    this.#node = node
    this.#work = this.#write()
    // A failure is told by end().
    this.#work.catch(() => {})
  }

  end(): Promise<void> {
    this.#isEnding = true
    return this.#work
  }

  async #write(): Promise<void> {
    const { api, name } = this.#node
    for (let i = 0; !this.#isEnding; i += 1) {
      const texts = WRITES[i % 4 === 0 ? 0 : this.stage] as readonly string[]
      const sql = (texts[i % texts.length] as string).replaceAll(':id', '?1').replaceAll(':n', '?2')
      const started = performance.now()
      // Rows of its own and rows that all three write.
      const row = i % 2 === 0 ? `${name}-${i % 40}` : `shared-${i % 10}`
      if ((await api.execute([[sql, [row, i]]])) !== null) this.versions += 1
      this.writes += 1
      this.slowestMs = Math.max(this.slowestMs, performance.now() - started)
      await sleep(2)
    }
  }
}

async function untilSkew(
  node: RunningNode,
  what: string,
  holds: (skew: SchemaSkew) => boolean,
): Promise<void> {
  const client = clientOf(node)
  await waitUntil({ what: `${node.name} tells ${what}`, deadlineMs: STEP_MS, pollMs: 20 }, async () =>
    holds(await client.schemaSkew()) ? true : undefined,
  )
}

async function untilSame(nodes: readonly RunningNode[], sql: readonly string[]): Promise<readonly string[]> {
  return waitUntil({ what: 'all hold the same rows', deadlineMs: STEP_MS, pollMs: 20 }, async () => {
    const contents = await Promise.all(
      nodes.map(async ({ api }) =>
        JSON.stringify(await Promise.all(sql.map((each) => api.queryLines(each)))),
      ),
    )
    return new Set(contents).size === 1 ? (JSON.parse(contents[0] as string) as string[]) : undefined
  })
}

test('T-B2: a schema rolls over a cluster that writes, forth and back, and all hold the same without a restart', async (t) => {
  const { cluster, write } = await startSite(t, V1)
  const pids = NODE_NAMES.map((name) => cluster.process(name).pids())
  const writers = new Map(cluster.nodes().map((node) => [node.name, new Writer(node)]))
  const roll = async (sql: string, stage: number, order: readonly NodeName[]): Promise<void> => {
    write(sql)
    for (const [at, name] of order.entries()) {
      const client = clientOf(cluster.node(name))
      const { changes } = await client.reloadSchema()
      assert.ok(changes.length > 0)
      ;(writers.get(name) as Writer).stage = stage
      const last = order.at(-1) as NodeName
      // Whoever has not changed yet is told who has.
      if (name !== last)
        await untilSkew(cluster.node(last), `${at + 1} others`, ({ peers, tables }) => {
          const jobs = tables.find(({ table }) => table === 'jobs')
          return peers.other === at + 1 && jobs?.differs.count === at + 1
        })
      await sleep(150)
    }
    for (const node of cluster.nodes())
      await untilSkew(node, 'no skew', ({ peers, tables }) => peers.same === 2 && tables.length === 0)
  }
  await sleep(100)
  await roll(V2, 1, ['ams', 'nrt', 'syd'])
  await roll(V3, 2, ['syd', 'nrt', 'ams'])
  const until = [...writers.values()].map((writer) => [writer, writer.writes + WRITES_AT_LAST] as const)
  await waitUntil({ what: 'all write by the last schema', deadlineMs: STEP_MS, pollMs: 20 }, async () =>
    until.every(([writer, writes]) => writer.writes >= writes) ? true : undefined,
  )
  await Promise.all([...writers.values()].map((writer) => writer.end()))
  const contents = await untilSame(cluster.nodes(), [
    'SELECT id, state, note, tries, due FROM jobs ORDER BY id',
    'SELECT job, owner, since FROM owners ORDER BY job',
    'SELECT name, depth FROM queues ORDER BY name',
  ])
  assert.ok(contents.every((rows) => rows.length > 5))
  assert.deepEqual(
    NODE_NAMES.map((name) => cluster.process(name).pids()),
    pids,
    'no process was replaced',
  )
  for (const { api } of cluster.nodes())
    for (const outcome of ['quarantined', 'dropped'])
      assert.equal(await api.metric(`patina_changesets_applied_total{outcome="${outcome}"}`), 0, outcome)
})

const ROWS = 100_000
const ROWS_PER_REQUEST = 1_000

test('T-B1: columns added to 100,000 rows on three agents that write: nothing is sent, and no write waits', async (t) => {
  const { cluster, write } = await startSite(t, V1)
  await load(cluster)
  const writers = cluster.nodes().map((node) => new Writer(node))
  await sleep(300)
  write(V1.replace(');', ", note TEXT, zone TEXT NOT NULL DEFAULT 'none');"))
  for (const [at, node] of cluster.nodes().entries()) {
    const writer = writers[at] as Writer
    writer.slowestMs = 0
    const client = clientOf(node)
    const { changes } = await client.reloadSchema()
    assert.deepEqual(
      changes.map(({ kind }) => kind),
      ['column-added', 'column-added'],
    )
    await sleep(100)
    t.diagnostic(`${node.name}: the slowest write took ${writer.slowestMs.toFixed(1)} ms`)
    // 50 ms where nothing else runs; others share the machine of a test.
    assert.ok(writer.slowestMs < 1_000, `${writer.slowestMs} ms`)
  }
  await Promise.all(writers.map((writer) => writer.end()))
  // A change that were sent would be a version.
  for (const [at, node] of cluster.nodes().entries()) {
    const head = await ownHead(node)
    const loaded = at === 0 ? ROWS / ROWS_PER_REQUEST : 0
    assert.equal(head, loaded + (writers[at] as Writer).versions, node.name)
  }
  const [rows] = await untilSame(cluster.nodes(), [
    "SELECT count(*) FROM jobs WHERE zone = 'none' AND note IS NULL",
  ])
  assert.ok(Number(JSON.parse(String(rows?.[0]))[0]) >= ROWS)
})

async function load(cluster: Cluster): Promise<void> {
  const { api } = cluster.node('ams')
  const sql = `WITH c(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM c LIMIT ${ROWS_PER_REQUEST})
    INSERT INTO jobs (id, state) SELECT printf('job-%08d', i), 'waits' FROM c`
  for (let from = 0; from < ROWS; from += ROWS_PER_REQUEST) await api.execute([[sql, [from]]])
  await waitUntil({ what: 'all hold what was loaded', deadlineMs: STEP_MS, pollMs: 50 }, async () => {
    const counts = await Promise.all(
      cluster.nodes().map((node) => node.api.query('SELECT count(*) FROM jobs')),
    )
    return counts.every((count) => count[0]?.[0] === ROWS) ? true : undefined
  })
}

async function ownHead({ apiPort }: RunningNode): Promise<number> {
  const status = (await (await fetch(`http://127.0.0.1:${apiPort}/v1/status`)).json()) as {
    readonly knowledge: { readonly own_head: number }
  }
  return status.knowledge.own_head
}
