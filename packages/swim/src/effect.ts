/** What swim asks its shell to do, in order. Values only. */
import type { ActorId, PeerAddress } from '@patina/base'
import type { DetailsOutcome } from './details.ts'
import type { Notification } from './notification.ts'

export type SwimEffect =
  | { readonly kind: 'send-datagram'; readonly to: PeerAddress; readonly bytes: Uint8Array }
  /**
   * Deliver by a stream: one that stands with `actor`, else one that is dialled at `to`. May be lost; what cannot be
   * delivered within some seconds is dropped. Undefined `actor`: whoever is there.
   */
  | {
      readonly kind: 'send-stream'
      readonly to: PeerAddress
      readonly actor: ActorId | undefined
      readonly bytes: Uint8Array
    }
  /** The answer to `pull-details`. */
  | { readonly kind: 'details-pulled'; readonly token: number; readonly outcome: DetailsOutcome }
  | { readonly kind: 'notify'; readonly notification: Notification }
  | { readonly kind: 'count'; readonly metric: SwimMetric; readonly by: number }

export type SwimMetric =
  /** A message that is not ours to understand; it changed nothing. */
  | 'swim_malformed'
  /** A message or a request above the rate that one peer may have; not looked at, or refused. */
  | 'swim_limited'
