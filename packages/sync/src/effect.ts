/** What sync asks of its host, and Outbox, the place where one `handle` call collects it. */
import type { ActorId, ActorVersions, Hlc, Lane, Need, RememberedForks, Version } from '@patina/base'
import { encodeMessage } from './codec.ts'
import type { Comparison } from './comparison.ts'
import type { Urgency } from './intake.ts'
import type { SyncMessage } from './message.ts'

export type SyncEffect =
  /** The same bytes to each of these peers; all have a session. */
  | {
      readonly kind: 'send-message'
      readonly to: readonly ActorId[]
      readonly lane: Lane
      readonly bytes: Uint8Array
      /** Before what waits in its lane. */
      readonly isFirst?: true
    }
  /** Answer with `applied` or `apply-failed`. At most one is open at a time. */
  | {
      readonly kind: 'apply'
      readonly token: number
      readonly changesets: readonly Uint8Array[]
      readonly cleared: readonly ActorVersions[]
      readonly basis: readonly ActorVersions[]
    }
  /** Answer with `served` or `serve-failed`. At most `servedMax` are open at a time. */
  | {
      readonly kind: 'serve'
      readonly token: number
      readonly needs: readonly Need[]
      readonly budgetBytes: number
    }
  /** Make all that was applied so far durable; answer with `made-durable` or `make-durable-failed`. One at a time. */
  | { readonly kind: 'make-durable'; readonly token: number }
  /** So many other members hold what a client waits for; `reached`: as many as it asked for, else its time is over. */
  | {
      readonly kind: 'copies-counted'
      readonly token: number
      readonly copies: number
      readonly reached: boolean
    }
  /** What came of a `compare`. */
  | { readonly kind: 'compared'; readonly token: number; readonly comparison: Comparison }
  /** Versions of others that were just applied; for people. */
  | { readonly kind: 'arrived'; readonly arrivals: readonly Arrival[] }
  /** An operator, here or elsewhere, has declared these versions lost; answer with `given-up` or `give-up-failed`. One is open at a time. */
  | { readonly kind: 'give-up'; readonly token: number; readonly lost: readonly ActorVersions[] }
  /** So many missing versions of this actor nobody has any more; told again when they become more. */
  | { readonly kind: 'unobtainable-found'; readonly actor: ActorId; readonly versions: number }
  /** An origin is muted, or no longer: somebody said so, here or elsewhere. */
  | { readonly kind: 'mute-changed'; readonly origin: ActorId; readonly muted: boolean }
  | ForkEffect
  | { readonly kind: 'count'; readonly metric: SyncMetric; readonly by: number }

/** What the finding and repairing of forks asks for (docs/adr/0020). */
export type ForkEffect =
  /** Compare an own version with what was written here; answer with `own-checked`. */
  | { readonly kind: 'check-own'; readonly token: number; readonly version: Version; readonly ts: Hlc }
  /** Local writes may begin; comes once, where `status().mayWrite` was not true from the start. */
  | { readonly kind: 'admit-writes' }
  /**
   * Give up this actor. Where the own actor is another one afterwards, this machine ends and one for that actor takes its place; else
   * answer with `abandoned`.
   */
  | { readonly kind: 'abandon'; readonly actor: ActorId }
  /** Write a slice of what abandoned actors wrote anew; answer with `rewritten`. */
  | { readonly kind: 'rewrite' }
  /** Remember this in the place of what was known of forks; without an answer. */
  | ({ readonly kind: 'keep-forks' } & RememberedForks)
  /** Which versions are held as cleared? Answer with `cleared-listed`. */
  | { readonly kind: 'list-cleared' }
  /** Merge whole versions also where they are held; answer with `applied-again` or `apply-again-failed`. One is open at a time. */
  | { readonly kind: 'apply-again'; readonly token: number; readonly changesets: readonly Uint8Array[] }

/** A version that has been applied, when its origin committed it, and how it came. */
export interface Arrival {
  readonly origin: ActorId
  readonly ts: Hlc
  readonly lane: Urgency
}

export type SyncMetric =
  | 'sync_malformed'
  | 'broadcast_sent'
  | 'broadcast_received'
  | 'broadcast_duplicate'
  | 'broadcast_dropped'
  | 'broadcast_refused'
  | 'apply_dropped'
  | 'sync_exchanges'
  | 'sync_refused'
  | 'sync_changesets_received'
  | 'sync_changesets_served'
  | 'sync_forks'

export class Outbox {
  readonly #effects: SyncEffect[] = []
  readonly #counts: Map<SyncMetric, number> = new Map()

  push(effect: SyncEffect): void {
    this.#effects.push(effect)
  }

  /** Encodes once, however many peers get it. */
  send(to: readonly ActorId[], lane: Lane, message: SyncMessage): void {
    if (to.length === 0) return
    const effect = { kind: 'send-message', to, lane, bytes: encodeMessage(message) } as const
    const isFirst = message.kind === 'changes' && message.urgent === true
    this.#effects.push(isFirst ? { ...effect, isFirst } : effect)
  }

  count(metric: SyncMetric, by = 1): void {
    if (by > 0) this.#counts.set(metric, (this.#counts.get(metric) ?? 0) + by)
  }

  /** All effects in order; counters, summed up, behind them. */
  take(): SyncEffect[] {
    for (const [metric, by] of this.#counts) this.#effects.push({ kind: 'count', metric, by })
    return this.#effects
  }
}
