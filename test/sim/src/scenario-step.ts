/**
 * ScenarioStep: one step of a scenario: when, about whom, what, and what is measured from there on. This file knows how it
 * is written; steps.ts performs it.
 */
import { DETAILS_BYTES_MAX } from '@patina/swim'
import type { Chaos } from './chaos.ts'
import { type NetworkFaults, NO_FAULTS, PPM } from './network.ts'
import type { WakeOrder } from './process.ts'
import type { RogueSpeech } from './rogue.ts'
import { ScenarioError, type Table } from './table.ts'

/** Which nodes a step is about. */
export type Selection =
  | { readonly kind: 'all' }
  | { readonly kind: 'group'; readonly name: string }
  /** Drawn when the step is performed, from those that run; a share of all nodes, at least one. */
  | { readonly kind: 'share'; readonly share: number }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'nodes'; readonly nodes: readonly number[] }

/** `saved`: as it was when it was saved last, as after a restored snapshot of a virtual machine. */
export type DiskAtStart = 'kept' | 'lost' | 'saved'

export type Action =
  | { readonly kind: 'mark' }
  | { readonly kind: 'kill'; readonly how: 'process' | 'power' }
  | {
      readonly kind: 'start'
      readonly disk: DiskAtStart
      readonly seeds: boolean
      readonly overMs: number
    }
  | {
      readonly kind: 'restart'
      readonly how: 'process' | 'power'
      readonly disk: DiskAtStart
      readonly seeds: boolean
      readonly downMs: number
    }
  | { readonly kind: 'leave' }
  | { readonly kind: 'save-disk' }
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
  /** `forMs`: heals by itself; 0: with a step of that name. */
  | { readonly kind: 'partition'; readonly name: string; readonly forMs: number }
  | {
      readonly kind: 'cut'
      readonly name: string
      readonly to: Selection
      readonly service: 'datagrams' | 'streams' | undefined
      readonly ways: 'one' | 'both'
      readonly forMs: number
    }
  | { readonly kind: 'heal'; readonly name: string }
  | { readonly kind: 'network'; readonly faults: NetworkFaults }
  | { readonly kind: 'wall'; readonly byMs: number }
  | { readonly kind: 'rolling'; readonly batch: number; readonly everyMs: number; readonly downMs: number }
  | { readonly kind: 'churn'; readonly everyMs: number; readonly forMs: number }
  | { readonly kind: 'clone'; readonly on: number }
  | { readonly kind: 'flood'; readonly perSecond: number; readonly forMs: number }
  /** They get the next schema files, one after the other. */
  | { readonly kind: 'deploy-schema'; readonly overMs: number }
  /** Each writes so many large transactions. */
  | { readonly kind: 'burst'; readonly rows: number; readonly times: number; readonly everyMs: number }
  /** An operator of each gives up what it misses of hosts that do not run. */
  | { readonly kind: 'give-up' }
  /** They say nonsense over their sessions. */
  | ({ readonly kind: 'rogue' } & RogueSpeech)
  /** Changes its tags to others of so many bytes, again and again. */
  | { readonly kind: 'retag'; readonly bytes: number; readonly everyMs: number; readonly forMs: number }
  /** Tells details of so many bytes. */
  | { readonly kind: 'describe'; readonly bytes: number }
  /** Asks for the details of each of these, once. */
  | { readonly kind: 'pull'; readonly of: Selection }
  /** From now on what they send has fields and bodies of a later version. */
  | { readonly kind: 'newer' }
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
  /** What is measured is also looked up in all member tables, ten times a second. */
  readonly tables?: true
}

const SECOND_MS = 1_000

/** The faults of a network, as `[network]` and the step of that name have them. */
export function readFaults(table: Table): NetworkFaults {
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

/** Reads `group`, `share`, `count` or `nodes`, each with a prefix before its name. */
export function readSelection(table: Table, groups: ReadonlyMap<string, Selection>, key = ''): Selection {
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

export function readStep(table: Table, groups: ReadonlyMap<string, Selection>): Step {
  const step = {
    atMs: table.number('at_s', 0) * SECOND_MS,
    who: readSelection(table, groups),
    action: readAction(table, groups),
    measure: table.has('measure') ? table.text('measure') : undefined,
    ends: table.has('ends') ? table.text('ends') : undefined,
    ...(table.flag('tables', false) ? { tables: true as const } : {}),
  }
  table.end()
  return step
}

const ORDERS = ['input-first', 'deadlines-first'] as const
const SERVICES = ['datagrams', 'streams'] as const
const ENDS = ['process', 'power'] as const
const DISKS = ['kept', 'lost', 'saved'] as const

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
    case 'newer':
    case 'save-disk':
    case 'give-up':
    case 'replay':
      return { kind }
    case 'chaos':
      return { kind, forMs: ms('for_s'), everyMs: ms('every_s', 3) }
    case 'record':
      return { kind, forMs: ms('for_s') }
    case 'kill':
      return { kind, how: table.oneOf('how', ENDS, 'power') }
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
        how: table.oneOf('how', ENDS, 'process'),
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
      return { kind, name: table.text('name', 'partition'), forMs: ms('for_s', 0) }
    case 'heal':
      return { kind, name: table.text('name', 'partition') }
    case 'cut':
      return {
        kind,
        name: table.text('name', 'cut'),
        to: readSelection(table, groups, 'to_'),
        service: table.has('service') ? table.oneOf('service', SERVICES) : undefined,
        ways: table.oneOf('ways', ['one', 'both'], 'one'),
        forMs: ms('for_s', 0),
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
    case 'deploy-schema':
      return { kind, overMs: ms('over_s', 0) }
    case 'burst':
      return {
        kind,
        rows: table.number('rows', undefined, { min: 1, whole: true }),
        times: table.number('times', 1, { min: 1, whole: true }),
        everyMs: ms('every_s', 0.1),
      }
    case 'rogue':
      return { kind, perSecond: table.number('per_s', undefined), forMs: ms('for_s') }
    case 'churn':
      return { kind, everyMs: ms('every_s', 1), forMs: ms('for_s') }
    case 'clone':
      return { kind, on: table.number('on', undefined, { whole: true }) }
    case 'retag':
      return {
        kind,
        bytes: table.number('bytes', undefined, { min: 1, max: 400, whole: true }),
        everyMs: ms('every_s'),
        forMs: ms('for_s'),
      }
    case 'describe':
      return {
        kind,
        bytes: table.number('bytes', undefined, { min: 1, max: DETAILS_BYTES_MAX, whole: true }),
      }
    case 'pull':
      return { kind, of: readSelection(table, groups, 'of_') }
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
  'save-disk',
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
  'deploy-schema',
  'burst',
  'give-up',
  'rogue',
  'retag',
  'describe',
  'pull',
  'newer',
  'record',
  'replay',
  'chaos',
] as const
