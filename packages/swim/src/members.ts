/**
 * Members: the table of everybody else this process knows of, tombstones included, and the order in which they are
 * probed: a shuffled round robin over those that can be probed, so that each is probed once in n periods.
 * Source: SWIM §4.3. Differs from it: a slot is never spent on a member that is down. What to believe is beliefs.ts's.
 */
import { type ActorId, type Instant, must, type PeerAddress, type Prng } from '@patina/base'
import { Coordinates, NO_COORDINATE } from './coordinates.ts'
import type { Damping } from './damping.ts'
import { Digest, isSameInDigest } from './digest.ts'
import { isActive, type MemberRecord } from './member.ts'
import type { Way } from './message.ts'
import type { MemberMetadata, MemberView } from './notification.ts'
import type { Ring } from './ring.ts'
import { type RoundTrip, smoothedRoundTripMs } from './round-trip.ts'

/** One of everybody else. Small on purpose: at most 400 bytes beside its record, so its times are whole milliseconds. */
export interface Member {
  record: MemberRecord
  /** When the state last changed, on our clock. */
  since: Instant
  roundTrip: RoundTrip | undefined
  ring: Ring | undefined
  /** Its place in `Members.coordinates`, or NO_COORDINATE. */
  coordinate: number
  /** The last message from it, and how it came; undefined before the first. */
  heardAt: Instant | undefined
  heardBy: Way
  /** When our last probe of it ended, and how; undefined before the first. */
  probedAt: Instant | undefined
  probedHow: ProbeOutcome['how'] | undefined
  /** Who said that it is silent, when it last became suspect or down. */
  accusers: readonly ActorId[]
  /** I-SWIM-6: true from a probe that only a stream answered until an ack comes as a datagram. */
  isUdpBlocked: boolean
  /** The highest protocol that it understands. */
  protocolMax: number
  /** Acks until it is told our coordinate again. */
  acksToCoordinate: number
  damping: Damping | undefined
  /** Where it stands among the active ones. */
  place: number
  /** It waits in the order at or behind the cursor. */
  isQueued: boolean
}

export interface ProbeOutcome {
  readonly at: Instant
  readonly how: 'acked' | 'acked-through-helper' | 'acked-by-stream' | 'silent'
}

/** Members of the order that are looked at for the one to be probed next. */
const CANDIDATES = 32
/** Twice as many as confirmations are ever wanted. */
const EAGER_PROBERS = 8

const NOTHING_TOLD: MemberMetadata = { name: '', region: '', apiAddress: '', tags: {} }
const NOBODY: readonly ActorId[] = []

export class Members {
  readonly coordinates: Coordinates = new Coordinates()
  readonly #capacity: number
  readonly #prng: Prng
  /** I-SWIM-2: never holds ourselves; at most `capacity`. */
  readonly #byActor = new Map<ActorId, Member>()
  /** Who is active at an address; of two that claim it, the one that came last. */
  readonly #byAddress = new Map<PeerAddress, ActorId>()
  /** Kept up to date member by member: in a large cluster somebody changes all the time. */
  readonly #active: Member[] = []
  readonly #down = new Set<Member>()
  /** I-SWIM-9: of exactly the records in `#byActor`. */
  readonly #digest = new Digest()
  #order: ActorId[] = []
  #cursor = 0
  /** So many at the cursor go first, whoever is silent. */
  #urgent = 0

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

  /** Who is active at this address. */
  at(address: PeerAddress): Member | undefined {
    const actor = this.#byAddress.get(address)
    return actor === undefined ? undefined : this.#byActor.get(actor)
  }

  /** Alive and suspect members, in any order; the list changes with the table. */
  active(): readonly Member[] {
    return this.#active
  }

  /** Members that are down; likewise. */
  down(): ReadonlySet<Member> {
    return this.#down
  }

  /** Members that take part, ourselves among them: the n of every formula. */
  count(): number {
    return this.#active.length + 1
  }

  /** Of everybody, `self` among them. */
  digestWith(self: MemberRecord): Uint8Array {
    return this.#digest.with(self)
  }

