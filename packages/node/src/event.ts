/** What the driver tells the node machine. Everything that happens to a node is one of these, in order, with a time. */
import type {
  ActorId,
  ApplyReport,
  Lane,
  LocalCommit,
  PeerAddress,
  SchemaHashes,
  ServedBatch,
} from '@patina/base'
import type { SwimEvent } from '@patina/swim'
import type { ForkEvent, SyncEvent } from '@patina/sync'

export type NodeEvent =
  | { readonly kind: 'datagram-received'; readonly from: PeerAddress; readonly bytes: Uint8Array }
  | { readonly kind: 'session-opened'; readonly actor: ActorId; readonly address: PeerAddress }
  | { readonly kind: 'session-closed'; readonly actor: ActorId; readonly goodbye: boolean }
  | { readonly kind: 'connection-refused'; readonly address: PeerAddress }
  | {
      readonly kind: 'message-received'
      readonly from: ActorId
      readonly lane: Lane
      readonly bytes: Uint8Array
    }
  /** The store committed local requests, in this order; their bytes may leave the host. */
  | { readonly kind: 'committed'; readonly commits: readonly LocalCommit[] }
  /** Outcome of an `apply` effect. */
  | { readonly kind: 'applied'; readonly token: number; readonly report: ApplyReport }
  /** The store did not take an `apply`, or was lost meanwhile: nothing may be taken as held. */
  | { readonly kind: 'apply-failed'; readonly token: number }
  /** Outcome of a `serve` effect. */
  | { readonly kind: 'served'; readonly token: number; readonly batch: ServedBatch }
  | { readonly kind: 'serve-failed'; readonly token: number }
  /** Answers to what the finding and repairing of forks asked for. */
  | Exclude<ForkEvent, { readonly kind: 'twin-seen' }>
  /** The store's tables are others now, or may be. */
  | { readonly kind: 'schema-changed'; readonly schema: SchemaHashes }
  /** To membership: addresses to join by, news about ourselves, what others tell beyond gossip, a pause that no clock shows, the end. */
  | Extract<SwimEvent, { readonly kind: 'join' | 'set-metadata' | 'pull-details' | 'paused' | 'leave' }>
  /** To replication: what operators and clients of this node ask. */
  | Extract<
      SyncEvent,
      { readonly kind: 'mute' | 'budgets-changed' | 'await-copies' | 'compare' | 'reconcile' }
    >
  | Extract<SyncEvent, { readonly kind: 'made-durable' | 'make-durable-failed' }>
  /** What the store says of versions that are given up. */
  | Extract<SyncEvent, { readonly kind: 'given-up' | 'give-up-failed' }>
  /** `nextDeadline()` has come. All received input was handed over before (I/O before deadlines). */
  | { readonly kind: 'deadline-reached' }
