/**
 * The one place where the node machine meets the world: it hands every event to `handle` in order, performs the effects
 * and keeps the one timer for `nextDeadline`. It decides nothing. Received input goes before deadlines: after a late
 * wake-up the sockets are drained first, because a process that slept would otherwise accuse everybody.
 * Clients of this node come before copies elsewhere: own commits are handed over behind the answers of their turn. A stream
 * of single writes must not wake every process of every member for each of them: its commits leave, and are applied, at a
 * pace. A write that comes alone meets none.
 */
import {
  type ActorId,
  type ActorKnowledge,
  type ApplyReport,
  type Clock,
  type Instant,
  type LocalCommit,
  NEVER,
  type PortError,
  type Result,
  type ServedBatch,
  unreachable,
} from '@patina/base'
import type { NodeEffect, NodeEvent, NodeMetric } from '@patina/node'
import type { Notification } from '@patina/swim'
import type { ForkEffect } from '@patina/sync'
import type {
  DatagramListener,
  DatagramRefusal,
  Datagrams,
  StreamListener,
  StreamRefusal,
  Streams,
} from '@patina/transport'

/** The part of the node machine that is driven. */
export interface Machine {
  handle(event: NodeEvent, now: Instant): readonly NodeEffect[]
  nextDeadline(): Instant
}

export interface DriverShell {
  readonly clock: Clock
  readonly apply: (effect: Extract<NodeEffect, { kind: 'apply' }>) => Promise<Result<ApplyReport, PortError>>
  readonly serve: (effect: Extract<NodeEffect, { kind: 'serve' }>) => Promise<Result<ServedBatch, PortError>>
  /** Brings what was applied to the disk. */
  readonly makeDurable: () => Promise<Result<null, PortError>>
  /** Declares versions lost. */
  readonly giveUp: (
    effect: Extract<NodeEffect, { kind: 'give-up' }>,
  ) => Promise<Result<readonly ActorKnowledge[], PortError>>
  readonly unobtainableFound: (actor: ActorId, versions: number) => void
  readonly copiesCounted: (effect: Extract<NodeEffect, { kind: 'copies-counted' }>) => void
  readonly compared: (effect: Extract<NodeEffect, { kind: 'compared' }>) => void
  readonly detailsPulled: (effect: Extract<NodeEffect, { kind: 'details-pulled' }>) => void
  /** What the finding and repairing of forks asks for; resolves with the answer where there is one. */
  readonly repairForks: (effect: ForkEffect) => Promise<NodeEvent | undefined>
  readonly notify: (notification: Notification) => void
  readonly arrived: (arrivals: Extract<NodeEffect, { kind: 'arrived' }>['arrivals']) => void
  readonly muteChanged: (origin: ActorId, muted: boolean) => void
  readonly count: (metric: NodeMetric, by: number) => void
  /** A deadline of the machine was run so many milliseconds after its time. */
  readonly late: (ms: number) => void
  readonly refused: (
    service: 'datagrams' | 'streams',
    reason: DatagramRefusal | StreamRefusal,
    detail: string,
  ) => void
}

/** Turns of the event loop that a late deadline waits for input to come in. */
const DRAIN_TURNS_MAX = 64
/** A wake-up later than this means that the process stood still. */
const LATE_MS = 50
/** Between two hand-overs of own commits, at least: what is committed meanwhile leaves in one message. */
const COMMIT_PACE_MS = 2
/**
 * From the start of an apply until its end is told, at least. Nothing waits for it but the next apply: the rows show as soon
 * as the store has them.
 */
const APPLY_PACE_MS = 2
/** setTimeout's own limit is 2^31 − 1 ms. */
const TIMER_MS_MAX = 86_400_000

export class NodeDriver {
  readonly datagramListener: DatagramListener
  readonly streamListener: StreamListener
  readonly #shell: DriverShell
  #machine: Machine | undefined
  #datagrams: Datagrams | undefined
  #streams: Streams | undefined
  #timer: NodeJS.Timeout | undefined
  #armedFor: Instant = NEVER
  /** Events that came up while effects of another were performed; emptied before `feed` returns. */
  readonly #waiting: NodeEvent[] = []
  #busy = false
  /** Own commits that are not handed over yet: a few milliseconds of them. */
  #commits: LocalCommit[] = []
  #commitsPacedUntil = 0
  #received = 0
  #stopped = false

  constructor(shell: DriverShell) {
    this.#shell = shell
    this.datagramListener = {
      datagramReceived: (from, bytes) => this.#receive({ kind: 'datagram-received', from, bytes }),
      datagramRefused: (reason) => shell.refused('datagrams', reason, ''),
    }
    this.streamListener = {
      sessionOpened: ({ actor, address }) => this.#receive({ kind: 'session-opened', actor, address }),
      sessionClosed: ({ actor }, { goodbye }) => this.#receive({ kind: 'session-closed', actor, goodbye }),
      messageReceived: ({ actor }, lane, bytes) =>
        this.#receive({ kind: 'message-received', from: actor, lane, bytes }),
      connectionRefused: (address, reason, detail) => {
        shell.refused('streams', reason, detail)
        if (address !== undefined) this.#receive({ kind: 'connection-refused', address })
      },
    }
  }

  /** Starts driving. What the sockets received before is lost, as any datagram may be. */
  start(machine: Machine, datagrams: Datagrams, streams: Streams): void {
    this.#machine = machine
    this.#datagrams = datagrams
    this.#streams = streams
    this.#arm()
  }

