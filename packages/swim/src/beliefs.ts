/**
 * Beliefs: applies what is said of others to the table, and draws what follows: notifications, rumors, suspicion timers.
 * Source: SWIM §4.2, Lifeguard §IV-B. It decides nothing about probing, about packets, or about records of ourselves.
 * I-SWIM-3: records of a member only rise. I-SWIM-5: a member is suspect exactly while a suspicion of its record stands.
 */
import type { ActorId, Instant } from '@patina/base'
import type { SwimConfig } from './config.ts'
import { accusedAgain, releaseAt, released, revived } from './damping.ts'
import type { Deadlines } from './deadlines.ts'
import { type Dissemination, retransmitLimit } from './dissemination.ts'
import { keepsAddress } from './identity.ts'
import { compareRecords, isActive, type MemberRecord, mergeRecords, supersedes } from './member.ts'
import { type Member, type Members, viewOf } from './members.ts'
import type { Update } from './message.ts'
import { notificationsOf, rumorOf } from './news.ts'
import type { Notification } from './notification.ts'
import type { Outbox } from './outbox.ts'
import { RateLimit } from './rate-limit.ts'
import {
  confirm,
  confirmationsWanted,
  type Suspicion,
  suspicionDeadline,
  suspicionTimeoutMs,
} from './suspicion.ts'
import type { Timer } from './timer.ts'
import type { Unverified } from './unverified.ts'

/** That somebody lost its address is told at most this often: one who lives denies it each time. */
const CONFLICT_INTERVAL_MS = 5_000
const CONFLICT_KEYS_MAX = 1_024
const MS_PER_SECOND = 1_000
/** Above so many suspects at one time, as in a partition, finding the others comes before confirming these. */
const EAGER_SUSPECTS_MAX = 16
/** Of the time after which a confirmed suspicion is a verdict. */
const OVERDUE_FACTOR = 2
/** Sendings of what others half know, confirmations and verdicts: e^-8, one in 3,000, misses it. */
const EXPECTED_SENDS = 8

/**
 * What became of an update. `stranger`: about nobody we know, and without metadata, so nothing was kept. `revived`: as
 * `changed`, and the member was down before.
 */
export type Applied = 'changed' | 'revived' | 'known' | 'stranger'

export interface BeliefParts {
  readonly config: SwimConfig
  readonly members: Members
  readonly unverified: Unverified
  readonly rumors: Dissemination
  readonly deadlines: Deadlines<Timer>
  readonly outbox: Outbox
}

export class Beliefs {
  readonly #parts: BeliefParts
  readonly #suspicions = new Map<ActorId, Suspicion>()
  readonly #conflicts = new RateLimit(CONFLICT_INTERVAL_MS, CONFLICT_KEYS_MAX)

  constructor(parts: BeliefParts) {
    this.#parts = parts
  }

  suspicionOf(actor: ActorId): Suspicion | undefined {
    return this.#suspicions.get(actor)
  }

