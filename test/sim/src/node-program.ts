/**
 * NodeProgram: hosts that run the composed node with the production store on a disk of their own, as an agent does. The
 * store works in turn and takes its time; what it is doing when the process ends is lost. Here is no HTTP and no
 * live-query: writes come from a workload, rows are read by checkers.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ActorId, LocalCommit } from '@patina/base'
import { type LocalRequest, openStore, type SchemaFile, type Store } from '@patina/crdt-store'
import { type ForkEffect, Node, type NodeEvent } from '@patina/node'
import type { MemberView } from '@patina/swim'
import { Disk } from './disk.ts'
import type { FleetEffect, FleetEvent } from './fleet-event.ts'
import { actorOf, type Host, type Program, type RunningProgram } from './host.ts'
import { PPM } from './network.ts'
import type { Machine } from './process.ts'
import type { World } from './world.ts'

/** How a store behaves. */
export interface StoreFaults {
  /** Share of applies and serves that come to nothing. */
  readonly failPpm: number
  /** Time that one piece of work takes. */
  readonly workMs: readonly [number, number]
}

export interface StoreWatcher {
  committed?(host: Host, commit: LocalCommit): void
  applied?(host: Host, changesets: readonly Uint8Array[]): void
  opened?(host: Host, store: Store): void
}

export interface NodeProgramOptions {
  readonly world: World
  readonly wallMs: (host: Host) => number
  readonly schema: readonly SchemaFile[]
  readonly faults: StoreFaults
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
  readonly #running = new Map<number, RunningNode>()
  /** The file of a host has another actor: its process must begin anew. */
  renewed: (host: Host) => void = () => {}

  constructor(options: NodeProgramOptions) {
    this.#options = options
  }

