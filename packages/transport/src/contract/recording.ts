/** Listeners that write down what they hear, for the contract suites and the tests of single transports. */
import type { PeerAddress } from '@patina/base'
import type { DatagramListener, StreamListener } from '../transport.ts'

export interface ReceivedDatagram {
  readonly from: PeerAddress
  readonly text: string
}

export class RecordingDatagrams implements DatagramListener {
  readonly received: ReceivedDatagram[] = []
  readonly refusals: string[] = []

  datagramReceived(from: PeerAddress, payload: Uint8Array): void {
    this.received.push({ from, text: Buffer.from(payload).toString('latin1') })
  }

  datagramRefused(reason: string): void {
    this.refusals.push(reason)
  }
}

/** `log` has one line per event without messages; messages are kept apart, because they may be large. */
export class RecordingStreams implements StreamListener {
  readonly log: string[] = []
  readonly details: string[] = []
  readonly messages: { readonly from: string; readonly lane: string; readonly bytes: Uint8Array }[] = []

  sessionOpened(peer: Parameters<StreamListener['sessionOpened']>[0]): void {
    this.log.push(`opened ${peer.actor.slice(0, 2)} ${peer.address}`)
  }

  sessionClosed(...[peer, how]: Parameters<StreamListener['sessionClosed']>): void {
    this.log.push(`closed ${peer.actor.slice(0, 2)} ${how.goodbye ? 'goodbye' : 'broken'}`)
    this.details.push(how.reason)
  }

  messageReceived(...[peer, lane, bytes]: Parameters<StreamListener['messageReceived']>): void {
    this.messages.push({ from: peer.actor.slice(0, 2), lane, bytes })
  }

  connectionRefused(...[at, reason, detail]: Parameters<StreamListener['connectionRefused']>): void {
    this.log.push(`refused ${reason}`)
    this.details.push(`${at ?? 'unknown'}: ${detail}`)
  }
}
