/**
 * Fleet: hosts, their processes and the networks between them in one world, and everything that can be done to them:
 * start, kill, leave, stall, cut, move a clock. It performs what machines ask for, as apps/agent's driver does, and
 * tells watchers what happened. It judges nothing (checkers/) and decides nothing by itself (steps.ts).
 */
import type { ActorId, PeerAddress } from '@patina/base'
import type { DetailsOutcome, MemberRecord, MemberView, Notification } from '@patina/swim'
import { type Cut, Cuts } from './cuts.ts'
import type { FleetEffect, FleetEvent } from './fleet-event.ts'
import { actorOf, addressOf, type Host, type Program } from './host.ts'
import type { Latency } from './latency.ts'
import { Network } from './network.ts'
import { asNewer } from './newer-version.ts'
import { type Machine, Process, type Stall } from './process.ts'
import { type StreamEnds, Streams } from './streams.ts'
import { Tape } from './tape.ts'
import type { Traced } from './trace.ts'
import type { World } from './world.ts'

/** Wall clock of every host when the world begins: 1 January 2026. */
export const EPOCH_MS = 1_767_225_600_000

export interface FleetWatcher {
  notified?(host: Host, notification: Notification): void
  /** `known`: whom it takes as met already. */
  started?(host: Host, known: readonly MemberRecord[]): void
  ended?(host: Host): void
  cutsChanged?(): void
  counted?(host: Host, metric: string, by: number): void
  sent?(host: Host, bytes: number): void
  pulled?(host: Host, token: number, outcome: DetailsOutcome): void
}

export interface FleetOptions {
  readonly world: World
  readonly nodes: number
  readonly latency: Latency
  readonly program: Program
  /** Peers of a killed process that hold a connection with it, where machines keep no sessions of their own. */
  readonly connectionsPerNode?: number
  /** False for a message of a session that is lost on purpose. Default: none. */
  readonly passes?: (message: Uint8Array) => boolean
}

export class Fleet {
  readonly world: World
  readonly hosts: readonly Host[]
  readonly cuts = new Cuts()
  readonly tape = new Tape()
  readonly network: Network
  readonly streams: Streams
  /** Kinds of effects that this world does not perform. */
  readonly unknownEffects = new Set<string>()
  readonly #options: FleetOptions
  readonly #byAddress = new Map<PeerAddress, Host>()
  readonly #byActor = new Map<ActorId, Host>()
  readonly #watchers: FleetWatcher[] = []

