/**
 * What a shell tells swim. Received input is handed over before `deadline-reached` (I/O before deadlines), because
 * after a stall the acks that came meanwhile must be seen before their absence is judged.
 */
import type { ActorId, PeerAddress } from '@patina/base'
import type { MemberMetadata } from './notification.ts'

export type SwimEvent =
  | { readonly kind: 'datagram-received'; readonly from: PeerAddress; readonly bytes: Uint8Array }
  /** What a `send-stream` of the other side brought. */
  | { readonly kind: 'stream-received'; readonly from: ActorId; readonly bytes: Uint8Array }
  /** The gossip stream with a member is gone; `goodbye` where the member ended it in order. */
  | { readonly kind: 'session-closed'; readonly actor: ActorId; readonly goodbye: boolean }
  /**
   * Addresses to join by, added to those known; an empty list starts the machine without any. `remembered`: where members
   * were met by an earlier process of ours; tried beside the seeds while nobody is known.
   */
  | {
      readonly kind: 'join'
      readonly seeds: readonly PeerAddress[]
      readonly remembered?: readonly PeerAddress[]
    }
  /**
   * What we tell of ourselves has changed; at most METADATA_BYTES_MAX encoded with the mark of the details, and these at most
   * DETAILS_BYTES_MAX. Details that are left out end.
   */
  | { readonly kind: 'set-metadata'; readonly metadata: MemberMetadata; readonly details?: Uint8Array }
  /** Somebody here wants the details of a member. Answered by `details-pulled`. */
  | { readonly kind: 'pull-details'; readonly actor: ActorId; readonly token: number }
  /** This process stood still while its monotonic clock did, too, as in a suspended machine. */
  | { readonly kind: 'paused'; readonly forMs: number }
  /** Tell everybody that we go. Final for this generation. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'deadline-reached' }
