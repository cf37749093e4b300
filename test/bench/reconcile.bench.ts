/**
 * What it costs to find and mend differences, and to find none. Two agents hold the same 100,000 rows (`--large`: a million), written by
 * one actor, and by 3,000 that are gone; both are muted, so that nothing is broadcast, and write five rows each: bytes with which their
 * session opens, bytes of all that is compared and fetched, and how long until both have all ten. Then three agents that nobody writes to: bytes and CPU of each.
 */
import { join } from 'node:path'
import { Cluster, NODE_NAMES, type RunningNode, untilMembers, waitUntil } from '@patina/test-cluster'
import { cpuByRole, ORIGIN } from './src/cluster-figures.ts'
import { type Bench, percentile, type Sample } from './src/sample.ts'
import { writeHistory } from './src/shared-history.ts'

const isLarge = process.argv.includes('--large')
const ROWS = isLarge ? 1_000_000 : 100_000
const ACTORS = [1, 3_000]
const PAIR = [ORIGIN, 'nrt'] as const
const WRITES_OF_EACH = 5
const TRIALS = 5
/** Until nothing is compared any more but now and then. */
const REST_MS = 15_000
const AFTER_MS = 1_000
const IDLE_SECONDS = 30
const FOUND_DEADLINE_MS = 30_000

export const bench: Bench = {
  name: 'reconcile',
  repetitions: 1,
  repeat: async (repetition) => {
    if (repetition === 0) return []
    const samples: Sample[] = []
    for (const actors of ACTORS) samples.push(...(await measureDifferences(actors)))
    return [...samples, ...(await measureIdle())]
  },
}

async function measureDifferences(actors: number): Promise<Sample[]> {
  const cluster = new Cluster({ names: PAIR })
  process.once('exit', () => cluster.abandon())
  try {
    const paths = PAIR.map((name) => join(cluster.folder, name, 'patina.db'))
    writeHistory({ rows: ROWS, actors }, paths)
    await cluster.start()
    await Promise.all(cluster.nodes().map((node) => untilMembers(node, PAIR.length)))
    await wait(REST_MS)
    const opening = (await figures(cluster.node(ORIGIN))).bytes
    await muteAll(cluster)
    const [bytes, millis, exchanges]: [number[], number[], number[]] = [[], [], []]
    for (let trial = 0; trial < TRIALS; trial += 1) {
      await wait(REST_MS)
      const before = await figures(cluster.node(ORIGIN))
      millis.push(await untilFound(cluster, trial))
      await wait(AFTER_MS)
      const after = await figures(cluster.node(ORIGIN))
      bytes.push(after.bytes - before.bytes)
      exchanges.push(after.exchanges - before.exchanges)
    }
    const of = `${actors} actor${actors === 1 ? '' : 's'}`
    return [
      { what: `a session opens, ${of}`, value: opening, unit: 'bytes', goal: { floor: 16_384 } },
      { what: `ten differences, ${of}, p50`, value: percentile(bytes, 0.5), unit: 'bytes' },
      {
        what: `ten differences, ${of}, most`,
        value: Math.max(...bytes),
        unit: 'bytes',
        goal: { floor: 65_536 },
      },
      {
        what: `until both have all, ${of}, longest`,
        value: Math.max(...millis),
        unit: 'ms',
        goal: { floor: 15_000 },
      },
    ]
  } finally {
    await cluster.remove()
  }
}

/** Nobody broadcasts what it writes: only comparing finds it. */
async function muteAll(cluster: Cluster): Promise<void> {
  const { api, apiPort } = cluster.node(ORIGIN)
  for (const { actor } of await api.members()) {
    const request = { method: 'POST', headers: JSON_BODY, body: JSON.stringify({ actor }) }
    const answer = await fetch(`http://127.0.0.1:${apiPort}/v1/cluster/mute`, request)
    if (!answer.ok) throw new Error(`mute: ${answer.status}`)
  }
  for (const node of cluster.nodes())
    await waitUntil({ what: `${node.name} knows whom to mute`, deadlineMs: FOUND_DEADLINE_MS }, async () =>
      (await node.api.metric('patina_muted_origins')) === PAIR.length ? true : undefined,
    )
}

const JSON_BODY = { 'content-type': 'application/json' }

/** All that is compared and fetched goes by this lane, small answers with it; both directions. */
async function figures({ api }: RunningNode): Promise<{ bytes: number; exchanges: number }> {
  const [sent, received] = await Promise.all(
    ['out', 'in'].map((way) => api.metric(`patina_stream_bytes_total{lane="repair",direction="${way}"}`)),
  )
  return { bytes: (sent ?? 0) + (received ?? 0), exchanges: await api.metric('patina_sync_exchanges_total') }
}

/** Milliseconds from the last write until both show all rows of this trial. */
async function untilFound(cluster: Cluster, trial: number): Promise<number> {
  const nodes = cluster.nodes()
  const app = `difference-${trial}`
  await Promise.all(
    nodes.map(async ({ api, name }) => {
      for (let i = 0; i < WRITES_OF_EACH; i += 1)
        await api.execute([['INSERT INTO machines (id, app) VALUES (?, ?)', [`${app}-${name}-${i}`, app]]])
    }),
  )
  const writtenAt = performance.now()
  await waitUntil({ what: 'both have all', deadlineMs: FOUND_DEADLINE_MS, pollMs: 10 }, async () => {
    const counts = await Promise.all(
      nodes.map(({ api }) => api.query('SELECT count(*) FROM machines WHERE app = ?', [app])),
    )
    return counts.every(([row]) => row?.[0] === nodes.length * WRITES_OF_EACH) ? true : undefined
  })
  return performance.now() - writtenAt
}

async function measureIdle(): Promise<Sample[]> {
  const cluster = new Cluster({ links: 'proxied' })
  process.once('exit', () => cluster.abandon())
  try {
    await cluster.start()
    await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
    await wait(2 * REST_MS)
    const [bytesBefore, cpuBefore] = [cluster.linkBytes(), cpuOf(cluster)]
    await wait(1_000 * IDLE_SECONDS)
    const nodeSeconds = IDLE_SECONDS * NODE_NAMES.length
    const bytes = (cluster.linkBytes() - bytesBefore) / nodeSeconds
    const cpu = (cpuOf(cluster) - cpuBefore) / nodeSeconds
    return [
      {
        what: 'at rest, sent by each of three in a second',
        value: bytes,
        unit: 'bytes',
        goal: { floor: 1_000 },
      },
      { what: 'at rest, CPU of each in a second', value: 1_000 * cpu, unit: 'ms', goal: { floor: 10 } },
    ]
  } finally {
    await cluster.remove()
  }
}

function cpuOf(cluster: Cluster): number {
  return [...cpuByRole(cluster).values()].reduce((sum, seconds) => sum + seconds, 0)
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
