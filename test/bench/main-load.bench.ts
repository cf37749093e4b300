/**
 * Main under the load of its API, one agent of three: how late it runs the deadlines of membership, at 70 % of the queries
 * a second that it can answer and beside results of 100 MB, and whether the others suspect it meanwhile. Beside it a thread
 * that does nothing says how late timers are on this machine anyway.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { Cluster, MembershipTrials, NODE_NAMES, type RunningNode } from '@patina/test-cluster'
import { HttpConnection, requestBytes } from './src/http-load.ts'
import { type Lateness, latenessBetween, readLateness } from './src/lateness.ts'
import type { Bench, Sample } from './src/sample.ts'
import { loads, machines, read } from './src/statements.ts'

const ROWS = 10_000
const ROWS_PER_LOAD = 100
const CONNECTIONS = 32
const MAXIMUM_MS = 10_000
const SHARE = 0.7
const LOAD_MS = 30_000
const IDLE_MS = 15_000
/** One reader of large results, and several. */
const READERS = [1, 4]
const LARGE =
  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i, printf('%.1000c', 'x') FROM n"
const rows = machines(ROWS)

export const bench: Bench = {
  name: 'main-load',
  repetitions: 1,
  repeat: async (repetition) => (repetition === 0 ? [] : measure()),
}

async function measure(): Promise<Sample[]> {
  const cluster = new Cluster()
  const trials: MembershipTrials[] = []
  try {
    await cluster.start()
    const [loaded] = NODE_NAMES
    const node = cluster.node(loaded)
    for (const transaction of loads(rows, ROWS_PER_LOAD)) await node.api.execute(transaction)
    const trial = new MembershipTrials(cluster)
    trials.push(trial)
    await trial.begin()
    const samples = await during(node, 'idle', () => pause(IDLE_MS))
    const maximum = await queries(node, Number.POSITIVE_INFINITY, MAXIMUM_MS)
    samples.push({ what: 'queries, as many as can be', value: maximum, unit: 'requests/s' })
    samples.push(
      ...(await during(node, `${SHARE * 100} % of them`, () => queries(node, SHARE * maximum, LOAD_MS))),
    )
    for (const readers of READERS) {
      let megabytes = 0
      const what = `${readers} × 100 MB again and again`
      samples.push(
        ...(await during(node, what, async () => {
          megabytes = await largeResults(node, readers, LOAD_MS)
        })),
        { what: `${what}, read`, value: megabytes / (LOAD_MS / 1_000), unit: 'MB/s' },
      )
    }
    const told = trial.watch.events.filter(({ state }) => state === 'suspect' || state === 'down')
    return [...samples, { what: 'suspicions and downs told meanwhile', value: told.length, unit: 'downs' }]
  } finally {
    for (const trial of trials) trial.close()
    await cluster.remove()
  }
}

/** How late main was meanwhile, and a thread without work. */
async function during(node: RunningNode, what: string, run: () => Promise<unknown>): Promise<Sample[]> {
  process.stderr.write(`main-load: ${what}\n`)
  const bystander = new Worker(new URL('./src/bystander.ts', import.meta.url))
  const before = await readLateness(node.apiPort)
  await run()
  const late = latenessBetween(before, await readLateness(node.apiPort))
  const others = await new Promise<Lateness>((resolve) => {
    bystander.once('message', resolve)
    bystander.postMessage('end')
  })
  await bystander.terminate()
  const of = ({ p99Ms, maxMs }: Lateness, who: string): Sample[] => [
    { what: `${what}: deadlines in ${who} late, p99 at most`, value: p99Ms, unit: 'ms' },
    { what: `${what}: deadlines in ${who} late, longest at most`, value: maxMs, unit: 'ms' },
  ]
  return [...of(late, 'main'), ...of(others, 'a bystander')]
}

/** Queries of one row over many connections, at most so many a second; how many there were a second. */
async function queries({ apiPort }: RunningNode, perSecond: number, forMs: number): Promise<number> {
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => HttpConnection.open(apiPort)),
  )
  const [start, end] = [performance.now(), performance.now() + forMs]
  let sent = 0
  const requests = rows.map((row) => requestBytes('/v1/queries', read(row)))
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < end) {
        const dueMs = start + (sent / perSecond) * 1_000
        sent += 1
        if (dueMs > performance.now()) await pause(dueMs - performance.now())
        await connection.send(requests[sent % ROWS] as Buffer)
      }
    }),
  )
  for (const connection of connections) connection.close()
  return sent / (forMs / 1_000)
}

/** Megabytes that were read. */
async function largeResults({ apiPort }: RunningNode, readers: number, forMs: number): Promise<number> {
  const end = performance.now() + forMs
  let bytes = 0
  const readOne = async (): Promise<void> => {
    while (performance.now() < end) {
      const response = await fetch(`http://127.0.0.1:${apiPort}/v1/queries`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(LARGE),
      })
      if (response.body === null || response.status !== 200) throw new Error(await response.text())
      for await (const chunk of response.body) bytes += chunk.length
    }
  }
  await Promise.all(Array.from({ length: readers }, readOne))
  return bytes / 1e6
}
