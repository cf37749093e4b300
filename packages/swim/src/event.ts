/**
 * What a shell tells swim. Received input is handed over before `deadline-reached` (I/O before deadlines), because
 * after a stall the acks that came meanwhile must be seen before their absence is judged.
 */
import type { ActorId, PeerAddress } from '@patina/base'

export type SwimEvent =
  | { readonly kind: 'datagram-received'; readonly from: PeerAddress; readonly bytes: Uint8Array }
  /** The gossip stream with a member is gone; `goodbye` where the member ended it in order. */
  | { readonly kind: 'session-closed'; readonly actor: ActorId; readonly goodbye: boolean }
  /** Addresses to join by, added to those known; an empty list starts the machine without any. */
  | { readonly kind: 'join'; readonly seeds: readonly PeerAddress[] }
  /** Tell everybody that we go. Final for this generation. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'deadline-reached' }