  /** Suspects that too few have found silent for a verdict, and we have not asked. */
  unconfirmed(): Member[] {
    const { config, outbox, members } = this.#parts
    if (this.#suspicions.size === 0) return []
    const self = outbox.self().actor
    return [...this.#suspicions].flatMap(([actor, { accusers, members: n }]) =>
      accusers.length > confirmationsWanted(config, n) || accusers.includes(self)
        ? []
        : (members.get(actor) ?? []),
    )
  }

  /** A suspicion stands for twice the time after which a confirmed one is a verdict: that of the others has passed us by. */
  hasOverdue(now: Instant): boolean {
    const { config } = this.#parts
    return [...this.#suspicions.values()].some(
      ({ startedAt, members }) =>
        now - startedAt > OVERDUE_FACTOR * suspicionTimeoutMs(config, members, config.confirmationsMax),
    )
  }

  /** Applies an update about somebody else, said by `speaker`: of itself, or as news. */
  apply(update: Update, speaker: ActorId, now: Instant): Applied {
    const { record } = update
    const accusers = update.accusers.length > 0 ? update.accusers : [speaker]
    const member = this.#parts.members.get(record.actor)
    if (member === undefined) return this.#meet({ record, accusers }, now)
    if (supersedes(record, member.record)) {
      const wasDown = member.record.state === 'down'
      this.#change(member.record, { record: mergeRecords(member.record, record), accusers }, now, 'tell')
      return wasDown && isActive(member.record.state) ? 'revived' : 'changed'
    }
    const learned = this.#learnTold(member, record, now)
    const confirmed = compareRecords(record, member.record) === 0 && record.state === 'suspect'
    if (confirmed) this.#confirm(member, accusers, now)
    return learned ? 'changed' : 'known'
  }

  /**
   * Applies a record of a whole view, which may be stale or that of a partition. Somebody unknown waits until it is heard
   * of. What the view holds down and we hold up is only accused by it, so that a healed partition does not kill the other
   * side (memberlist: mergeState).
   */
  applySecondHand(update: Update, speaker: ActorId, now: Instant): Applied {
    const { record, ageS = 0 } = update
    const { members, unverified, config } = this.#parts
    const known = members.get(record.actor)
    if (known === undefined && record.told === undefined) return 'stranger'
    if (known === undefined && isActive(record.state)) {
      unverified.put({ ...record, state: 'alive' }, speaker, members.count(), now)
      return 'known'
    }
    if (known === undefined) {
      const waiting = unverified.get(record.actor)
      const since = (now - ageS * MS_PER_SECOND) as Instant
      const isOlder = waiting !== undefined && !supersedes(record, waiting.record)
      if (isOlder || now - since >= config.tombstoneMs) return 'known'
      unverified.delete(record.actor)
      return this.#change(undefined, { record, accusers: [speaker] }, since, 'keep') ? 'changed' : 'known'
    }
    if (record.state !== 'down' || !isActive(known.record.state)) return this.apply(update, speaker, now)
    return this.apply({ record: { ...record, state: 'suspect' }, accusers: [speaker] }, speaker, now)
  }

  /** Somebody who was only told of has answered a probe. */
  verified(actor: ActorId, now: Instant): void {
    const waiting = this.#parts.unverified.get(actor)
    if (waiting === undefined) return
    this.#parts.unverified.delete(actor)
    // Those who told of it know it already, and so do those whom they told: it is no news.
    this.#change(undefined, { record: waiting.record, accusers: [] }, now, 'keep')
  }

  /** Our own probe of this member, as its record stood then, came to nothing. */
  accuse(probed: MemberRecord, now: Instant): void {
    const record: MemberRecord = { ...probed, state: 'suspect', told: undefined }
    const self = this.#parts.outbox.self().actor
    if (this.apply({ record, accusers: [self] }, self, now) !== 'changed') return
    const member = this.#parts.members.get(probed.actor)
    // Lifeguard §IV-C: the suspect hears of it at once. Its ack, and its refutation, come with its new incarnation.
    if (member?.record.state === 'suspect')
      this.#parts.outbox.sendToMember(member, { kind: 'ping', probe: 0, target: probed.actor })
  }

  /** The time has come at which a member that is held may be shown. Stale where it went or was accused since. */
  steady(actor: ActorId, since: Instant): void {
    const member = this.#parts.members.get(actor)
    if (member?.damping?.isHeld !== true || member.record.state !== 'alive') return
    if (member.damping.steadySince !== since) return
    member.damping = released(member.damping)
    this.#notify({ kind: 'member-up', member: viewOf(member) })
  }

  /** A suspicion timer has come. It is stale where the suspicion has ended, or was confirmed and so has an earlier one. */
  suspicionExpired(actor: ActorId, started: Suspicion, now: Instant): void {
    const suspicion = this.#suspicions.get(actor)
    const member = this.#parts.members.get(actor)
    if (suspicion !== started || member === undefined) return
    const self = this.#parts.outbox.self().actor
    const record: MemberRecord = { ...member.record, state: 'down', told: undefined }
    this.apply(
      { record, accusers: [self, ...suspicion.accusers.filter((accuser) => accuser !== self)] },
      self,
      now,
    )
  }

  /** This process stood still: suspicions get the time again in which nobody could refute to it. */
  shift(byMs: number): void {
    for (const suspicion of this.#suspicions.values())
      suspicion.startedAt = (suspicion.startedAt + byMs) as Instant
  }

  #meet(update: Update, now: Instant): Applied {
    const { unverified } = this.#parts
    const waiting = unverified.get(update.record.actor)
    const record = waiting === undefined ? update.record : mergeRecords(waiting.record, update.record)
    if (record.told === undefined) return 'stranger'
    unverified.delete(record.actor)
    if (record.state === 'suspect')
      this.#change(undefined, { record: { ...record, state: 'alive' }, accusers: [] }, now, 'keep')
    const before = this.#parts.members.get(record.actor)?.record
    // It has lost its address, and is down already.
    if (before !== undefined && !supersedes(record, before)) return 'changed'
    // Tombstones that we only now hear of are no news to anybody who asks, nor is what a whole view told before.
    const isNews = isActive(record.state) && (waiting === undefined || supersedes(record, waiting.record))
    const news = isNews ? 'tell' : 'keep'
    return this.#change(before, { ...update, record }, now, news) ? 'changed' : 'known'
  }

  /** Metadata has an order of its own: it may be news although the state is not. */
  #learnTold(member: Member, said: MemberRecord, now: Instant): boolean {
    const merged = mergeRecords(member.record, said)
    if (merged.told === member.record.told) return false
    this.#parts.members.put(merged, now)
    if (merged.state === 'alive') this.#parts.rumors.put(rumorOf(merged, []))
    this.#tell(member, [{ kind: 'member-updated', member: viewOf(member) }])
    return true
  }

  #confirm(member: Member, accusers: readonly ActorId[], now: Instant): void {
    const before = this.#suspicions.get(member.record.actor)
    if (before === undefined) return
    const after = confirm(this.#parts.config, before, accusers)
    if (after === before) return
    member.accusers = after.accusers
    this.#watch(member.record.actor, after, now)
    // Lifeguard §IV-B tells each confirmation anew. Less often is enough: who misses one has heard of the suspicion.
    const update = { record: { ...member.record, told: undefined }, accusers: after.accusers }
    this.#parts.rumors.put(update, this.#partlyTold())
  }

