/**
 * Installation: what runs on the hosts of a scenario, membership alone or composed nodes with stores, with the checkers and
 * the clients that belong to it, and what steps can do to it.
 */

import { defaultConfig } from '@patina/swim'
import { DEFAULT_SYNC_CONFIG } from '@patina/sync'
import { agree } from './checkers/agreement.ts'
import { BoundsChecker } from './checkers/bounds.ts'
import { ReplicationChecker } from './checkers/replication.ts'
import { EPOCH_MS, type Fleet } from './fleet.ts'
import type { Host, Program } from './host.ts'
import { NodeProgram } from './node-program.ts'
import type { Scenario } from './scenario.ts'
import type { StepTargets } from './steps.ts'
import { SwimProgram } from './swim-program.ts'
import { largeRequest, startWorkload, WORKLOAD_SCHEMAS } from './workload.ts'
import type { World } from './world.ts'

/** What steps do to hosts and only a program can. */
export type Doings = Omit<StepTargets, 'fleet' | 'groups' | 'pulls' | 'begun'>

export interface Installation {
  readonly program: Program
  readonly doings: Doings
  /** The zero of all steps. */
  readonly begin: (fleet: Fleet) => void
  /** All copies hold the same, by rows and by knowledge. */
  readonly agree: (fleet: Fleet) => boolean
  readonly figures: (fleet: Fleet) => [string, number][]
  readonly remarks: () => readonly string[]
  readonly dispose: () => void
}

/** An agent that begins anew under another actor is away this long. */
const RENEWAL_MS = 500

export function install(scenario: Scenario, world: World): Installation {
  const wallMs = ({ wallOffsetMs }: Host): number => EPOCH_MS + world.now + wallOffsetMs
  return scenario.machine === 'swim'
    ? installSwim(new SwimProgram(world, defaultConfig, wallMs))
    : installNodes(scenario, world, wallMs)
}

function installSwim(program: SwimProgram): Installation {
  const needsStores = (): never => {
    throw new Error('disks are saved, schemas deployed and rows written only where nodes have stores')
  }
  return {
    program,
    doings: {
      clone: (of, on) => program.clone(of, on),
      saveDisk: needsStores,
      setDiskBack: needsStores,
      deploySchema: needsStores,
      writeLarge: needsStores,
      giveUp: needsStores,
    },
    begin: () => {},
    agree: () => true,
    figures: () => [],
    remarks: () => [],
    dispose: () => {},
  }
}

function installNodes(scenario: Scenario, world: World, wallMs: (host: Host) => number): Installation {
  const { workload, store: faults, durability, originBytesPerSecond } = scenario
  const checker = new ReplicationChecker(() => world.now)
  const program = new NodeProgram({
    world,
    wallMs,
    schemas: WORKLOAD_SCHEMAS,
    faults,
    durability,
    watcher: checker,
    ...(originBytesPerSecond === undefined ? {} : { sync: { ...DEFAULT_SYNC_CONFIG, originBytesPerSecond } }),
  })
  let bounds: BoundsChecker | undefined
  return {
    program,
    doings: {
      clone: (of, on) => program.clone(of, on),
      saveDisk: (host) => program.saveDisk(host),
      setDiskBack: (host) => program.setDiskBack(host),
      deploySchema: (host) => program.deploySchema(host),
      writeLarge: (host, rows) => program.write(host, largeRequest(world, rows)),
      giveUp: (host) => program.giveUp(host),
    },
    begin: (fleet) => {
      program.renewed = (host) => fleet.beginAnew(host, RENEWAL_MS)
      startWorkload(fleet, workload, program)
      bounds = new BoundsChecker(fleet, (host) => program.statusOf(host))
    },
    agree: (fleet) => agree(fleet.running().flatMap((host) => program.storeOf(host) ?? [])),
    figures: (fleet) => [
      ...checker.figures(fleet, (host) => program.storeOf(host)),
      ...(bounds?.figures() ?? []),
      ...lossFigures(fleet, program),
    ],
    remarks: () => checker.remarks,
    dispose: () => program.dispose(),
  }
}

/** What operators gave up, and what is missed and lost in the end: at the worst of the running nodes. */
function lossFigures(fleet: Fleet, program: NodeProgram): [string, number][] {
  const statuses = fleet.running().flatMap((host) => program.statusOf(host)?.sync ?? [])
  return [
    ['versions_given_up', program.givenUp],
    ['versions_missed', Math.max(0, ...statuses.map(({ missing }) => missing))],
    ['versions_lost', Math.max(0, ...statuses.map(({ lost }) => lost))],
  ]
}
