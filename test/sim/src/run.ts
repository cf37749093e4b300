/**
 * Run: one scenario with one seed, from an empty world to its figures and verdicts. A run is a function of scenario and
 * seed; what it returns is plain data for reports.
 */
import { AccuracyChecker } from './checkers/accuracy.ts'
import { type Convergence, ConvergenceChecker, convergenceFigures } from './checkers/convergence.ts'

import { PullChecker } from './checkers/pulls.ts'

import { RuleChecker } from './checkers/rules.ts'
import { TableChecker } from './checkers/tables.ts'
import { type Sample, Timeline } from './checkers/timeline.ts'
import { type Figures, judge, type Verdict } from './criteria.ts'
import { Fleet } from './fleet.ts'
import type { Host } from './host.ts'
import { type Installation, install } from './installation.ts'
import { localLatency, worldLatency } from './latency.ts'
import { LostMessages } from './lost-messages.ts'
import type { Scenario } from './scenario.ts'
import { Groups } from './selection.ts'
import { schedule } from './steps.ts'
import type { TraceWatcher } from './trace.ts'
import { Views } from './views.ts'
import { startWarm } from './warm-start.ts'
import { World } from './world.ts'

export interface RunResult {
  readonly scenario: string
  readonly nodes: number
  readonly seed: number
  readonly figures: Figures
  readonly verdicts: readonly Verdict[]
  readonly convergence: readonly Convergence[]
  readonly timeline: readonly Sample[]
  /** Bytes that all nodes sent in each second. */
  readonly bytesBySecond: readonly number[]
  readonly bytesByNode: readonly number[]
  readonly traceHash: string
  readonly events: number
  /** The first mistakes and breaches, as text. */
  readonly remarks: readonly string[]
}

/** A fleet that really joins is given this long to know itself; what lasts longer is left to the criteria. */
const JOIN_MS_MAX = 60_000
const JOIN_CHECK_MS = 500
/** How often copies are looked at for whether they agree, and for how long they must. */
const AGREEMENT_CHECK_MS = 1_000
const AGREEMENT_MS = 3_000
const SECOND_MS = 1_000

export function runScenario(scenario: Scenario, seed: number, watcher?: TraceWatcher): RunResult {
  const world = new World(seed)
  if (watcher !== undefined) world.trace.watch(watcher)
  const installed = install(scenario, world)
  try {
    return runOn(scenario, seed, world, installed)
  } finally {
    installed.dispose()
  }
}

/** From the start of the fleet to its verdicts. */
function runOn(scenario: Scenario, seed: number, world: World, installed: Installation): RunResult {
  const { latency } = scenario
  const lost = new LostMessages(scenario.messages)
  const fleet = new Fleet({
    world,
    passes: (message) => lost.passes(message),
    nodes: scenario.nodes,
    latency: latency.kind === 'world' ? worldLatency() : localLatency(latency.fromMs, latency.toMs),
    program: installed.program,
    connectionsPerNode: scenario.connections,
  })
  const judges = { views: new Views(fleet), rules: new RuleChecker(fleet) }
  startAll(scenario, fleet, judges.views)
  fleet.network.faults = scenario.faults
  world.run(world.now + scenario.settleMs)
  const run = { ...judges, ...begin(scenario, fleet, judges.views, installed) }
  world.run(world.now + scenario.lengthMs)
  const convergedMs = scenario.convergeMs === 0 ? undefined : converge(scenario, fleet, installed)
  return resultOf(scenario, seed, fleet, installed, { ...run, convergedMs, messagesLost: lost.lost })
}

/** Until all copies agree, and go on to: after how long they did; infinity where they never do. */
function converge({ convergeMs }: Scenario, fleet: Fleet, installed: Installation): number {
  const { world } = fleet
  const zero = world.now
  let since = Number.POSITIVE_INFINITY
  while (world.now - zero <= convergeMs) {
    since = installed.agree(fleet) ? Math.min(since, world.now) : Number.POSITIVE_INFINITY
    if (world.now - since >= AGREEMENT_MS) return since - zero
    world.run(world.now + AGREEMENT_CHECK_MS)
  }
  return Number.POSITIVE_INFINITY
}

interface Judges {
  readonly views: Views
  readonly rules: RuleChecker
  readonly convergence: ConvergenceChecker
  readonly accuracy: AccuracyChecker
  readonly tables: TableChecker
  readonly pulls: PullChecker
  readonly timeline: Timeline
}

