/**
 * OwnHead: may this node write under its actor? A file that was set back to an earlier state, or copied, would use numbers
 * again that peers know with other contents. So a file with a history writes nothing before one peer has shown the own head
 * with the time that was written here; alone, or where nobody knows that much, it goes on after a while, and what comes of
 * it is found and repaired later (docs/adr/0020). What peers show is compared by the store, which remembers times.
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

interface Check {
  readonly peer: ActorId
  readonly version: Version
}

export class OwnHead {
  readonly #head: Version | 0
  readonly #confirmMs: number
  readonly #checks: Map<number, Check> = new Map()
  /** What each peer showed last, so that the store is asked once for it. */
  readonly #shown: Map<ActorId, { readonly version: Version; readonly ts: Hlc }> = new Map()
  #lastToken = 0
  #mayWrite: boolean
  #until: Instant | undefined

  /** `head`: of the own actor, at the start. */
  constructor(head: Version | 0, confirmMs: number) {
    this.#head = head
    this.#confirmMs = confirmMs
    // A file without history has nothing to be confirmed, and where there are no peers nobody can.
    this.#mayWrite = head === 0 || confirmMs === 0
  }

  get mayWrite(): boolean {
    return this.#mayWrite
  }

  close(peer: ActorId): void {
    this.#shown.delete(peer)
  }

  shown(peer: ActorId, { version, ts }: Head, out: Outbox): void {
    const before = this.#shown.get(peer)
    if (before !== undefined && before.version === version && before.ts === ts) return
    if (this.#checks.size >= CHECKS_MAX) return
    this.#shown.set(peer, { version, ts })
    this.#lastToken += 1
    this.#checks.set(this.#lastToken, { peer, version })
    out.push({ kind: 'check-own', token: this.#lastToken, version, ts })
  }

  /** True where what the peer showed was never written here: this actor has forked, or its disk is an old one. */
  checked(token: number, check: OwnCheck, out: Outbox): boolean {
    const asked = this.#checks.get(token)
    this.#checks.delete(token)
    if (asked === undefined) return false
    // Who could not tell may be able to, next time.
    if (check === 'unknown') this.#shown.delete(asked.peer)
    if (check === 'same' && asked.version >= this.#head) this.#admit(out)
    return check === 'other' || check === 'beyond'
  }

  pump(now: Instant, out: Outbox): void {
    if (this.#mayWrite) return
    this.#until ??= after(now, millis(this.#confirmMs))
    if (this.#until <= now) this.#admit(out)
  }

  nextDeadline(): Instant {
    return this.#mayWrite ? NEVER : (this.#until ?? (0 as Instant))
  }

  #admit(out: Outbox): void {
    if (!this.#mayWrite) out.push({ kind: 'admit-writes' })
    this.#mayWrite = true
  }
}
