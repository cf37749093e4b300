/**
 * From the moment when a write is sent to one agent until another shows it, in a live result and in a query, while writes come
 * at a fixed rate whether or not earlier ones are answered: three agents at 100 a second; ten at 1,000, written to one of
 * them, and to all ten in turn. What waits in the queues of each agent is looked at each second.
 * `--large`: a minute each instead of ten seconds.
 */
import { Prng } from '@patina/base'
import {
  Cluster,
  NODE_NAMES,
  type RunningNode,
  untilEqual,
  untilMembers,
  waitUntil,
} from '@patina/test-cluster'
import type { Machine } from '@patina/test-data'
import { LiveStream } from './src/live-stream.ts'
import { PacedUpdates } from './src/paced-updates.ts'
import { QueueWatch } from './src/queue-watch.ts'
import { type Bench, percentile, type Sample } from './src/sample.ts'
import { loads, machines } from './src/statements.ts'

const ROWS = 2_000
const ROWS_PER_LOAD = 100
/** Written and watched; each belongs to one agent, and its moments rise. */
const WATCHED_ROWS = 100
const SECONDS = process.argv.includes('--large') ? 60 : 10
const WARM_UP_SECONDS = 3
const DEADLINE_MS = 10_000
/** Queries a second that ask for what was just written, again and again until it is there; more would be a load of their own. */
const READS_PER_SECOND = 20
const SELECT = 'SELECT id, updated FROM machines WHERE app = ?'
/** Two writes of a row may overtake each other on the way in. */
const UPDATE = 'UPDATE machines SET updated = ? WHERE id = ? AND updated < ?'
const READ = 'SELECT updated FROM machines WHERE id = ?'
/** Above the moments that the rows of the reference fleet have. */
const BASE = 10_000_000_000_000
const APP = 'watched'
const TEN = Array.from({ length: 10 }, (_, i) => `n${i}`)

const rows: readonly Machine[] = machines(ROWS).map((row, at) =>
  at < WATCHED_ROWS ? { ...row, app: APP } : row,
)
const indexById: ReadonlyMap<string, number> = new Map(rows.map(({ id }, at) => [id, at]))

interface Scene {
  readonly what: string
  readonly names: readonly string[]
  readonly perSecond: number
  readonly writers: 'one' | 'all'
  /** Milliseconds. */
  readonly p50?: number
  readonly p99: number
}

const SCENES: readonly Scene[] = [
  { what: 'three agents, 100/s', names: NODE_NAMES, perSecond: 100, writers: 'one', p50: 4, p99: 15 },
  { what: 'ten agents, 1,000/s to one', names: TEN, perSecond: 1_000, writers: 'one', p99: 100 },
  { what: 'ten agents, 1,000/s to all', names: TEN, perSecond: 1_000, writers: 'all', p99: 100 },
]

export const bench: Bench = {
  name: 'visible',
  repetitions: 3,
  repeat: async (repetition) => {
    if (repetition === 0) return []
    const samples: Sample[] = []
    for (const scene of SCENES) samples.push(...(await measure(scene)))
    return samples
  },
}

async function measure(scene: Scene): Promise<Sample[]> {
  const cluster = new Cluster({ names: scene.names })
  try {
    await cluster.start()
    const nodes = cluster.nodes()
    await Promise.all(nodes.map((node) => untilMembers(node, nodes.length)))
    for (const transaction of loads(rows, ROWS_PER_LOAD)) await nodes[0]?.api.execute(transaction)
    await untilEqual(nodes, ROWS)
    return await run(scene, nodes)
  } finally {
    await cluster.remove()
  }
}

async function run(
  { what, perSecond, writers, p50, p99 }: Scene,
  nodes: readonly RunningNode[],
): Promise<Sample[]> {
  const [writer, reader] = nodes as [RunningNode, RunningNode]
  const updates = new PacedUpdates()
  const stream = await LiveStream.open(reader.apiPort, [SELECT, [APP]], ([id, updated]) =>
    updates.shown(indexById.get(String(id)) as number, Number(updated) - BASE),
  )
  const queues = new QueueWatch(nodes)
  const readMs: number[] = []
  let unread = 0
  const readEvery = Math.max(1, Math.round(perSecond / READS_PER_SECOND))
  const prng = new Prng(1)
  const outcome = await updates.run({
    perSecond,
    seconds: SECONDS,
    warmUpSeconds: WARM_UP_SECONDS,
    deadlineMs: DEADLINE_MS,
    pick: () => prng.below(WATCHED_ROWS),
    update: async (row, moment) => {
      const { api } = writers === 'one' ? writer : (nodes[row % nodes.length] as RunningNode)
      const read = moment % readEvery === 0 ? untilRead(reader, row, moment) : undefined
      await api.execute([[UPDATE, [BASE + moment, idOf(row), BASE + moment]]])
      const ms = await read
      if (ms === 'never') unread += 1
      else if (ms !== undefined && moment > perSecond * WARM_UP_SECONDS) readMs.push(ms)
    },
  })
  const waited = await queues.end()
  if (stream.failed !== undefined) throw stream.failed
  stream.close()
  return [
    sample(`${what}: event on B, p50`, outcome.shownMs, 0.5, p50),
    sample(`${what}: event on B, p99`, outcome.shownMs, 0.99, p99),
    sample(`${what}: readable on B, p50`, readMs, 0.5, p50),
    sample(`${what}: readable on B, p99`, readMs, 0.99, p99),
    sample(`${what}: answered, p50`, outcome.answeredMs, 0.5),
    sample(`${what}: answered, p99`, outcome.answeredMs, 0.99),
    {
      what: `${what}: refused, or never shown`,
      value: outcome.refused + outcome.lost + unread,
      unit: 'writes',
      goal: { floor: 0 },
    },
    { what: `${what}: queued at most, an agent`, value: waited.most, unit: 'bytes' },
    { what: `${what}: queued at the end, all`, value: waited.atEnd, unit: 'bytes', goal: { floor: 0 } },
  ]
}

/** From now until the agent gives that row as of that moment, or later; a machine that is too busy never comes to it. */
async function untilRead({ name, api }: RunningNode, row: number, moment: number): Promise<number | 'never'> {
  const start = performance.now()
  const what = `${name} shows a write`
  const shown = waitUntil({ what, deadlineMs: DEADLINE_MS, pollMs: 0 }, async () => {
    const [[updated] = []] = await api.query(READ, [idOf(row)])
    return Number(updated) >= BASE + moment ? performance.now() - start : undefined
  })
  return await shown.catch(() => 'never' as const)
}

function idOf(row: number): string {
  return (rows[row] as Machine).id
}

function sample(what: string, values: readonly number[], share: number, floor?: number): Sample {
  const goal = floor === undefined ? {} : { goal: { floor } }
  return { what, value: percentile(values, share), unit: 'ms', ...goal }
}
