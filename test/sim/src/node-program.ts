/**
 * NodeProgram: hosts that run the composed node with the production store on a disk of their own, as an agent does
 * (running-node.ts), with the schema files that were deployed to each. Here is no HTTP and no live-query: writes come from
 * a workload, rows are read by checkers.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalRequest, SchemaFile, Store } from '@patina/crdt-store'
import type { NodeStatus } from '@patina/node'
import type { MemberView } from '@patina/swim'
import type { SyncConfig } from '@patina/sync'
import { Disk } from './disk.ts'
import { actorOf, type Host, type Program, type RunningProgram } from './host.ts'
import { type NodeDurability, RunningNode, type StoreFaults, type StoreWatcher } from './running-node.ts'
import type { World } from './world.ts'

/** `mixed`: every other host syncs each commit, the others sync before they tell of it. */
export type FleetDurability = NodeDurability | 'mixed'

export interface NodeProgramOptions {
  readonly world: World
  readonly wallMs: (host: Host) => number
  /** What is deployed, one after the other; every host begins with the first. */
  readonly schemas: readonly (readonly SchemaFile[])[]
  readonly faults: StoreFaults
  readonly durability: FleetDurability
  /** Left out: the defaults. */
  readonly sync?: SyncConfig
  readonly watcher: StoreWatcher
}

/** Memory where there is such a file system; what is synced is our model, not the machine's. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

export class NodeProgram implements Program {
  readonly #options: NodeProgramOptions
  readonly #folder: string = mkdtempSync(join(FOLDER, 'patina-sim-'))
  readonly #disks = new Map<number, Disk>()
  /** Actors that each host has drawn. */
  readonly #actors = new Map<number, number>()
  /** Place of the schema files that were deployed to each host. */
  readonly #schemas = new Map<number, number>()
  readonly #running = new Map<number, RunningNode>()
  /** Versions that operators have given up, each once for each that said so. */
  givenUp = 0
  /** The file of a host has another actor: its process must begin anew. */
  renewed: (host: Host) => void = () => {}

  constructor(options: NodeProgramOptions) {
    this.#options = options
  }

  start(host: Host): RunningProgram {
    const { world, wallMs, faults, durability, sync, watcher } = this.#options
    const running = new RunningNode(host, this.#disk(host), {
      world,
      wallMs,
      schema: this.#schemaFiles(host),
      faults,
      durability: durability === 'mixed' ? (host.node % 2 === 0 ? 'full' : 'normal') : durability,
      ...(sync === undefined ? {} : { sync }),
      watcher,
      newActor: () => actorOf(host.node, this.#draw(host)),
      renewed: () => this.renewed(host),
    })
    this.#running.set(host.node, running)
    host.actor = running.store.actor
    return running
  }

  viewOfNextStart(): MemberView {
    throw new Error('nodes with stores join; they do not start warm')
  }

  wipe(host: Host): void {
    this.#disk(host).replace()
    host.actor = actorOf(host.node, this.#actors.get(host.node) ?? 0)
  }

  clone(from: Host, to: Host): void {
    this.#disk(to).copyOf(this.#disk(from))
  }

  saveDisk(host: Host): void {
    this.#disk(host).save()
  }

  setDiskBack(host: Host): void {
    this.#disk(host).setBack()
  }

  /** Runs a request of a local client; false where nobody runs there. */
  write(host: Host, request: LocalRequest): boolean {
    return this.#runningOn(host)?.write(request) ?? false
  }

  /** An operator of a host gives up what it misses of others that do not run, as far as nobody connected holds it. */
  giveUp(host: Host): void {
    this.#runningOn(host)?.giveUp((versions) => {
      this.givenUp += versions
    })
  }

  /** Deploys the next schema files to a host, where there are any; a process that runs takes them at once. */
  deploySchema(host: Host): void {
    const next = Math.min(this.schemaOf(host) + 1, this.#options.schemas.length - 1)
    if (next === this.schemaOf(host)) return
    this.#schemas.set(host.node, next)
    this.#runningOn(host)?.changeSchema(this.#schemaFiles(host))
  }

  schemaOf(host: Host): number {
    return this.#schemas.get(host.node) ?? 0
  }

  storeOf(host: Host): Store | undefined {
    return this.#runningOn(host)?.store
  }

  statusOf(host: Host): NodeStatus | undefined {
    return this.#runningOn(host)?.status()
  }

  /** Closes and removes all files. */
  dispose(): void {
    for (const running of this.#running.values()) running.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #runningOn(host: Host): RunningNode | undefined {
    return host.state === 'running' ? this.#running.get(host.node) : undefined
  }

  #schemaFiles(host: Host): readonly SchemaFile[] {
    return this.#options.schemas[this.schemaOf(host)] ?? []
  }

  #disk(host: Host): Disk {
    const disk = this.#disks.get(host.node) ?? new Disk(this.#folder, host.node)
    this.#disks.set(host.node, disk)
    return disk
  }

  #draw(host: Host): number {
    const drawn = this.#actors.get(host.node) ?? 0
    this.#actors.set(host.node, drawn + 1)
    return drawn
  }
}
