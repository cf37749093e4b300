/**
 * What the processes of a fleet are told and what they ask for: the words of the composed node, of which those of the
 * membership machine alone are a part, and streams that a machine uses without a session of its own.
 */
import type { ActorId, PeerAddress } from '@patina/base'
import type { NodeEffect, NodeEvent } from '@patina/node'
import type { SwimEffect, SwimEvent } from '@patina/swim'

/** Something that came by a stream nobody asked the machine to open. */
export interface StreamReceived {
  readonly kind: 'stream-received'
  readonly from: ActorId
  readonly bytes: Uint8Array
}

/** Deliver by a stream that stands or is dialled for it; lost where that takes too long. */
export interface SendStream {
  readonly kind: 'send-stream'
  readonly to: PeerAddress
  readonly actor: ActorId | undefined
  readonly bytes: Uint8Array
}

export type FleetEvent = NodeEvent | SwimEvent | StreamReceived
export type FleetEffect = NodeEffect | SwimEffect | SendStream
