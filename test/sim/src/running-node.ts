/**
 * RunningNode: one process with the composed node and the production store, as an agent runs them. The store works in turn
 * and takes its time; what it is doing when the process ends is lost. Under `normal` durability a commit is told to others
 * after a sync of its own, as packages/crdt-store/src/store-process.ts has it.
 */
import { type ActorId, type LocalCommit, RangeSet, type Version } from '@patina/base'

import { type LocalRequest, openStore, type SchemaFile, type Store } from '@patina/crdt-store'
import { type ForkEffect, Node, type NodeEvent, type NodeStatus } from '@patina/node'
import type { MemberView } from '@patina/swim'
import type { SyncConfig } from '@patina/sync'
import type { Disk } from './disk.ts'
import type { FleetEffect, FleetEvent } from './fleet-event.ts'
import type { Host, RunningProgram } from './host.ts'
import { PPM } from './network.ts'
import type { Machine } from './process.ts'
import type { World } from './world.ts'

export type NodeDurability = 'full' | 'normal'

/** How a store behaves. */
export interface StoreFaults {
  /** Share of applies and serves that come to nothing. */
  readonly failPpm: number
  /** Time that one piece of work takes. */
  readonly workMs: readonly [number, number]
}

export interface StoreWatcher {
  /** Others may hear of it from now on. */
  committed?(host: Host, commit: LocalCommit): void
  applied?(host: Host, changesets: readonly Uint8Array[]): void
  opened?(host: Host, store: Store): void
}

export interface RunningOptions {
  readonly world: World
  readonly wallMs: (host: Host) => number
  readonly schema: readonly SchemaFile[]
  readonly faults: StoreFaults
  readonly durability: NodeDurability
  /** Left out: the defaults. */
  readonly sync?: SyncConfig
  readonly watcher: StoreWatcher
  readonly newActor: () => ActorId
  /** The file has another actor: this process must begin anew. */
  readonly renewed: () => void
}

const MICROS = 1_000

export class RunningNode implements RunningProgram {
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
  /** Commits that wait for a sync, in order. */
  #unsynced: LocalCommit[] = []
  #isSyncing = false

