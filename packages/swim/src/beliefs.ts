/**
 * Beliefs: applies what is said of others to the table, and draws what follows: notifications, rumors, suspicion timers.
 * Source: SWIM §4.2, Lifeguard §IV-B. It decides nothing about probing, about packets, or about records of ourselves.
 * I-SWIM-3: records of a member only rise. I-SWIM-5: a member is suspect exactly while a suspicion of its record stands.
 */
import type { ActorId, Instant } from '@patina/base'
import { ACCUSERS_MAX } from './codec.ts'
import type { SwimConfig } from './config.ts'
import type { Deadlines } from './deadlines.ts'
import type { Dissemination } from './dissemination.ts'
import { keepsAddress } from './identity.ts'
import { compareRecords, isActive, type MemberRecord, mergeRecords, supersedes } from './member.ts'
import { type Member, type Members, viewOf } from './members.ts'
import type { Update } from './message.ts'
import type { MemberView, Notification } from './notification.ts'
import type { Outbox } from './outbox.ts'
import { RateLimit } from './rate-limit.ts'
import { confirm, type Suspicion, suspicionDeadline } from './suspicion.ts'
import type { Timer } from './timer.ts'

/** Two who claim one address are judged at most this often: a quarrel of views ends with the probes, not here. */
const CONFLICT_INTERVAL_MS = 5_000
const CONFLICT_KEYS_MAX = 1_024

/** What became of an update. `stranger`: about nobody we know, and without metadata, so nothing was kept. */
export type Applied = 'changed' | 'known' | 'stranger'

export interface BeliefParts {
  readonly config: SwimConfig
  readonly members: Members
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

  /** Applies an update about somebody else, said by `speaker`. */
  apply(update: Update, speaker: ActorId, now: Instant): Applied {
    const { record } = update
    const accusers = update.accusers.length > 0 ? update.accusers : [speaker]
    const member = this.#parts.members.get(record.actor)
    if (member === undefined) return this.#meet({ record, accusers }, now)
    if (supersedes(record, member.record)) {
      this.#change(member.record, { record: mergeRecords(member.record, record), accusers }, now)
      return 'changed'
    }
    const learned = this.#learnTold(member, record, now)
    const confirmed = compareRecords(record, member.record) === 0 && record.state === 'suspect'
    if (confirmed) this.#confirm(member, accusers, now)
    return learned ? 'changed' : 'known'
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

  #meet(update: Update, now: Instant): Applied {
    const { record } = update
    if (record.told === undefined) return 'stranger'
    if (record.state === 'suspect')
      this.#change(undefined, { record: { ...record, state: 'alive' }, accusers: [] }, now)
    const before = this.#parts.members.get(record.actor)?.record
    return this.#change(before, update, now) ? 'changed' : 'known'
  }

  /** Metadata has an order of its own: it may be news although the state is not. */
  #learnTold(member: Member, said: MemberRecord, now: Instant): boolean {
    const merged = mergeRecords(member.record, said)
    if (merged.told === member.record.told) return false
    this.#parts.members.put(merged, now)
    if (merged.state === 'alive') this.#parts.rumors.put(rumorOf(merged, []))
    this.#notify({ kind: 'member-updated', member: this.#view(merged.actor) })
    return true
  }

  #confirm(member: Member, accusers: readonly ActorId[], now: Instant): void {
    const before = this.#suspicions.get(member.record.actor)
    if (before === undefined) return
    const after = confirm(this.#parts.config, before, accusers)
    if (after === before) return
    this.#watch(member.record.actor, after, now)
    this.#parts.rumors.put({ record: { ...member.record, told: undefined }, accusers: after.accusers })
  }

  /** The one place where a record enters the table. False where there is no room for it. */
  #change(before: MemberRecord | undefined, update: Update, now: Instant): boolean {
    const { members, rumors, config } = this.#parts
    const { record, accusers } = update
    if (!members.put(record, now)) return false
    this.#suspicions.delete(record.actor)
    if (record.state === 'suspect') {
      const { generation, incarnation } = record
      const first = accusers.slice(0, 1)
      const suspicion = { generation, incarnation, startedAt: now, members: members.count(), accusers: first }
      this.#watch(record.actor, confirm(config, suspicion, accusers), now)
    }
    // Tombstones that we only now hear of are no news to anybody who asks.
    if (before !== undefined || isActive(record.state)) rumors.put(rumorOf(record, this.#accusersOf(update)))
    for (const notification of notificationsOf(before, record, accusers, this.#view(record.actor)))
      this.#notify(notification)
    this.#settleAddress(record, now)
    return true
  }

  #accusersOf({ record, accusers }: Update): readonly ActorId[] {
    if (record.state === 'suspect') return this.#suspicions.get(record.actor)?.accusers ?? accusers
    return record.state === 'down' ? accusers : []
  }

  /** A confirmation may bring the deadline into the past; timers never are, for a late one means a pause of ours. */
  #watch(actor: ActorId, suspicion: Suspicion, now: Instant): void {
    this.#suspicions.set(actor, suspicion)
    const at = Math.max(now, suspicionDeadline(this.#parts.config, suspicion)) as Instant
    this.#parts.deadlines.set(at, { kind: 'suspicion', actor, suspicion })
  }

  /** Two active members claim one address: the newer generation keeps it, the other one is held down. */
  #settleAddress(record: MemberRecord, now: Instant): void {
    if (!isActive(record.state)) return
    const self = this.#parts.outbox.self()
    const rival = record.address === self.address ? self : this.#rivalOf(record)
    if (rival === undefined || !this.#conflicts.allows(`${rival.actor} ${record.actor}`, now)) return
    const loser = rival !== self && keepsAddress(record, rival) ? rival : record
    this.apply(
      { record: { ...loser, state: 'down', told: undefined }, accusers: [self.actor] },
      self.actor,
      now,
    )
  }

  #rivalOf(record: MemberRecord): MemberRecord | undefined {
    for (const { record: other } of this.#parts.members.active())
      if (other.address === record.address && other.actor !== record.actor) return other
    return undefined
  }

  #view(actor: ActorId): MemberView {
    const member = this.#parts.members.get(actor) as Member
    return viewOf(member.record, member.since, member.roundTrip)
  }

  #notify(notification: Notification): void {
    this.#parts.outbox.notify(notification)
  }
}

/** Alive rumors bring metadata; the others only the verdict, which is short. */
function rumorOf(record: MemberRecord, accusers: readonly ActorId[]): Update {
  return {
    record: record.state === 'alive' ? record : { ...record, told: undefined },
    accusers: accusers.slice(0, ACCUSERS_MAX),
  }
}

/** What the application hears of a change. Never two ups or two downs of a member in a row. */
function notificationsOf(
  before: MemberRecord | undefined,
  after: MemberRecord,
  accusers: readonly ActorId[],
  member: MemberView,
): Notification[] {
  const was = before?.state
  const wasActive = was === 'alive' || was === 'suspect'
  const accuser = accusers[0] ?? after.actor
  if (after.state === 'down') return was === 'down' ? [] : [{ kind: 'member-down', member, accuser }]
  if (after.state === 'left') return was === 'left' ? [] : [{ kind: 'member-left', member }]
  const notifications: Notification[] = wasActive ? [] : [{ kind: 'member-up', member }]
  if (after.state === 'suspect' && was !== 'suspect')
    notifications.push({ kind: 'member-suspect', member, accuser })
  if (after.state === 'alive' && was === 'suspect') notifications.push({ kind: 'member-refuted', member })
  if (wasActive && (before?.generation !== after.generation || before.told !== after.told))
    notifications.push({ kind: 'member-updated', member })
  return notifications
}
