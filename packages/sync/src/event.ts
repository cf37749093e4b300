/** What happens to sync. The host hands over everything in order, each with the time. */
import type {
  ActorId,
  ActorKnowledge,
  ActorVersions,
  ApplyReport,
  Hlc,
  LocalCommit,
  OwnCheck,
  ServedBatch,
  Version,
} from '@patina/base'
import type { SyncBudgets } from './config.ts'

export type SyncEvent =
  | { readonly kind: 'session-opened'; readonly peer: ActorId }
  | { readonly kind: 'session-closed'; readonly peer: ActorId }
  | { readonly kind: 'message-received'; readonly from: ActorId; readonly bytes: Uint8Array }
  /** What shared a transaction comes together: it leaves together. */
  | { readonly kind: 'committed'; readonly commits: readonly LocalCommit[] }
  | { readonly kind: 'applied'; readonly token: number; readonly report: ApplyReport }
  | { readonly kind: 'apply-failed'; readonly token: number }
  | { readonly kind: 'served'; readonly token: number; readonly batch: ServedBatch }
  | { readonly kind: 'serve-failed'; readonly token: number }
  /** An operator mutes an origin, or no longer; `at`: wall time. */
  | { readonly kind: 'mute'; readonly origin: ActorId; readonly muted: boolean; readonly at: Hlc }
  /** The host's configuration was read again. */
  | { readonly kind: 'budgets-changed'; readonly budgets: SyncBudgets }
  /** A client waits until so many other members hold this version of ours durably. Answered by `copies-counted`. */
  | {
      readonly kind: 'await-copies'
      readonly token: number
      readonly version: Version
      readonly copies: number
      readonly timeoutMs: number
    }
  /** What do this peer and we lack of each other? Answered by `compared`; moves nothing. */
  | { readonly kind: 'compare'; readonly token: number; readonly peer: ActorId }
  /** Somebody wants an exchange now: with this peer, or with all that have a session. */
  | { readonly kind: 'reconcile'; readonly peer?: ActorId | undefined }
  | { readonly kind: 'made-durable'; readonly token: number }
  | { readonly kind: 'make-durable-failed'; readonly token: number }
  /** The store has declared versions lost, for a `give-up` or, with token 0, for an operator of this node. */
  | { readonly kind: 'given-up'; readonly token: number; readonly knowledge: readonly ActorKnowledge[] }
  | { readonly kind: 'give-up-failed'; readonly token: number }
  /** All other members that may hold something: alive or suspect. Told now and then. */
  | { readonly kind: 'members-seen'; readonly living: readonly ActorId[] }
  /** Whether all members have a session, as far as membership knows them and has found its seeds; told when it changes. Before: they have. */
  | { readonly kind: 'members-reached'; readonly all: boolean }
  /** This machine has slept; instants do not count that. */
  | { readonly kind: 'paused'; readonly forMs: number }
  | ForkEvent
  | { readonly kind: 'deadline-reached' }

/** Of the finding and repairing of forks: answers to ForkEffect, and news from membership. */
export type ForkEvent =
  | { readonly kind: 'own-checked'; readonly token: number; readonly check: OwnCheck }
  /** Another process lives under our actor. */
  | { readonly kind: 'twin-seen' }
  /** The store has given up an actor that is not ours. */
  | { readonly kind: 'abandoned'; readonly actor: ActorId }
  /** `isDone`: no stamp of an abandoned actor is left. */
  | { readonly kind: 'rewritten'; readonly isDone: boolean }
  /** undefined: the store could not tell. */
  | { readonly kind: 'cleared-listed'; readonly cleared: readonly ActorVersions[] | undefined }
  | { readonly kind: 'applied-again'; readonly token: number; readonly report: ApplyReport }
  | { readonly kind: 'apply-again-failed'; readonly token: number }
