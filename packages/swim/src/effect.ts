/** What swim asks its shell to do, in order. Values only. */
import type { PeerAddress } from '@patina/base'
import type { Notification } from './notification.ts'

export type SwimEffect =
  | { readonly kind: 'send-datagram'; readonly to: PeerAddress; readonly bytes: Uint8Array }
  | { readonly kind: 'notify'; readonly notification: Notification }
  /** A datagram that is not ours to understand; it changed nothing. */
  | { readonly kind: 'count'; readonly metric: 'swim_malformed'; readonly by: number }
