/**
 * Scenario: what happens to a fleet and what must then hold, read from a file under scenarios/ (TOML; docs/simulator.md
 * describes every key). This file knows the format; steps.ts performs, criteria.ts judges.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'smol-toml'
import type { Chaos } from './chaos.ts'
import { type Criterion, parseCriterion } from './criteria.ts'
import { type NetworkFaults, NO_FAULTS, PPM } from './network.ts'
import type { StoreFaults } from './node-program.ts'
import type { WakeOrder } from './process.ts'
import { ScenarioError, Table } from './table.ts'
import type { Workload } from './workload.ts'

/** Which nodes a step is about. */
export type Selection =
  | { readonly kind: 'all' }
  | { readonly kind: 'group'; readonly name: string }
  /** Drawn when the step is performed, from those that run; a share of all nodes, at least one. */
  | { readonly kind: 'share'; readonly share: number }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'nodes'; readonly nodes: readonly number[] }

export type Action =
  | { readonly kind: 'mark' }
  | { readonly kind: 'kill'; readonly how: 'process' | 'power' }
  | {
      readonly kind: 'start'
      readonly disk: 'kept' | 'lost'
      readonly seeds: boolean
      readonly overMs: number
    }
  | {
      readonly kind: 'restart'
      readonly disk: 'kept' | 'lost'
      readonly seeds: boolean
      readonly downMs: number
    }
  | { readonly kind: 'leave' }
  | {
      readonly kind: 'stall'
      readonly forMs: number
      readonly order: WakeOrder
      readonly clock: 'runs' | 'stands'
    }
  | {
      readonly kind: 'stalls'
      readonly forMs: number
      readonly stalledMs: readonly [number, number]
      readonly gapMs: readonly [number, number]
      readonly order: WakeOrder
    }
  | { readonly kind: 'partition'; readonly name: string }
  | {
      readonly kind: 'cut'
      readonly name: string
      readonly to: Selection
      readonly service: 'datagrams' | 'streams' | undefined
      readonly ways: 'one' | 'both'
    }
  | { readonly kind: 'heal'; readonly name: string }
  | { readonly kind: 'network'; readonly faults: NetworkFaults }
  | { readonly kind: 'wall'; readonly byMs: number }
  | { readonly kind: 'rolling'; readonly batch: number; readonly everyMs: number; readonly downMs: number }
  | { readonly kind: 'churn'; readonly everyMs: number; readonly forMs: number }
  | { readonly kind: 'clone'; readonly on: number }
  | { readonly kind: 'flood'; readonly perSecond: number; readonly forMs: number }
  /** Keeps what they send for a while; `replay` sends it again. */
  | { readonly kind: 'record'; readonly forMs: number }
  | { readonly kind: 'replay' }
  | ({ readonly kind: 'chaos' } & Chaos)

export interface Step {
  readonly atMs: number
  readonly who: Selection
  readonly action: Action
  /** Name of the measurement that begins with this step: how soon all views are right about its nodes. */
  readonly measure: string | undefined
  /** Name of the measurement that ends just before this step. */
  readonly ends: string | undefined
}

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
  /** Figure → why it does not hold yet. */
  readonly knownFailing: ReadonlyMap<string, string>
  /** Of nodes with stores. */
  readonly workload: Workload
  readonly store: StoreFaults
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
    connections: file.number('connections', 0, { whole: true }),
    ...readNetwork(file.table('network')),
    groups,
    steps: file.tables('steps').map((table) => readStep(table, groups)),
    criteria: readCriteria(file.table('pass')),
    knownFailing: new Map(file.table('known_failing').texts()),
    workload: readWorkload(file.table('workload')),
    store: readStore(file.table('store')),
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
    writesPerSecond: table.number('writes_per_s', 0),
    forMs: table.number('for_s', 0) * SECOND_MS,
    keys: table.number('keys', 20, { min: 1, whole: true }),
    rowsMax: table.number('rows_max', 3, { min: 1, whole: true }),
  }
  table.end()
  return workload
}

function readStore(table: Table): StoreFaults {
  const store = {
    failPpm: Math.round(table.number('fail', 0, { max: 1 }) * PPM),
    workMs: table.has('work_ms') ? table.range('work_ms') : ([0.2, 2] as const),
  }
  table.end()
  return store
}

function readNetwork(table: Table): Pick<Scenario, 'latency' | 'faults'> {
  const kind = table.oneOf('latency', ['local', 'world'], 'local')
  const [fromMs, toMs] = table.has('latency_ms') ? table.range('latency_ms') : [1, 5]
  const faults = readFaults(table)
  table.end()
  return { latency: kind === 'local' ? { kind, fromMs, toMs } : { kind }, faults }
}

function readFaults(table: Table): NetworkFaults {
  const share = (key: string): number => Math.round(table.number(key, 0, { max: 1 }) * PPM)
  return {
    lossPpm: share('loss'),
    duplicatePpm: share('duplicate'),
    reorderPpm: share('reorder'),
    reorderMs: table.number('reorder_ms', NO_FAULTS.reorderMs, { whole: true }),
    corruptPpm: share('corrupt'),
    bytesPerSecond: table.number('bytes_per_s', 0),
  }
}

