/**
 * World: some Sync machines with model stores in virtual time. Messages of one lane keep their order; fresh ones may be
 * lost (a full queue), doubled or late. Every choice is drawn from one seed, so a failure is replayed by its seed.
 */
import { type ActorId, actorId, type Instant, instant, type Lane, Prng } from '@patina/base'
import {
  type Comparison,
  DEFAULT_SYNC_CONFIG,
  Sync,
  type SyncConfig,
  type SyncEffect,
  type SyncEvent,
  type SyncMetric,
} from '@patina/sync'
import { ModelStore } from './model-store.ts'

export interface WorldOptions {
  readonly nodes: number
  readonly seed: number
  readonly clearing?: boolean
  readonly config?: Partial<SyncConfig>
  /** Of single nodes, by their place. */
  readonly configOf?: Readonly<Record<number, Partial<SyncConfig>>>
  /** Of 100 fresh messages. */
  readonly lossPercent?: number
  readonly duplicatePercent?: number
  /** Of 100 applies and reads. */
  readonly storeFailurePercent?: number
  readonly latencyMsMax?: number
}

export interface WorldNode {
  readonly actor: ActorId
  readonly store: ModelStore
  sync: Sync
  /** Raised at each restart: answers of the store to the process before are lost. */
  life: number
  readonly counts: Map<SyncMetric, number>
  /** What would survive a power loss: fingerprint of `have` at the last `made-durable`, as 'actor/version'. */
  durable: ReadonlySet<string>
  /** What came of comparisons, by token. */
  readonly compared: Map<number, Comparison>
  /** Waits for copies that have ended, by token. */
  readonly counted: Map<number, { readonly copies: number; readonly reached: boolean }>
  /** How many versions it found unobtainable, each time that it said so. */
  readonly unobtainable: number[]
}

interface Scheduled {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** Kinds of messages that tests count. */
const FIELDS = { digest: 2, summary: 4, request: 5, buckets: 9 } as const

/** Handled events above which a run is a livelock and not a long run. */
const STEPS_MAX = 2_000_000

export class World {
  readonly nodes: readonly WorldNode[]
  readonly prng: Prng
  now = 0
  sentBytes = 0
  sentMessages = 0
  largestMessage = 0
  /** By the number of the field that it fills in a SyncMessage (proto/sync.proto). */
  readonly #saidByField: Map<number, number> = new Map()
  readonly #options: Required<Omit<WorldOptions, 'nodes' | 'seed' | 'config' | 'configOf' | 'clearing'>>
  readonly #configOf: (node: number) => SyncConfig
  #heap: Scheduled[] = []
  #order = 0
  /** Sessions by 'a/b' with a < b: a number per life of the session. */
  readonly #sessions: Map<string, number> = new Map()
  #lastSession = 0
  /** When the last message of a lane arrives: what is sent later arrives later. */
  readonly #lanes: Map<string, number> = new Map()

  constructor(options: WorldOptions) {
    this.prng = new Prng(options.seed)
    this.#configOf = (i) => ({ ...DEFAULT_SYNC_CONFIG, ...options.config, ...options.configOf?.[i] })
    const faults = { lossPercent: 0, duplicatePercent: 0, storeFailurePercent: 0, latencyMsMax: 20 }
    this.#options = { ...faults, ...options }
    this.nodes = Array.from({ length: options.nodes }, (_, i) => {
      const actor = actorId((i + 1).toString(16).padStart(32, '0'))
      const store = new ModelStore(actor, options.clearing ?? false)
      return {
        actor,
        store,
        sync: this.#newSync(actor, store, i),
        life: 0,
        counts: new Map(),
        durable: new Set(),
        compared: new Map(),
        counted: new Map(),
        unobtainable: [],
      }
    })
  }

  node(i: number): WorldNode {
    return this.nodes[i] as WorldNode
  }

  connect(a: WorldNode, b: WorldNode): void {
    if (this.isConnected(a, b)) return
    this.#lastSession += 1
    this.#sessions.set(pairOf(a, b), this.#lastSession)
    this.handle(a, { kind: 'session-opened', peer: b.actor })
    this.handle(b, { kind: 'session-opened', peer: a.actor })
  }

