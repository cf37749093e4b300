/**
 * Steps: performs what a scenario says, at its time, on a fleet. Which nodes a step is about is drawn here, from the
 * seed; what it does is the fleet's. Whoever measures is told when a step begins, with the nodes that it is about.
 */
import { unreachable } from '@patina/base'
import { ChaosMaker } from './chaos.ts'
import type { PullChecker } from './checkers/pulls.ts'
import { oneWay, partition } from './cuts.ts'
import { RANK } from './event-heap.ts'
import type { Fleet } from './fleet.ts'
import type { Host } from './host.ts'
import { NO_FAULTS } from './network.ts'
import { speakNonsense } from './rogue.ts'
import type { Action, DiskAtStart, Step } from './scenario-step.ts'
import type { Groups } from './selection.ts'

export interface StepTargets {
  readonly fleet: Fleet
  readonly groups: Groups
  /** A copied virtual machine: `on` gets the identity of `of`. */
  readonly clone: (of: Host, on: Host) => void
  /** Keeps what is on the disk of a host now, for a start with the saved disk. */
  readonly saveDisk: (host: Host) => void
  readonly setDiskBack: (host: Host) => void
  readonly deploySchema: (host: Host) => void
  /** A client of a host writes so many rows in one transaction. */
  readonly writeLarge: (host: Host, rows: number) => void
  /** Tells details, asks for them, and looks at the answers. */
  readonly pulls: Pick<PullChecker, 'describe' | 'ask'>
  readonly giveUp: (host: Host) => void
  readonly begun: (step: Step, hosts: readonly Host[]) => void
}

/** Nodes that everybody knows of before: the first three, of which one at least should answer. */
const SEEDS = [0, 1, 2]
/** A process that leaves answers this long before it ends. */
const LEAVE_LINGER_MS = 3_000
const FLOOD_BYTES = 200
/** A replay lasts this long, however much there is. */
const REPLAY_MS = 5_000
const SECOND_MS = 1_000

/** Puts all steps into the world, counted from now. */
export function schedule(steps: readonly Step[], targets: StepTargets): void {
  const { world } = targets.fleet
  const zero = world.now
  for (const step of steps) world.at(zero + step.atMs, RANK.step, () => begin(step, targets))
}

function begin(step: Step, targets: StepTargets): void {
  const { fleet, groups } = targets
  const hosts = groups.pick(step.who, candidates(step.action, fleet))
  fleet.world.trace.add(fleet.world.now, hosts[0]?.node ?? 0, 'step', step.action.kind)
  targets.begun(step, hosts)
  perform(step.action, hosts, targets)
}

/** What is drawn for a start comes from those that do not run, all else from those that do. */
function candidates(action: Action, fleet: Fleet): readonly Host[] {
  if (action.kind === 'start') return fleet.hosts.filter(({ state }) => state !== 'running')
  return TO_ALL.has(action.kind) ? fleet.hosts : fleet.running()
}

/** Of hosts, whether a process runs there or not. */
const TO_ALL: ReadonlySet<Action['kind']> = new Set(['mark', 'heal', 'deploy-schema'])

