/**
 * Plan: whole-cluster scenarios that nobody wrote: from one number a fleet, its network, its stores, what it writes, and
 * faults of every kind that there is, each with a beginning and an end of its own. In the end everything runs and can be
 * reached, and all copies must come together. The number is in the plan's name, so that one line replays and shrinks it.
 */
import { Prng } from '@patina/base'
import { parseCriterion } from './criteria.ts'
import { NO_MESSAGE_FAULTS } from './lost-messages.ts'
import { NO_FAULTS, PPM } from './network.ts'
import type { Scenario } from './scenario.ts'
import type { Action, Step } from './scenario-step.ts'
import { ScenarioError } from './table.ts'
import { NO_WORKLOAD } from './workload.ts'

/** `few`: 3 to 10 nodes; `many`: 50, which write and suffer as much as ten. */
export type PlanSize = 'few' | 'many'

const NODES: { readonly [size in PlanSize]: readonly [number, number] } = { few: [3, 10], many: [50, 50] }
/** So long faults begin and clients write; then all is well again. */
const SECONDS: { readonly [size in PlanSize]: readonly [number, number] } = { few: [20, 60], many: [10, 15] }
const FAULTS: { readonly [size in PlanSize]: readonly [number, number] } = { few: [2, 8], many: [3, 6] }
/** Two halves of a fork that are both gone are repaired by others after four minutes at most; and again as long for what that finds. */
const CONVERGE_S_MAX = 600
const SECOND_MS = 1_000
const ROGUE_MS_MAX = 5_000
const NAME = /^(few|many)-(\d{1,10})$/
/** Another stream of chance than the world's, which has the same seed. */
const PLAN_SEED = 0x706c616e

/** Throws ScenarioError for what is no name of a plan: `few-7`. */
export function planOf(name: string): Scenario {
  const [, size, seed] = NAME.exec(name) ?? []
  if (size === undefined) throw new ScenarioError('plan', `must be few-N or many-N, not "${name}"`)
  return new Planner(size as PlanSize, Number(seed)).plan(name)
}

type Fault = keyof typeof FAULT_WEIGHTS

/** How often each is drawn. */
const FAULT_WEIGHTS = {
  power: 4,
  process: 3,
  blackout: 2,
  partition: 4,
  cut: 2,
  slow: 3,
  absence: 2,
  'lost-disk': 1,
  'old-disk': 1,
  clone: 1,
  rogue: 2,
  clock: 1,
  burst: 1,
} as const

class Planner {
  readonly #size: PlanSize
  readonly #prng: Prng
  readonly #nodes: number
  readonly #seconds: number
  /** One more node than run, where a clone comes to live. */
  readonly #hasClone: boolean
  readonly #faults: readonly Fault[]
  #cuts = 0

  constructor(size: PlanSize, seed: number) {
    const prng = new Prng((seed ^ PLAN_SEED) >>> 0)
    this.#size = size
    this.#prng = prng
    const present = prng.between(...NODES[size])
    this.#seconds = prng.between(...SECONDS[size])
    const bag = Object.entries(FAULT_WEIGHTS).flatMap(
      ([fault, weight]) => Array(weight).fill(fault) as Fault[],
    )
    this.#faults = Array.from({ length: prng.between(...FAULTS[size]) }, () => this.#oneOf(bag))
    this.#hasClone = this.#faults.includes('clone')
    this.#nodes = present + (this.#hasClone ? 1 : 0)
  }

