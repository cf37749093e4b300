/**
 * Writes through the HTTP API of one agent of three, durability `full`: bulk requests of 1,000 inserts, transactions of one
 * row over 64 connections and over one, beside a bare node:http server that answers a constant to the same client; what
 * each costs the processes where it is made and where it only arrives. `--large`: a million rows, the size of the database
 * and the memory of one agent after them, run as built.
 * The rates are those of answers: copies may be behind meanwhile, and have caught up before the next figure is taken.
 */
import { join } from 'node:path'
import { Cluster, NODE_NAMES, untilMembers, waitUntil } from '@patina/test-cluster'
import { Fleet, type Machine } from '@patina/test-data'
import { withBareServer } from './src/bare-server.ts'
import { agentProcesses, costSamples, cpuByRole, ORIGIN } from './src/cluster-figures.ts'
import { fileMegabytes } from './src/database-size.ts'
import { HttpConnection, requestBytes } from './src/http-load.ts'
import { stepsPerSecond } from './src/many-at-once.ts'
import { loadSamples, requestLoad } from './src/request-load.ts'
import type { Bench, Sample } from './src/sample.ts'
import { insertOf, touch } from './src/statements.ts'

const ROWS_WARM_UP = 20_000
const ROWS = 100_000
const LARGE_ROWS = 1_000_000
const ROWS_PER_REQUEST = 1_000
/** Bulk requests under way, as several programs of a host would have them. */
const BULK_WIDTH = 4
const CAUGHT_UP_DEADLINE_MS = 120_000
const BARE = 'bare server'
const isLarge = process.argv.includes('--large')

export const bench: Bench = {
  name: 'writes',
  repetitions: isLarge ? 1 : 3,
  repeat: async (repetition) =>
    repetition === 0 ? [] : [...(await measureBare()), ...(await measureCluster())],
}

async function measureBare(): Promise<Sample[]> {
  const [machine] = new Fleet({ seed: 1, instances: 1 }).rows()
  const request = (n: number): Buffer => requestBytes('/v1/transactions', [touch(machine as Machine, n)])
  return loadSamples(await withBareServer((port) => requestLoad(port, request)), BARE)
}

async function measureCluster(): Promise<Sample[]> {
  const cluster = new Cluster({ build: isLarge ? 'dist' : 'source' })
  try {
    await cluster.start()
    await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
    const fleet = new Fleet({ seed: 1, instances: LARGE_ROWS }).rows()
    const machines: Machine[] = []
    const load = (rows: number): Promise<number> => insertRows(cluster, fleet, rows, machines)
    await load(ROWS_WARM_UP)
    const samples = await measureCosts(cluster, 'bulk row', ROWS - ROWS_WARM_UP, async () => {
      const rate = await load(ROWS - ROWS_WARM_UP)
      return [{ what: 'bulk rows', value: rate, unit: 'rows/s', goal: { floor: 30_000, aim: 40_000 } }]
    })
    samples.push(...(await measureWrites(cluster, machines)))
    if (isLarge) samples.push(...(await measureLarge(cluster, load)))
    return samples
  } finally {
    await cluster.remove()
  }
}

async function measureWrites(cluster: Cluster, machines: readonly Machine[]): Promise<Sample[]> {
  const { apiPort } = cluster.node(ORIGIN)
  const request = (n: number): Buffer =>
    requestBytes('/v1/transactions', [touch(machines[(n * 7) % machines.length] as Machine, n)])
  const before = cpuByRole(cluster)
  const figures = await requestLoad(apiPort, request)
  await untilCaughtUp(cluster)
  const goals: Readonly<Record<string, number>> = {
    'write, 64 at a time': 6_000,
    'write, 1 at a time': 1_500,
  }
  const samples = loadSamples(figures, 'write', BARE)
  const absolute = Object.entries(goals).map(([what, floor]): Sample => {
    const { value, unit } = samples.find((sample) => sample.what === what) as Sample
    return { what: `${what}, of three`, value, unit, goal: { floor } }
  })
  const costs = costSamples('write', figures.requests, { before, after: cpuByRole(cluster) })
  return [...samples, ...absolute, ...costs]
}

async function measureLarge(cluster: Cluster, load: (rows: number) => Promise<number>): Promise<Sample[]> {
  const rate = await load(LARGE_ROWS - ROWS)
  await untilCaughtUp(cluster)
  const database = fileMegabytes(join(cluster.folder, ORIGIN, 'patina.db'))
  const processes = agentProcesses(cluster, ORIGIN)
  const all = processes.reduce((sum, { pssBytes }) => sum + pssBytes, 0)
  return [
    { what: 'bulk rows up to a million', value: rate, unit: 'rows/s', goal: { floor: 30_000, aim: 40_000 } },
    { what: 'database of a million rows', value: database, unit: 'MB', goal: { floor: 300 } },
    ...processes.map(
      ({ role, pssBytes }): Sample => ({ what: `memory, ${role}`, value: pssBytes / 1e6, unit: 'MB' }),
    ),
    { what: 'memory, all processes', value: all / 1e6, unit: 'MB', goal: { floor: 300 } },
  ]
}

/** What `work` costs each process until every agent has all of it. */
async function measureCosts(
  cluster: Cluster,
  what: string,
  count: number,
  work: () => Promise<Sample[]>,
): Promise<Sample[]> {
  await untilCaughtUp(cluster)
  const before = cpuByRole(cluster)
  const samples = await work()
  await untilCaughtUp(cluster)
  return [...samples, ...costSamples(what, count, { before, after: cpuByRole(cluster) })]
}

/** Rows answered a second. What was inserted is added to `machines`. */
async function insertRows(
  cluster: Cluster,
  fleet: Iterator<Machine>,
  rows: number,
  machines: Machine[],
): Promise<number> {
  const { apiPort } = cluster.node(ORIGIN)
  const open = (): Promise<HttpConnection> => HttpConnection.open(apiPort)
  const connections = await Promise.all(Array.from({ length: BULK_WIDTH }, open))
  try {
    const requests = rows / ROWS_PER_REQUEST
    const rate = await stepsPerSecond({ steps: requests, width: BULK_WIDTH }, (worker) => {
      const inserted = Array.from({ length: ROWS_PER_REQUEST }, () => fleet.next().value as Machine)
      machines.push(...inserted)
      const request = requestBytes('/v1/transactions', inserted.map(insertOf))
      return (connections[worker] as HttpConnection).send(request)
    })
    return rate * ROWS_PER_REQUEST
  } finally {
    for (const connection of connections) connection.close()
  }
}

let markers = 0

/** A write that is made now shows everywhere, and nothing before it is missing. */
async function untilCaughtUp(cluster: Cluster): Promise<void> {
  markers += 1
  const id = `marker-${markers}`
  await cluster.node(ORIGIN).api.execute([['INSERT INTO machines (id) VALUES (?)', [id]]])
  await waitUntil({ what: 'all agents have all', deadlineMs: CAUGHT_UP_DEADLINE_MS }, async () => {
    const shown = await Promise.all(
      cluster.nodes().map(async ({ api }) => {
        const rows = await api.query('SELECT 1 FROM machines WHERE id = ?', [id])
        return rows.length === 1 && (await api.metric('patina_versions_missing')) === 0
      }),
    )
    return shown.every(Boolean) ? true : undefined
  })
}
