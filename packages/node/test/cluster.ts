/**
 * Cluster: some Nodes (swim, sync and session policy together) on a virtual network, with stores that keep changesets
 * by header only. Such a store can say what is held and hand it out again, which is all that the machine sees of one;
 * what is in the changesets is tested with the real store. Every choice comes from one seed.
 */
import {
  type ActorId,
  type ActorKnowledge,
  type ActorVersions,
  type ApplyReport,
  actorId,
  decodeChangesetHeader,
  encodeChangeset,
  hlc,
  instant,
  type Lane,
  type LocalCommit,
  type Need,
  type PeerAddress,
  Prng,
  peerAddress,
  RangeSet,
  type ServedBatch,
  seq,
  type Version,
  version,
} from '@patina/base'
import { Node, type NodeEffect, type NodeEvent, type NodeMetric, SERVICE } from '@patina/node'
import type { Notification } from '@patina/swim'

/** One chunk a version; nothing is ever cleared. */
export class HeaderStore {
  readonly #byActor: Map<ActorId, Map<Version, Uint8Array>> = new Map()
  readonly #have: Map<ActorId, RangeSet<Version>> = new Map()
  readonly #self: ActorId

  constructor(self: ActorId) {
    this.#self = self
  }

  commit(): LocalCommit {
    const own = version((this.have(this.#self).last() ?? 0) + 1)
    const ts = hlc(own)
    const only = seq(0)
    const header = {
      actor: this.#self,
      version: own,
      firstSeq: only,
      lastSeq: only,
      versionLastSeq: only,
      ts,
      flags: 0,
    }
    const bytes = encodeChangeset(header, new Uint8Array([own % 256]))
    this.#put(bytes)
    return { version: own, ts, changesets: [bytes] }
  }

  apply(changesets: readonly Uint8Array[]): ApplyReport {
    const touched = new Set<ActorId>()
    const outcomes = changesets.map((bytes) => {
      const actor = this.#put(bytes)
      if (actor === undefined) return { kind: 'duplicate' } as const
      touched.add(actor)
      return { kind: 'applied' } as const
    })
    return { outcomes, knowledge: this.knowledge().filter(({ actor }) => touched.has(actor)) }
  }

  serve(needs: readonly Need[], budgetBytes: number): ServedBatch {
    const changesets: Uint8Array[] = []
    const rest: Need[] = []
    let bytes = 0
    for (const need of needs) {
      if (need.kind !== 'versions') continue
      const left = RangeSet.of(need.versions).intersect(this.have(need.actor))
      for (const { first, last } of [...left].reverse())
        for (let v = last; v >= first && bytes < budgetBytes; v = (v - 1) as Version) {
          const changeset = this.#byActor.get(need.actor)?.get(v) as Uint8Array
          changesets.push(changeset)
          bytes += changeset.length
          left.delete(v)
        }
      if (!left.isEmpty()) rest.push({ kind: 'versions', actor: need.actor, versions: [...left] })
    }
    return { changesets, cleared: [], basis: [], rest }
  }

  have(actor: ActorId): RangeSet<Version> {
    const have = this.#have.get(actor) ?? new RangeSet<Version>()
    this.#have.set(actor, have)
    return have
  }

  knowledge(): ActorKnowledge[] {
    return [...this.#have]
      .filter(([, have]) => !have.isEmpty())
      .map(([actor, have]) => {
        const head = have.last() as Version
        return { actor, have: [...have], partials: [], head, headTs: hlc(head) }
      })
  }

  /** What is held, as text. */
  fingerprint(): string {
    const held: ActorVersions[] = this.knowledge().map(({ actor, have }) => ({ actor, versions: have }))
    const lines = held.map(({ actor, versions }) => `${actor.slice(-2)}:${RangeSet.of(versions)}`)
    return lines.sort().join(' ')
  }

  #put(bytes: Uint8Array): ActorId | undefined {
    const decoded = decodeChangesetHeader(bytes)
    if (!decoded.ok) throw new Error('the machine handed on what has no header')
    const { actor, version: v } = decoded.value.header
    if (!this.have(actor).add(v)) return undefined
    const versions = this.#byActor.get(actor) ?? new Map<Version, Uint8Array>()
    versions.set(v, bytes)
    this.#byActor.set(actor, versions)
    return actor
  }
}

export interface Host {
  readonly actor: ActorId
  readonly address: PeerAddress
  readonly store: HeaderStore
  readonly notified: Notification[]
  readonly counts: Map<NodeMetric, number>
  readonly dialled: { readonly to: PeerAddress; readonly atMs: number }[]
  node: Node
  generation: number
  isUp: boolean
}

export interface ClusterOptions {
  readonly nodes: number
  readonly seed: number
  readonly datagramLossPercent?: number
  readonly freshLossPercent?: number
  readonly latencyMsMax?: number
  /** Of an answer of the store. */
  readonly storeMsMax?: number
}

interface Scheduled {
  readonly atMs: number
  readonly run: () => void
}

/** Handled events above which a run is a livelock. */
const STEPS_MAX = 500_000

export class Cluster {
  readonly hosts: readonly Host[]
  readonly prng: Prng
  now = 0
  /** Of replication; membership compares whole views every half minute. */
  sentMessages = 0
  sentMessageBytes = 0
  /** Pairs that cannot reach each other, by `pairOf`. */
  readonly blocked: Set<string> = new Set()
  readonly #options: Required<ClusterOptions>
  readonly #sessions: Map<string, number> = new Map()
  readonly #lanes: Map<string, number> = new Map()
  #schedule: Scheduled[] = []
  #lastSession = 0

  constructor(options: ClusterOptions) {
    this.#options = {
      datagramLossPercent: 0,
      freshLossPercent: 0,
      latencyMsMax: 3,
      storeMsMax: 2,
      ...options,
    }
    this.prng = new Prng(options.seed)
    this.hosts = Array.from({ length: options.nodes }, (_, i) => {
      const actor = actorId((i + 1).toString(16).padStart(32, '0'))
      const address = peerAddress(`10.0.0.${i + 1}:7000`)
      const store = new HeaderStore(actor)
      const records = { notified: [], counts: new Map(), dialled: [] }
      const host = { actor, address, store, generation: 1, isUp: true, ...records }
      return { ...host, node: this.#newNode(host) }
    })
  }

  host(i: number): Host {
    return this.hosts[i] as Host
  }

  /** All know the first. */
  joinAll(): void {
    const seeds = [this.host(0).address]
    for (const host of this.hosts) this.handle(host, { kind: 'join', seeds })
  }

  commit(host: Host): void {
    this.handle(host, { kind: 'committed', commits: [host.store.commit()] })
  }

  kill(host: Host): void {
    host.isUp = false
    for (const other of this.hosts) this.cut(host, other)
  }

  start(host: Host): void {
    host.generation += 1
    host.isUp = true
    host.node = this.#newNode(host)
    this.handle(host, { kind: 'join', seeds: [this.host(0).address, this.host(1).address] })
  }

  /** Ends the session of two; what is on its way is lost. */
  cut(a: Host, b: Host): void {
    if (!this.#sessions.delete(pairOf(a, b))) return
    this.handle(a, { kind: 'session-closed', actor: b.actor, goodbye: false })
    this.handle(b, { kind: 'session-closed', actor: a.actor, goodbye: false })
  }

  isConnected(a: Host, b: Host): boolean {
    return this.#sessions.has(pairOf(a, b))
  }

  handle(host: Host, event: NodeEvent): NodeEffect[] {
    if (!host.isUp) return []
    const effects = host.node.handle(event, instant(this.now))
    for (const effect of effects) this.#perform(host, effect)
    return effects
  }

  /** Runs until `done` holds or `ms` have passed; whether it holds. */
  run(ms: number, done: () => boolean = () => false): boolean {
    const end = this.now + ms
    for (let steps = 0; steps < STEPS_MAX; steps += 1) {
      if (done()) return true
      const next = this.#next()
      const up = this.hosts.filter(({ isUp }) => isUp)
      const deadline = Math.min(...up.map(({ node }) => node.nextDeadline()))
      const at = Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, deadline)
      if (at > end) {
        this.now = end
        return done()
      }
      this.now = Math.max(this.now, at)
      if (next !== undefined && next.atMs <= deadline) {
        this.#schedule.splice(this.#schedule.indexOf(next), 1)
        next.run()
      } else {
        for (const host of up)
          if (host.node.nextDeadline() <= this.now) this.handle(host, { kind: 'deadline-reached' })
      }
    }
    throw new Error(`more than ${STEPS_MAX} steps: a livelock at ${this.now} ms`)
  }

  isConverged(): boolean {
    const [first, ...others] = this.hosts.filter(({ isUp }) => isUp).map(({ store }) => store.fingerprint())
    return others.every((other) => other === first)
  }

  /** Every pair that is up has a session. */
  isMeshed(): boolean {
    const up = this.hosts.filter(({ isUp }) => isUp)
    return up.every((a) => up.every((b) => a === b || this.isConnected(a, b)))
  }

  #newNode({
    actor,
    address,
    generation,
    store,
  }: Pick<Host, 'actor' | 'address' | 'generation' | 'store'>): Node {
    const metadata = { name: actor.slice(-2), region: 'ams', apiAddress: '', tags: {} }
    const self = { actor, address, generation, metadata }
    return new Node({ self, knowledge: store.knowledge(), prng: this.prng.fork() })
  }

  #perform(host: Host, effect: NodeEffect): void {
    switch (effect.kind) {
      case 'send-datagram':
        this.#sendDatagram(host, effect.to, effect.bytes)
        break
      case 'send-message':
        this.#sendMessage(host, effect)
        break
      case 'connect':
        host.dialled.push({ to: effect.address, atMs: this.now })
        this.#connect(host, effect.address)
        break
      case 'disconnect': {
        const other = this.hosts.find(({ actor }) => actor === effect.actor) as Host
        this.#after(0, () => this.cut(host, other))
        break
      }
      case 'apply':
        this.#fromStore(host, () => ({
          kind: 'applied',
          token: effect.token,
          report: host.store.apply(effect.changesets),
        }))
        break
      case 'serve':
        this.#fromStore(host, () => ({
          kind: 'served',
          token: effect.token,
          batch: host.store.serve(effect.needs, effect.budgetBytes),
        }))
        break
      case 'notify':
        host.notified.push(effect.notification)
        break
      case 'count':
        host.counts.set(effect.metric, (host.counts.get(effect.metric) ?? 0) + effect.by)
    }
  }

  #fromStore(host: Host, answer: () => NodeEvent): void {
    const { generation } = host
    this.#after(this.prng.between(0, this.#options.storeMsMax), () => {
      if (host.isUp && host.generation === generation) this.handle(host, answer())
    })
  }

  #sendDatagram(from: Host, to: PeerAddress, bytes: Uint8Array): void {
    const target = this.#at(to)
    if (target === undefined || this.prng.chance(this.#options.datagramLossPercent, 100)) return
    this.#after(this.#latency(), () => {
      if (!this.#reachable(from, target)) return
      this.handle(target, { kind: 'datagram-received', from: from.address, bytes })
    })
  }

  #sendMessage(
    from: Host,
    message: { readonly to: ActorId; readonly lane: Lane; readonly bytes: Uint8Array },
  ): void {
    const { to, lane, bytes } = message
    const target = this.hosts.find(({ actor }) => actor === to) as Host
    const pair = pairOf(from, target)
    const session = this.#sessions.get(pair)
    if (session === undefined) return
    if (bytes[0] === SERVICE.sync) {
      this.sentMessages += 1
      this.sentMessageBytes += bytes.length
    }
    if (lane === 'fresh' && this.prng.chance(this.#options.freshLossPercent, 100)) return
    const key = `${session}/${from.actor}/${lane}`
    const at = Math.max(this.now + this.#latency(), this.#lanes.get(key) ?? 0)
    this.#lanes.set(key, at)
    this.#after(at - this.now, () => {
      if (this.#sessions.get(pair) !== session || this.blocked.has(pair)) return
      this.handle(target, { kind: 'message-received', from: from.actor, lane, bytes })
    })
  }

  #connect(from: Host, to: PeerAddress): void {
    const target = this.#at(to)
    this.#after(2 * this.#latency(), () => {
      if (target === undefined || !this.#reachable(from, target)) {
        this.handle(from, { kind: 'connection-refused', address: to })
        return
      }
      if (this.isConnected(from, target)) return
      this.#lastSession += 1
      this.#sessions.set(pairOf(from, target), this.#lastSession)
      this.handle(from, { kind: 'session-opened', actor: target.actor, address: target.address })
      this.handle(target, { kind: 'session-opened', actor: from.actor, address: from.address })
    })
  }

  #reachable(from: Host, to: Host): boolean {
    return from.isUp && to.isUp && !this.blocked.has(pairOf(from, to))
  }

  #at(address: PeerAddress): Host | undefined {
    return this.hosts.find((host) => host.address === address)
  }

  #latency(): number {
    return this.prng.between(1, this.#options.latencyMsMax)
  }

  #after(ms: number, run: () => void): void {
    this.#schedule.push({ atMs: this.now + ms, run })
  }

  #next(): Scheduled | undefined {
    let first: Scheduled | undefined
    for (const item of this.#schedule) if (first === undefined || item.atMs < first.atMs) first = item
    return first
  }
}

export function pairOf(a: Host, b: Host): string {
  return a.actor < b.actor ? `${a.actor}/${b.actor}` : `${b.actor}/${a.actor}`
}
