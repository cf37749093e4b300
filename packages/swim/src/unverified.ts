/**
 * Unverified: members that somebody told of in a view of the whole (a feed, a delta), and of whom we have heard nothing
 * ourselves. They are probed soon; until one answers it is not told of, not counted and not shown to the application,
 * so that no stale view brings back the dead (memberlist #312). Bounded, and who is silent thrice is forgotten.
 */
import type { ActorId, Instant } from '@patina/base'
import { type MemberRecord, mergeRecords } from './member.ts'

/** Silent this often: forgotten, until somebody tells of it again. */
const ATTEMPTS_MAX = 3
const RETRY_MS = 2_000
/** However small the cluster, so many may wait; else twice the members (foca #31: ever growing members). */
const WAITING_MIN = 1_000
const WAITING_PER_MEMBER = 2

export interface Waiting {
  readonly record: MemberRecord
  /** Who told of it. */
  readonly by: ActorId
  readonly since: Instant
  readonly attempts: number
  /** When it is to be probed; undefined while a probe is under way. */
  readonly at: Instant | undefined
}

export class Unverified {
  readonly #waiting = new Map<ActorId, Waiting>()

  size(): number {
    return this.#waiting.size
  }

  get(actor: ActorId): Waiting | undefined {
    return this.#waiting.get(actor)
  }

  /** False where too many wait already. */
  put(record: MemberRecord, by: ActorId, members: number, now: Instant): boolean {
    const known = this.#waiting.get(record.actor)
    if (known !== undefined) {
      this.#waiting.set(record.actor, { ...known, record: mergeRecords(known.record, record) })
      return true
    }
    if (this.#waiting.size >= Math.max(WAITING_MIN, WAITING_PER_MEMBER * members)) return false
    this.#waiting.set(record.actor, { record, by, since: now, attempts: 0, at: now })
    return true
  }

  /** It spoke to us, or somebody else vouches for it: it waits no more. */
  delete(actor: ActorId): void {
    this.#waiting.delete(actor)
  }

  /** Up to `count` that are due, each marked as being probed. */
  takeDue(count: number, now: Instant): MemberRecord[] {
    const due: MemberRecord[] = []
    for (const waiting of this.#waiting.values()) {
      if (due.length >= count) break
      if (waiting.at === undefined || waiting.at > now) continue
      this.#waiting.set(waiting.record.actor, { ...waiting, at: undefined })
      due.push(waiting.record)
    }
    return due
  }

  /** When the next one is due; undefined where none is. */
  nextAt(): Instant | undefined {
    let next: Instant | undefined
    for (const { at } of this.#waiting.values())
      if (at !== undefined && (next === undefined || at < next)) next = at
    return next
  }

  /** Its probe came to nothing. */
  failed(actor: ActorId, now: Instant): void {
    const waiting = this.#waiting.get(actor)
    if (waiting === undefined) return
    const attempts = waiting.attempts + 1
    if (attempts >= ATTEMPTS_MAX) this.#waiting.delete(actor)
    else this.#waiting.set(actor, { ...waiting, attempts, at: (now + RETRY_MS * attempts) as Instant })
  }
}
