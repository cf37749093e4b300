/** What swim tells the application about members. */
import type { ActorId, PeerAddress } from '@patina/base'
import type { DetailsMark } from './details.ts'

/** What one process believes of a member. */
export interface MemberView {
  readonly actor: ActorId
  readonly address: PeerAddress
  readonly state: MemberState
  readonly generation: number
  readonly incarnation: number
  readonly metadata: MemberMetadata
  /** Smoothed round trip in ms; undefined before the first direct ack. */
  readonly rttMs: number | undefined
  /** Instant of the last change of state, on this process' monotonic clock. */
  readonly sinceMs: number
  /** It is up, and to be shown as down until it has stayed: it came and went too often (damping.ts). */
  readonly held?: true
}

export type MemberState = 'alive' | 'suspect' | 'down' | 'left'

/** Carried inline in gossip; at most `METADATA_BYTES_MAX` encoded. */
export interface MemberMetadata {
  readonly name: string
  readonly region: string
  /** Where its HTTP API listens, `host:port`; empty where it is not told. */
  readonly apiAddress: string
  readonly tags: { readonly [key: string]: string }
  /** What there is beyond this, for those who ask (pulls.ts). Written by the machine, from the details themselves. */
  readonly details?: DetailsMark
}

export type Notification =
  | { readonly kind: 'member-up'; readonly member: MemberView }
  | { readonly kind: 'member-suspect'; readonly member: MemberView; readonly accuser: ActorId }
  | { readonly kind: 'member-refuted'; readonly member: MemberView }
  | {
      readonly kind: 'member-down'
      readonly member: MemberView
      readonly accuser: ActorId
      /** Who said the same besides, as far as we know. */
      readonly confirmers?: readonly ActorId[]
    }
  | { readonly kind: 'member-left'; readonly member: MemberView }
  | { readonly kind: 'member-updated'; readonly member: MemberView }
  /** Datagrams between it and us are lost, streams are not; it is alive. */
  | { readonly kind: 'udp-blocked'; readonly member: MemberView }
  | { readonly kind: 'udp-restored'; readonly member: MemberView }
  /** Somebody else runs under our actor id. */
  | { readonly kind: 'identity-clash'; readonly address: PeerAddress }
