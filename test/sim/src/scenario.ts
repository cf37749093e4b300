/**
 * Scenario: what happens to a fleet and what must then hold, read from a file under scenarios/ (TOML; docs/simulator.md
 * describes every key). This file knows the format; steps.ts performs, criteria.ts judges.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import { type Criterion, parseCriterion } from './criteria.ts'
import { type MessageFaults, NO_MESSAGE_FAULTS } from './lost-messages.ts'
import { type NetworkFaults, PPM } from './network.ts'
import type { FleetDurability } from './node-program.ts'
import type { StoreFaults } from './running-node.ts'
import { readFaults, readSelection, readStep, type Selection, type Step } from './scenario-step.ts'
import { ScenarioError, Table } from './table.ts'

import { readTogether, type Together } from './together.ts'
import { NO_WORKLOAD, type Workload } from './workload.ts'

export interface Scenario {
  readonly id: string
  /** What the command line says to run it, without seed and overrides. */
  readonly command: string
  readonly title: string
  /** What runs on each host: membership alone, or the composed node with its store. */
  readonly machine: 'swim' | 'node'
  readonly nodes: number
  /** Nodes at the end of the list that are not started in the beginning. */
  readonly absent: number
  readonly start: 'warm' | 'join'
  /** Virtual time from the moment when all know all to the first step's zero. */
  readonly settleMs: number
  readonly lengthMs: number
  readonly latency:
    | { readonly kind: 'local'; readonly fromMs: number; readonly toMs: number }
    | { readonly kind: 'world' }
  readonly connections: number
  readonly faults: NetworkFaults
  readonly groups: ReadonlyMap<string, Selection>
  readonly steps: readonly Step[]
  readonly criteria: readonly Criterion[]
  /** Judged over all seeds of a run. */
  readonly together: readonly Together[]
  /** Figure → why it does not hold yet. */
  readonly knownFailing: ReadonlyMap<string, string>
  /** How long after that the copies have to agree, at most; the run ends when they do. 0: it ends with its length. */
  readonly convergeMs: number
  /** Of nodes with stores. */
  readonly workload: Workload
  readonly store: StoreFaults
  readonly durability: FleetDurability
  readonly messages: MessageFaults
  /** Of broadcast, per origin; undefined: the default of the machine. */
  readonly originBytesPerSecond: number | undefined
  readonly ci: CiPart
}

/** What each push runs of a scenario. */
export interface CiPart {
  /** 0: only on demand. */
  readonly seeds: number
  readonly nodes: number
  /** Criteria of the smaller fleet, where they are others: fewer probers are later. */
  readonly criteria: readonly Criterion[]
  /** Why there are no seeds. */
  readonly why: string
}

const SECOND_MS = 1_000
const NODES_MAX = 20_000
const FOLDER: URL = new URL('../scenarios/', import.meta.url)

/** Ids of all scenarios that there are, in order. */
export function scenarioIds(): string[] {
  return readdirSync(FOLDER)
    .flatMap((name) => /^(.+)\.toml$/.exec(name)?.[1] ?? [])
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

export function readScenario(id: string): Scenario {
  if (!scenarioIds().includes(id))
    throw new ScenarioError('scenario', `there is no "${id}"; there are ${scenarioIds().join(', ')}`)
  return parseScenario(readFileSync(new URL(`${id}.toml`, FOLDER), 'utf8'), id)
}

/** Throws a ScenarioError where the text is not a scenario. */
export function parseScenario(text: string, id: string): Scenario {
  const file = new Table(id, parseToml(text, id))
  const nodes = file.number('nodes', undefined, { min: 1, max: NODES_MAX, whole: true })
  const machine = file.oneOf('machine', ['swim', 'node'], 'swim')
  const groups = new Map(readGroups(file.table('groups')))
  const scenario: Scenario = {
    id,
    command: `--scenario ${id}`,
    title: file.text('title'),
    machine,
    nodes,
    absent: file.number('absent', 0, { max: nodes - 1, whole: true }),
    start: machine === 'node' ? 'join' : file.oneOf('start', ['warm', 'join'], 'warm'),
    settleMs: file.number('settle_s', 10) * SECOND_MS,
    lengthMs: file.number('seconds', undefined, { min: 1 }) * SECOND_MS,
    convergeMs: file.number('converge_s', 0) * SECOND_MS,
    connections: file.number('connections', 0, { whole: true }),
    ...readNetwork(file.table('network')),
    groups,
    steps: file.tables('steps').map((table) => readStep(table, groups)),
    criteria: readCriteria(file.table('pass')),
    together: file.tables('together').map(readTogether),
    knownFailing: new Map(file.table('known_failing').texts()),
    workload: readWorkload(file.table('workload')),
    ...readStore(file.table('store')),
    ...readReplication(file.table('replication')),
    ci: readCi(file.table('ci'), nodes),
  }
  file.end()
  checkKnownFailing(scenario)
  return scenario
}

function parseToml(text: string, id: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw new ScenarioError(id, (cause as Error).message)
  }
}