function perform(action: Action, hosts: readonly Host[], targets: StepTargets): void {
  const { fleet, groups } = targets
  switch (action.kind) {
    case 'mark':
      break
    case 'kill':
      for (const host of hosts) fleet.kill(host, action.how)
      break
    case 'start':
      startOver(hosts, action, targets)
      break
    case 'restart':
      for (const host of hosts) restart(host, action, targets)
      break
    case 'save-disk':
      for (const host of hosts) targets.saveDisk(host)
      break
    case 'leave':
      for (const host of hosts) fleet.leave(host, LEAVE_LINGER_MS)
      break
    case 'stall':
      for (const host of hosts) fleet.stall(host, action)
      break
    case 'stalls':
      for (const host of hosts) stallAgain(host, action, fleet.world.now + action.forMs, fleet)
      break
    case 'partition':
      trouble(fleet.hosts, Number.POSITIVE_INFINITY)
      fleet.cut({ name: action.name, cuts: partition(nodesOf(hosts)) })
      healLater(action, fleet)
      break
    case 'cut':
      cut(hosts, groups.pick(action.to, fleet.hosts), action, fleet)
      break
    case 'heal':
      heal(action.name, fleet)
      break
    case 'deploy-schema':
      hosts.forEach((host, i) => {
        const at = fleet.world.now + (action.overMs * i) / hosts.length
        fleet.world.at(at, RANK.step, () => targets.deploySchema(host))
      })
      break
    case 'burst':
      for (let i = 0; i < action.times; i += 1)
        fleet.world.at(fleet.world.now + i * action.everyMs, RANK.step, () => {
          for (const host of hosts) targets.writeLarge(host, action.rows)
        })
      break
    case 'give-up':
      for (const host of hosts) targets.giveUp(host)
      break
    case 'rogue':
      for (const host of hosts) speakNonsense(fleet, host, action)
      break
    case 'network':
      fleet.network.faults = { ...NO_FAULTS, ...action.faults }
      break
    case 'wall':
      for (const host of hosts) host.wallOffsetMs += action.byMs
      break
    case 'rolling':
      roll(hosts, action, targets)
      break
    case 'churn':
      churn(action, targets)
      break
    case 'clone':
      clone(hosts, action, targets)
      break
    case 'flood':
      flood(hosts, action, fleet)
      break
    case 'retag':
      for (const host of hosts) retag(host, action, fleet)
      break
    case 'describe':
      for (const host of hosts) targets.pulls.describe(host, action.bytes)
      break
    case 'pull':
      for (const of of groups.pick(action.of, fleet.hosts))
        for (const host of hosts) targets.pulls.ask(host, of)
      break
    case 'newer':
      for (const host of hosts) host.speaksNewer = true
      break
    case 'record':
      fleet.tape.record(nodesOf(hosts), fleet.world.now + action.forMs)
      break
    case 'chaos':
      new ChaosMaker(fleet, action, (host, wiped) =>
        startHost(host, { disk: wiped ? 'lost' : 'kept', seeds: true }, targets),
      )
      break
    case 'replay':
      replay(hosts, fleet)
      break
    default:
      unreachable(action)
  }
}

function startOver(hosts: readonly Host[], action: Action & { kind: 'start' }, targets: StepTargets): void {
  const { world } = targets.fleet
  hosts.forEach((host, i) => {
    world.at(world.now + (action.overMs * i) / hosts.length, RANK.step, () =>
      startHost(host, action, targets),
    )
  })
}

function restart(host: Host, action: Action & { kind: 'restart' }, targets: StepTargets): void {
  const { fleet } = targets
  fleet.kill(host, action.how)
  fleet.world.at(fleet.world.now + action.downMs, RANK.step, () => startHost(host, action, targets))
}

function startHost(
  host: Host,
  { disk, seeds }: { readonly disk: DiskAtStart; readonly seeds: boolean },
  { fleet, setDiskBack }: StepTargets,
): void {
  // Somebody else has started it meanwhile: its disk is in use.
  if (host.state === 'running') return
  if (disk === 'lost') fleet.wipe(host)
  if (disk === 'saved') setDiskBack(host)
  fleet.start(host, seeds ? SEEDS.filter((node) => node !== host.node && node < fleet.hosts.length) : [])
}

/** In a fleet that has become too small for it there is no place for a copy. */
function clone(hosts: readonly Host[], { on }: Action & { kind: 'clone' }, targets: StepTargets): void {
  const { fleet } = targets
  const copy = fleet.hosts[on]
  if (copy === undefined || copy.state === 'running') return
  for (const host of hosts) targets.clone(host, copy)
  fleet.start(copy, SEEDS)
}

/** Stalled and awake in turns, each as long as chance says, until the time is over. */
function stallAgain(host: Host, action: Action & { kind: 'stalls' }, untilMs: number, fleet: Fleet): void {
  const { world } = fleet
  const pick = ([first, last]: readonly [number, number]): number => world.prng.between(first, last)
  const gapMs = pick(action.gapMs)
  world.at(world.now + gapMs, RANK.step, () => {
    const forMs = pick(action.stalledMs)
    if (world.now + forMs > untilMs) return
    fleet.stall(host, { forMs, order: action.order, clock: 'runs' })
    world.at(world.now + forMs, RANK.step, () => stallAgain(host, action, untilMs, fleet))
  })
}

