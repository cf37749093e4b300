/**
 * Dissemination: the rumors that wait to ride on packets, one per member, each until it was sent λ·⌈log10(n + 1)⌉ times.
 * Source: SWIM §4.1 (piggyback, least often sent first); order of classes as memberlist. A newer rumor about a member
 * replaces the older one. Bounded at insert: above its capacity the most often sent rumor goes; probes repair that.
 */
import type { ActorId } from '@patina/base'
import { encodeUpdate, recordCost } from './codec.ts'
import { RANK } from './member.ts'
import type { Update } from './message.ts'

interface Rumor {
  readonly update: Update
  readonly bytes: Uint8Array
  readonly order: number
  sends: number
}

/** How often a rumor is sent in a cluster of `members`: 4·⌈log10(n + 1)⌉ by default. */
export function retransmitLimit(factor: number, members: number): number {
  return factor * Math.max(1, Math.ceil(Math.log10(members + 1)))
}

export class Dissemination {
  readonly #capacity: number
  readonly #bySubject = new Map<ActorId, Rumor>()
  #order = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  size(): number {
    return this.#bySubject.size
  }

  has(subject: ActorId): boolean {
    return this.#bySubject.has(subject)
  }

  put(update: Update): void {
    const subject = update.record.actor
    if (!this.#bySubject.has(subject) && this.#bySubject.size >= this.#capacity) this.#dropMostSent()
    this.#order += 1
    this.#bySubject.set(subject, { update, bytes: encodeUpdate(update), order: this.#order, sends: 0 })
  }

  clear(): void {
    this.#bySubject.clear()
  }

  /** Records for one packet within `budget` bytes; each counts as sent. Cost: n log n of the rumors waiting. */
  take(budget: number, limit: number, without: ReadonlySet<ActorId>): Uint8Array[] {
    const records: Uint8Array[] = []
    let room = budget
    for (const [subject, rumor] of [...this.#bySubject].sort(([, a], [, b]) => compareRumors(a, b))) {
      if (without.has(subject) || recordCost(rumor.bytes) > room) continue
      room -= recordCost(rumor.bytes)
      records.push(rumor.bytes)
      this.count(subject, limit)
    }
    return records
  }

  /** Counts one sending of the rumor about `subject`, if there is one; at the limit it is forgotten. */
  count(subject: ActorId, limit: number): void {
    const rumor = this.#bySubject.get(subject)
    if (rumor === undefined) return
    rumor.sends += 1
    if (rumor.sends >= limit) this.#bySubject.delete(subject)
  }

  #dropMostSent(): void {
    let most: [ActorId, Rumor] | undefined
    for (const entry of this.#bySubject)
      if (most === undefined || entry[1].sends > most[1].sends) most = entry
    if (most !== undefined) this.#bySubject.delete(most[0])
  }
}

/** Alive before suspect before down and left, then least often sent, then newest. */
function compareRumors(a: Rumor, b: Rumor): number {
  const byClass = RANK[a.update.record.state] - RANK[b.update.record.state]
  return byClass || a.sends - b.sends || b.order - a.order
}