  constructor(host: Host, disk: Disk, options: RunningOptions) {
    const { world, wallMs, schema, newActor, watcher, durability, sync } = options
    this.#host = host
    this.#disk = disk
    this.#options = options
    const nowMicros = (): number => Math.floor(wallMs(host) * MICROS)
    this.store = openStore({ path: disk.path, durability, newActor, nowMicros })
    this.store.applySchema(schema)
    disk.sync()
    watcher.opened?.(host, this.store)
    const { actor, generation } = this.store
    this.generation = generation
    const metadata = { name: `n${host.node}`, region: host.region, apiAddress: '', tags: {} }
    const node = new Node({
      self: { actor, address: host.address, generation, metadata },
      knowledge: this.store.knowledge(),
      abandoned: this.store.abandoned(),
      forks: this.store.knownForks(),
      schema: this.store.schemaHashes(),
      prng: world.prng.fork(),
      ...(sync === undefined ? {} : { sync }),
    })
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

  status(): NodeStatus {
    return this.#node.status()
  }

  /** False while the own head is not confirmed: an agent lets its clients wait. */
  write(request: LocalRequest): boolean {
    if (!this.#mayWrite) return false
    this.#work(() => this.#publish(this.store.transact([request]).commits))
    return true
  }

  /** As apps/agent's giving-up.ts. */
  giveUp(done: (versions: number) => void): void {
    const living = new Set(
      this.#node.members().flatMap(({ actor, state }) => (state === 'alive' ? [actor] : [])),
    )
    const lost = this.#node
      .missingVersions()
      .filter(({ actor }) => !living.has(actor))
      .map(({ actor, versions, heldByOthers }) => {
        const nobodyHas = RangeSet.of<Version>(versions)
        nobodyHas.deleteAll(heldByOthers)
        done(nobodyHas.count())
        return { actor, versions: [...nobodyHas] }
      })
    this.#work(() => ({ kind: 'given-up', token: 0, knowledge: this.store.giveUp(lost) }))
  }

  /** Takes other schema files, as at SIGHUP: at once what needs no rows, the rest in slices between other work. */
  changeSchema(schema: readonly SchemaFile[]): void {
    this.#work(() => {
      this.store.applySchema(schema, { pace: 'in-slices' })
      this.#workOnSchema()
      return { kind: 'schema-changed', schema: this.store.schemaHashes() }
    })
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
      this.#work(() => {
        if (fails) return { kind: 'serve-failed', token }
        const batch = this.store.serve(needs, budgetBytes)
        // Under `normal` durability the store syncs before it gives anything out.
        if (this.#options.durability === 'normal') this.#disk.sync()
        return { kind: 'served', token, batch }
      })
    }
    if (effect.kind === 'give-up') {
      const { token, lost } = effect
      this.#work(() =>
        fails
          ? { kind: 'give-up-failed', token }
          : { kind: 'given-up', token, knowledge: this.store.giveUp(lost) },
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

  end(how: 'process' | 'power'): void {
    this.#isOver = true
    if (how === 'power') this.#disk.losePower()
    this.close()
  }

  close(): void {
    if (!this.#isClosed) this.store.close()
    this.#isClosed = true
  }

  /** Under `full` durability SQLite has synced the log before it answered. */
  #publish(commits: readonly LocalCommit[]): NodeEvent | undefined {
    if (commits.length === 0) return undefined
    if (this.#options.durability === 'full') {
      this.#disk.sync()
      return this.#told(commits)
    }
    this.#unsynced.push(...commits)
    this.#syncUnsynced()
    return undefined
  }

  #told(commits: readonly LocalCommit[]): NodeEvent {
    for (const commit of commits) this.#options.watcher.committed?.(this.#host, commit)
    return { kind: 'committed', commits }
  }

  /** One sync at a time, beside other work; what is committed meanwhile goes with the next one. */
  #syncUnsynced(): void {
    if (this.#isSyncing || this.#unsynced.length === 0) return
    this.#isSyncing = true
    const commits = this.#unsynced
    this.#unsynced = []
    const written = this.#disk.written()
    this.#options.world.after(this.#tookMs(), () => {
      if (this.#isOver) return
      this.#isSyncing = false
      this.#disk.sync(written)
      this.#host.process?.feed(this.#told(commits))
      this.#syncUnsynced()
    })
  }

  #workOnSchema(): void {
    this.#work(() => {
      const slice = this.store.schemaSlice()
      if (slice === undefined) return undefined
      this.#workOnSchema()
      return this.#publish(slice.commit === undefined ? [] : [slice.commit])
    })
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
          const committed = this.#publish(commits)
          if (committed !== undefined) this.#host.process?.feed(committed)
          return { kind: 'rewritten', isDone }
        })
        break
      case 'keep-forks': {
        const { forks, answered } = effect
        this.#work(() => {
          this.store.keepForks({ forks, answered })
          return undefined
        })
        break
      }
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

  /** One piece of work after the other; an end of the process in between loses what waits. */
  #work(run: () => NodeEvent | undefined): void {
    const { world } = this.#options
    this.#busyUntil = Math.max(this.#busyUntil, world.now) + this.#tookMs()
    world.after(this.#busyUntil - world.now, () => {
      if (this.#isOver) return
      const event = run()
      world.trace.add(world.now, this.#host.node, 'store', event?.kind ?? 'nothing')
      if (event !== undefined) this.#host.process?.feed(event)
    })
  }

  #tookMs(): number {
    const { world, faults } = this.#options
    const [first, last] = faults.workMs
    return world.prng.between(first * MICROS, last * MICROS) / MICROS
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
  'keep-forks': true,
  'list-cleared': true,
  'apply-again': true,
}

function isOfForks(effect: FleetEffect): effect is ForkEffect {
  return effect.kind in FORK_EFFECTS
}