  /** Puts the record of a member; undefined where the table is full of members that cannot be forgotten. */
  put(record: MemberRecord, now: Instant): Member | undefined {
    const known = this.#byActor.get(record.actor)
    if (known === undefined && !this.#makeRoom()) return undefined
    const before = known?.record
    if (known?.record.state === 'down') this.#down.delete(known)
    const member = known ?? newMember(record, now)
    if (known === undefined) this.#byActor.set(record.actor, member)
    else {
      if (known.record.state !== record.state) known.since = wholeMs(now)
      known.record = sharingTexts(record, known.record)
    }
    this.#index(before, member)
    return member
  }

  /** Forgets tombstones that are older than `tombstoneMs`. */
  forget(tombstoneMs: number, now: Instant): void {
    for (const { record, since } of this.#byActor.values())
      if (!isActive(record.state) && now - since >= tombstoneMs) this.#delete(record.actor)
  }

  /**
   * The next member to probe; undefined where nobody can be. Of the next few in the order the one that was silent for
   * longest, so that each is still probed once a round, and who has fallen silent sooner.
   */
  nextToProbe(): Member | undefined {
    for (let pass = 0; pass < 2; pass += 1) {
      while (this.#cursor < this.#order.length) {
        this.#bringSilentForward()
        const actor = this.#order[this.#cursor] as ActorId
        this.#cursor += 1
        const member = this.#byActor.get(actor)
        if (member !== undefined) member.isQueued = false
        if (member !== undefined && isActive(member.record.state)) return member
      }
      this.#order = this.#prng.shuffle(this.#active.map(({ record }) => record.actor))
      this.#cursor = 0
      for (const member of this.#active) member.isQueued = true
    }
    return undefined
  }

  /**
   * Somebody found it silent: we ask next, so that it is confirmed or not while that matters. In a small cluster all do, in
   * a large one some, so that a suspect is not asked by everybody at once.
   */
  probeSoon(actor: ActorId): void {
    if (!this.#prng.chance(Math.min(EAGER_PROBERS, this.count()), this.count())) return
    this.#order.splice(this.#cursor, 0, actor)
    this.#urgent += 1
    const member = this.#byActor.get(actor)
    if (member !== undefined) member.isQueued = true
  }

  #bringSilentForward(): void {
    if (this.#urgent > 0) {
      this.#urgent -= 1
      return
    }
    const end = Math.min(this.#order.length, this.#cursor + CANDIDATES)
    let silent = this.#cursor
    for (let at = this.#cursor; at < end; at += 1) if (this.#heardAt(at) < this.#heardAt(silent)) silent = at
    const [first, other] = [this.#order[this.#cursor] as ActorId, this.#order[silent] as ActorId]
    this.#order[this.#cursor] = other
    this.#order[silent] = first
  }

  /** Of whom nothing was ever heard goes first; who is not active has no turn to lose. */
  #heardAt(at: number): number {
    const member = this.#byActor.get(this.#order[at] as ActorId)
    if (member === undefined || !isActive(member.record.state)) return Number.POSITIVE_INFINITY
    return member.heardAt ?? Number.NEGATIVE_INFINITY
  }

  #index(before: MemberRecord | undefined, member: Member): void {
    const { record: after } = member
    if (before === undefined || !isSameInDigest(before, after)) {
      if (before !== undefined) this.#digest.toggle(before)
      this.#digest.toggle(after)
    }
    const [was, is] = [before !== undefined && isActive(before.state), isActive(after.state)]
    if (before !== undefined && was && this.#byAddress.get(before.address) === before.actor)
      this.#byAddress.delete(before.address)
    if (is) this.#byAddress.set(after.address, after.actor)
    if (after.state === 'down') this.#down.add(member)
    if (was && !is) this.#deactivate(member)
    if (is && !was) this.#activate(member)
  }

  #activate(member: Member): void {
    member.place = this.#active.push(member) - 1
    this.#insertIntoOrder(member)
  }

  /** The last one takes its place. */
  #deactivate(member: Member): void {
    const last = must(this.#active.pop(), 'who is active is in the list')
    if (last === member) return
    this.#active[member.place] = last
    last.place = member.place
  }

  /** A new member is probed within this round, at a random place, so that its first probes do not come all at once. */
  #insertIntoOrder(member: Member): void {
    if (member.isQueued) return
    member.isQueued = true
    const { actor } = member.record
    this.#order.push(actor)
    const last = this.#order.length - 1
    const place = this.#prng.between(Math.min(this.#cursor, last), last)
    ;[this.#order[place], this.#order[last]] = [actor, this.#order[place] as ActorId]
  }

  /** Where the table is full, the oldest left member goes, else the oldest that is down. */
  #makeRoom(): boolean {
    if (this.#byActor.size < this.#capacity) return true
    const victim = this.#oldest('left') ?? this.#oldest('down')
    if (victim !== undefined) this.#delete(victim.record.actor)
    return victim !== undefined
  }

  #delete(actor: ActorId): void {
    const member = this.#byActor.get(actor)
    if (member === undefined) return
    this.#down.delete(member)
    this.#digest.toggle(member.record)
    this.coordinates.free(member.coordinate)
    this.#byActor.delete(actor)
  }

  #oldest(state: 'left' | 'down'): Member | undefined {
    let oldest: Member | undefined
    for (const member of this.#byActor.values())
      if (member.record.state === state && (oldest === undefined || member.since < oldest.since))
        oldest = member
    return oldest
  }
}

/** A whole number takes no memory of its own. */
export function wholeMs(at: Instant): Instant {
  return Math.round(at) as Instant
}

/** The decoder makes new texts for every packet; those that we hold already are kept. */
function sharingTexts(record: MemberRecord, known: MemberRecord): MemberRecord {
  const { actor } = known
  return { ...record, actor, address: record.address === known.address ? known.address : record.address }
}

/** What is believed; `held` where the application is not to be shown that it is up. */
export function viewOf(member: Member): MemberView {
  const { record, since, roundTrip, damping } = member
  const view = viewOfRecord(record, since, roundTrip)
  return damping?.isHeld === true && isActive(record.state) ? { ...view, held: true } : view
}

export function viewOfRecord(
  record: MemberRecord,
  since: Instant,
  roundTrip: RoundTrip | undefined,
): MemberView {
  const { actor, address, state, generation, incarnation } = record
  const metadata = record.told?.metadata ?? NOTHING_TOLD
  return {
    actor,
    address,
    state,
    generation,
    incarnation,
    metadata,
    rttMs: roundTrip && smoothedRoundTripMs(roundTrip),
    sinceMs: since,
  }
}

function newMember(record: MemberRecord, now: Instant): Member {
  return {
    record,
    since: wholeMs(now),
    roundTrip: undefined,
    ring: undefined,
    coordinate: NO_COORDINATE,
    heardAt: undefined,
    heardBy: 'datagram',
    probedAt: undefined,
    probedHow: undefined,
    accusers: NOBODY,
    isUdpBlocked: false,
    protocolMax: 1,
    acksToCoordinate: 0,
    damping: undefined,
    place: 0,
    isQueued: false,
  }
}
