/**
 * Lease: may this aggregator write for its region now? Of those whose lease stands in the global membership the one with
 * the highest rendezvous hash does (Thaler and Ravishankar, 1998), so that nobody has to be asked. Pure; time is an argument.
 * I-LEASE-1: while gossip takes less than SETTLE_MS − STALL_MS no two write at one time: who claims waits SETTLE_MS before its
 * first write, so that others have seen it; who cannot renew stops MARGIN_MS before its tag ends; and who stood still for
 * STALL_MS finds that by the clock, before it has heard of anything, and claims anew. Not covered: an agent that is restarted
 * while its aggregator stands still for less. Where the global cluster is split there is a writer on each side; both write what
 * the region says, and columns merge.
 */
import { createHash } from 'node:crypto'
import { after, elapsed, type Instant, instant, type Millis, millis } from '@patina/base'
import type { Member } from '@patina/client'
import { type Aggregator, aggregatorId, aggregatorsOf } from './aggregator-tag.ts'

/** How long a tag stands that is not renewed. */
export const LEASE_MS: Millis = millis(5_000)
/** A fifth of it: four may be lost. */
export const RENEW_MS: Millis = millis(1_000)
/** Longer than a tag takes to be seen by all, and others to act on it. */
export const SETTLE_MS: Millis = millis(2_000)
/** Between two ticks: whoever ran for less did not hear what it should have. */
export const STALL_MS: Millis = millis(500)
export const TICK_MS: Millis = millis(100)
/** What a write may take that has begun. */
export const MARGIN_MS: Millis = millis(1_000)

export type Role = 'writes' | 'waits' | 'yields'

export class Lease {
  readonly #region: string
  readonly #key: string
  #id: string | undefined
  /** All of the region whose tag claims, as the global agent sees it; this one is not among them. */
  #rivals: readonly Aggregator[] | undefined
  /** Since when the own claim stands without a break. */
  #since: Instant | undefined
  #until: Instant = instant(0)
  #tickedAt: Instant | undefined
  /** Answers to what was asked before do not count. */
  #yieldedAt: Instant = instant(Number.NEGATIVE_INFINITY)

  constructor(region: string, key: string) {
    this.#region = region
    this.#key = key
  }

  /** The members as the own global agent sees them. */
  saw(members: readonly Member[]): void {
    const self = members.find((member) => member.self)
    const id = self === undefined ? undefined : aggregatorId(self.actor, this.#key)
    // Another actor has other tags, and nobody knows this one's yet.
    if (this.#id !== undefined && id !== this.#id) this.#since = undefined
    this.#id = id
    this.#rivals = aggregatorsOf(members).filter(
      (one) => one.region === this.#region && one.claims && one.id !== id,
    )
  }

  /** Nobody tells any more who is there; the tag may be gone with the agent. */
  lostSight(now: Instant): void {
    this.#rivals = undefined
    this.yield(now)
  }

  /** The tag that claims was set, by a request that was sent at `asked` and answered now. */
  claimed(asked: Instant, now: Instant): void {
    if (asked < this.#yieldedAt) return
    const stood = this.#since !== undefined && now < this.#until
    this.#since = stood ? this.#since : now
    // The agent counts from later on.
    this.#until = instant(asked + LEASE_MS - MARGIN_MS)
  }

  /** Every TICK_MS, in the turn of the loop that hears of members too. False where it stood still: look anew. */
  tick(now: Instant): boolean {
    const stood = this.#stoodStill(now)
    if (stood) this.yield(now)
    this.#tickedAt = now
    return !stood
  }

  yield(now: Instant): void {
    this.#since = undefined
    this.#yieldedAt = now
  }

  /** Until when a write must be done that begins now; undefined: it must not. Ask before each. */
  writesUntil(now: Instant): Instant | undefined {
    return this.role(now) === 'writes' ? this.#until : undefined
  }

  role(now: Instant): Role {
    if (this.#since === undefined || now >= this.#until || this.#stoodStill(now)) return 'yields'
    const [id, rivals] = [this.#id, this.#rivals]
    if (id === undefined || rivals === undefined) return 'yields'
    const own = rank(this.#region, id)
    const isFirst = rivals.every((rival) => rank(this.#region, rival.id) < own)
    return isFirst && now >= after(this.#since, SETTLE_MS) ? 'writes' : 'waits'
  }

  #stoodStill(now: Instant): boolean {
    return this.#tickedAt !== undefined && elapsed(this.#tickedAt, now) > STALL_MS
  }
}

/** Whose is highest writes. Distinct ids have distinct ranks. */
export function rank(region: string, id: string): string {
  return createHash('sha256').update(`${region} ${id}`).digest('hex')
}