/** What is known only when all is over. */
interface Ending {
  /** Undefined where the copies need not agree. */
  readonly convergedMs: number | undefined
  readonly messagesLost: number
}

/** The zero of all steps. What was before was only to get there, and is not judged. */
function begin(
  scenario: Scenario,
  fleet: Fleet,
  views: Views,
  installed: Installation,
): Pick<Judges, 'convergence' | 'accuracy' | 'tables' | 'pulls' | 'timeline'> {
  const convergence = new ConvergenceChecker(fleet, views)
  const accuracy = new AccuracyChecker(fleet, views)
  const tables = new TableChecker(fleet)
  const pulls = new PullChecker(fleet)
  for (const { traffic } of [fleet.network, fleet.streams]) traffic.restart(fleet.world.now)
  schedule(scenario.steps, {
    fleet,
    groups: new Groups(fleet, scenario.groups, scenario.absent),
    ...installed.doings,
    pulls,
    begun: ({ measure, ends, tables: looked }, hosts) => {
      if (ends !== undefined) convergence.end(ends)
      if (measure !== undefined) convergence.begin(measure, hosts)
      if (measure !== undefined && looked === true) tables.begin(measure, hosts)
    },
  })
  installed.begin(fleet)
  return { convergence, accuracy, tables, pulls, timeline: new Timeline(fleet, views, scenario.lengthMs) }
}

function resultOf(
  scenario: Scenario,
  seed: number,
  fleet: Fleet,
  installed: Installation,
  {
    views,
    rules,
    convergence,
    accuracy,
    tables,
    pulls,
    timeline,
    convergedMs,
    messagesLost,
  }: Judges & Ending,
): RunResult {
  const measured = convergence.finish()
  const figures = new Map([
    ...measured.flatMap(convergenceFigures),
    ...accuracy.figures(scenario.lengthMs),
    ...rules.figures(),
    ...tables.figures(),
    ...pulls.figures(),
    ...timeline.figures(),
    ...installed.figures(fleet),
    ...trafficFigures(fleet),
    ['wrong_pairs', views.wrongCount()] as const,
    ['effects_unknown', fleet.unknownEffects.size] as const,
    ['messages_lost', messagesLost] as const,
    ...(convergedMs === undefined ? [] : [['converged_s', convergedMs / SECOND_MS] as const]),
  ])
  const notPerformed = [...fleet.unknownEffects].map((kind) => `not performed: ${kind}`)
  return {
    scenario: scenario.id,
    nodes: scenario.nodes,
    seed,
    figures,
    verdicts: judge(scenario.criteria, figures),
    convergence: measured,
    timeline: timeline.samples,
    bytesBySecond: fleet.network.traffic.bytesBySecond,
    bytesByNode: fleet.network.traffic.bytesByNode(),
    traceHash: fleet.world.trace.hash(),
    events: fleet.world.events,
    remarks: [...accuracy.mistakes, ...rules.shown, ...installed.remarks(), ...notPerformed],
  }
}

function startAll(scenario: Scenario, fleet: Fleet, views: Views): void {
  const present = fleet.hosts.slice(0, scenario.nodes - scenario.absent)
  if (scenario.start === 'warm') startWarm(fleet, present)
  else joinAll(present, fleet, views)
}

/** A real start: all join by the first node, within a second. */
function joinAll(hosts: readonly Host[], fleet: Fleet, views: Views): void {
  const { world } = fleet
  for (const host of hosts)
    world.after(world.prng.below(1_000), () => fleet.start(host, host.node === 0 ? [] : [0]))
  while (world.now < JOIN_MS_MAX) {
    world.run(world.now + JOIN_CHECK_MS)
    if (fleet.running().length === hosts.length && views.wrongCount() === 0) return
  }
}

function trafficFigures({ network, streams, world }: Fleet): [string, number][] {
  const datagrams = network.traffic.figures(world.now)
  const messages = streams.traffic.figures(world.now)
  return [
    ['packets_per_node_s', datagrams.packetsPerNodeSecond],
    ['bytes_per_node_s', datagrams.bytesPerNodeSecond],
    ['bytes_peak', datagrams.bytesPeak],
    ['stream_bytes_per_node_s', messages.bytesPerNodeSecond],
    ['refused', network.refused],
  ]
}
