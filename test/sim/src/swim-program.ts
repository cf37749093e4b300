/**
 * SwimProgram: hosts that run the membership machine alone, without store and replication, so that a thousand of them
 * fit into one process. Its disk keeps who the host is and its last generation, as the store of an agent does.
 */
import type { ActorId, Instant } from '@patina/base'
import { type MemberRecord, type MemberView, Swim, type SwimConfig, type SwimEvent } from '@patina/swim'
import type { FleetEffect, FleetEvent } from './fleet-event.ts'
import { actorOf, type Host, type Program, type RunningProgram } from './host.ts'
import type { Machine } from './process.ts'
import type { World } from './world.ts'

interface Disk {
  generation: number
  /** How often the disk was replaced. */
  serial: number
}

export class SwimProgram implements Program {
  readonly #world: World
  readonly #config: SwimConfig
  readonly #wallMs: (host: Host) => number
  readonly #disks = new Map<number, Disk>()

  constructor(world: World, config: SwimConfig, wallMs: (host: Host) => number) {
    this.#world = world
    this.#config = config
    this.#wallMs = wallMs
  }

  start(host: Host, known: readonly MemberRecord[]): RunningProgram {
    const { actor, address, generation, metadata } = this.viewOfNextStart(host)
    this.#disk(host).generation = generation
    const self = { actor, address, generation, metadata }
    return new RunningSwim(new Swim(this.#config, self, this.#world.prng.fork(), known), generation)
  }

  viewOfNextStart(host: Host): MemberView {
    const { actor, address, region, node } = host
    return {
      actor,
      address,
      state: 'alive',
      generation: Math.max(this.#disk(host).generation + 1, Math.floor(this.#wallMs(host))),
      incarnation: 0,
      metadata: { name: `n${node}`, region, apiAddress: '', tags: {} },
      rttMs: undefined,
      sinceMs: 0,
    }
  }

  wipe(host: Host): void {
    const disk = this.#disk(host)
    disk.serial += 1
    disk.generation = 0
    host.actor = actorOf(host.node, disk.serial)
  }

  /** Gives a host the identity of another one, as a copied virtual machine has it. */
  clone(from: Host, to: Host): void {
    this.#disks.set(to.node, { ...this.#disk(from) })
    to.actor = from.actor
  }

  #disk(host: Host): Disk {
    const disk = this.#disks.get(host.node) ?? { generation: 0, serial: 0 }
    this.#disks.set(host.node, disk)
    return disk
  }
}

class RunningSwim implements RunningProgram {
  readonly machine: Machine
  readonly generation: number
  readonly #swim: Swim

  constructor(swim: Swim, generation: number) {
    this.#swim = swim
    this.generation = generation
    this.machine = {
      nextDeadline: () => swim.nextDeadline(),
      handle: (event, now) => handleAsNode(swim, event, now),
    }
  }

  members(): MemberView[] {
    return this.#swim.members()
  }

  member(actor: ActorId): MemberView | undefined {
    const explanation = this.#swim.explain(actor)
    return explanation?.because === 'unverified' ? undefined : explanation?.member
  }

  self(): MemberView {
    return this.#swim.self()
  }

  perform(): void {
    throw new Error('a membership machine asks nothing of a store')
  }

  end(): void {
    // The generation is on the disk since the start; nothing else is durable.
  }
}

/** What is replication's, or about sessions that only the composed node keeps, is none of its business. */
function handleAsNode(swim: Swim, event: FleetEvent, now: Instant): readonly FleetEffect[] {
  return isForSwim(event) ? swim.handle(event, now) : []
}

function isForSwim(event: FleetEvent): event is SwimEvent {
  return !NOT_FOR_SWIM.has(event.kind)
}

const NOT_FOR_SWIM: ReadonlySet<FleetEvent['kind']> = new Set([
  'session-opened',
  'connection-refused',
  'message-received',
  'committed',
  'applied',
  'apply-failed',
  'served',
  'serve-failed',
] as const)