  /** What is on its way is lost. */
  disconnect(a: WorldNode, b: WorldNode): void {
    if (!this.#sessions.delete(pairOf(a, b))) return
    this.handle(a, { kind: 'session-closed', peer: b.actor })
    this.handle(b, { kind: 'session-closed', peer: a.actor })
  }

  isConnected(a: WorldNode, b: WorldNode): boolean {
    return this.#sessions.has(pairOf(a, b))
  }

  connectAll(): void {
    for (const a of this.nodes) for (const b of this.nodes) if (a.actor < b.actor) this.connect(a, b)
  }

  /** The process ends; the disk stays. */
  restart(node: WorldNode): void {
    for (const other of this.nodes) if (other !== node) this.disconnect(node, other)
    node.life += 1
    node.store.restart()
    node.sync = this.#newSync(node.actor, node.store, this.nodes.indexOf(node))
  }

  /** An operator gives up all that the node misses. */
  giveUp(node: WorldNode): void {
    const knowledge = node.store.giveUp(node.sync.missingVersions())
    this.handle(node, { kind: 'given-up', token: 0, knowledge })
  }

  /** Membership tells who lives: here, whoever has a session. */
  tellLiving(): void {
    for (const node of this.nodes) {
      const living = this.nodes.filter((other) => this.isConnected(node, other)).map(({ actor }) => actor)
      this.handle(node, { kind: 'members-seen', living })
    }
  }

  commit(node: WorldNode, keysByChunk: readonly (readonly number[])[]): void {
    this.handle(node, { kind: 'committed', commits: [node.store.commit(keysByChunk)] })
  }

  handle(node: WorldNode, event: SyncEvent): void {
    for (const effect of node.sync.handle(event, instant(this.now))) this.#perform(node, effect)
  }

  /** Runs until `done` holds or `ms` have passed; false in the latter case. */
  run(ms: number, done: () => boolean = () => false): boolean {
    const end = this.now + ms
    for (let steps = 0; steps < STEPS_MAX; steps += 1) {
      if (done()) return true
      const next = this.#heap[0]
      const deadline = Math.min(...this.nodes.map(({ sync }) => sync.nextDeadline()))
      const at = Math.min(next?.at ?? Number.POSITIVE_INFINITY, deadline)
      if (at > end) {
        this.now = end
        return done()
      }
      this.now = Math.max(this.now, at)
      if (next !== undefined && next.at <= deadline) this.#pop().run()
      else this.#wake()
    }
    throw new Error(`more than ${STEPS_MAX} steps: a livelock at ${this.now} ms`)
  }

  /** Same knowledge, same content. */
  isConverged(): boolean {
    const [first, ...others] = this.nodes.map(({ store }) => fingerprint(store))
    return others.every((other) => other === first)
  }

  /** Messages of a kind that were sent. */
  said(kind: keyof typeof FIELDS): number {
    return this.#saidByField.get(FIELDS[kind]) ?? 0
  }

  count(metric: SyncMetric): number {
    return this.nodes.reduce((sum, { counts }) => sum + (counts.get(metric) ?? 0), 0)
  }

  #newSync(self: ActorId, store: ModelStore, place: number): Sync {
    const prng = this.prng.fork()
    return new Sync({ self, knowledge: store.knowledge(), config: this.#configOf(place), prng })
  }

  #wake(): void {
    for (const node of this.nodes)
      if (node.sync.nextDeadline() <= this.now) this.handle(node, { kind: 'deadline-reached' })
  }

  #perform(node: WorldNode, effect: SyncEffect): void {
    switch (effect.kind) {
      case 'send-message':
        for (const to of effect.to) this.#send(node, to, effect)
        break
      case 'apply':
        this.#ask(node, effect.token, 'apply-failed', () => {
          const report = node.store.apply(effect)
          this.handle(node, { kind: 'applied', token: effect.token, report })
        })
        break
      case 'serve':
        this.#ask(node, effect.token, 'serve-failed', () => {
          const batch = node.store.serve(effect.needs, effect.budgetBytes)
          this.handle(node, { kind: 'served', token: effect.token, batch })
        })
        break
      case 'make-durable':
        this.#ask(node, effect.token, 'make-durable-failed', () => {
          node.durable = heldVersions(node.store)
          this.handle(node, { kind: 'made-durable', token: effect.token })
        })
        break
      case 'copies-counted':
        node.counted.set(effect.token, effect)
        break
      case 'compared':
        node.compared.set(effect.token, effect.comparison)
        break
      case 'give-up':
        this.#ask(node, effect.token, 'give-up-failed', () => {
          const knowledge = node.store.giveUp(effect.lost)
          this.handle(node, { kind: 'given-up', token: effect.token, knowledge })
        })
        break
      case 'unobtainable-found':
        node.unobtainable.push(effect.versions)
        break
      case 'arrived':
      case 'mute-changed':
        break
      case 'count':
        node.counts.set(effect.metric, (node.counts.get(effect.metric) ?? 0) + effect.by)
        break
    }
  }

  #ask(
    node: WorldNode,
    token: number,
    failure: 'apply-failed' | 'serve-failed' | 'make-durable-failed' | 'give-up-failed',
    answer: () => void,
  ): void {
    const { life } = node
    const fails = this.prng.chance(this.#options.storeFailurePercent, 100)
    this.#schedule(this.prng.between(0, 5), () => {
      if (node.life !== life) return
      if (fails) this.handle(node, { kind: failure, token })
      else answer()
    })
  }

  #send(
    from: WorldNode,
    to: ActorId,
    { lane, bytes }: { readonly lane: Lane; readonly bytes: Uint8Array },
  ): void {
    const target = this.nodes.find(({ actor }) => actor === to) as WorldNode
    const pair = pairOf(from, target)
    const session = this.#sessions.get(pair)
    this.sentMessages += 1
    this.sentBytes += bytes.length
    this.largestMessage = Math.max(this.largestMessage, bytes.length)
    const field = (bytes[0] as number) >> 3
    this.#saidByField.set(field, (this.#saidByField.get(field) ?? 0) + 1)
    if (lane === 'fresh' && this.prng.chance(this.#options.lossPercent, 100)) return
    const copies = lane === 'fresh' && this.prng.chance(this.#options.duplicatePercent, 100) ? 2 : 1
    for (let copy = 0; copy < copies; copy += 1) {
      const drawn = this.now + this.prng.between(1, this.#options.latencyMsMax)
      const key = `${session}/${from.actor}/${lane}`
      // Fresh messages may overtake each other here: what the protocol must bear is more than a lane does.
      const at = lane === 'fresh' ? drawn : Math.max(drawn, this.#lanes.get(key) ?? 0)
      this.#lanes.set(key, at)
      this.#schedule(at - this.now, () => {
        if (this.#sessions.get(pair) !== session || session === undefined) return
        this.handle(target, { kind: 'message-received', from: from.actor, bytes })
      })
    }
  }

  #schedule(inMs: number, run: () => void): void {
    this.#order += 1
    const item = { at: this.now + inMs, order: this.#order, run }
    let i = this.#heap.length
    this.#heap.push(item)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!comesBefore(item, this.#heap[parent] as Scheduled)) break
      this.#heap[i] = this.#heap[parent] as Scheduled
      i = parent
    }
    this.#heap[i] = item
  }

  #pop(): Scheduled {
    const first = this.#heap[0] as Scheduled
    const last = this.#heap.pop() as Scheduled
    if (this.#heap.length === 0) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= this.#heap.length) break
      if (comesBefore(this.#heap[child + 1], this.#heap[child] as Scheduled)) child += 1
      if (!comesBefore(this.#heap[child], last)) break
      this.#heap[i] = this.#heap[child] as Scheduled
      i = child
    }
    this.#heap[i] = last
    return first
  }
}

function heldVersions({ have }: ModelStore): Set<string> {
  const held = new Set<string>()
  for (const [actor, ranges] of have)
    for (const { first, last } of ranges)
      for (let version: number = first; version <= last; version += 1) held.add(`${actor}/${version}`)
  return held
}

export function fingerprint(store: ModelStore): string {
  const have = [...store.have]
    .filter(([, set]) => !set.isEmpty())
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([actor, set]) => `${actor.slice(-2)}:${set}`)
  return `${have.join(' ')} | ${store.content()}`
}

function comesBefore(a: Scheduled | undefined, b: Scheduled): boolean {
  return a !== undefined && (a.at - b.at || a.order - b.order) < 0
}

function pairOf(a: WorldNode, b: WorldNode): string {
  return a.actor < b.actor ? `${a.actor}/${b.actor}` : `${b.actor}/${a.actor}`
}

export function at(ms: number): Instant {
  return instant(ms)
}
