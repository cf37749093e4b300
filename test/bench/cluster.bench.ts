/**
 * Three agents on loopback: a one-row write until it is answered and until another agent shows it, against a request
 * to a bare node:http server and back; the load of 10,000 rows through one agent; and what a replicated write costs each
 * process of the cluster (figures of /proc, on Linux only).
 */
import {
  AgentApi,
  Cluster,
  NODE_NAMES,
  type RunningNode,
  untilEqual,
  untilMembers,
  waitUntil,
} from '@patina/test-cluster'
import type { Machine } from '@patina/test-data'
import { withBareServer } from './src/bare-server.ts'
import { costSamples, cpuByRole } from './src/cluster-figures.ts'
import { stepMicros, stepsPerSecond } from './src/many-at-once.ts'
import { type Bench, percentile, type Sample } from './src/sample.ts'
import { loads, machines, touch } from './src/statements.ts'

const ROWS = 10_000
const ROWS_PER_LOAD = 100
/** Transactions under way, as several programs of a host would have them. */
const LOAD_WIDTH = 4
const WARM_UP_WRITES = 500
const TIMED_WRITES = 200
const COSTED_WRITES = 5_000
const COSTED_WIDTH = 16
const EQUAL_DEADLINE_MS = 60_000
const READABLE_DEADLINE_MS = 10_000
const rows = machines(ROWS)

export const bench: Bench = {
  name: 'cluster',
  repetitions: 3,
  repeat: async (repetition) =>
    repetition === 0 ? [] : [...(await measureBare()), ...(await measureCluster())],
}

async function measureBare(): Promise<Sample[]> {
  const micros = await withBareServer(async (port) => {
    const api = new AgentApi('bare', port)
    const step = (): Promise<unknown> => api.execute([touch(rows[0] as Machine, 1)])
    await stepMicros(WARM_UP_WRITES, step)
    const timed = await stepMicros(TIMED_WRITES, step)
    api.close()
    return timed
  })
  return [{ what: 'bare server answers', value: percentile(micros, 0.5) / 1_000, unit: 'ms' }]
}

async function measureCluster(): Promise<Sample[]> {
  const cluster = new Cluster()
  try {
    await cluster.start()
    await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
    return [
      ...(await measureLoad(cluster)),
      ...(await measureLatency(cluster)),
      ...(await measureCost(cluster)),
    ]
  } finally {
    await cluster.remove()
  }
}

async function measureLoad(cluster: Cluster): Promise<Sample[]> {
  const { api } = cluster.node('ams')
  const transactions = loads(rows, ROWS_PER_LOAD)
  const start = performance.now()
  let next = 0
  await stepsPerSecond({ steps: transactions.length, width: LOAD_WIDTH }, () => {
    next += 1
    return api.execute(transactions[next - 1] as (typeof transactions)[number])
  })
  const loaded = performance.now() - start
  await untilEqual(cluster.nodes(), ROWS)
  const equal = performance.now() - start
  return [
    { what: 'load of 10,000 rows, answered', value: loaded, unit: 'ms' },
    { what: 'load of 10,000 rows, equal on three', value: equal, unit: 'ms', goal: { floor: 2_000 } },
  ]
}

async function measureLatency(cluster: Cluster): Promise<Sample[]> {
  const [ams, nrt] = [cluster.node('ams'), cluster.node('nrt')]
  const row = rows[0] as Machine
  const answered: number[] = []
  const readable: number[] = []
  for (let n = 1; n <= WARM_UP_WRITES + TIMED_WRITES; n += 1) {
    const start = performance.now()
    const shown = untilShown(nrt, row, n).then(() => performance.now() - start)
    await ams.api.execute([touch(row, n)])
    const answeredMs = performance.now() - start
    const shownMs = await shown
    if (n <= WARM_UP_WRITES) continue
    answered.push(answeredMs)
    readable.push(shownMs)
  }
  const of = 'bare server answers'
  return [
    { what: 'write → answered, p50', value: percentile(answered, 0.5), unit: 'ms', of },
    { what: 'write → answered, p99', value: percentile(answered, 0.99), unit: 'ms' },
    {
      what: 'write → readable elsewhere, p50',
      value: percentile(readable, 0.5),
      unit: 'ms',
      goal: { floor: 5 },
    },
    { what: 'write → readable elsewhere, p99', value: percentile(readable, 0.99), unit: 'ms' },
  ]
}

async function untilShown({ api, name }: RunningNode, { id }: Machine, moment: number): Promise<void> {
  const what = `${name} shows a write`
  await waitUntil({ what, deadlineMs: READABLE_DEADLINE_MS, pollMs: 1 }, async () => {
    const shown = await api.query('SELECT updated FROM machines WHERE id = ?', [id])
    return shown[0]?.[0] === moment ? true : undefined
  })
}

/** Until all have them: what a write costs where it was made and where it only arrived. */
async function measureCost(cluster: Cluster): Promise<Sample[]> {
  if (process.platform !== 'linux') return []
  const before = cpuByRole(cluster)
  const { api } = cluster.node('ams')
  let n = 0
  const rate = await stepsPerSecond({ steps: COSTED_WRITES, width: COSTED_WIDTH }, () => {
    n += 1
    return api.execute([touch(rows[n % ROWS] as Machine, 1_000 + n)])
  })
  const what = 'all writes are everywhere'
  await waitUntil({ what, deadlineMs: EQUAL_DEADLINE_MS }, async () => {
    const last = rows[n % ROWS] as Machine
    const shown = await Promise.all(
      cluster.nodes().map((node) => node.api.query('SELECT updated FROM machines WHERE id = ?', [last.id])),
    )
    return shown.every((answer) => answer[0]?.[0] === 1_000 + n) ? true : undefined
  })
  const costs = costSamples('write', COSTED_WRITES, { before, after: cpuByRole(cluster) })
  return [{ what: 'writes on one of three, 16 at a time', value: rate, unit: 'requests/s' }, ...costs]
}