  plan(name: string): Scenario {
    const scenario = this.#drawn(name)
    // Drawn last, so that older names keep all else.
    const steps = [...scenario.steps, ...this.#givingUp()].sort((a, b) => a.atMs - b.atMs)
    return { ...scenario, steps }
  }

  #drawn(name: string): Scenario {
    const prng = this.#prng
    const steps = this.#steps()
    const isHarsh = prng.chance(1, 2)
    return {
      id: name,
      command: `--plan ${name}`,
      title: `${this.#nodes} nodes for ${this.#seconds} s: ${[...new Set(this.#faults)].join(', ')}`,
      machine: 'node',
      nodes: this.#nodes,
      absent: this.#hasClone ? 1 : 0,
      start: 'join',
      settleMs: 3 * SECOND_MS,
      lengthMs: this.#seconds * SECOND_MS,
      convergeMs: CONVERGE_S_MAX * SECOND_MS,
      latency: prng.chance(1, 4)
        ? { kind: 'world' }
        : { kind: 'local', fromMs: 1, toMs: prng.between(2, 50) },
      connections: 0,
      faults: isHarsh
        ? {
            ...NO_FAULTS,
            lossPpm: prng.below(PPM / 5),
            duplicatePpm: prng.below(PPM / 20),
            reorderPpm: prng.below(PPM / 10),
            reorderMs: 300,
          }
        : NO_FAULTS,
      groups: new Map(),
      steps,
      criteria: this.#criteria(),
      together: [],
      knownFailing: new Map(),
      workload: this.#workload(),
      store: { failPpm: isHarsh ? prng.below(PPM / 10) : 0, workMs: [0.2, prng.between(1, 20)] },
      durability: this.#oneOf(['full', 'normal', 'mixed'] as const),
      messages: prng.chance(1, 8)
        ? { ...NO_MESSAGE_FAULTS, dropEvery: prng.between(3, 50) }
        : NO_MESSAGE_FAULTS,
      originBytesPerSecond: prng.chance(1, 8) ? prng.between(20_000, 200_000) : undefined,
      ci: { seeds: 0, nodes: this.#nodes, criteria: [], why: 'fresh plans are drawn for each run' },
    }
  }

  #workload(): Scenario['workload'] {
    const prng = this.#prng
    const isMany = this.#size === 'many'
    return {
      ...NO_WORKLOAD,
      writesPerSecond: isMany ? prng.between(2, 8) : prng.between(5, 30),
      forMs: this.#seconds * SECOND_MS,
      keys: this.#oneOf([3, 20, 200, 2_000]),
      rowsMax: prng.between(1, 5),
      largeOneIn: isMany ? 100 : this.#oneOf([0, 30, 100]),
      largeRows: isMany ? 300 : prng.between(200, 800),
    }
  }

