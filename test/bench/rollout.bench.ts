/**
 * Columns that join a table of 100,000 rows, 1,000,000 with `--large`, on three agents that write all the time (T-B1): how long the reload
 * of the schema takes, and what the slowest write beside it waits, against the slowest of an equal time without a
 * reload. Throws where the change makes a version: nothing may be sent.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, NODE_NAMES, type RunningNode, untilMembers, waitUntil } from '@patina/test-cluster'
import { type Bench, percentile, type Sample } from './src/sample.ts'

const ROWS = process.argv.includes('--large') ? 1_000_000 : 100_000
const ROWS_PER_REQUEST = 1_000
const EQUAL_DEADLINE_MS = 600_000
const REPETITIONS = 5
/** Between two writes of an agent. */
const PAUSE_MS = 2
/** Around each reload, so that what it leaves to do is seen, too. */
const AROUND_MS = 200
const TABLE =
  'CREATE TABLE jobs (id TEXT NOT NULL PRIMARY KEY, state TEXT, updated INTEGER NOT NULL DEFAULT 0'

interface Site {
  readonly folder: string
  readonly cluster: Cluster
  readonly file: string
}

let site: Site | undefined

export const bench: Bench = {
  name: 'rollout',
  repetitions: REPETITIONS,
  repeat: async (repetition) => {
    site ??= await loadedSite()
    const samples = await measure(site, repetition)
    if (repetition === REPETITIONS) await end(site)
    return samples
  },
}

async function loadedSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'patina-rollout-'))
  const file = join(folder, 'jobs.sql')
  writeFileSync(file, `${TABLE});`)
  const cluster = new Cluster({ schemaFiles: [file] })
  await cluster.start()
  await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
  const { api } = cluster.node('ams')
  const sql = `WITH c(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM c LIMIT ${ROWS_PER_REQUEST})
    INSERT INTO jobs (id, state) SELECT printf('job-%08d', i), 'waits' FROM c`
  for (let from = 0; from < ROWS; from += ROWS_PER_REQUEST) await api.execute([[sql, [from]]])
  await waitUntil({ what: 'all hold the rows', deadlineMs: EQUAL_DEADLINE_MS, pollMs: 200 }, async () => {
    const counts = await Promise.all(
      cluster.nodes().map((node) => node.api.query('SELECT count(*) FROM jobs')),
    )
    return counts.every((count) => count[0]?.[0] === ROWS) ? true : undefined
  })
  return { folder, cluster, file }
}

async function end({ cluster, folder }: Site): Promise<void> {
  await cluster.remove()
  rmSync(folder, { recursive: true })
}

async function measure({ cluster, file }: Site, repetition: number): Promise<Sample[]> {
  const columns = Array.from(
    { length: repetition + 1 },
    (_, i) => `, n${i} TEXT, c${i} TEXT NOT NULL DEFAULT 'none'`,
  )
  writeFileSync(file, `${TABLE}${columns.join('')});`)
  const figures: AgentFigures[] = []
  const heads = await Promise.all(cluster.nodes().map(ownHead))
  const writers = cluster.nodes().map((node) => new Writer(node, repetition))
  for (const [at, node] of cluster.nodes().entries()) figures.push(await reload(node, writers[at] as Writer))
  const written = await Promise.all(writers.map((writer) => writer.end()))
  for (const [at, node] of cluster.nodes().entries()) {
    const versions = (await ownHead(node)) - (heads[at] as number)
    if (versions !== written[at])
      throw new Error(`${node.name}: ${versions} versions of ${written[at]} writes: the change was sent`)
  }
  const worst = (of: (figures: AgentFigures) => number): number => Math.max(...figures.map(of))
  const rows = `${ROWS.toLocaleString('en')} rows`
  return [
    {
      what: `reload with two columns, ${rows}, worst of three`,
      value: worst(({ reloadMs }) => reloadMs),
      unit: 'ms',
    },
    {
      what: 'slowest write beside it',
      value: worst(({ besideMs }) => besideMs),
      unit: 'ms',
      goal: { floor: 50 },
    },
    { what: 'slowest write before it', value: worst(({ beforeMs }) => beforeMs), unit: 'ms' },
    { what: 'writes, p99, before it', value: worst(({ p99Ms }) => p99Ms), unit: 'ms' },
  ]
}

interface AgentFigures {
  readonly reloadMs: number
  readonly besideMs: number
  readonly beforeMs: number
  readonly p99Ms: number
}

async function reload({ apiPort }: RunningNode, writer: Writer): Promise<AgentFigures> {
  writer.taken()
  await sleep(2 * AROUND_MS)
  const before = writer.taken()
  const started = performance.now()
  const response = await fetch(`http://127.0.0.1:${apiPort}/v1/schema/reload`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  const { changes } = (await response.json()) as { readonly changes: readonly unknown[] }
  if (changes.length !== 2) throw new Error(`the reload made ${changes.length} changes`)
  const reloadMs = performance.now() - started
  await sleep(AROUND_MS)
  return {
    reloadMs,
    besideMs: Math.max(...writer.taken()),
    beforeMs: Math.max(...before),
    p99Ms: percentile(before, 0.99),
  }
}

/** One-row updates at one agent, each of another value, so that each is a version. */
class Writer {
  readonly #node: RunningNode
  readonly #repetition: number
  readonly #work: Promise<number>
  #isEnding = false
  #taken: number[] = []

  constructor(node: RunningNode, repetition: number) {
    this.#node = node
    this.#repetition = repetition
    this.#work = this.#write()
  }

  /** What the writes since the last call took, in ms. */
  taken(): readonly number[] {
    const taken = this.#taken
    this.#taken = []
    return taken
  }

  /** How many writes there were. */
  end(): Promise<number> {
    this.#isEnding = true
    return this.#work
  }

  async #write(): Promise<number> {
    const { api, name } = this.#node
    const own = (NODE_NAMES as readonly string[]).indexOf(name)
    let writes = 0
    for (; !this.#isEnding; writes += 1) {
      const id = `job-${String(own + 3 * (writes % 1_000)).padStart(8, '0')}`
      const value = this.#repetition * 1_000_000 + writes + 1
      const started = performance.now()
      await api.execute([['UPDATE jobs SET updated = ? WHERE id = ?', [value, id]]])
      this.#taken.push(performance.now() - started)
      await sleep(PAUSE_MS)
    }
    return writes
  }
}

async function ownHead({ apiPort }: RunningNode): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${apiPort}/v1/status`)
  const { knowledge } = (await response.json()) as { readonly knowledge: { readonly own_head: number } }
  return knowledge.own_head
}
