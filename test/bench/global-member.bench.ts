/**
 * A member of the global tier under the whole load of the reference fleet: it holds the entries of a million instances, 395 of them change
 * each second at another agent, as aggregators write them, one row a transaction, and it keeps a live result of one app, as a
 * router does. Processor time and memory of its four processes, and the time from a write until its live result shows it.
 * `--apps N`: of so many, with ten instances each, instead of 100,000; `--large`: five minutes instead of one.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Prng } from '@patina/base'
import { Cluster, type RunningNode, type Statement, untilMembers, waitUntil } from '@patina/test-cluster'
import { Fleet } from '@patina/test-data'
import { countsOf, rollUp } from './src/entries.ts'
import { LiveStream } from './src/live-stream.ts'
import { PacedUpdates } from './src/paced-updates.ts'
import { processTree } from './src/process-figures.ts'
import { type Bench, percentile, type Sample } from './src/sample.ts'

const SCHEMA = fileURLToPath(new URL('../../apps/aggregator/schema/app-regions.sql', import.meta.url))
const { values } = parseArgs({ strict: false, options: { apps: { type: 'string', default: '100000' } } })
const INSTANCES = 10 * Number(values.apps)
const ROWS_PER_LOAD = 500
/** Of 500 changes a second in the fleet 79 % change a count. */
const PER_SECOND = 395
/** Of these so many are of the app that is watched. */
const WATCHED_PER_SECOND = 10
const WATCHED_ROWS = 30
const APP = 'watched'
const SECONDS = process.argv.includes('--large') ? 300 : 60
const WARM_UP_SECONDS = 5
const DEADLINE_MS = 300_000
/** Between two looks at memory, which stop the process for some milliseconds. */
const LOOK_MS = 5_000
const INSERT = 'INSERT INTO app_regions (app, region, instances, healthy) VALUES (?, ?, ?, ?)'
const UPDATE = 'UPDATE app_regions SET healthy = ? WHERE app = ? AND region = ? AND healthy < ?'
const SELECT = 'SELECT region, healthy FROM app_regions WHERE app = ?'
/** Above every count of the fleet. */
const BASE = 10_000_000

export const bench: Bench = {
  name: 'global-member',
  repetitions: 1,
  repeat: async (repetition) => (repetition === 0 ? [] : measure()),
}

async function measure(): Promise<Sample[]> {
  const cluster = new Cluster({ names: ['syd', 'nrt'], schemaFiles: [SCHEMA] })
  try {
    await cluster.start()
    const [origin, member] = cluster.nodes() as [RunningNode, RunningNode]
    await Promise.all([origin, member].map((node) => untilMembers(node, 2)))
    const keys = await load(origin, member)
    const pid = cluster.process(member.name).pid ?? 0
    const atRest = memoryOf(pid)
    let most = atRest
    const looks = setInterval(() => {
      most = Math.max(most, memoryOf(pid))
    }, LOOK_MS)
    const cpuBefore = cpuOf(pid)
    const began = performance.now()
    const { shownMs, missed } = await change(origin, member, keys).finally(() => clearInterval(looks))
    const seconds = (performance.now() - began) / 1_000
    return [
      { what: 'entries', value: keys.length, unit: 'times' },
      { what: 'memory at rest', value: atRest, unit: 'MB' },
      { what: 'memory under load, most', value: most, unit: 'MB', goal: { floor: 512 } },
      { what: 'processor', value: (cpuOf(pid) - cpuBefore) / seconds, unit: 'cores', goal: { floor: 1 } },
      { what: 'refused, or never shown', value: missed, unit: 'writes', goal: { floor: 0 } },
      { what: 'write to live result, p50', value: percentile(shownMs, 0.5), unit: 'ms' },
      { what: 'write to live result, p99', value: percentile(shownMs, 0.99), unit: 'ms' },
    ]
  } finally {
    await cluster.remove()
  }
}

type Key = readonly [app: string, region: string]

/** Resolves when the member has all. */
async function load(origin: RunningNode, member: RunningNode): Promise<readonly Key[]> {
  const { entries } = rollUp(new Fleet({ seed: 1, instances: INSTANCES }))
  const rows = [...entries].map(([key, packed]): Statement => {
    const { instances, healthy } = countsOf(packed)
    return [INSERT, [...(key.split('|') as [string, string]), instances, healthy]]
  })
  for (let n = 0; n < WATCHED_ROWS; n += 1) rows.push([INSERT, [APP, `r${n}`, 1, BASE]])
  for (let at = 0; at < rows.length; at += ROWS_PER_LOAD)
    await origin.api.execute(rows.slice(at, at + ROWS_PER_LOAD))
  await waitUntil({ what: 'the member has all', deadlineMs: DEADLINE_MS, pollMs: 100 }, async () => {
    const [[count] = []] = await member.api.query('SELECT count(*) FROM app_regions')
    return count === rows.length ? true : undefined
  })
  return [...entries.keys()].map((key) => key.split('|') as [string, string])
}

interface Changed {
  /** From sent to shown, of the app that is watched. */
  readonly shownMs: readonly number[]
  readonly missed: number
}

async function change(origin: RunningNode, member: RunningNode, keys: readonly Key[]): Promise<Changed> {
  const prng = new Prng(1)
  const updates = new PacedUpdates()
  const stream = await LiveStream.open(member.apiPort, [SELECT, [APP]], ([region, healthy]) =>
    updates.shown(Number(String(region).slice(1)), Number(healthy) - BASE),
  )
  const write = (perSecond: number, paced: PacedUpdates, pick: () => number, keyOf: (row: number) => Key) =>
    paced.run({
      perSecond,
      seconds: SECONDS,
      warmUpSeconds: WARM_UP_SECONDS,
      deadlineMs: DEADLINE_MS,
      pick,
      update: (row, moment) =>
        origin.api.execute([[UPDATE, [BASE + moment, ...keyOf(row), BASE + moment]]]).then(() => {
          // Nobody watches the others.
          if (paced !== updates) paced.shown(row, moment)
        }),
    })
  const [watched, others] = await Promise.all([
    write(
      WATCHED_PER_SECOND,
      updates,
      () => prng.below(WATCHED_ROWS),
      (row) => [APP, `r${row}`],
    ),
    write(
      PER_SECOND - WATCHED_PER_SECOND,
      new PacedUpdates(),
      () => prng.below(keys.length),
      (row) => keys[row] as Key,
    ),
  ])
  if (stream.failed !== undefined) throw stream.failed
  stream.close()
  const missed = watched.refused + watched.lost + others.refused
  return { shownMs: watched.shownMs, missed }
}

function memoryOf(pid: number): number {
  return processTree(pid).reduce((sum, { pssBytes }) => sum + pssBytes, 0) / 1e6
}

function cpuOf(pid: number): number {
  return processTree(pid).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
}