function cut(
  from: readonly Host[],
  to: readonly Host[],
  action: Action & { kind: 'cut' },
  fleet: Fleet,
): void {
  const { name, service, ways } = action
  trouble(from, Number.POSITIVE_INFINITY)
  const [a, b] = [nodesOf(from), nodesOf(to)]
  const there = oneWay(a, b)
  const back = oneWay(b, a)
  const cuts = ways === 'one' ? there : (x: number, y: number): boolean => there(x, y) || back(x, y)
  fleet.cut(service === undefined ? { name, cuts } : { name, cuts, service })
  healLater(action, fleet)
}

function healLater({ name, forMs }: { readonly name: string; readonly forMs: number }, fleet: Fleet): void {
  if (forMs > 0) fleet.world.at(fleet.world.now + forMs, RANK.step, () => heal(name, fleet))
}

function heal(name: string, fleet: Fleet): void {
  for (const host of fleet.hosts)
    if (host.troubledAt === Number.POSITIVE_INFINITY) host.troubledAt = fleet.world.now
  fleet.heal(name)
}

function roll(hosts: readonly Host[], action: Action & { kind: 'rolling' }, targets: StepTargets): void {
  const { world } = targets.fleet
  hosts.forEach((host, i) => {
    const batch = Math.floor(i / action.batch)
    world.at(world.now + batch * action.everyMs, RANK.step, () =>
      restart(
        host,
        { kind: 'restart', how: 'process', disk: 'kept', seeds: true, downMs: action.downMs },
        targets,
      ),
    )
  })
}

/** One joins and one leaves in each period, never one of the seeds. */
function churn({ everyMs, forMs }: Action & { kind: 'churn' }, targets: StepTargets): void {
  const { fleet } = targets
  const { world } = fleet
  for (let at = 0; at < forMs; at += everyMs)
    world.at(world.now + at, RANK.step, () => {
      const gone = fleet.hosts.filter(({ state }) => state === 'absent' || state === 'left')
      const here = fleet.running().filter(({ node }) => !SEEDS.includes(node))
      for (const host of world.prng.sample(gone, 1)) startHost(host, { disk: 'kept', seeds: true }, targets)
      for (const host of world.prng.sample(here, 1)) fleet.leave(host, LEAVE_LINGER_MS)
    })
}

/** Random bytes that got past the seal, as from a peer with a defect. */
function flood(hosts: readonly Host[], { perSecond, forMs }: Action & { kind: 'flood' }, fleet: Fleet): void {
  const { world } = fleet
  const count = Math.floor((perSecond * forMs) / SECOND_MS)
  for (let i = 0; i < count; i += 1)
    world.at(world.now + (i * SECOND_MS) / perSecond, RANK.step, () => {
      const bytes = Uint8Array.from({ length: 1 + world.prng.below(FLOOD_BYTES) }, () =>
        world.prng.below(256),
      )
      const from = fleet.host(world.prng.below(fleet.hosts.length)).address
      for (const host of hosts) fleet.feed(host, { kind: 'datagram-received', from, bytes })
    })
}

/** Each change has a number of its own, so that an old one is seen to be old. */
function retag(host: Host, { bytes, everyMs, forMs }: Action & { kind: 'retag' }, fleet: Fleet): void {
  const { world } = fleet
  for (let n = 0; n * everyMs < forMs; n += 1)
    world.at(world.now + n * everyMs, RANK.step, () => {
      if (host.state !== 'running') return
      const { metadata } = fleet.viewOfNextStart(host)
      const tags = { load: `${n} ${'x'.repeat(bytes)}`.slice(0, bytes) }
      fleet.feed(host, { kind: 'set-metadata', metadata: { ...metadata, tags } })
    })
}

/** All that was recorded of these nodes arrives again, in its order, spread over some seconds. */
function replay(hosts: readonly Host[], fleet: Fleet): void {
  const { world } = fleet
  const recorded = fleet.tape.of(nodesOf(hosts))
  recorded.forEach(({ to, event }, i) => {
    world.at(world.now + (i * REPLAY_MS) / recorded.length, RANK.step, () =>
      fleet.feed(fleet.host(to), event),
    )
  })
}

function trouble(hosts: readonly Host[], until: number): void {
  for (const host of hosts) host.troubledAt = until
}

function nodesOf(hosts: readonly Host[]): ReadonlySet<number> {
  return new Set(hosts.map(({ node }) => node))
}