  start(host: Host): RunningProgram {
    const running = new RunningNode(host, this.#disk(host), {
      ...this.#options,
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
    const running = this.#running.get(host.node)
    if (host.state !== 'running' || running === undefined) return false
    return running.write(request)
  }

  storeOf(host: Host): Store | undefined {
    return host.state === 'running' ? this.#running.get(host.node)?.store : undefined
  }

  /** Closes and removes all files. */
  dispose(): void {
    for (const running of this.#running.values()) running.close()
    rmSync(this.#folder, { recursive: true, force: true })
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

interface RunningOptions extends NodeProgramOptions {
  readonly newActor: () => ReturnType<typeof actorOf>
  readonly renewed: () => void
}

const MICROS = 1_000

class RunningNode implements RunningProgram {
  readonly machine: Machine
  readonly generation: number
  readonly store: Store
  readonly #host: Host
  readonly #disk: Disk
  readonly #options: RunningOptions
  readonly #node: Node
  #isOver = false
  #isClosed = false
  #mayWrite: boolean
  /** When the store is done with what it has to do. */
  #busyUntil = 0

  constructor(host: Host, disk: Disk, options: RunningOptions) {
    const { world, wallMs, schema, newActor, watcher } = options
    this.#host = host
    this.#disk = disk
    this.#options = options
    this.store = openStore({ path: disk.path, newActor, nowMicros: () => Math.floor(wallMs(host) * MICROS) })
    this.store.applySchema(schema)
    disk.sync()
    watcher.opened?.(host, this.store)
    const { actor, generation } = this.store
    this.generation = generation
    const metadata = { name: `n${host.node}`, region: host.region, apiAddress: '', tags: {} }
    const self = { actor, address: host.address, generation, metadata }
    const [knowledge, abandoned] = [this.store.knowledge(), this.store.abandoned()]
    const node = new Node({ self, knowledge, abandoned, prng: world.prng.fork() })
    this.#node = node
    this.#mayWrite = node.status().sync.mayWrite
    this.machine = {
      nextDeadline: () => node.nextDeadline(),
      handle: (event, now) => (isForNode(event) ? node.handle(event, now) : []),
    }
  }

  members(): MemberView[] {
    return this.#node.members()
  }

  member(actor: ActorId): MemberView | undefined {
    const explanation = this.#node.explain(actor)
    return explanation?.because === 'unverified' ? undefined : explanation?.member
  }

  self(): MemberView {
    return this.#node.self()
  }

  /** False while the own head is not confirmed: an agent lets its clients wait. */
  write(request: LocalRequest): boolean {
    if (!this.#mayWrite) return false
    this.#work(() => this.#committed(this.store.transact([request]).commits))
    return true
  }

  /** Under `full` durability SQLite has synced the log before it answered. */
  #committed(commits: readonly LocalCommit[]): NodeEvent | undefined {
    this.#disk.sync()
    for (const commit of commits) this.#options.watcher.committed?.(this.#host, commit)
    return commits.length === 0 ? undefined : { kind: 'committed', commits }
  }

  perform(effect: FleetEffect): void {
    const { world, faults, watcher } = this.#options
    const fails = faults.failPpm > 0 && world.prng.chance(faults.failPpm, PPM)
    if (effect.kind === 'apply') {
      const { token, changesets, cleared, basis } = effect
      this.#work(() => {
        if (fails) return { kind: 'apply-failed', token }
        const claim = cleared.length === 0 ? undefined : { cleared, basis }
        const { report } = this.store.apply(changesets, claim)
        watcher.applied?.(this.#host, changesets)
        return { kind: 'applied', token, report }
      })
    }
    if (isOfForks(effect)) this.#repairForks(effect)
    if (effect.kind === 'serve') {
      const { token, needs, budgetBytes } = effect
      this.#work(() =>
        fails
          ? { kind: 'serve-failed', token }
          : { kind: 'served', token, batch: this.store.serve(needs, budgetBytes) },
      )
    }
    if (effect.kind === 'make-durable') {
      const { token } = effect
      this.#work(() => {
        if (fails) return { kind: 'make-durable-failed', token }
        this.#disk.sync()
        return { kind: 'made-durable', token }
      })
    }
  }

  /** As apps/agent's fork-repair.ts. */
  #repairForks(effect: ForkEffect): void {
    const { store } = this
    switch (effect.kind) {
      case 'admit-writes':
        this.#mayWrite = true
        break
      case 'check-own': {
        const { token, version, ts } = effect
        this.#work(() => ({ kind: 'own-checked', token, check: store.checkOwn(version, ts) }))
        break
      }
      case 'abandon':
        this.#work(() => this.#abandoned(effect.actor))
        break
      case 'rewrite':
        this.#work(() => {
          const { commits, isDone } = store.rewrite()
          const committed = this.#committed(commits)
          if (committed !== undefined) this.#host.process?.feed(committed)
          return { kind: 'rewritten', isDone }
        })
        break
      case 'list-cleared':
        this.#work(() => ({ kind: 'cleared-listed', cleared: store.cleared() }))
        break
      case 'apply-again': {
        const { token, changesets } = effect
        this.#work(() => ({ kind: 'applied-again', token, report: store.applyAgain(changesets).report }))
        break
      }
    }
  }

  #abandoned(actor: ActorId): NodeEvent | undefined {
    const before = this.store.actor
    const self = this.store.abandon(actor)
    this.#disk.sync()
    if (self === before) return { kind: 'abandoned', actor }
    this.#options.renewed()
    return undefined
  }

  end(how: 'process' | 'power'): void {
    this.#isOver = true
    if (how === 'power') this.#disk.losePower()
    this.close()
  }

  close(): void {
    if (!this.#isClosed) this.store.close()
    this.#isClosed = true
  }

  /** One piece of work after the other; an end of the process in between loses what waits. */
  #work(run: () => NodeEvent | undefined): void {
    const { world, faults } = this.#options
    const [first, last] = faults.workMs
    const tookMs = world.prng.between(first * MICROS, last * MICROS) / MICROS
    this.#busyUntil = Math.max(this.#busyUntil, world.now) + tookMs
    world.after(this.#busyUntil - world.now, () => {
      if (this.#isOver) return
      const event = run()
      world.trace.add(world.now, this.#host.node, 'store', event?.kind ?? 'nothing')
      if (event !== undefined) this.#host.process?.feed(event)
    })
  }
}

/** What swim hears by streams comes to the node in envelopes of its own. */
function isForNode(event: FleetEvent): event is NodeEvent {
  return event.kind !== 'stream-received'
}

const FORK_EFFECTS: { readonly [kind in ForkEffect['kind']]: true } = {
  'check-own': true,
  'admit-writes': true,
  abandon: true,
  rewrite: true,
  'list-cleared': true,
  'apply-again': true,
}

function isOfForks(effect: FleetEffect): effect is ForkEffect {
  return effect.kind in FORK_EFFECTS
}
