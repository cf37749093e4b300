/**
 * Members: the table of everybody else this process knows of, tombstones included, and the order in which they are
 * probed: a shuffled round robin over those that can be probed, so that each is probed once in n periods.
 * Source: SWIM §4.3. Differs from it: a slot is never spent on a member that is down. What to believe is beliefs.ts's.
 */
import type { ActorId, Instant, Prng } from '@patina/base'
import { isActive, type MemberRecord } from './member.ts'
import type { MemberMetadata, MemberView } from './notification.ts'
import type { RoundTrip } from './round-trip.ts'

export interface Member {
  record: MemberRecord
  /** When the state last changed, on our clock. */
  since: Instant
  roundTrip: RoundTrip | undefined
}

const NOTHING_TOLD: MemberMetadata = { name: '', region: '', apiAddress: '', tags: {} }

export class Members {
  readonly #capacity: number
  readonly #prng: Prng
  /** I-SWIM-2: never holds ourselves; at most `capacity`. */
  readonly #byActor = new Map<ActorId, Member>()
  #active: readonly Member[] | undefined
  #order: ActorId[] = []
  #cursor = 0

  constructor(capacity: number, prng: Prng) {
    this.#capacity = capacity
    this.#prng = prng
  }

  get(actor: ActorId): Member | undefined {
    return this.#byActor.get(actor)
  }

  all(): IterableIterator<Member> {
    return this.#byActor.values()
  }

  /** Alive and suspect members. Cached until a state changes. */
  active(): readonly Member[] {
    this.#active ??= [...this.#byActor.values()].filter(({ record }) => isActive(record.state))
    return this.#active
  }

  /** Members that take part, ourselves among them: the n of every formula. */
  count(): number {
    return this.active().length + 1
  }

  /** Puts the record of a member; false where the table is full of members that cannot be forgotten. */
  put(record: MemberRecord, now: Instant): boolean {
    const known = this.#byActor.get(record.actor)
    if (known === undefined && !this.#makeRoom()) return false
    const wasActive = known !== undefined && isActive(known.record.state)
    if (known === undefined) {
      this.#byActor.set(record.actor, { record, since: now, roundTrip: undefined })
    } else {
      if (known.record.state !== record.state) known.since = now
      known.record = record
    }
    if (isActive(record.state) !== wasActive) this.#active = undefined
    if (isActive(record.state) && !wasActive) this.#insertIntoOrder(record.actor)
    return true
  }

  /** Forgets tombstones that are older than `tombstoneMs`. */
  forget(tombstoneMs: number, now: Instant): void {
    for (const [actor, { record, since }] of this.#byActor)
      if (!isActive(record.state) && now - since >= tombstoneMs) this.#byActor.delete(actor)
  }

  /** The next member to probe; undefined where nobody can be. */
  nextToProbe(): Member | undefined {
    for (let pass = 0; pass < 2; pass += 1) {
      while (this.#cursor < this.#order.length) {
        const member = this.#byActor.get(this.#order[this.#cursor] as ActorId)
        this.#cursor += 1
        if (member !== undefined && isActive(member.record.state)) return member
      }
      this.#order = this.#prng.shuffle(this.active().map(({ record }) => record.actor))
      this.#cursor = 0
    }
    return undefined
  }

  /** A new member is probed within this round, at a random place, so that its first probes do not come all at once. */
  #insertIntoOrder(actor: ActorId): void {
    if (this.#order.indexOf(actor, this.#cursor) >= 0) return
    this.#order.splice(this.#prng.between(this.#cursor, this.#order.length), 0, actor)
  }

  /** Where the table is full, the oldest left member goes, else the oldest that is down. */
  #makeRoom(): boolean {
    if (this.#byActor.size < this.#capacity) return true
    const victim = this.#oldest('left') ?? this.#oldest('down')
    return victim !== undefined && this.#byActor.delete(victim.record.actor)
  }

  #oldest(state: 'left' | 'down'): Member | undefined {
    let oldest: Member | undefined
    for (const member of this.#byActor.values())
      if (member.record.state === state && (oldest === undefined || member.since < oldest.since))
        oldest = member
    return oldest
  }
}

export function viewOf(record: MemberRecord, since: Instant, roundTrip: RoundTrip | undefined): MemberView {
  const { actor, address, state, generation, incarnation } = record
  const metadata = record.told?.metadata ?? NOTHING_TOLD
  return {
    actor,
    address,
    state,
    generation,
    incarnation,
    metadata,
    rttMs: roundTrip?.smoothedMs,
    sinceMs: since,
  }
}
