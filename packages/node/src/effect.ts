/** What the node machine asks its driver to do. Values only; the driver performs them in order. */
import type { ActorId, ActorVersions, Lane, Need, PeerAddress } from '@patina/base'
import type { Notification, SwimMetric } from '@patina/swim'
import type { Arrival, ForkEffect } from '@patina/sync'

export type { ForkEffect }

export type NodeEffect =
  | { readonly kind: 'send-datagram'; readonly to: PeerAddress; readonly bytes: Uint8Array }
  | {
      readonly kind: 'send-message'
      readonly to: ActorId
      readonly lane: Lane
      readonly bytes: Uint8Array
      /** Before what waits in its lane. */
      readonly isFirst?: true
    }
  | { readonly kind: 'connect'; readonly address: PeerAddress }
  | { readonly kind: 'disconnect'; readonly actor: ActorId }
  /** Hand to the store; answer with `applied` or `apply-failed` under the same token. */
  | {
      readonly kind: 'apply'
      readonly token: number
      readonly changesets: readonly Uint8Array[]
      readonly cleared: readonly ActorVersions[]
      readonly basis: readonly ActorVersions[]
    }
  /** Read from the log; answer with `served` or `serve-failed` under the same token. */
  | {
      readonly kind: 'serve'
      readonly token: number
      readonly needs: readonly Need[]
      readonly budgetBytes: number
    }
  | ForkEffect
  | { readonly kind: 'notify'; readonly notification: Notification }
  /** Make all that was applied so far durable; answer with `made-durable` or `make-durable-failed`. One at a time. */
  | { readonly kind: 'make-durable'; readonly token: number }
  /** So many other members hold what a client waits for; `reached`: as many as it asked for, else its time is over. */
  | {
      readonly kind: 'copies-counted'
      readonly token: number
      readonly copies: number
      readonly reached: boolean
    }
  /** Versions of others that were just applied; for people. */
  | { readonly kind: 'arrived'; readonly arrivals: readonly Arrival[] }
  /** An origin's changes are not broadcast any more, or again. For people: the machine acts on it by itself. */
  | { readonly kind: 'mute-changed'; readonly origin: ActorId; readonly muted: boolean }
  | { readonly kind: 'count'; readonly metric: NodeMetric; readonly by: number }

/** Counters that the machine raises. Names as in docs/metrics.md, without prefix and suffix. */
export type NodeMetric =
  | SwimMetric
  | 'swim_stream_dropped'
  | 'sync_malformed'
  | 'broadcast_sent'
  | 'broadcast_received'
  | 'broadcast_duplicate'
  | 'broadcast_dropped'
  | 'broadcast_refused'
  | 'apply_dropped'
  | 'sync_exchanges'
  | 'sync_changesets_received'
  | 'sync_changesets_served'
  | 'sync_forks'
