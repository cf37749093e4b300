/**
 * A new member takes everything from one peer, version by version: 100,000 rows, `--large` a million; 1,000 rows a version, as bulk loads
 * write them. How fast, how much memory on either side, what each row costs the processes, and what the giver's clients notice:
 * one-row writes one after the other, before and meanwhile. Run as built with `--large`.
 */
import { join } from 'node:path'
import { Cluster, type RunningNode, untilMembers, waitUntil } from '@patina/test-cluster'
import { Fleet, type Machine } from '@patina/test-data'
import { agentProcesses, costSamples, cpuByRole, ORIGIN } from './src/cluster-figures.ts'
import { openFilled } from './src/filled-store.ts'
import { type Bench, percentile, type Sample } from './src/sample.ts'
import { touch } from './src/statements.ts'

const isLarge = process.argv.includes('--large')
const ROWS = isLarge ? 1_000_000 : 100_000
const ROWS_PER_VERSION = 1_000
const TAKER = 'nrt'
const CALM_MS = 10_000
const JOIN_DEADLINE_MS = 300_000
/** Between two looks at memory, and at whether everything is there. */
const LOOK_MS = 500
/** Between two writes of the giver's client: a program that waits for each answer, and not a load of its own. */
const PAUSE_MS = 10

export const bench: Bench = {
  name: 'join',
  repetitions: isLarge ? 1 : 3,
  repeat: async (repetition) => (repetition === 0 ? [] : measure()),
}

async function measure(): Promise<Sample[]> {
  const cluster = new Cluster({ names: [ORIGIN, TAKER], build: isLarge ? 'dist' : 'source' })
  process.once('exit', () => cluster.abandon())
  try {
    const filling = { rows: ROWS, rowsPerVersion: ROWS_PER_VERSION }
    openFilled(join(cluster.folder, ORIGIN, 'patina.db'), filling).close()
    await cluster.start([ORIGIN])
    const giver = cluster.node(ORIGIN)
    const calm = await writesWhile(giver, () => new Promise((resolve) => setTimeout(resolve, CALM_MS)))
    const before = cpuByRole(cluster)
    const memory = new PeakMemory(cluster)
    const startedAt = performance.now()
    let joinedAt = startedAt
    const busy = await writesWhile(giver, async () => {
      cluster.spawn(TAKER)
      await cluster.healthy(TAKER)
      joinedAt = performance.now()
      await untilComplete(cluster.node(TAKER), () => memory.look())
    })
    const seconds = (performance.now() - joinedAt) / 1_000
    await untilMembers(giver, 2)
    return [
      { what: 'rows to a new member', value: ROWS / seconds, unit: 'rows/s', goal: { floor: 30_000 } },
      { what: 'until it answers', value: joinedAt - startedAt, unit: 'ms' },
      ...memory.samples(),
      { what: 'write of the giver, calm, p99', value: percentile(calm, 0.99), unit: 'ms' },
      {
        what: 'write of the giver, meanwhile, p99',
        value: percentile(busy, 0.99),
        unit: 'ms',
        of: 'write of the giver, calm, p99',
        goal: { floor: 2 },
      },
      { what: 'write of the giver, meanwhile, longest', value: Math.max(...busy), unit: 'ms' },
      ...costSamples('row', ROWS, { before, after: cpuByRole(cluster) }),
    ]
  } finally {
    await cluster.remove()
  }
}

/** Milliseconds of each write until `work` has ended. */
async function writesWhile({ api }: RunningNode, work: () => Promise<unknown>): Promise<number[]> {
  const [row] = new Fleet({ seed: 1, instances: 1 }).rows()
  const millis: number[] = []
  let isOver = false
  const worked = work().finally(() => {
    isOver = true
  })
  for (let n = 1; !isOver; n += 1) {
    const start = performance.now()
    await api.execute([touch(row as Machine, BASE + n)])
    millis.push(performance.now() - start)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  await worked
  return millis
}

/** Above the moments that the rows of the reference fleet have. */
const BASE = 10_000_000_000_000

/** All rows are there. They are counted only when versions are missing no more: counting a million is a load, too. */
async function untilComplete({ api, name }: RunningNode, look: () => void): Promise<void> {
  const what = `${name} has all rows`
  await waitUntil({ what, deadlineMs: JOIN_DEADLINE_MS, pollMs: LOOK_MS }, async () => {
    look()
    const missing = await api.metric('patina_versions_missing')
    const applied = await api.metric('patina_changesets_applied_total{outcome="applied"}')
    if (missing > 1 || applied < ROWS / ROWS_PER_VERSION) return undefined
    const [rows] = await api.query('SELECT count(*) FROM machines')
    return rows?.[0] === ROWS ? true : undefined
  })
}

/** The most that all processes of an agent took together, looked at now and then. */
class PeakMemory {
  readonly #cluster: Cluster
  readonly #peaks = new Map<typeof ORIGIN | typeof TAKER, number>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  look(): void {
    for (const name of [ORIGIN, TAKER] as const) {
      const bytes = agentProcesses(this.#cluster, name).reduce((sum, { pssBytes }) => sum + pssBytes, 0)
      this.#peaks.set(name, Math.max(bytes, this.#peaks.get(name) ?? 0))
    }
  }

  samples(): Sample[] {
    return [...this.#peaks].map(([name, bytes]) => ({
      what: `memory, ${name === ORIGIN ? 'giver' : 'taker'}, all processes`,
      value: bytes / 1e6,
      unit: 'MB',
      goal: { floor: 400 },
    }))
  }
}
