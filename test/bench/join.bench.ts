/**
 * A new member takes everything from one peer, version by version: 100,000 rows, `--large` a million; 1,000 rows a version, as bulk loads
 * write them. How fast, how much memory on either side, what each row costs the processes, and what the giver's clients notice:
 * one-row writes one after the other, before and meanwhile. Run as built with `--large`. With `--apart` the giver and its client have
 * one processor and the taker another, as on two machines that share a disk (Linux, `taskset`).
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { Cluster, type RunningNode, untilMembers, waitUntil } from '@patina/test-cluster'
import { agentProcesses, costSamples, cpuByRole, ORIGIN } from './src/cluster-figures.ts'
import { openFilled } from './src/filled-store.ts'
import { writesWhile } from './src/patient-writer.ts'
import { type Bench, percentile, type Sample } from './src/sample.ts'

const isLarge = process.argv.includes('--large')
const isApart = process.argv.includes('--apart')
const ROWS = isLarge ? 1_000_000 : 100_000
const ROWS_PER_VERSION = 1_000
const TAKER = 'nrt'
const CALM_MS = 10_000
const JOIN_DEADLINE_MS = 300_000
/** Between two looks at memory, for which the kernel stops whoever is looked at, and at whether everything is there. */
const LOOK_MS = 1_000
const [GIVERS_PROCESSOR, TAKERS_PROCESSOR] = [0, 1] as const

export const bench: Bench = {
  name: 'join',
  repetitions: isLarge ? 1 : 3,
  repeat: async (repetition) => (repetition === 0 ? [] : measure()),
}

async function measure(): Promise<Sample[]> {
  const cluster = new Cluster({ names: [ORIGIN, TAKER], build: isLarge ? 'dist' : 'source' })
  process.once('exit', () => cluster.abandon())
  try {
    stayOn(GIVERS_PROCESSOR)
    const filling = { rows: ROWS, rowsPerVersion: ROWS_PER_VERSION }
    openFilled(join(cluster.folder, ORIGIN, 'patina.db'), filling).close()
    await cluster.start([ORIGIN])
    const giver = cluster.node(ORIGIN)
    const calm = await writesWhile(
      giver.apiPort,
      () => new Promise((resolve) => setTimeout(resolve, CALM_MS)),
    )
    const before = cpuByRole(cluster)
    const memory = new PeakMemory(cluster)
    const startedAt = performance.now()
    let joinedAt = startedAt
    const busy = await writesWhile(giver.apiPort, async () => {
      stayOn(TAKERS_PROCESSOR)
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

/** This thread, and whatever it starts from now on. */
function stayOn(processor: number): void {
  if (isApart) execFileSync('taskset', ['-pc', String(processor), String(process.pid)])
}

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
