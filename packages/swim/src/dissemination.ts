/**
 * Dissemination: the rumors that wait to ride on packets, one per member, each until it was sent λ·⌈log10(n + 1)⌉ times.
 * Source: SWIM §4.1 (piggyback, least often sent first); order of classes as memberlist. A newer rumor about a member
 * replaces the older one. Bounded at insert: above its capacity the most often sent rumor goes; probes repair that.
 */
import { type ActorId, must } from '@patina/base'
import { encodeUpdate, recordCost } from './codec.ts'
import { RANK } from './member.ts'
import type { Update } from './message.ts'

interface Rumor {
  readonly subject: ActorId
  readonly rank: number
  readonly bytes: Uint8Array
  sends: number
}

/** No record is shorter: what is left of a packet below this stays empty. */
const RECORD_BYTES_MIN = 28
/** Rumors of one shelf that do not fit, after which the next shelf is looked at. */
const MISSES_MAX = 16

const NOTHING: Uint8Array[] = []

/** How often a rumor is sent in a cluster of `members`: 4·⌈log10(n + 1)⌉ by default. */
export function retransmitLimit(factor: number, members: number): number {
  return factor * Math.max(1, Math.ceil(Math.log10(members + 1)))
}

export class Dissemination {
  readonly #capacity: number
  readonly #bySubject = new Map<ActorId, Rumor>()
  /**
   * By rank, then by sendings, newest last: what a packet takes next is found without sorting. A rumor that was replaced
   * or sent since lies on an old shelf, too; it is recognised there and dropped.
   */
  readonly #shelves: Rumor[][][] = Object.keys(RANK).map(() => [])

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  size(): number {
    return this.#bySubject.size
  }

  has(subject: ActorId): boolean {
    return this.#bySubject.has(subject)
  }

  /** `sends`: taken as sent so often already, for what changes a rumor that has spread. */
  put(update: Update, sends = 0): void {
    const subject = update.record.actor
    if (!this.#bySubject.has(subject) && this.#bySubject.size >= this.#capacity) this.#dropMostSent()
    const rumor = { subject, rank: RANK[update.record.state], bytes: encodeUpdate(update), sends }
    this.#bySubject.set(subject, rumor)
    this.#shelve(rumor)
  }

  clear(): void {
    this.#bySubject.clear()
    for (const shelves of this.#shelves) shelves.length = 0
  }

  /** Records for one packet within `budget` bytes; each counts as sent. Cost: what is taken, and few that do not fit. */
  take(budget: number, limit: number, without: readonly (ActorId | undefined)[]): Uint8Array[] {
    if (this.#bySubject.size === 0) return NOTHING
    const taken: Rumor[] = []
    let room = budget
    for (const shelves of this.#shelves)
      for (let sends = 0; sends < shelves.length && room >= RECORD_BYTES_MIN; sends += 1)
        room = this.#takeFrom(must(shelves[sends], 'within'), sends, { room, without, taken })
    for (const rumor of taken) this.#sent(rumor, limit)
    return taken.map(({ bytes }) => bytes)
  }

  /** Counts one sending of the rumor about `subject`, if there is one; at the limit it is forgotten. */
  count(subject: ActorId, limit: number): void {
    const rumor = this.#bySubject.get(subject)
    if (rumor !== undefined) this.#sent(rumor, limit)
  }

  /** Newest first; what does not fit keeps its place. Returns the room that is left. */
  #takeFrom(
    shelf: Rumor[],
    sends: number,
    into: {
      readonly room: number
      readonly without: readonly (ActorId | undefined)[]
      readonly taken: Rumor[]
    },
  ): number {
    let { room } = into
    let misses = 0
    const kept: Rumor[] = []
    while (shelf.length > 0 && room >= RECORD_BYTES_MIN && misses < MISSES_MAX) {
      const rumor = must(shelf.pop(), 'a shelf that is not empty has a last rumor')
      if (rumor.sends !== sends || this.#bySubject.get(rumor.subject) !== rumor) continue
      const cost = recordCost(rumor.bytes)
      if (cost > room || into.without.includes(rumor.subject)) {
        misses += 1
        kept.push(rumor)
        continue
      }
      room -= cost
      into.taken.push(rumor)
    }
    while (kept.length > 0) shelf.push(must(kept.pop(), 'kept what was taken down'))
    return room
  }

  #sent(rumor: Rumor, limit: number): void {
    rumor.sends += 1
    if (rumor.sends < limit) this.#shelve(rumor)
    else this.#bySubject.delete(rumor.subject)
    // What lies on old shelves would stay there until there is news again.
    if (this.#bySubject.size === 0) this.clear()
  }

  #shelve(rumor: Rumor): void {
    const shelves = must(this.#shelves[rumor.rank], 'every rank has its shelves')
    while (shelves.length <= rumor.sends) shelves.push([])
    must(shelves[rumor.sends], 'just made').push(rumor)
  }

  #dropMostSent(): void {
    let most: Rumor | undefined
    for (const rumor of this.#bySubject.values())
      if (most === undefined || rumor.sends > most.sends) most = rumor
    if (most !== undefined) this.#bySubject.delete(most.subject)
  }
}
