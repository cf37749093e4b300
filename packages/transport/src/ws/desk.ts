/**
 * Desk: what a handshake, dialled or accepted, needs from the node's end as a whole: who we are, which sessions and
 * commitments there are, and where to hand a finished or failed attempt. Implemented by WsStreams alone.
 */
import type { ActorId, PeerAddress } from '@patina/base'
import type { Hello } from '../hello.ts'
import type { TlsIdentity } from '../tls.ts'
import type { StreamRefusal } from '../transport.ts'
import type { Connection } from './connection.ts'
import type { Session, SessionTimes } from './session.ts'

/** How sessions are protected: mutual TLS 1.3, or deliberately not at all. */
export type StreamSecurity = Pick<TlsIdentity, 'caPem' | 'certificatePem' | 'keyPem'> | 'plaintext'

/** A handshake that both ends have agreed to. */
export interface Agreed {
  readonly connection: Connection
  readonly hello: Hello
  /** Of the peer's word on which our end of the session rests. */
  readonly moment: number
  /** Of our word on which its end rests. */
  readonly ownMoment: number
}

export interface WsTimes extends SessionTimes {
  readonly connectTimeoutMs: number
  readonly helloTimeoutMs: number
}

export interface Desk {
  readonly actor: ActorId
  readonly clusterId: string
  readonly process: string
  readonly security: StreamSecurity
  readonly times: WsTimes
  /** Our hello with the next moment. */
  ourHello(): Hello
  nextMoment(): number
  session(actor: ActorId): Session | undefined
  /** True where a dial of ours has said hello to this peer and waits for its welcome. */
  isCommitted(actor: ActorId): boolean
  hasRoom(): boolean
  refused(at: PeerAddress | undefined, reason: StreamRefusal, detail: string): void
  /** Opens the session; a standing one with this peer is abandoned before. */
  admit(agreed: Agreed): void
}
