/**
 * Network: datagrams between the nodes of a world. They are lost, doubled, late, out of order and damaged as its faults
 * say, wait for the sender's link, and never cross a cut. A damaged packet is dropped at its destination and counted, as
 * the seal of transport/udp refuses it. It counts what each node sends, with the bytes that UDP, IP and the seal add.
 */
import { assert, type PeerAddress } from '@patina/base'
import type { Cuts } from './cuts.ts'
import type { Latency } from './latency.ts'
import { Traffic } from './traffic.ts'
import type { World } from './world.ts'

/** Shares are parts of a million, so that chance stays whole numbers. */
export interface NetworkFaults {
  readonly lossPpm: number
  readonly duplicatePpm: number
  /** These packets take up to `reorderMs` longer. */
  readonly reorderPpm: number
  readonly reorderMs: number
  /** These arrive with a flipped bit. */
  readonly corruptPpm: number
  /** Of each node's uplink; 0 for no limit. */
  readonly bytesPerSecond: number
}

export const NO_FAULTS: NetworkFaults = {
  lossPpm: 0,
  duplicatePpm: 0,
  reorderPpm: 0,
  reorderMs: 0,
  corruptPpm: 0,
  bytesPerSecond: 0,
}

export const PPM = 1_000_000

/** UDP and IPv4 headers (28), prelude and tag of transport/udp (52). */
export const DATAGRAM_OVERHEAD_BYTES = 80
/** Longest wait in a sender's queue before the link drops. */
const QUEUE_MS_MAX = 500

export interface NetworkOptions {
  readonly world: World
  readonly latency: Latency
  readonly cuts: Cuts
  readonly nodes: number
  /** The node that listens there now; undefined where nobody does. */
  readonly nodeAt: (address: PeerAddress) => number | undefined
  readonly deliver: (to: number, from: number, bytes: Uint8Array) => void
}

export class Network {
  readonly traffic: Traffic
  faults: NetworkFaults = NO_FAULTS
  /** Damaged packets that a seal refused. */
  refused = 0
  lost = 0
  readonly #options: NetworkOptions
  /** When the uplink of a node is free again. */
  readonly #freeAt: Float64Array

  constructor(options: NetworkOptions) {
    this.#options = options
    this.traffic = new Traffic(options.nodes)
    this.#freeAt = new Float64Array(options.nodes)
  }

  send(from: number, address: PeerAddress, bytes: Uint8Array): void {
    const { world, nodeAt, cuts } = this.#options
    const size = bytes.length + DATAGRAM_OVERHEAD_BYTES
    this.traffic.sent(from, size, world.now)
    const to = nodeAt(address)
    const queueMs = this.#queue(from, size)
    if (
      to === undefined ||
      queueMs > QUEUE_MS_MAX ||
      cuts.isCut(from, to, 'datagrams') ||
      this.#hits('lossPpm')
    ) {
      this.lost += 1
      return
    }
    this.#carry(from, to, bytes, queueMs)
    if (this.#hits('duplicatePpm')) this.#carry(from, to, bytes, queueMs)
  }

  #carry(from: number, to: number, bytes: Uint8Array, queueMs: number): void {
    const { world, latency, deliver, cuts } = this.#options
    const late = this.#hits('reorderPpm') ? world.prng.below(1 + this.faults.reorderMs) : 0
    const isDamaged = this.#hits('corruptPpm')
    world.after(queueMs + latency.oneWayMs(from, to, world.prng) + late, () => {
      if (isDamaged) this.refused += 1
      else if (cuts.isCut(from, to, 'datagrams')) this.lost += 1
      else deliver(to, from, bytes)
    })
  }

  /** How long the packet waits until it is on the link, its own time included. */
  #queue(from: number, size: number): number {
    const { bytesPerSecond } = this.faults
    if (bytesPerSecond === 0) return 0
    const { now } = this.#options.world
    const start = Math.max(now, this.#freeAt[from] as number)
    const end = start + (size * 1_000) / bytesPerSecond
    if (end - now <= QUEUE_MS_MAX) this.#freeAt[from] = end
    return end - now
  }

  #hits(share: 'lossPpm' | 'duplicatePpm' | 'reorderPpm' | 'corruptPpm'): boolean {
    const ppm = this.faults[share]
    assert(ppm >= 0 && ppm <= PPM, `${share} is ${ppm}`)
    return ppm > 0 && this.#options.world.prng.chance(ppm, PPM)
  }
}
