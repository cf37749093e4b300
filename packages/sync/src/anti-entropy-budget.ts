/**
 * AntiEntropyBudget: how much a node gives to repair the copies of others, to each peer and in whole, so that a member that
 * catches up, or one that runs wild, does not fill the link and the disk of a host with work of its own. Who asks above it
 * is told when to come back; an answer that has begun goes on when there is room again. Each question costs something,
 * however short its answer is. Comparisons have a budget of their own: gaps are found also while others catch up.
 */
import { type ActorId, elapsed, type Instant, latest } from '@patina/base'
import { ByteBudget, OriginBudgets } from './byte-budget.ts'
import { limits, type SyncBudgets, type SyncConfig } from './config.ts'

export type Question = 'comparison' | 'request'

export class AntiEntropyBudget {
  readonly #config: SyncConfig
  readonly #whole: Readonly<Record<Question, ByteBudget>>
  /** Outlive sessions: who reconnects gains nothing. */
  readonly #peers: OriginBudgets

  constructor(config: SyncConfig) {
    this.#config = config
    this.#whole = {
      comparison: new ByteBudget(config.comparisonBytesPerSecond),
      request: new ByteBudget(config.antiEntropyBytesPerSecond),
    }
    this.#peers = new OriginBudgets(config.antiEntropyPeerBytesPerSecond, limits.originsMax)
  }

  change(budgets: SyncBudgets, now: Instant): void {
    this.#whole.request.change(budgets.antiEntropyBytesPerSecond, now)
    this.#peers.change(budgets.antiEntropyPeerBytesPerSecond, now)
  }

  /** When this peer may be answered; `now` or before where it may already. */
  opensAt(peer: ActorId, question: Question, now: Instant): Instant {
    return latest(this.#whole[question].opensAt(now), this.#peers.of(peer).opensAt(now))
  }

  /** How long who asks now is to stay away, in whole milliseconds; 0: it may be answered. */
  retryMs(peer: ActorId, question: Question, now: Instant): number {
    return Math.ceil(elapsed(now, this.opensAt(peer, question, now)))
  }

  /** What goes to it in answer to a question, or to a part of one. */
  spend(peer: ActorId, question: Question, bytes: number, now: Instant): void {
    const cost = Math.max(bytes, this.#config.questionBytesMin)
    this.#whole[question].spend(cost, now)
    this.#peers.of(peer).spend(cost, now)
  }
}
