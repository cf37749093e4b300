/** Datagrams over a MemoryNetwork: lost where the link is cut, nobody listens, or too many are under way. */
import { assert, type PeerAddress } from '@patina/base'
import { limits } from '../limits.ts'
import type { DatagramListener, Datagrams } from '../transport.ts'
import type { LinkedEnd, MemoryNetwork } from './memory-network.ts'

/** Listens at the address; asserts that nobody else does. */
export function bindMemoryDatagrams(
  network: MemoryNetwork,
  address: PeerAddress,
  listener: DatagramListener,
): Datagrams {
  assert(network.find(address, isMemoryDatagrams) === undefined, `${address} is bound already`)
  const datagrams = new MemoryDatagrams(network, address, listener)
  network.attach(datagrams)
  return datagrams
}

class MemoryDatagrams implements Datagrams, LinkedEnd {
  readonly local: PeerAddress
  readonly #network: MemoryNetwork
  readonly #listener: DatagramListener
  /** Sent and not delivered yet; at most `memoryDatagramsMax`. */
  #underWay = 0
  #closed = false

  constructor(network: MemoryNetwork, local: PeerAddress, listener: DatagramListener) {
    this.#network = network
    this.local = local
    this.#listener = listener
  }

  send(to: PeerAddress, payload: Uint8Array): void {
    assert(payload.length <= limits.datagramPayloadBytesMax, `a datagram of ${payload.length} bytes`)
    if (this.#closed || this.#network.isCut(this.local, to) || this.#underWay >= limits.memoryDatagramsMax)
      return
    const copy = Uint8Array.from(payload)
    this.#underWay += 1
    const deliver = (): void => {
      this.#underWay -= 1
      if (!this.#network.isCut(this.local, to))
        this.#network.find(to, isMemoryDatagrams)?.receive(this.local, copy)
    }
    this.#network.send({ kind: 'datagram', from: this.local, to, bytes: copy.length, deliver })
  }

  receive(from: PeerAddress, payload: Uint8Array): void {
    this.#listener.datagramReceived(from, payload)
  }

  linkCut(): void {
    // A datagram socket does not notice.
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#network.detach(this)
  }
}

function isMemoryDatagrams(end: LinkedEnd): end is MemoryDatagrams {
  return end instanceof MemoryDatagrams
}