function readSelection(table: Table, groups: ReadonlyMap<string, Selection>, key = ''): Selection {
  if (table.has(`${key}group`)) {
    const name = table.text(`${key}group`)
    if (name === 'all') return { kind: 'all' }
    if (!groups.has(name)) throw new ScenarioError(table.where, `there is no group "${name}"`)
    return { kind: 'group', name }
  }
  if (table.has(`${key}share`))
    return { kind: 'share', share: table.number(`${key}share`, undefined, { max: 1 }) }
  if (table.has(`${key}count`))
    return { kind: 'count', count: table.number(`${key}count`, undefined, { whole: true }) }
  if (table.has(`${key}nodes`)) return { kind: 'nodes', nodes: table.numbers(`${key}nodes`) }
  return { kind: 'all' }
}

function readStep(table: Table, groups: ReadonlyMap<string, Selection>): Step {
  const step = {
    atMs: table.number('at_s', 0) * SECOND_MS,
    who: readSelection(table, groups),
    action: readAction(table, groups),
    measure: table.has('measure') ? table.text('measure') : undefined,
    ends: table.has('ends') ? table.text('ends') : undefined,
  }
  table.end()
  return step
}

const ORDERS = ['input-first', 'deadlines-first'] as const
const SERVICES = ['datagrams', 'streams'] as const
const DISKS = ['kept', 'lost'] as const

function readAction(table: Table, groups: ReadonlyMap<string, Selection>): Action {
  const ms = (key: string, otherwise?: number): number => table.number(key, otherwise) * SECOND_MS
  const rangeMs = (key: string): readonly [number, number] => {
    const [first, last] = table.range(key)
    return [first * SECOND_MS, last * SECOND_MS]
  }
  const kind = table.oneOf('do', ACTIONS)
  switch (kind) {
    case 'mark':
    case 'leave':
    case 'replay':
      return { kind }
    case 'chaos':
      return { kind, forMs: ms('for_s'), everyMs: ms('every_s', 3) }
    case 'record':
      return { kind, forMs: ms('for_s') }
    case 'kill':
      return { kind, how: table.oneOf('how', ['process', 'power'], 'power') }
    case 'start':
      return {
        kind,
        disk: table.oneOf('disk', DISKS, 'kept'),
        seeds: table.flag('seeds', true),
        overMs: ms('over_s', 0),
      }
    case 'restart':
      return {
        kind,
        disk: table.oneOf('disk', DISKS, 'kept'),
        seeds: table.flag('seeds', true),
        downMs: ms('down_s', 0.5),
      }
    case 'stall':
      return {
        kind,
        forMs: ms('for_s'),
        order: table.oneOf('order', ORDERS, 'input-first'),
        clock: table.oneOf('clock', ['runs', 'stands'], 'runs'),
      }
    case 'stalls':
      return {
        kind,
        forMs: ms('for_s'),
        stalledMs: rangeMs('stalled_s'),
        gapMs: rangeMs('gap_s'),
        order: table.oneOf('order', ORDERS, 'input-first'),
      }
    case 'partition':
    case 'heal':
      return { kind, name: table.text('name', 'partition') }
    case 'cut':
      return {
        kind,
        name: table.text('name', 'cut'),
        to: readSelection(table, groups, 'to_'),
        service: table.has('service') ? table.oneOf('service', SERVICES) : undefined,
        ways: table.oneOf('ways', ['one', 'both'], 'one'),
      }
    case 'network':
      return { kind, faults: readFaults(table) }
    case 'wall':
      return { kind, byMs: table.number('by_s', undefined, { min: -1e9 }) * SECOND_MS }
    case 'rolling':
      return {
        kind,
        batch: table.number('batch', 1, { min: 1, whole: true }),
        everyMs: ms('every_s', 1),
        downMs: ms('down_s', 0.5),
      }
    case 'churn':
      return { kind, everyMs: ms('every_s', 1), forMs: ms('for_s') }
    case 'clone':
      return { kind, on: table.number('on', undefined, { whole: true }) }
    case 'flood':
      return { kind, perSecond: table.number('per_s', undefined), forMs: ms('for_s') }
  }
}

const ACTIONS = [
  'mark',
  'kill',
  'start',
  'restart',
  'leave',
  'stall',
  'stalls',
  'partition',
  'cut',
  'heal',
  'network',
  'wall',
  'rolling',
  'churn',
  'clone',
  'flood',
  'record',
  'replay',
  'chaos',
] as const

function checkKnownFailing({ id, criteria, knownFailing }: Scenario): void {
  for (const figure of knownFailing.keys())
    if (!criteria.some((criterion) => criterion.figure === figure))
      throw new ScenarioError(`${id}.known_failing`, `"${figure}" is not under pass`)
}