  constructor(options: FleetOptions) {
    const { world, nodes, latency } = options
    this.#options = options
    this.world = world
    this.hosts = Array.from({ length: nodes }, (_, node) => newHost(node, latency.regionOf(node)))
    for (const host of this.hosts) {
      this.#byAddress.set(host.address, host)
      this.#byActor.set(host.actor, host)
    }
    const { cuts } = this
    this.network = new Network({
      world,
      latency,
      cuts,
      nodes,
      nodeAt: (address) => this.#byAddress.get(address)?.node,
      deliver: (to, from, bytes) => this.#receive(to, from, bytes),
    })
    this.streams = new Streams({ world, latency, cuts, nodes, ends: this.#streamEnds() })
  }

  watch(watcher: FleetWatcher): void {
    this.#watchers.push(watcher)
  }

  host(node: number): Host {
    const host = this.hosts[node]
    if (host === undefined) throw new Error(`there is no node ${node}`)
    return host
  }

  hostOf(actor: ActorId): Host | undefined {
    return this.#byActor.get(actor)
  }

  running(): Host[] {
    return this.hosts.filter(({ state }) => state === 'running')
  }

  /** What the wall clock of a host shows, in ms since 1970. */
  wallMs(host: Host): number {
    return EPOCH_MS + this.world.now + host.wallOffsetMs
  }

  /** What the next process of a host will say of itself. */
  viewOfNextStart(host: Host): MemberView {
    return this.#options.program.viewOfNextStart(host)
  }

  /** Starts a process and lets it join by these nodes. `known`: members that it takes as met already. */
  start(host: Host, seeds: readonly number[], known: readonly MemberRecord[] = []): void {
    if (host.state === 'running') return
    const program = this.#options.program.start(host, known)
    const { machine } = program
    host.program = program
    host.bootstrap = seeds
    host.generation = program.generation
    this.#byActor.set(host.actor, host)
    host.state = 'running'
    host.hasKernel = true
    host.process = new Process({
      world: this.world,
      node: host.node,
      machine: this.#traced(host, machine),
      perform: (effect) => this.#perform(host, effect),
    })
    for (const watcher of this.#watchers) watcher.started?.(host, known)
    host.process.feed({ kind: 'join', seeds: seeds.map((node) => this.host(node).address) })
  }

  /** `process`: SIGKILL, its kernel closes its connections. `power`: the host is silent, and loses what was not durable. */
  kill(host: Host, how: 'process' | 'power'): void {
    if (host.state !== 'running') return
    this.#end(host, how)
    host.state = 'killed'
    if (how === 'process') this.#tellConnections(host)
  }

  /** Leaves the cluster in order; the process ends a moment later. */
  leave(host: Host, lingerMs: number): void {
    if (host.state !== 'running') return
    host.process?.feed({ kind: 'leave' })
    host.state = 'left'
    const { process } = host
    this.world.after(lingerMs, () => {
      if (host.process === process && host.state === 'left') this.#end(host, 'process')
    })
  }

  /**
   * The process ends, and another one with the same disk begins: its file has another actor. It joins by whom it knew, and by
   * what it was configured with: a copy that has met nobody yet may be told of its twin, too.
   */
  beginAnew(host: Host, awayMs: number): void {
    const known = host.program?.members().flatMap(({ address }) => this.#byAddress.get(address)?.node ?? [])
    const seeds = new Set([...host.bootstrap, ...(known ?? [])])
    this.kill(host, 'process')
    this.world.after(awayMs, () => this.start(host, [...seeds]))
  }

  /** An empty disk: the next start is another actor at the same address. */
  wipe(host: Host): void {
    this.#options.program.wipe(host)
    this.#byActor.set(host.actor, host)
  }

  stall(host: Host, stall: Stall): void {
    host.troubledAt = this.world.now + stall.forMs
    host.process?.stall(stall)
  }

  cut(cut: Cut): void {
    this.cuts.add(cut)
    this.#cutsChanged()
  }

  heal(name: string): void {
    if (!this.cuts.heal(name)) throw new Error(`there is no cut "${name}" to heal`)
    this.#cutsChanged()
  }

  feed(host: Host, event: FleetEvent): void {
    host.process?.feed(event)
  }

  #end(host: Host, how: 'process' | 'power'): void {
    host.hasKernel = how === 'process'
    host.process?.end()
    host.program?.end(how)
    this.streams.processEnded(host.node, { withKernel: how === 'process' })
    for (const watcher of this.#watchers) watcher.ended?.(host)
  }

  /** Kernels of peers see the connection break. Machines with sessions of their own hear of it by those. */
  #tellConnections(host: Host): void {
    const { connectionsPerNode = 0, latency } = this.#options
    const { world } = this
    const others = this.running().filter(({ node }) => node !== host.node)
    for (const peer of world.prng.sample(others, connectionsPerNode)) {
      const { actor } = host
      world.after(latency.oneWayMs(host.node, peer.node, world.prng), () => {
        if (host.state === 'killed') peer.process?.feed({ kind: 'session-closed', actor, goodbye: false })
      })
    }
  }

  #cutsChanged(): void {
    this.streams.cutsChanged()
    for (const watcher of this.#watchers) watcher.cutsChanged?.()
  }

  #receive(to: number, from: number, bytes: Uint8Array): void {
    const host = this.hosts[to] as Host
    host.process?.feed({ kind: 'datagram-received', from: (this.hosts[from] as Host).address, bytes })
  }

  /** The machine with its input in the trace. */
  #traced(host: Host, machine: Machine): Machine {
    const { world } = this
    return {
      nextDeadline: () => machine.nextDeadline(),
      handle: (event, now) => {
        world.trace.add(world.now, host.node, TRACED_AS[event.kind] ?? 'session', detailOf(event))
        return machine.handle(event, now)
      },
    }
  }

  #perform(host: Host, effect: FleetEffect): void {
    switch (effect.kind) {
      case 'send-datagram':
        this.#sendDatagram(host, effect.to, host.speaksNewer ? asNewer(effect.bytes) : effect.bytes)
        break
      case 'send-message': {
        if (this.#options.passes?.(effect.bytes) === false) break
        const to = this.#peerOf(host, effect.to)
        if (to !== undefined) this.streams.send(host.node, to.node, effect.lane, effect.bytes)
        break
      }
      case 'send-stream': {
        const to = this.#byAddress.get(effect.to)
        if (to === undefined || (effect.actor !== undefined && effect.actor !== to.actor)) break
        const bytes = host.speaksNewer ? asNewer(effect.bytes) : effect.bytes
        this.#record(host, to, { kind: 'stream-received', from: host.actor, bytes })
        this.streams.sendAlone(host.node, to.node, bytes)
        break
      }
      case 'connect':
        this.streams.connect(host.node, this.#byAddress.get(effect.address)?.node)
        break
      case 'disconnect': {
        const to = this.#peerOf(host, effect.actor)
        if (to !== undefined) this.streams.disconnect(host.node, to.node)
        break
      }
      case 'notify':
        this.world.trace.add(this.world.now, host.node, 'notification', effect.notification.kind)
        for (const watcher of this.#watchers) watcher.notified?.(host, effect.notification)
        break
      case 'count':
        for (const watcher of this.#watchers) watcher.counted?.(host, effect.metric, effect.by)
        break
      case 'details-pulled':
        for (const watcher of this.#watchers) watcher.pulled?.(host, effect.token, effect.outcome)
        break
      case 'apply':
      case 'serve':
      case 'make-durable':
      case 'give-up':
      case 'check-own':
      case 'admit-writes':
      case 'abandon':
      case 'rewrite':
      case 'keep-forks':
      case 'list-cleared':
      case 'apply-again':
        host.program?.perform(effect)
        break
      // For people and clients alone: nobody looks.
      case 'arrived':
      case 'copies-counted':
      case 'compared':
      case 'mute-changed':
      case 'unobtainable-found':
        break
      default:
        // A machine newer than this world: what it asks for is not done, and the report says so.
        this.unknownEffects.add((effect as FleetEffect).kind)
    }
  }

  /** Who is at the other end of the session with this actor. Of two that live under one, who started last, as long as it does. */
  #peerOf({ node }: Host, actor: ActorId): Host | undefined {
    const last = this.#byActor.get(actor)
    if (last?.actor === actor) return last
    return this.hosts.find((other) => other.actor === actor && this.streams.isOpen(node, other.node))
  }

  #sendDatagram(host: Host, to: PeerAddress, bytes: Uint8Array): void {
    for (const watcher of this.#watchers) watcher.sent?.(host, bytes.length)
    this.#record(host, this.#byAddress.get(to), { kind: 'datagram-received', from: host.address, bytes })
    this.network.send(host.node, to, bytes)
  }

  #record(from: Host, to: Host | undefined, event: FleetEvent): void {
    if (to !== undefined) this.tape.sent({ from: from.node, to: to.node, event }, this.world.now)
  }

  #streamEnds(): StreamEnds {
    return {
      actorAt: (node) => this.host(node).actor,
      accepts: (node) =>
        this.host(node).process?.isRunning === true && this.host(node).process?.isStalled === false,
      hasKernel: (node) => this.host(node).hasKernel,
      deliver: (node, event) => this.host(node).process?.feed(event),
      opened: (peer) => ({ kind: 'session-opened', ...whoIs(this.host(peer)) }),
      closed: (peer, goodbye) => ({ kind: 'session-closed', actor: this.host(peer).actor, goodbye }),
      refused: (peer) => ({ kind: 'connection-refused', address: this.host(peer).address }),
      receivedAlone: (peer, bytes) => ({ kind: 'stream-received', from: this.host(peer).actor, bytes }),
      received: (peer, lane, bytes) => ({
        kind: 'message-received',
        from: this.host(peer).actor,
        lane,
        bytes,
      }),
    }
  }
}

const TRACED_AS: { readonly [kind: string]: Traced } = {
  'datagram-received': 'datagram',
  'message-received': 'message',
  'stream-received': 'message',
  'deadline-reached': 'deadline',
}

/** Bytes where the event is bytes, else what happened. */
function detailOf(event: FleetEvent): Uint8Array | string {
  return 'bytes' in event ? event.bytes : event.kind
}

function whoIs({ actor, address }: Host): Pick<Host, 'actor' | 'address'> {
  return { actor, address }
}

function newHost(node: number, region: string): Host {
  return {
    node,
    address: addressOf(node),
    region,
    actor: actorOf(node, 0),
    generation: 0,
    state: 'absent',
    hasKernel: false,
    process: undefined,
    program: undefined,
    bootstrap: [],
    speaksNewer: false,
    wallOffsetMs: 0,
    troubledAt: Number.NEGATIVE_INFINITY,
  }
}