  /** Nothing is handed to the machine any more. The sockets are the caller's to close. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  /** Hands over an event and performs what the machine asks for. */
  feed(event: NodeEvent): void {
    if (this.#machine === undefined || this.#stopped) return
    // Whoever leaves may not come back soon: what it has acknowledged goes before.
    if (event.kind === 'leave') this.#handOver()
    this.#waiting.push(event)
    if (this.#busy) return
    this.#busy = true
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
        for (const effect of this.#machine.handle(next, this.#shell.clock())) this.#perform(effect)
    } finally {
      this.#busy = false
    }
    this.#arm()
  }

  /** What the store has committed for clients: handed over when the answers that came with it are out. */
  committed(commits: readonly LocalCommit[]): void {
    const isFirst = this.#commits.length === 0
    this.#commits.push(...commits)
    if (!isFirst) return
    const waitMs = this.#commitsPacedUntil - this.#shell.clock()
    if (waitMs > 0) setTimeout(() => this.#handOver(), waitMs)
    else setImmediate(() => this.#handOver())
  }

  #handOver(): void {
    const commits = this.#commits
    if (commits.length === 0) return
    this.#commits = []
    this.#commitsPacedUntil = this.#shell.clock() + COMMIT_PACE_MS
    this.feed({ kind: 'committed', commits })
  }

  #receive(event: NodeEvent): void {
    this.#received += 1
    this.feed(event)
  }

  #perform(effect: NodeEffect): void {
    switch (effect.kind) {
      case 'send-datagram':
        this.#datagrams?.send(effect.to, effect.bytes)
        break
      case 'send-message':
        this.#streams?.send(effect.to, effect.lane, effect.bytes, effect.isFirst ? 'first' : 'in-turn')
        break
      case 'connect':
        this.#streams?.connect(effect.address)
        break
      case 'disconnect':
        this.#streams?.disconnect(effect.actor)
        break
      case 'apply':
        this.#apply(effect)
        break
      case 'serve':
        this.#serve(effect)
        break
      case 'make-durable':
        this.#makeDurable(effect.token)
        break
      case 'give-up':
        this.#giveUp(effect)
        break
      case 'unobtainable-found':
        this.#shell.unobtainableFound(effect.actor, effect.versions)
        break
      case 'copies-counted':
        this.#shell.copiesCounted(effect)
        break
      case 'compared':
        this.#shell.compared(effect)
        break
      case 'details-pulled':
        this.#shell.detailsPulled(effect)
        break
      case 'notify':
        this.#shell.notify(effect.notification)
        break
      case 'arrived':
        this.#shell.arrived(effect.arrivals)
        break
      case 'mute-changed':
        this.#shell.muteChanged(effect.origin, effect.muted)
        break
      case 'count':
        this.#shell.count(effect.metric, effect.by)
        break
      case 'check-own':
      case 'admit-writes':
      case 'abandon':
      case 'rewrite':
      case 'keep-forks':
      case 'list-cleared':
      case 'apply-again':
        void this.#shell.repairForks(effect).then((answer) => {
          if (answer !== undefined) this.feed(answer)
        })
        break
      default:
        unreachable(effect)
    }
  }

  #apply(effect: Extract<NodeEffect, { kind: 'apply' }>): void {
    const { token } = effect
    const paced = this.#shell.clock() + APPLY_PACE_MS
    void this.#shell.apply(effect).then(async (result) => {
      const waitMs = paced - this.#shell.clock()
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
      if (result.ok) this.feed({ kind: 'applied', token, report: result.value })
      else this.feed({ kind: 'apply-failed', token })
    })
  }

  #serve(effect: Extract<NodeEffect, { kind: 'serve' }>): void {
    const { token } = effect
    void this.#shell.serve(effect).then((result) => {
      if (result.ok) this.feed({ kind: 'served', token, batch: result.value })
      else this.feed({ kind: 'serve-failed', token })
    })
  }

  #makeDurable(token: number): void {
    void this.#shell.makeDurable().then((result) => {
      this.feed({ kind: result.ok ? 'made-durable' : 'make-durable-failed', token })
    })
  }

  #giveUp(effect: Extract<NodeEffect, { kind: 'give-up' }>): void {
    const { token } = effect
    void this.#shell.giveUp(effect).then((result) => {
      if (result.ok) this.feed({ kind: 'given-up', token, knowledge: result.value })
      else this.feed({ kind: 'give-up-failed', token })
    })
  }

  /** One timer for the machine's next deadline; moved only when that changes. */
  #arm(): void {
    if (this.#machine === undefined || this.#stopped) return
    const deadline = this.#machine.nextDeadline()
    if (deadline === this.#armedFor) return
    clearTimeout(this.#timer)
    this.#armedFor = deadline
    if (deadline === NEVER) return
    const waitMs = Math.min(TIMER_MS_MAX, Math.max(0, Math.ceil(deadline - this.#shell.clock())))
    this.#timer = setTimeout(() => this.#wake(deadline), waitMs)
  }

  /** Timers run before the poll for input, so the deadline waits one turn, and more after a pause. */
  #wake(deadline: Instant): void {
    const late = this.#shell.clock() - deadline > LATE_MS
    let turns = late ? DRAIN_TURNS_MAX : 1
    let seen = -1
    const turn = (): void => {
      if (this.#stopped) return
      if (turns > 0 && seen !== this.#received) {
        turns -= 1
        seen = this.#received
        setImmediate(turn)
        return
      }
      this.#armedFor = NEVER
      const lateMs = this.#shell.clock() - (this.#machine?.nextDeadline() ?? NEVER)
      if (lateMs >= 0) {
        this.#shell.late(lateMs)
        this.feed({ kind: 'deadline-reached' })
      } else this.#arm()
    }
    setImmediate(turn)
  }
}
