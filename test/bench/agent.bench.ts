/**
 * One agent over HTTP against a bare node:http server that answers a constant, with the same connections and the same
 * client: one-row transactions and one-row queries, 64 at a time and one. What a write costs each process, and what
 * an agent holds in memory when it idles. Figures of /proc are there on Linux only.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { Machine } from '@patina/test-data'
import { HttpConnection, requestBytes } from './src/http-load.ts'
import { type Build, LoneAgent } from './src/lone-agent.ts'
import { stepMicros, stepsPerSecond } from './src/many-at-once.ts'
import { processTree } from './src/process-figures.ts'
import { type Bench, percentile, type Sample } from './src/sample.ts'
import { loads, machines, read, touch } from './src/statements.ts'

const ROWS = 10_000
const ROWS_PER_LOAD = 100
const CONNECTIONS = 64
/** A service runs for long: until the compiler of the engine has seen everything, rates rise by a quarter. */
const WARM_UP = 20_000
const REQUESTS = 30_000
const REQUESTS_ALONE = 5_000
const IDLE_MS = 10_000
const IDLE_MEGABYTES_MAX = 160
const DIST = new URL('../../apps/agent/dist/main.js', import.meta.url)
const onLinux = process.platform === 'linux'
const rows = machines(ROWS)

export const bench: Bench = {
  name: 'agent',
  repetitions: 3,
  repeat: async (repetition) => {
    if (repetition === 0) return []
    return [...(await measureBare()), ...(await measureAgent()), ...(await idleMemory())]
  },
}

async function measureBare(): Promise<Sample[]> {
  const child = fork(new URL('peers/constant-server.ts', import.meta.url))
  try {
    const [port] = (await once(child, 'message')) as [number]
    const { rate, p50, p99, oneByOne, alone } = await load(port, (row, n) =>
      requestBytes('/v1/transactions', [touch(row, n)]),
    )
    return [
      { what: 'bare server, 64 at a time', value: rate, unit: 'requests/s' },
      { what: 'bare server, 64 at a time, p50', value: p50, unit: 'ms' },
      { what: 'bare server, 64 at a time, p99', value: p99, unit: 'ms' },
      { what: 'bare server, 1 at a time', value: oneByOne, unit: 'requests/s' },
      { what: 'bare server, alone', value: alone, unit: 'ms' },
    ]
  } finally {
    child.disconnect()
  }
}

async function measureAgent(): Promise<Sample[]> {
  const agent = await LoneAgent.start('source')
  try {
    for (const transaction of loads(rows, ROWS_PER_LOAD)) await agent.api.execute(transaction)
    let moment = 0
    const write = (row: Machine): Buffer => {
      moment += 1
      return requestBytes('/v1/transactions', [touch(row, moment)])
    }
    const query = (row: Machine): Buffer => requestBytes('/v1/queries', read(row))
    return [
      ...(await measureRequests('write', agent, write)),
      ...(await measureRequests('query', agent, query)),
    ]
  } finally {
    await agent.stop()
  }
}

async function measureRequests(
  name: 'write' | 'query',
  agent: LoneAgent,
  request: (row: Machine, number: number) => Buffer,
): Promise<Sample[]> {
  const before = onLinux ? processTree(agent.pid) : []
  const { rate, p50, p99, oneByOne, alone, requests } = await load(agent.port, request)
  const after = onLinux ? processTree(agent.pid) : []
  const of = (suffix: string): Pick<Sample, 'of'> => ({ of: `bare server, ${suffix}` })
  const costs = after.map(({ pid, role, cpuSeconds }): Sample => {
    const was = before.find((figures) => figures.pid === pid)?.cpuSeconds ?? 0
    return { what: `CPU per ${name}, ${role}`, value: ((cpuSeconds - was) / requests) * 1e6, unit: 'µs' }
  })
  return [
    { what: `${name}, 64 at a time`, value: rate, unit: 'requests/s', ...of('64 at a time') },
    { what: `${name}, 64 at a time, p50`, value: p50, unit: 'ms', ...of('64 at a time, p50') },
    { what: `${name}, 64 at a time, p99`, value: p99, unit: 'ms', ...of('64 at a time, p99') },
    { what: `${name}, 1 at a time`, value: oneByOne, unit: 'requests/s', ...of('1 at a time') },
    { what: `${name}, alone`, value: alone, unit: 'ms', ...of('alone') },
    ...costs,
  ]
}

interface LoadFigures {
  readonly rate: number
  /** Milliseconds, with all connections busy. */
  readonly p50: number
  readonly p99: number
  /** Requests a second over one connection, each sent when the last is answered. */
  readonly oneByOne: number
  /** Median milliseconds of a request with nothing else under way. */
  readonly alone: number
  readonly requests: number
}

async function load(port: number, request: (row: Machine, number: number) => Buffer): Promise<LoadFigures> {
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => HttpConnection.open(port)))
  try {
    let number = 0
    const millis: number[] = []
    const step = async (worker: number): Promise<void> => {
      const bytes = request(rows[number % rows.length] as Machine, number)
      number += 1
      const start = performance.now()
      await connections[worker]?.send(bytes)
      millis.push(performance.now() - start)
    }
    await stepsPerSecond({ steps: WARM_UP, width: CONNECTIONS }, step)
    millis.length = 0
    const rate = await stepsPerSecond({ steps: REQUESTS, width: CONNECTIONS }, step)
    const [p50, p99] = [percentile(millis, 0.5), percentile(millis, 0.99)]
    const start = performance.now()
    const micros = await stepMicros(REQUESTS_ALONE, () => step(0))
    const oneByOne = (REQUESTS_ALONE / (performance.now() - start)) * 1_000
    return { rate, p50, p99, oneByOne, alone: percentile(micros, 0.5) / 1_000, requests: number }
  } finally {
    for (const connection of connections) connection.close()
  }
}

/** After ten seconds without a request; a fresh agent, because what a load has left behind is another question. */
async function idleMemory(): Promise<Sample[]> {
  if (!onLinux) return []
  const samples: Sample[] = []
  for (const build of existsSync(DIST) ? (['source', 'dist'] as const) : (['source'] as const))
    samples.push(...(await idleMemoryOf(build)))
  return samples
}

async function idleMemoryOf(build: Build): Promise<Sample[]> {
  const agent = await LoneAgent.start(build)
  try {
    await wait(IDLE_MS)
    const processes = processTree(agent.pid)
    const megabytes = (bytes: number): number => bytes / 1e6
    const all = processes.reduce((sum, { pssBytes }) => sum + pssBytes, 0)
    return [
      ...processes.map(
        ({ role, pssBytes }): Sample => ({
          what: `idle memory, ${role}, ${build}`,
          value: megabytes(pssBytes),
          unit: 'MB',
        }),
      ),
      {
        what: `idle memory, all, ${build}`,
        value: megabytes(all),
        unit: 'MB',
        goal: { floor: IDLE_MEGABYTES_MAX },
      },
    ]
  } finally {
    await agent.stop()
  }
}
