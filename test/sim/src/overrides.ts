/**
 * Overrides: how a run differs from what its scenario's file says. They come from the command line and from shrinking,
 * and are written back as arguments, so that one line replays any run.
 */
import { type NetworkFaults, NO_FAULTS, PPM } from './network.ts'
import type { Scenario } from './scenario.ts'
import type { Selection } from './scenario-step.ts'

export const FAULT_NAMES = ['loss', 'duplicate', 'reorder', 'corrupt', 'bandwidth'] as const
export type FaultName = (typeof FAULT_NAMES)[number]

export interface Overrides {
  /** As each push runs it: its smaller fleet, with the criteria of that. */
  readonly ci?: boolean
  readonly nodes?: number
  readonly seconds?: number
  /** Share of packets lost from the beginning. */
  readonly loss?: number
  /** Places of steps in the file, from 0, that are left out. */
  readonly dropSteps?: readonly number[]
  /** Faults of the network that are left out. */
  readonly without?: readonly FaultName[]
}

const SECOND_MS = 1_000

export function override(file: Scenario, overrides: Overrides): Scenario {
  const { ci, nodes, seconds, loss, dropSteps, without } = overrides
  const scenario = ci === true ? asPushed(file) : file
  const size = nodes === undefined ? scenario : withNodes(scenario, nodes)
  const faults = (without ?? []).reduce(withoutFault, scenario.faults)
  return {
    ...size,
    lengthMs: seconds === undefined ? scenario.lengthMs : seconds * SECOND_MS,
    faults: loss === undefined ? faults : { ...faults, lossPpm: Math.round(loss * PPM) },
    steps: dropSteps === undefined ? size.steps : size.steps.filter((_, i) => !dropSteps.includes(i)),
  }
}

/** As they stand on the command line. */
export function overrideArguments({ ci, nodes, seconds, loss, dropSteps, without }: Overrides): string[] {
  return [
    ...(ci === true ? ['--ci'] : []),
    ...(nodes === undefined ? [] : ['--nodes', String(nodes)]),
    ...(seconds === undefined ? [] : ['--seconds', String(seconds)]),
    ...(loss === undefined ? [] : ['--loss', `${loss * 100}%`]),
    ...(dropSteps === undefined || dropSteps.length === 0 ? [] : ['--drop-steps', dropSteps.join(',')]),
    ...(without === undefined || without.length === 0 ? [] : ['--without', without.join(',')]),
  ]
}

/** The line that runs it again. */
export function replayLine({ machine, command }: Scenario, seed: number, overrides: Overrides): string {
  return ['pnpm sim', machine, command, '--seed', seed, ...overrideArguments(overrides)].join(' ')
}

function asPushed(scenario: Scenario): Scenario {
  const { nodes, criteria } = scenario.ci
  const hasOwn = (figure: string): boolean => criteria.some((one) => one.figure === figure)
  return {
    ...withNodes(scenario, nodes),
    criteria: [...criteria, ...scenario.criteria.filter(({ figure }) => !hasOwn(figure))],
    // A bound that was chosen for this fleet is meant to hold.
    knownFailing: new Map([...scenario.knownFailing].filter(([figure]) => !hasOwn(figure))),
  }
}

/**
 * A fleet of another size keeps its share of nodes that start later; steps about nodes that it lacks are about the others; what
 * was calculated for its size is not asked.
 */
function withNodes(scenario: Scenario, nodes: number): Scenario {
  const absent = Math.ceil((scenario.absent * nodes) / scenario.nodes)
  const together = nodes === scenario.nodes ? scenario.together : []
  const steps = scenario.steps.map((step) => {
    const { action } = step
    const smaller = action.kind === 'cut' ? { ...action, to: within(action.to, nodes) } : action
    return { ...step, who: within(step.who, nodes), action: smaller }
  })
  return { ...scenario, nodes, together, absent: Math.min(absent, nodes - 1), steps }
}

function within(who: Selection, nodes: number): Selection {
  return who.kind === 'nodes' ? { ...who, nodes: who.nodes.filter((node) => node < nodes) } : who
}

function withoutFault(faults: NetworkFaults, name: FaultName): NetworkFaults {
  switch (name) {
    case 'loss':
      return { ...faults, lossPpm: 0 }
    case 'duplicate':
      return { ...faults, duplicatePpm: 0 }
    case 'reorder':
      return { ...faults, reorderPpm: 0, reorderMs: 0 }
    case 'corrupt':
      return { ...faults, corruptPpm: 0 }
    case 'bandwidth':
      return { ...faults, bytesPerSecond: NO_FAULTS.bytesPerSecond }
  }
}
