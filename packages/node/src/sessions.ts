/**
 * Sessions: which members this node keeps a stream with, and when it dials (docs/protocol.md, "Sessions"). Every pair of
 * members that are alive or suspect keeps one, also above 16 members, because broadcasts are sent to all until Part 6.
 * A session with an actor that swim does not know (yet) stands; one with a member that is down or left is ended.
 */
import {
  type ActorId,
  after,
  earliest,
  elapsed,
  type Instant,
  millis,
  NEVER,
  type PeerAddress,
  type Prng,
} from '@patina/base'
import type { MemberView, Notification } from '@patina/swim'
import type { SessionConfig } from './config.ts'
import type { NodeEffect } from './effect.ts'

/** A member that should have a session. */
interface Wanted {
  readonly actor: ActorId
  address: PeerAddress
  /** waiting: dialled at `at` · dialling: given up at `at` · open: `at` is NEVER. */
  state: 'waiting' | 'dialling' | 'open'
  at: Instant
  failures: number
}

/** 2^16 times any first pause is above every maximum; more would only overflow. */
const DOUBLINGS_MAX = 16

export class Sessions {
  readonly #self: ActorId
  readonly #config: SessionConfig
  readonly #prng: Prng
  readonly #wanted: Map<ActorId, Wanted> = new Map()
  /** Since when; with members and with strangers. */
  readonly #open: Map<ActorId, Instant> = new Map()
  #closing = false

  constructor(self: ActorId, config: SessionConfig, prng: Prng) {
    this.#self = self
    this.#config = config
    this.#prng = prng
  }

  openCount(): number {
    return this.#open.size
  }

  /** Members that have no session: none in a healthy cluster at rest. */
  missingCount(): number {
    return [...this.#wanted.values()].filter(({ state }) => state !== 'open').length
  }

  opened(actor: ActorId, now: Instant): void {
    this.#open.set(actor, now)
    const wanted = this.#wanted.get(actor)
    if (wanted === undefined) return
    wanted.state = 'open'
    wanted.at = NEVER
  }

  closed(actor: ActorId, now: Instant): void {
    const since = this.#open.get(actor)
    this.#open.delete(actor)
    const wanted = this.#wanted.get(actor)
    if (wanted === undefined) return
    if (since !== undefined && elapsed(since, now) >= this.#config.stableMs) wanted.failures = 0
    this.#failed(wanted, now)
  }

  /** An attempt of ours came to nothing. */
  refused(address: PeerAddress, now: Instant): void {
    for (const wanted of this.#wanted.values())
      if (wanted.address === address && wanted.state === 'dialling') this.#failed(wanted, now)
  }

  /** Follows what swim believes. Returns the session that is to be ended. */
  memberChanged(notification: Notification, now: Instant): ActorId | undefined {
    switch (notification.kind) {
      case 'member-up':
      case 'member-updated':
      case 'member-refuted':
      case 'member-suspect':
        this.#want(notification.member, now)
        return undefined
      case 'member-down':
      case 'member-left': {
        const { actor } = notification.member
        this.#wanted.delete(actor)
        return this.#open.has(actor) ? actor : undefined
      }
      case 'identity-clash':
      case 'udp-blocked':
      case 'udp-restored':
        return undefined
    }
  }

  /** A session with this member is about to stand, dialled by either side; nothing has failed yet. */
  isExpected(actor: ActorId): boolean {
    return this.#wanted.get(actor)?.failures === 0
  }

  isOpen(actor: ActorId): boolean {
    return this.#open.has(actor)
  }

  /**
   * Makes what is wanted what swim believes, whatever was missed of it. Returns the sessions that are to be ended: with
   * members that are down or left.
   */
  reconcile(members: readonly MemberView[], now: Instant): ActorId[] {
    const ended: ActorId[] = []
    for (const member of members) {
      if (member.state !== 'down' && member.state !== 'left') this.#want(member, now)
      else if (this.#wanted.delete(member.actor) && this.#open.has(member.actor)) ended.push(member.actor)
    }
    const known = new Set(members.map(({ actor }) => actor))
    for (const actor of this.#wanted.keys()) if (!known.has(actor)) this.#wanted.delete(actor)
    return ended
  }

  /** This node leaves: what ends is not dialled again. */
  close(): void {
    this.#closing = true
  }

  /** Dials whoever is due. */
  pump(now: Instant): NodeEffect[] {
    if (this.#closing) return []
    const effects: NodeEffect[] = []
    for (const wanted of this.#wanted.values()) {
      if (wanted.at > now) continue
      if (wanted.state === 'dialling') this.#failed(wanted, now)
      if (wanted.at > now) continue
      wanted.state = 'dialling'
      wanted.at = after(now, millis(this.#config.dialTimeoutMs))
      effects.push({ kind: 'connect', address: wanted.address })
    }
    return effects
  }

  nextDeadline(): Instant {
    if (this.#closing) return NEVER
    let next = NEVER
    for (const { at } of this.#wanted.values()) next = earliest(next, at)
    return next
  }

  #want({ actor, address, state }: MemberView, now: Instant): void {
    const wanted = this.#wanted.get(actor)
    if (wanted !== undefined) {
      wanted.address = address
      return
    }
    if (state === 'down' || state === 'left') return
    const isOpen = this.#open.has(actor)
    const dialAt = after(now, millis(this.#patience(actor)))
    this.#wanted.set(actor, {
      actor,
      address,
      state: isOpen ? 'open' : 'waiting',
      at: isOpen ? NEVER : dialAt,
      failures: 0,
    })
  }

  #failed(wanted: Wanted, now: Instant): void {
    wanted.failures += 1
    wanted.state = 'waiting'
    wanted.at = after(now, millis(this.#patience(wanted.actor) + this.#redialMs(wanted.failures)))
  }

  /** Two that dial each other at once would build a session for nothing. */
  #patience(actor: ActorId): number {
    return this.#self < actor ? 0 : this.#config.secondDialMs
  }

  /** Between half and all of the doubled pause, so that a fleet that lost one host does not come back in step. */
  #redialMs(failures: number): number {
    const { redialMs, redialMaxMs } = this.#config
    const full = Math.min(redialMaxMs, redialMs * 2 ** Math.min(failures - 1, DOUBLINGS_MAX))
    return this.#prng.between(Math.floor(full / 2), full)
  }
}
