/**
 * The messages of SWIM as a union. Every packet begins with what its sender says of itself and ends with records about
 * others (piggyback); the body between them is one of these. Bytes are codec.ts's.
 */
import type { ActorId } from '@patina/base'
import type { MemberRecord } from './member.ts'

export type Body =
  | { readonly kind: 'ping'; readonly probe: number; readonly target: ActorId }
  | { readonly kind: 'ping-req'; readonly probe: number; readonly target: ActorId }
  | { readonly kind: 'ack'; readonly probe: number }
  | { readonly kind: 'nack'; readonly probe: number }
  | { readonly kind: 'gossip' }
  | { readonly kind: 'announce' }
  | { readonly kind: 'feed' }
  /** A body of a later protocol: the sender and the records still count. */
  | { readonly kind: 'unknown' }

/** A record with those who found the member silent; none for alive and left. */
export interface Update {
  readonly record: MemberRecord
  readonly accusers: readonly ActorId[]
}

export interface Packet {
  /** Version of the protocol that the sender speaks. */
  readonly protocol: number
  /** The sender about itself. */
  readonly sender: MemberRecord
  readonly body: Body
  readonly updates: readonly Update[]
}
