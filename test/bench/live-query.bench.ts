/**
 * Live results: from the moment when a one-row update is sent until a subscription shows it. On a cluster of three: written
 * at one, shown at another. On one agent: 100 subscriptions at 100 updates a second, and 1,000 different ones over 10,000
 * rows at 200 updates a second, with the memory that the agent then holds. Each subscription selects the rows of one app,
 * about 10, by an index; each update changes the state of a random row that one of them holds.
 */
import { existsSync } from 'node:fs'
import { Prng } from '@patina/base'
import { Cluster, NODE_NAMES, type Statement, untilEqual, untilMembers } from '@patina/test-cluster'
import type { Machine } from '@patina/test-data'
import { LiveStream } from './src/live-stream.ts'
import { type Build, LoneAgent } from './src/lone-agent.ts'
import { stepsPerSecond } from './src/many-at-once.ts'
import { type PacedOutcome, PacedUpdates } from './src/paced-updates.ts'
import { type ProcessFigures, processTree } from './src/process-figures.ts'
import { type Bench, percentile, type Sample } from './src/sample.ts'
import { loads, machines } from './src/statements.ts'

const DIST = new URL('../../apps/agent/dist/main.js', import.meta.url)
const ROWS = 10_000
const APPS = 1_000
const ROWS_PER_LOAD = 100
const OPEN_AT_ONCE = 16
const SECONDS = 10
const WARM_UP_SECONDS = 3
const SHOWN_DEADLINE_MS = 10_000
const SELECT = 'SELECT id, app, state, updated FROM machines WHERE app = ?'
const UPDATE = 'UPDATE machines SET state = ?, updated = ? WHERE id = ?'
/** What `pnpm build` has made, where it is there: memory is a goal, and the stripper of types costs each process some. */
const BUILD: Build = existsSync(DIST) ? 'dist' : 'source'
const onLinux = process.platform === 'linux'
const STATES = ['started', 'stopped', 'draining', 'failed'] as const

const rows: readonly Machine[] = machines(ROWS).map((row, at) => ({ ...row, app: appOf(at) }))
const indexById: ReadonlyMap<string, number> = new Map(rows.map(({ id }, at) => [id, at]))

export const bench: Bench = {
  name: 'live-query',
  repetitions: 3,
  repeat: async (repetition) =>
    repetition === 0
      ? []
      : [
          ...(await measureCluster()),
          ...(await measureOne({ subscriptions: 100, perSecond: 100, p99Ms: 30 })),
          ...(await measureOne({ subscriptions: 1_000, perSecond: 200, p99Ms: 250, megabytes: 400 })),
        ],
}

interface Target {
  readonly port: number
  readonly subscriptions: number
  /** Whose memory and CPU are wanted, with those of its children. */
  readonly pid?: number
}

interface Writer {
  execute(statements: readonly Statement[]): Promise<unknown>
}

/** Random rows of the first apps, updated at one place and shown at another. */
async function follow(
  target: Target,
  writer: Writer,
  perSecond: number,
): Promise<PacedOutcome & { readonly processes: readonly ProcessFigures[] }> {
  const updates = new PacedUpdates()
  const shown = (cells: readonly unknown[]): void =>
    updates.shown(indexById.get(String(cells[0])) as number, Number(cells[3]))
  const streams: LiveStream[] = []
  let next = 0
  try {
    await stepsPerSecond({ steps: target.subscriptions, width: OPEN_AT_ONCE }, async () => {
      next += 1
      streams.push(await LiveStream.open(target.port, [SELECT, [appOf(next - 1)]], shown))
    })
    const prng = new Prng(1)
    const outcome = await updates.run({
      perSecond,
      seconds: SECONDS,
      warmUpSeconds: WARM_UP_SECONDS,
      deadlineMs: SHOWN_DEADLINE_MS,
      pick: () => prng.below(target.subscriptions) + APPS * prng.below(ROWS / APPS),
      update: (row, moment) => writer.execute([updateOf(row, moment)]),
    })
    const failed = streams.find((stream) => stream.failed !== undefined)?.failed
    if (failed !== undefined) throw failed
    // While all are still open.
    return { ...outcome, processes: target.pid === undefined ? [] : processTree(target.pid) }
  } finally {
    for (const stream of streams) stream.close()
  }
}