function readGroups(table: Table): [string, Selection][] {
  return table.keys().map((name) => {
    const group = table.table(name)
    const selection = readSelection(group, new Map())
    group.end()
    return [name, selection]
  })
}

function readCi(table: Table, nodes: number): CiPart {
  const ci = {
    seeds: table.number('seeds', 1, { whole: true }),
    nodes: table.number('nodes', nodes, { min: 1, max: NODES_MAX, whole: true }),
    criteria: readCriteria(table.table('pass')),
    why: table.text('why', ''),
  }
  table.end()
  if (ci.seeds === 0 && ci.why === '') throw new ScenarioError(table.where, 'says 0 seeds, but not why')
  return ci
}

function readCriteria(table: Table): Criterion[] {
  return table.texts().map(([figure, bound]) => parseCriterion(figure, bound, table.where))
}

function readWorkload(table: Table): Workload {
  const workload = {
    writesPerSecond: table.number('writes_per_s', NO_WORKLOAD.writesPerSecond),
    forMs: table.number('for_s', NO_WORKLOAD.forMs) * SECOND_MS,
    keys: table.number('keys', NO_WORKLOAD.keys, { min: 1, whole: true }),
    rowsMax: table.number('rows_max', NO_WORKLOAD.rowsMax, { min: 1, whole: true }),
    largeOneIn: table.number('large_one_in', NO_WORKLOAD.largeOneIn, { whole: true }),
    largeRows: table.number('large_rows', NO_WORKLOAD.largeRows, { min: 1, whole: true }),
  }
  table.end()
  return workload
}

function readStore(table: Table): Pick<Scenario, 'store' | 'durability'> {
  const store = {
    failPpm: Math.round(table.number('fail', 0, { max: 1 }) * PPM),
    workMs: table.has('work_ms') ? table.range('work_ms') : ([0.2, 2] as const),
  }
  const durability = table.oneOf('durability', ['full', 'normal', 'mixed'], 'full')
  table.end()
  return { store, durability }
}

function readReplication(table: Table): Pick<Scenario, 'messages' | 'originBytesPerSecond'> {
  const messages = {
    broadcast: table.flag('broadcast', NO_MESSAGE_FAULTS.broadcast),
    antiEntropy: table.flag('anti_entropy', NO_MESSAGE_FAULTS.antiEntropy),
    dropEvery: table.number('drop_every', NO_MESSAGE_FAULTS.dropEvery, { whole: true }),
  }
  const originBytesPerSecond = table.has('origin_bytes_per_s')
    ? table.number('origin_bytes_per_s', undefined, { min: 1, whole: true })
    : undefined
  table.end()
  return { messages, originBytesPerSecond }
}

function readNetwork(table: Table): Pick<Scenario, 'latency' | 'faults'> {
  const kind = table.oneOf('latency', ['local', 'world'], 'local')
  const [fromMs, toMs] = table.has('latency_ms') ? table.range('latency_ms') : [1, 5]
  const faults = readFaults(table)
  table.end()
  return { latency: kind === 'local' ? { kind, fromMs, toMs } : { kind }, faults }
}

function checkKnownFailing({ id, criteria, knownFailing }: Scenario): void {
  for (const figure of knownFailing.keys())
    if (!criteria.some((criterion) => criterion.figure === figure))
      throw new ScenarioError(`${id}.known_failing`, `"${figure}" is not under pass`)
}
