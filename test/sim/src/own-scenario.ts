/** The scenario of a command line without a file: some nodes crash, some packets are lost; the criteria are S1's in spirit. */
import type { SimArguments } from './arguments.ts'
import { parseCriterion } from './criteria.ts'
import { NO_MESSAGE_FAULTS } from './lost-messages.ts'
import { NO_FAULTS } from './network.ts'
import type { Scenario } from './scenario.ts'
import { NO_WORKLOAD } from './workload.ts'

const NODES = 1_000
const SECONDS = 30
const SETTLE_MS = 5_000
const LOCAL = { kind: 'local', fromMs: 1, toMs: 5 } as const

export function ownScenario({ kill, how, latency, overrides }: SimArguments): Scenario {
  const victims =
    'share' in kill ? ({ kind: 'share', ...kill } as const) : ({ kind: 'count', ...kill } as const)
  return {
    id: 'own',
    command: `--kill ${'share' in kill ? `${kill.share * 100}%` : kill.count} --how ${how} --latency ${latency}`,
    title: 'some nodes crash',
    machine: 'swim',
    nodes: overrides.nodes ?? NODES,
    absent: 0,
    start: 'warm',
    settleMs: SETTLE_MS,
    lengthMs: SECONDS * 1_000,
    latency: latency === 'world' ? { kind: 'world' } : LOCAL,
    connections: how === 'process' ? 16 : 0,
    faults: NO_FAULTS,
    groups: new Map([['victims', victims]]),
    steps: [
      {
        atMs: 0,
        who: { kind: 'group', name: 'victims' },
        action: { kind: 'kill', how },
        measure: 'kill',
        ends: undefined,
      },
    ],
    criteria: [
      parseCriterion('kill.wrong', '= 0', 'own'),
      parseCriterion('downs_of_live', '= 0', 'own'),
      parseCriterion('rule_breaches', '= 0', 'own'),
    ],
    together: [],
    knownFailing: new Map(),
    convergeMs: 0,
    workload: NO_WORKLOAD,
    store: { failPpm: 0, workMs: [0, 0] },
    durability: 'full',
    messages: NO_MESSAGE_FAULTS,
    originBytesPerSecond: undefined,
    ci: { seeds: 0, nodes: NODES, criteria: [], why: 'from the command line' },
  }
}