async function measureCluster(): Promise<Sample[]> {
  const cluster = new Cluster()
  try {
    await cluster.start()
    await Promise.all(cluster.nodes().map((node) => untilMembers(node, NODE_NAMES.length)))
    const [ams, nrt] = [cluster.node('ams'), cluster.node('nrt')]
    await load(ams.api)
    await untilEqual(cluster.nodes(), ROWS)
    const outcome = await follow({ port: nrt.apiPort, subscriptions: 1 }, ams.api, 100)
    const what = 'write on A → event on B, 100/s'
    return [
      { what: `${what}, p50`, value: percentile(outcome.shownMs, 0.5), unit: 'ms', goal: { floor: 6 } },
      { what: `${what}, p99`, value: percentile(outcome.shownMs, 0.99), unit: 'ms', goal: { floor: 25 } },
      ...losses(what, outcome),
    ]
  } finally {
    await cluster.remove()
  }
}

interface Scene {
  readonly subscriptions: number
  readonly perSecond: number
  readonly p99Ms: number
  readonly megabytes?: number
}

async function measureOne({ subscriptions, perSecond, p99Ms, megabytes }: Scene): Promise<Sample[]> {
  const agent = await LoneAgent.start(BUILD)
  try {
    await load(agent.api)
    const before = new Map(
      (onLinux ? processTree(agent.pid) : []).map(({ pid, cpuSeconds }) => [pid, cpuSeconds]),
    )
    const target = { port: agent.port, subscriptions, ...(onLinux ? { pid: agent.pid } : {}) }
    const outcome = await follow(target, agent.api, perSecond)
    const what = `${subscriptions.toLocaleString('en')} subscriptions, ${perSecond}/s`
    const figures = outcome.processes.flatMap(({ pid, role, cpuSeconds, pssBytes }): Sample[] => [
      { what: `${what}: CPU, ${role}`, value: (cpuSeconds - (before.get(pid) ?? 0)) * 1_000, unit: 'ms' },
      { what: `${what}: memory, ${role}`, value: pssBytes / 1e6, unit: 'MB' },
    ])
    const memory = outcome.processes.reduce((sum, { pssBytes }) => sum + pssBytes, 0) / 1e6
    const goal = megabytes === undefined ? {} : { goal: { floor: megabytes } }
    return [
      { what: `${what}, p50`, value: percentile(outcome.shownMs, 0.5), unit: 'ms' },
      { what: `${what}, p99`, value: percentile(outcome.shownMs, 0.99), unit: 'ms', goal: { floor: p99Ms } },
      { what: `${what}: write answered, p99`, value: percentile(outcome.answeredMs, 0.99), unit: 'ms' },
      ...losses(what, outcome),
      ...(onLinux ? [{ what: `${what}: memory, all`, value: memory, unit: 'MB', ...goal } as const] : []),
      ...figures,
    ]
  } finally {
    await agent.stop()
  }
}

function losses(what: string, { refused, lost }: PacedOutcome): Sample[] {
  return [
    { what: `${what}: writes refused`, value: refused, unit: 'writes', goal: { floor: 0 } },
    { what: `${what}: writes never shown`, value: lost, unit: 'writes', goal: { floor: 0 } },
  ]
}

async function load(writer: Writer): Promise<void> {
  for (const transaction of loads(rows, ROWS_PER_LOAD)) await writer.execute(transaction)
}

function updateOf(row: number, moment: number): Statement {
  return [UPDATE, [STATES[moment % STATES.length] as string, moment, (rows[row] as Machine).id]]
}

/** The rows of an app lie 1,000 apart, so that each app has ten of them. */
function appOf(at: number): string {
  return `app-${at % APPS}`
}