  /**
   * Applies a record that is new. Where its address is kept by somebody else who is active, it is down from the first moment:
   * up for an instant would be an outage of what runs there now.
   */
  #change(before: MemberRecord | undefined, update: Update, now: Instant, news: 'tell' | 'keep'): boolean {
    const self = this.#parts.outbox.self()
    const { record } = update
    const rival = isActive(record.state) ? this.#rivalOf(record) : undefined
    if (rival === undefined) return this.#enter(before, update, now, news)
    if (rival === self || keepsAddress(rival, record)) {
      const isTold = news === 'tell' && this.#conflicts.allows(`${rival.actor} ${record.actor}`, now)
      const lost = { record: { ...record, state: 'down' }, accusers: [self.actor] } as const
      return this.#enter(before, lost, now, isTold ? 'tell' : 'keep')
    }
    if (!this.#enter(before, update, now, news)) return false
    this.apply(
      { record: { ...rival, state: 'down', told: undefined }, accusers: [self.actor] },
      self.actor,
      now,
    )
    return true
  }

  /** Who else is active at its address; ourselves before others. */
  #rivalOf({ actor, address }: MemberRecord): MemberRecord | undefined {
    const self = this.#parts.outbox.self()
    const holder = address === self.address ? self : this.#parts.members.at(address)?.record
    return holder?.actor === actor ? undefined : holder
  }

  /** The one place where a record enters the table. False where there is no room for it. */
  #enter(
    before: MemberRecord | undefined,
    { record, accusers }: Update,
    now: Instant,
    news: 'tell' | 'keep',
  ): boolean {
    const { members, config } = this.#parts
    const member = members.put(record, now)
    if (member === undefined) return false
    this.#suspicions.delete(record.actor)
    if (record.state === 'suspect') {
      const { generation, incarnation } = record
      const first = accusers.slice(0, 1)
      const suspicion = { generation, incarnation, startedAt: now, members: members.count(), accusers: first }
      this.#watch(record.actor, confirm(config, suspicion, accusers), now)
      const isOurs = accusers.includes(this.#parts.outbox.self().actor)
      if (!isOurs && this.#suspicions.size <= EAGER_SUSPECTS_MAX) members.probeSoon(record.actor)
    }
    this.#note(member, before, accusers, now)
    if (news === 'tell') this.#spread({ record, accusers }, before?.state === 'suspect')
    const confirmers = accusers.slice(1)
    this.#tell(member, notificationsOf(before, member, accusers[0] ?? record.actor, confirmers))
    return true
  }

  /** What explains the belief later, and whether it comes and goes too often. */
  #note(member: Member, before: MemberRecord | undefined, accusers: readonly ActorId[], now: Instant): void {
    const { state, actor } = member.record
    if (state === 'suspect') member.accusers = this.#suspicions.get(actor)?.accusers ?? accusers
    if (state === 'down') member.accusers = accusers
    if (state === 'alive' || state === 'left') member.accusers = []
    if (before?.state === 'down' && isActive(state)) {
      member.damping = revived(member.damping, now)
      member.isUdpBlocked = false
    } else if (member.damping !== undefined && state === 'alive' && before?.state !== 'alive')
      member.damping = accusedAgain(member.damping, now)
    else return
    const at = releaseAt(member.damping)
    if (at !== undefined) this.#parts.deadlines.set(at, { kind: 'steady', actor, since: now })
  }

  /** A verdict on a suspect is half known: who heard of the suspicion comes to it alone, at nearly the same time. */
  #spread({ record, accusers }: Update, wasSuspect: boolean): void {
    const said = record.state === 'suspect' ? this.#suspicions.get(record.actor)?.accusers : undefined
    const heard = record.state === 'down' ? accusers : []
    const sends = record.state === 'down' && wasSuspect ? this.#partlyTold() : 0
    this.#parts.rumors.put(rumorOf(record, said ?? heard), sends)
  }

  /** Counted as sent already, so that EXPECTED_SENDS are left. */
  #partlyTold(): number {
    const { config, members } = this.#parts
    return Math.max(0, retransmitLimit(config.retransmitFactor, members.count()) - EXPECTED_SENDS)
  }

  /** A confirmation may bring the deadline into the past; timers never are, for a late one means a pause of ours. */
  #watch(actor: ActorId, suspicion: Suspicion, now: Instant): void {
    this.#suspicions.set(actor, suspicion)
    const at = Math.max(now, suspicionDeadline(this.#parts.config, suspicion)) as Instant
    this.#parts.deadlines.set(at, { kind: 'suspicion', actor, suspicion })
  }

  #tell(member: Member, notifications: readonly Notification[]): void {
    // Held back from the application, for which it is down; that it left is told.
    const isHeld = member.damping?.isHeld === true
    for (const notification of notifications)
      if (!isHeld || notification.kind === 'member-left') this.#notify(notification)
  }

  #notify(notification: Notification): void {
    this.#parts.outbox.notify(notification)
  }
}
