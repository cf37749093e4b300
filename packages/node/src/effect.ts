/** What the node machine asks its driver to do. Values only; the driver performs them in order. */
import type { ActorId, Lane, PeerAddress } from '@patina/base'
import type { Notification, SwimEffect, SwimMetric } from '@patina/swim'
import type { ForkEffect, SyncEffect, SyncMetric } from '@patina/sync'

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
  | { readonly kind: 'notify'; readonly notification: Notification }
  | Extract<SwimEffect, { readonly kind: 'details-pulled' }>
  /** What replication asks of its host, as it stands. */
  | Exclude<SyncEffect, { readonly kind: 'send-message' | 'count' }>
  | { readonly kind: 'count'; readonly metric: NodeMetric; readonly by: number }

/** Counters that the machine raises. Names as in docs/metrics.md, without prefix and suffix. */
export type NodeMetric = SwimMetric | SyncMetric | 'swim_stream_dropped'