  /** In order of their times; in the end all hosts run that ever did. */
  #steps(): Step[] {
    const steps = this.#faults.flatMap((fault) => this.#stepsOf(fault))
    if (this.#prng.chance(1, 2)) {
      const overMs = this.#time(0, 0.3)
      steps.push(step(this.#time(0, 0.6), { kind: 'all' }, { kind: 'deploy-schema', overMs }))
    }
    return steps.sort((a, b) => a.atMs - b.atMs)
  }

  /** Operators give up what is missing, also what only cannot be reached at that moment: it must come back all the same. */
  #givingUp(): Step[] {
    if (!this.#prng.chance(1, 3)) return []
    return Array.from({ length: this.#prng.between(1, 3) }, () =>
      step(this.#time(0.3, 1), this.#some(2), { kind: 'give-up' }),
    )
  }

  #stepsOf(fault: Fault): Step[] {
    const prng = this.#prng
    const at = this.#time(0.05, 0.8)
    const left = this.#seconds * SECOND_MS - at
    const forMs = Math.ceil(left / this.#oneOf([1, 2, 4, 8]))
    const downMs = this.#oneOf([Math.min(300, forMs), forMs])
    const restart = (how: 'process' | 'power', disk: 'kept' | 'lost' | 'saved', of: Step['who']): Step =>
      step(at, of, { kind: 'restart', how, disk, seeds: true, downMs })
    switch (fault) {
      case 'power':
        return [restart('power', 'kept', this.#some(2))]
      case 'process':
        return [restart('process', 'kept', this.#some(2))]
      case 'blackout':
        return [restart('power', 'kept', { kind: 'all' })]
      case 'partition':
        return [step(at, this.#some(2), { kind: 'partition', name: this.#cutName(), forMs })]
      case 'cut': {
        const service = this.#oneOf(['datagrams', 'streams', undefined] as const)
        const ways = this.#oneOf(['one', 'both'] as const)
        const to = this.#some(2)
        return [step(at, this.#some(3), { kind: 'cut', name: this.#cutName(), to, service, ways, forMs })]
      }
      case 'slow': {
        const stalledMs = [200, prng.between(300, 5_000)] as const
        const times = { forMs, stalledMs, gapMs: [200, 2_000] } as const
        return [step(at, this.#some(3), { kind: 'stalls', ...times, order: 'input-first' })]
      }
      case 'absence': {
        const who = this.#some(3)
        const early = this.#time(0, 0.1)
        const away = this.#seconds * SECOND_MS - early - 1
        const how = this.#oneOf(['power', 'process'] as const)
        return [step(early, who, { kind: 'restart', how, disk: 'kept', seeds: true, downMs: away })]
      }
      case 'lost-disk':
        return [restart(this.#oneOf(['power', 'process'] as const), 'lost', this.#some(4))]
      case 'old-disk': {
        const who = this.#some(3)
        return [step(prng.below(at), who, { kind: 'save-disk' }), restart('process', 'saved', who)]
      }
      case 'clone':
        return [step(at, this.#one(this.#nodes - 1), { kind: 'clone', on: this.#nodes - 1 })]
      case 'rogue':
        return [
          step(at, this.#one(), {
            kind: 'rogue',
            perSecond: this.#oneOf([2, 20, 200]),
            forMs: Math.min(forMs, ROGUE_MS_MAX),
          }),
        ]
      case 'clock':
        return [step(at, this.#some(2), { kind: 'wall', byMs: prng.between(-3_600, 3_600) * SECOND_MS })]
      case 'burst':
        return [step(at, this.#one(), { kind: 'burst', rows: 300, times: prng.between(2, 10), everyMs: 100 })]
    }
  }

  #criteria(): Scenario['criteria'] {
    const has = (...faults: readonly Fault[]): boolean => faults.some((fault) => this.#faults.includes(fault))
    const exact = (figure: string): Scenario['criteria'][number] => parseCriterion(figure, '= 0', 'plan')
    const names = [
      'rows_differ',
      'stamps_differ',
      'knowledge_differs',
      'findings',
      'effects_unknown',
      'queued_bytes.left',
    ]
    // Who gets an old disk, or lives twice, may use numbers again before anybody can tell it; then that is repaired.
    if (!has('old-disk', 'clone')) names.push('versions_rewritten', 'commits_lost')
    if (!has('old-disk', 'clone', 'lost-disk')) names.push('promised_missing')
    return [...names.map(exact), parseCriterion('converged_s', `<= ${CONVERGE_S_MAX}`, 'plan')]
  }

  /** Some nodes, at most one in so many, at least one; never the place of a clone. */
  #some(oneIn: number): Step['who'] & { kind: 'nodes' } {
    const present = Array.from({ length: this.#nodes - (this.#hasClone ? 1 : 0) }, (_, i) => i)
    const count = this.#prng.between(1, Math.max(1, Math.floor(present.length / oneIn)))
    return { kind: 'nodes', nodes: this.#prng.sample(present, count).sort((a, b) => a - b) }
  }

  /** One node of the first so many. */
  #one(among: number = this.#nodes): Step['who'] {
    return { kind: 'nodes', nodes: [this.#prng.below(among)] }
  }

  /** Between these parts of the plan's time. */
  #time(from: number, to: number): number {
    const ms = this.#seconds * SECOND_MS
    return this.#prng.between(Math.floor(from * ms), Math.floor(to * ms))
  }

  #cutName(): string {
    this.#cuts += 1
    return `cut ${this.#cuts}`
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[this.#prng.below(choices.length)] as T
  }
}

function step(atMs: number, who: Step['who'], action: Action): Step {
  return { atMs, who, action, measure: undefined, ends: undefined }
}
