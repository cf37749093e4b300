/**
 * Datagrams over node:dgram, sealed by seal.ts. Owns the socket and nothing else: swim sees plaintext and addresses.
 * Addresses are literals, so no packet ever waits for a resolver. A failed send or receive is a lost datagram, which
 * this service may have; it is not reported.
 */
import { randomBytes } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { type BlockList, isIPv4, isIPv6 } from 'node:net'
import { assert, type PeerAddress, splitPeerAddress } from '@patina/base'
import { BindError } from '../bind-error.ts'
import { limits } from '../limits.ts'
import { boundAddress, remotePeerAddress } from '../socket-address.ts'
import type { DatagramListener, Datagrams } from '../transport.ts'
import type { Keyring } from './keyring.ts'
import { PeerKeys } from './peer-keys.ts'
import { keyIdOf, PROCESS_BYTES } from './prelude.ts'
import { type DatagramSecurity, Opener, Sealer } from './seal.ts'

export interface UdpOptions {
  /** An IP address of this host, or the unspecified one. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly clusterId: string
  readonly security: DatagramSecurity
  /** Networks whose packets are looked at; all where left out. */
  readonly allowed?: BlockList | undefined
}

/** Datagrams whose keys can be replaced without losing a packet that either keyring opens. */
export interface KeyedDatagrams extends Datagrams {
  /** A programmer's error in plaintext. */
  useKeys(keyring: Keyring): void
}

/** Binds a socket; rejects with BindError. */
export async function bindUdp(options: UdpOptions, listener: DatagramListener): Promise<KeyedDatagrams> {
  const socket = createSocket({
    type: isIPv6(options.host) ? 'udp6' : 'udp4',
    recvBufferSize: limits.datagramReceiveBufferBytes,
    lookup: literalOnly,
  })
  await bound(socket, options)
  return new UdpDatagrams(socket, options, listener)
}

class UdpDatagrams implements KeyedDatagrams {
  readonly local: PeerAddress
  readonly #socket: Socket
  readonly #isIpv6: boolean
  readonly #sealer: Sealer
  readonly #opener: Opener
  readonly #peerKeys: PeerKeys
  readonly #isPlaintext: boolean
  readonly #allowed: BlockList | undefined
  readonly #listener: DatagramListener
  #closed: Promise<void> | undefined

  constructor(socket: Socket, options: UdpOptions, listener: DatagramListener) {
    const process = randomBytes(PROCESS_BYTES)
    const { address, port, family } = socket.address()
    this.local = boundAddress(address, port)
    this.#socket = socket
    this.#isIpv6 = family === 'IPv6'
    this.#sealer = new Sealer({ ...options, process })
    this.#opener = new Opener({ ...options, process })
    this.#peerKeys = new PeerKeys(this.#sealer.firstId)
    this.#isPlaintext = options.security === 'plaintext'
    this.#allowed = options.allowed
    this.#listener = listener
    socket.on('message', (packet, from) => this.#receive(packet, from))
    socket.on('error', datagramLost)
  }

  send(to: PeerAddress, payload: Uint8Array): void {
    if (this.#closed !== undefined) return
    const { host, port } = splitPeerAddress(to)
    const packet = this.#sealer.seal(payload, this.#peerKeys.keyFor(to, performance.now()))
    if (this.#isIpv6) this.#socket.send(packet, port, isIPv4(host) ? `::ffff:${host}` : host, datagramLost)
    else if (isIPv4(host)) this.#socket.send(packet, port, host, datagramLost)
  }

  useKeys(keyring: Keyring): void {
    assert(!this.#isPlaintext, 'plaintext has no keys')
    this.#opener.useKeys(keyring)
    this.#sealer.useKeys(keyring)
    this.#peerKeys.rotated(this.#sealer.firstId)
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => this.#socket.close(resolve))
    return this.#closed
  }

  #receive(packet: Buffer, from: RemoteInfo): void {
    if (this.#allowed?.check(from.address, isIPv6(from.address) ? 'ipv6' : 'ipv4') === false) {
      this.#listener.datagramRefused('not-allowed')
      return
    }
    const address = remotePeerAddress(from.address, from.port)
    const opened = this.#opener.open(packet)
    if (!opened.ok) this.#listener.datagramRefused(opened.error)
    // A link-local address with a zone, or port 0, is nobody whom we could answer.
    else if (address === undefined) this.#listener.datagramRefused('not-patina')
    else {
      this.#peerKeys.heard(address, keyIdOf(packet), performance.now())
      this.#listener.datagramReceived(address, opened.value)
    }
  }
}

function datagramLost(): void {
  // Lossy by contract: who waits for an answer has a deadline.
}

type Lookup = (
  host: string,
  family: number,
  done: (error: Error | null, address: string, family: number) => void,
) => void

/** dgram asks a resolver for every packet; ours are literals already, so it is answered at once. */
const literalOnly = ((host, family, done) => done(null, host, family)) satisfies Lookup as never

function bound(socket: Socket, options: UdpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error): void => {
      socket.close()
      reject(new BindError('UDP', options.host, options.port, cause))
    }
    socket.once('error', failed)
    socket.bind({ address: options.host, port: options.port, exclusive: true }, () => {
      socket.off('error', failed)
      resolve()
    })
  })
}
