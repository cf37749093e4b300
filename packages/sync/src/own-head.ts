/**
 * OwnHead: may this node write under its actor? A file that was set back to an earlier state, or copied, would use numbers
 * again that peers know with other contents. So a file with a history writes nothing before a peer has shown the own head
 * with the time that was written here; alone, or where nobody knows that much, it goes on after a while, and what comes of
 * it is found and repaired later (docs/adr/0020). What peers show is compared by the store, which remembers times.
 *
 * Only the word of a settled peer counts, because two machines that are set back together confirm each other (found by the
 * simulator). Settled is who was confirmed by one that is, or has run for a while without being contradicted.
 */
import {
  type ActorId,
  after,
  type Hlc,
  type Instant,
  millis,
  NEVER,
  type OwnCheck,
  type Version,
} from '@patina/base'
import type { Outbox } from './effect.ts'
import type { Head } from './message.ts'

/** Comparisons that the store has not answered; what comes meanwhile is shown again at the next exchange. */
const CHECKS_MAX = 64

interface Shown {
  readonly version: Version
  readonly ts: Hlc
  /** The peer is settled. */
  readonly counts: boolean
}

interface Check extends Shown {
  readonly peer: ActorId
}

export class OwnHead {
  readonly #head: Version | 0
  readonly #confirmMs: number
  readonly #checks: Map<number, Check> = new Map()
  /** What each peer showed last, so that the store is asked once for it. */
  readonly #shown: Map<ActorId, Shown> = new Map()
  #lastToken = 0
  #isSettled: boolean
  #until: Instant | undefined

  /** `head`: of the own actor, at the start. */
  constructor(head: Version | 0, confirmMs: number) {
    this.#head = head
    this.#confirmMs = confirmMs
    this.#isSettled = confirmMs === 0
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** A file without history has no number to use again. */
  get mayWrite(): boolean {
    return this.#head === 0 || this.#isSettled
  }

  close(peer: ActorId): void {
    this.#shown.delete(peer)
  }

  shown(peer: ActorId, { version, ts }: Head, counts: boolean, out: Outbox): void {
    const before = this.#shown.get(peer)
    if (before !== undefined && before.version === version && before.ts === ts && before.counts === counts)
      return
    if (this.#checks.size >= CHECKS_MAX) return
    const shown = { version, ts, counts }
    this.#shown.set(peer, shown)
    this.#lastToken += 1
    this.#checks.set(this.#lastToken, { peer, ...shown })
    out.push({ kind: 'check-own', token: this.#lastToken, version, ts })
  }

  /** True where what the peer showed was never written here: this actor has forked, or its disk is an old one. */
  checked(token: number, check: OwnCheck, out: Outbox): boolean {
    const asked = this.#checks.get(token)
    this.#checks.delete(token)
    if (asked === undefined) return false
    // Who could not tell may be able to, next time.
    if (check === 'unknown') this.#shown.delete(asked.peer)
    if (check === 'same' && asked.counts && asked.version >= this.#head) this.#settle(out)
    return check === 'other' || check === 'beyond'
  }

  pump(now: Instant, out: Outbox): void {
    if (this.#isSettled) return
    this.#until ??= after(now, millis(this.#confirmMs))
    if (this.#until <= now) this.#settle(out)
  }

  nextDeadline(): Instant {
    return this.#isSettled ? NEVER : (this.#until ?? (0 as Instant))
  }

  #settle(out: Outbox): void {
    if (this.#isSettled) return
    const couldWrite = this.mayWrite
    this.#isSettled = true
    if (!couldWrite) out.push({ kind: 'admit-writes' })
  }
}
