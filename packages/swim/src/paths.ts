/**
 * Paths: what answers tell about the way to each member: round trips, rings, our place among the coordinates, how long an
 * ack may take, and whether datagrams get through at all. Whom to ask and whom to accuse is probe.ts's.
 */
import type { Instant } from '@patina/base'
import { regionOf } from './choose.ts'
import type { SwimConfig } from './config.ts'
import type { Coordinate } from './coordinate.ts'
import type { Locator } from './locator.ts'
import { type Member, type Members, viewOf } from './members.ts'
import type { Outbox } from './outbox.ts'
import { nextRing, ringAt } from './ring.ts'
import {
  ackTimeoutMs,
  calmSampleMs,
  lowestRoundTripMs,
  type RoundTrip,
  sampleRoundTrip,
} from './round-trip.ts'

/** Regions whose round trips are kept; members of others wait the longest time. */
const REGIONS_MAX = 256

export interface PathParts {
  readonly config: SwimConfig
  readonly members: Members
  readonly outbox: Outbox
  readonly locator: Locator
}

/** One ping that was answered as a datagram. */
export interface Sample {
  readonly sentAt: Instant
  readonly now: Instant
  /** False where the ack may belong to another ping, or we stood still meanwhile. */
  readonly isTimed: boolean
  readonly coordinate: Coordinate | undefined
}

export class Paths {
  readonly #parts: PathParts
  /** Round trips to the members of each region, all taken together; at most REGIONS_MAX. */
  readonly #regions = new Map<string, RoundTrip>()

  constructor(parts: PathParts) {
    this.#parts = parts
  }

  /**
   * How long the next probe of this member waits for its ack, before local health multiplies it. In a cluster of 1,000 a
   * peer is measured each quarter of an hour, so others of its region speak for those that we never measured.
   */
  timeoutMs(member: Member | undefined): number {
    const { config, locator } = this.#parts
    if (member === undefined) return config.probeTimeoutMs
    const known = member.roundTrip ?? this.#regions.get(regionOf(member))
    return ackTimeoutMs(config, known, locator.estimateMs(this.#coordinateOf(member)))
  }

  /** RFC 6298: only an ack that can belong to no other ping gives a sample. */
  measured(member: Member, { sentAt, now, isTimed, coordinate }: Sample): void {
    this.restoreUdp(member)
    if (coordinate !== undefined)
      member.coordinate = this.#parts.members.coordinates.put(member.coordinate, coordinate)
    if (!isTimed) return
    const { locator } = this.#parts
    const rttMs = now - sentAt
    if (coordinate !== undefined) locator.measured(coordinate, calmSampleMs(member.roundTrip, rttMs))
    member.roundTrip = sampleRoundTrip(member.roundTrip, rttMs)
    this.#measuredRegion(regionOf(member), rttMs)
    const lowest = lowestRoundTripMs(member.roundTrip)
    const estimate = locator.estimateMs(this.#coordinateOf(member))
    if (lowest !== undefined) member.ring = nextRing(member.ring, lowest)
    else if (estimate !== undefined) member.ring = ringAt(estimate)
  }

  /** Two datagrams came to nothing, and a stream did not. */
  blockUdp(member: Member): void {
    if (member.isUdpBlocked) return
    member.isUdpBlocked = true
    this.#parts.outbox.notify({ kind: 'udp-blocked', member: viewOf(member) })
  }

  restoreUdp(member: Member | undefined): void {
    if (member?.isUdpBlocked !== true) return
    member.isUdpBlocked = false
    this.#parts.outbox.notify({ kind: 'udp-restored', member: viewOf(member) })
  }

  #coordinateOf({ coordinate }: Member): Coordinate | undefined {
    return this.#parts.members.coordinates.get(coordinate)
  }

  #measuredRegion(region: string, rttMs: number): void {
    const known = this.#regions.get(region)
    if (known === undefined && this.#regions.size >= REGIONS_MAX) return
    this.#regions.set(region, sampleRoundTrip(known, rttMs))
  }
}
