/**
 * One agent over HTTP against a bare node:http server that answers a constant, with the same connections and the same
 * client: one-row transactions and one-row queries, 64 at a time and one. What a write costs each process, and what
 * an agent holds in memory when it idles. Figures of /proc are there on Linux only.
 */
import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { Machine } from '@patina/test-data'
import { withBareServer } from './src/bare-server.ts'
import { requestBytes } from './src/http-load.ts'
import { type Build, LoneAgent } from './src/lone-agent.ts'
import { processTree } from './src/process-figures.ts'
import { loadSamples, requestLoad } from './src/request-load.ts'
import type { Bench, Sample } from './src/sample.ts'
import { loads, machines, read, touch } from './src/statements.ts'

const ROWS = 10_000
const ROWS_PER_LOAD = 100
const IDLE_MS = 10_000
const IDLE_MEGABYTES_MAX = 160
const DIST = new URL('../../apps/agent/dist/main.js', import.meta.url)
const onLinux = process.platform === 'linux'
const BARE = 'bare server'
const rows = machines(ROWS)
const row = (n: number): Machine => rows[n % ROWS] as Machine

export const bench: Bench = {
  name: 'agent',
  repetitions: 3,
  repeat: async (repetition) => {
    if (repetition === 0) return []
    return [...(await measureBare()), ...(await measureAgent()), ...(await idleMemory())]
  },
}

async function measureBare(): Promise<Sample[]> {
  const figures = await withBareServer((port) =>
    requestLoad(port, (n) => requestBytes('/v1/transactions', [touch(row(n), n)])),
  )
  return loadSamples(figures, BARE)
}

async function measureAgent(): Promise<Sample[]> {
  const agent = await LoneAgent.start('source')
  try {
    for (const transaction of loads(rows, ROWS_PER_LOAD)) await agent.api.execute(transaction)
    let moment = 0
    const write = (n: number): Buffer => {
      moment += 1
      return requestBytes('/v1/transactions', [touch(row(n), moment)])
    }
    const query = (n: number): Buffer => requestBytes('/v1/queries', read(row(n)))
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
  request: (number: number) => Buffer,
): Promise<Sample[]> {
  const before = onLinux ? processTree(agent.pid) : []
  const figures = await requestLoad(agent.port, request)
  const after = onLinux ? processTree(agent.pid) : []
  const costs = after.map(({ pid, role, cpuSeconds }): Sample => {
    const was = before.find((process) => process.pid === pid)?.cpuSeconds ?? 0
    return {
      what: `CPU per ${name}, ${role}`,
      value: ((cpuSeconds - was) / figures.requests) * 1e6,
      unit: 'µs',
    }
  })
  return [...loadSamples(figures, name, BARE), ...costs]
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
