/**
 * MemoryNetwork: hosts in one process, for tests and the simulator. Deterministic: nothing arrives inside the call that
 * sends it; every arrival is a Delivery that the owner performs, in order by default, or when and in which order its
 * own `schedule` says. Links can be cut and healed. Encryption is not its subject.
 */
import { assert, type PeerAddress } from '@patina/base'

/** Something on its way. `deliver` may be called once. */
export interface Delivery {
  readonly kind: 'datagram' | 'connect' | 'frame' | 'end'
  readonly from: PeerAddress
  readonly to: PeerAddress
  /** 0 for what has no size. */
  readonly bytes: number
  deliver(): void
}

/** Receives what is sent; the order of one pair's frames and ends must be kept, datagrams may be lost and overtake. */
export type Schedule = (delivery: Delivery) => void

/** Deliveries in one `deliverAll`, after which two hosts are taken to answer each other without end. */
const DELIVERIES_MAX = 1_000_000

/** What an end that hangs on the network offers it. */
export interface LinkedEnd {
  readonly local: PeerAddress
  /** The link to this address was cut. */
  linkCut(to: PeerAddress): void
}

export class MemoryNetwork {
  readonly #queue: Delivery[] = []
  readonly #schedule: Schedule
  readonly #cuts = new Set<string>()
  readonly #ends = new Set<LinkedEnd>()

  constructor(schedule?: Schedule) {
    this.#schedule = schedule ?? ((delivery) => void this.#queue.push(delivery))
  }

  /** Deliveries that wait for `deliverNext`. */
  get waiting(): number {
    return this.#queue.length
  }

  send(delivery: Delivery): void {
    this.#schedule(delivery)
  }

  /** Performs the oldest delivery; false where nothing waits. */
  deliverNext(): boolean {
    const delivery = this.#queue.shift()
    delivery?.deliver()
    return delivery !== undefined
  }

  /** Performs deliveries, and those that they cause, until nothing waits. */
  deliverAll(): void {
    for (let count = 0; this.deliverNext(); count += 1)
      assert(count < DELIVERIES_MAX, `no rest after ${DELIVERIES_MAX} deliveries`)
  }

  /** Loses everything between the two from now on, what is on its way included; sessions break. */
  cut(a: PeerAddress, b: PeerAddress): void {
    this.#cuts.add(linkName(a, b))
    for (const end of this.#ends) {
      if (end.local === a) end.linkCut(b)
      if (end.local === b) end.linkCut(a)
    }
  }

  heal(a: PeerAddress, b: PeerAddress): void {
    this.#cuts.delete(linkName(a, b))
  }

  isCut(a: PeerAddress, b: PeerAddress): boolean {
    return this.#cuts.has(linkName(a, b))
  }

  attach(end: LinkedEnd): void {
    this.#ends.add(end)
  }

  detach(end: LinkedEnd): void {
    this.#ends.delete(end)
  }

  /** The end of this kind that listens at the address. */
  find<T extends LinkedEnd>(at: PeerAddress, isKind: (end: LinkedEnd) => end is T): T | undefined {
    for (const end of this.#ends) if (end.local === at && isKind(end)) return end
    return undefined
  }
}

function linkName(a: PeerAddress, b: PeerAddress): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}
