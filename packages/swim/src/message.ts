/**
 * The messages of SWIM as a union. Every packet begins with what its sender says of itself and ends with records about
 * others (piggyback); the body between them is one of these. Bytes are codec.ts's.
 */
import type { ActorId } from '@patina/base'
import type { Coordinate } from './coordinate.ts'
import type { MemberRecord } from './member.ts'

export type Body =
  | { readonly kind: 'ping'; readonly probe: number; readonly target: ActorId }
  | { readonly kind: 'ping-req'; readonly probe: number; readonly target: ActorId }
  | { readonly kind: 'ack'; readonly probe: number; readonly coordinate?: Coordinate | undefined }
  | { readonly kind: 'nack'; readonly probe: number }
  | { readonly kind: 'gossip' }
  /** `padding`: zeros, for strangers are answered with three times their bytes at most. */
  | { readonly kind: 'announce'; readonly padding?: number | undefined }
  | { readonly kind: 'feed' }
  /** 256 hashes of 8 bytes: what the sender knows. */
  | { readonly kind: 'digest'; readonly exchange: number; readonly hashes: Uint8Array }
  /** Records of the sender; `wanted`: buckets of which it asks the reader for its own. */
  | { readonly kind: 'delta'; readonly exchange: number; readonly wanted: readonly number[] }
  | { readonly kind: 'busy'; readonly exchange: number; readonly retryAfterMs: number }
  | { readonly kind: 'pull'; readonly exchange: number }
  /** `retryAfterMs`: above 0 where the details are not told now. */
  | {
      readonly kind: 'details'
      readonly exchange: number
      readonly bytes: Uint8Array
      readonly retryAfterMs: number
    }
  /** A body of a later protocol: the sender and the records still count. */
  | { readonly kind: 'unknown' }

/** A record with those who found the member silent; none for alive and left. */
export interface Update {
  readonly record: MemberRecord
  readonly accusers: readonly ActorId[]
  /** Of a tombstone: for how long the speaker has held it, in seconds. */
  readonly ageS?: number | undefined
}

export interface Packet {
  /** Version of the protocol that the sender speaks with us. */
  readonly protocol: number
  /** The highest that it understands. */
  readonly protocolMax: number
  /** The sender about itself. */
  readonly sender: MemberRecord
  readonly body: Body
  readonly updates: readonly Update[]
}

/** How a packet travels; a datagram may not get through where a stream does. */
export type Way = 'datagram' | 'stream'
