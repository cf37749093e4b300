/**
 * Broadcast: own changesets on their way to everybody, and those of others as they come in (docs/protocol.md,
 * "Broadcast"). The origin sends to all that have a session, in one hop (mode `direct`), so nothing is forwarded. What is
 * within the budgets leaves in the same call; what is above waits for a while, within a bound, and never behind another
 * origin. What is lost, refused or dropped here, anti-entropy brings.
 */
import {
  type ActorId,
  assert,
  BoundedQueue,
  type Instant,
  type LocalCommit,
  latest,
  NEVER,
} from '@patina/base'
import { ByteBudget, OriginBudgets } from './byte-budget.ts'
import { limits, type SyncBudgets, type SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { Intake, Urgency } from './intake.ts'
import type { SyncMessage } from './message.ts'
import type { Mutes } from './mutes.ts'
import { cutBySize } from './serve.ts'

type ChangesMessage = Extract<SyncMessage, { kind: 'changes' }>

export class Broadcast {
  readonly #self: ActorId
  #config: SyncConfig
  readonly #intake: Intake
  readonly #mutes: Mutes
  readonly #peers: Set<ActorId> = new Set()
  /** Of this process over all that it sends: bytes times receivers. */
  readonly #process: ByteBudget
  /** Of this origin: bytes once, however many receive them, as every receiver counts them. */
  readonly #own: ByteBudget
  readonly #others: OriginBudgets
  readonly #delayed = new DelayedRuns()
  #nextAt: Instant = NEVER

  constructor(self: ActorId, config: SyncConfig, intake: Intake, mutes: Mutes) {
    this.#self = self
    this.#config = config
    this.#intake = intake
    this.#mutes = mutes
    this.#process = new ByteBudget(config.broadcastBytesPerSecond)
    this.#own = new ByteBudget(config.originBytesPerSecond)
    this.#others = new OriginBudgets(config.originBytesPerSecond, limits.originsMax)
  }

  /** What waits leaves at the new pace. */
  changeBudgets(budgets: SyncBudgets, now: Instant): void {
    this.#config = { ...this.#config, ...budgets }
    this.#process.change(budgets.broadcastBytesPerSecond, now)
    this.#own.change(budgets.originBytesPerSecond, now)
    this.#others.change(budgets.originBytesPerSecond, now)
  }

  open(peer: ActorId): void {
    this.#peers.add(peer)
  }

  close(peer: ActorId): void {
    this.#peers.delete(peer)
  }

  /** To all that have a session, what is urgent first; the region tree for more than 16 members is not there yet. */
  send(commits: readonly LocalCommit[], now: Instant, out: Outbox): void {
    if (this.#peers.size === 0) return
    for (const [urgency, ofUrgency] of Map.groupBy(commits, (commit) => urgencyOf(commit, this.#config))) {
      const all = ofUrgency.flatMap(({ changesets }) => changesets)
      for (const changesets of cutBySize(all, this.#config.changesBytes))
        if (changesets.length > 0) this.#delayed.push({ urgency, changesets })
    }
    this.pump(now, out)
    const dropped = this.#delayed.dropAbove(this.#config.delayedBytesMax)
    out.count('broadcast_dropped', dropped * this.#peers.size)
  }

  /** What waits leaves as soon as the budgets allow. */
  pump(now: Instant, out: Outbox): void {
    const isMuted = this.#mutes.has(this.#self)
    for (let run = this.#delayed.peek(); run !== undefined; run = this.#delayed.peek()) {
      if (isMuted || this.#peers.size === 0) this.#delayed.shift()
      else if (this.#opensAt(now) > now) break
      else this.#sendRun(this.#delayed.shift() as Run, now, out)
    }
    this.#nextAt = this.#opensAt(now)
  }

  /** As of the last `pump`. */
  nextDeadline(): Instant {
    return this.#delayed.peek() === undefined ? NEVER : this.#nextAt
  }

  /** Bytes of own changesets that are above the budget and wait. */
  delayedBytes(): number {
    return this.#delayed.bytes
  }

  /**
   * In mode `direct` nothing is forwarded; frames of the other modes are taken and not forwarded either. False where
   * something was refused because its origin is muted or above its budget: anti-entropy must fetch it.
   */
  take({ changesets, urgent }: ChangesMessage, now: Instant, out: Outbox): boolean {
    let refused = 0
    for (const bytes of changesets) {
      const seen = this.#intake.look(bytes)
      if (seen === 'malformed') out.count('sync_malformed')
      if (seen === 'known') out.count('broadcast_duplicate')
      if (typeof seen === 'string') continue
      const urgency = this.#admit(seen.header.actor, urgent === true ? 'urgent' : 'fresh', bytes.length, now)
      if (urgency === undefined) refused += 1
      else {
        this.#intake.put(seen, urgency, out)
        out.count('broadcast_received')
      }
    }
    out.count('broadcast_refused', refused)
    return refused === 0
  }

  /**
   * An origin above its budget waits behind everybody else, and further above it is not taken at all: neither its bytes
   * nor its place in the queue may cost others anything.
   */
  #admit(origin: ActorId, urgency: Urgency, bytes: number, now: Instant): Urgency | undefined {
    if (this.#mutes.has(origin)) return undefined
    const budget = this.#others.of(origin)
    const left = budget.left(now)
    if (left <= -this.#config.originBytesPerSecond) return undefined
    budget.spend(bytes, now)
    return left > 0 ? urgency : 'backlog'
  }

  #opensAt(now: Instant): Instant {
    return latest(this.#process.opensAt(now), this.#own.opensAt(now))
  }

  #sendRun({ urgency, changesets }: Run, now: Instant, out: Outbox): void {
    const peers = [...this.#peers]
    const bytes = bytesOf(changesets)
    this.#own.spend(bytes, now)
    this.#process.spend(bytes * peers.length, now)
    const urgent = urgency === 'urgent'
    out.send(peers, 'fresh', { kind: 'changes', mode: 'direct', urgent, changesets })
    out.count('broadcast_sent', changesets.length * peers.length)
  }
}

/** The changesets of one message. */
interface Run {
  readonly urgency: 'urgent' | 'fresh'
  readonly changesets: readonly Uint8Array[]
}

/** Reached at the latest by changesets without any row: a message holds at least one. */
const RUNS_MAX = 65_536

/** Runs that wait, what is urgent first. */
class DelayedRuns {
  readonly #urgent = new BoundedQueue<Run>(RUNS_MAX, 'newest')
  readonly #fresh = new BoundedQueue<Run>(RUNS_MAX, 'newest')
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  push(run: Run): void {
    const dropped = (run.urgency === 'urgent' ? this.#urgent : this.#fresh).push(run)
    assert(dropped === undefined, 'the bound in bytes is reached before the one in runs')
    this.#bytes += bytesOf(run.changesets)
  }

  peek(): Run | undefined {
    return this.#urgent.peek() ?? this.#fresh.peek()
  }

  shift(): Run | undefined {
    return this.#shiftOf(this.#urgent) ?? this.#shiftOf(this.#fresh)
  }

  /** Drops the oldest, urgent ones last, and returns how many changesets that were. */
  dropAbove(bytesMax: number): number {
    let dropped = 0
    while (this.#bytes > bytesMax) {
      const run = this.#shiftOf(this.#fresh) ?? this.#shiftOf(this.#urgent)
      dropped += run?.changesets.length ?? 0
    }
    return dropped
  }

  #shiftOf(queue: BoundedQueue<Run>): Run | undefined {
    const run = queue.shift()
    this.#bytes -= run === undefined ? 0 : bytesOf(run.changesets)
    return run
  }
}

/**
 * Who acts on a row that is gone does harm, so deletions hurry; so do the tables that the configuration names. A version that
 * does not fit into one message is bulk, whatever it holds: it must not keep the small ones waiting.
 */
function urgencyOf(
  { deletes, tables, changesets }: LocalCommit,
  { urgentTables, changesBytes }: SyncConfig,
): 'urgent' | 'fresh' {
  const hurries = deletes === true || tables?.some((table) => urgentTables.includes(table)) === true
  return hurries && bytesOf(changesets) <= changesBytes ? 'urgent' : 'fresh'
}

function bytesOf(changesets: readonly Uint8Array[]): number {
  return changesets.reduce((sum, { length }) => sum + length, 0)
}
