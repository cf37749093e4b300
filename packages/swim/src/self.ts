/**
 * Self: what others say of us, and what we say of ourselves. An accusation is refuted by a higher incarnation, at once and
 * to those who believe it; a clone is reported; news about ourselves is a higher incarnation, too.
 * Source: SWIM §4.2; health by Lifeguard §IV-A. What a record of us means is identity.ts's.
 */
import type { Instant, Prng } from '@patina/base'
import type { Dissemination } from './dissemination.ts'
import { judgeRecordOfSelf } from './identity.ts'
import type { LocalHealth } from './local-health.ts'
import { INCARNATION_MAX, type MemberRecord } from './member.ts'
import type { Members } from './members.ts'
import type { Update } from './message.ts'
import type { MemberMetadata } from './notification.ts'
import type { Outbox } from './outbox.ts'
import { RateLimit } from './rate-limit.ts'

const REPEAT_INTERVAL_MS = 1_000
const CLASH_INTERVAL_MS = 10_000
const RATE_KEYS_MAX = 4_096
/** A refutation goes at once to the accuser and others, this many in all. */
const REFUTE_FANOUT = 4

export interface SelfParts {
  readonly members: Members
  readonly rumors: Dissemination
  readonly outbox: Outbox
  readonly health: LocalHealth
  readonly prng: Prng
}

export class Self {
  readonly #parts: SelfParts
  readonly #repeats = new RateLimit(REPEAT_INTERVAL_MS, RATE_KEYS_MAX)
  readonly #clashes = new RateLimit(CLASH_INTERVAL_MS, 1)

  constructor(parts: SelfParts) {
    this.#parts = parts
  }

  /** A record about our own actor. */
  judge(update: Update, speaker: MemberRecord, now: Instant): void {
    const { outbox } = this.#parts
    const self = outbox.self()
    // Nobody but a twin can send to this address as ourselves from another one: an earlier process never knew this one.
    const isTwin = speaker.actor === self.actor && speaker.address !== self.address
    const verdict = isTwin ? 'clash' : judgeRecordOfSelf(self, update.record)
    if (verdict === 'clash' && this.#clashes.allows('', now)) this.#clash(update.record, isTwin)
    if (speaker.actor === self.actor) return
    if (verdict === 'refute') this.#refute(update, speaker)
    if (verdict === 'repeat' && this.#repeats.allows(speaker.actor, now))
      outbox.send({ address: speaker.address, actor: speaker.actor }, { kind: 'gossip' })
  }

  /** Changes what we tell of ourselves; the mark of the details is in it. */
  tell(metadata: MemberMetadata): void {
    const self = this.#parts.outbox.self()
    const incarnation = Math.min(self.incarnation + 1, INCARNATION_MAX)
    this.#become({ ...self, incarnation, told: { generation: self.generation, incarnation, metadata } })
  }

  /** After a long pause others may hold us down, and will hear at once that we are not. */
  reassert(): void {
    const self = this.#parts.outbox.self()
    this.#become({ ...self, incarnation: Math.min(self.incarnation + 1, INCARNATION_MAX) })
  }

  /** Reported by both: whoever hears of the other by others tells it. No renewal, for two that renew outbid each other. */
  #clash({ address }: MemberRecord, isTwin: boolean): void {
    const { outbox } = this.#parts
    outbox.notify({ kind: 'identity-clash', address })
    if (!isTwin && address !== outbox.self().address)
      outbox.send({ address, actor: undefined }, { kind: 'gossip' })
  }

  /** SWIM §4.2: a higher incarnation, told at once to who said it, to the accusers and others, and queued. */
  #refute({ record, accusers }: Update, speaker: MemberRecord): void {
    const { outbox, health, members, prng } = this.#parts
    this.#become({ ...outbox.self(), incarnation: record.incarnation + 1 })
    health.worsen(1)
    const first = [speaker.actor, ...accusers].flatMap((actor) => members.get(actor) ?? [])
    const others = prng.sample(members.active(), REFUTE_FANOUT)
    for (const member of [...new Set([...first, ...others])].slice(0, REFUTE_FANOUT))
      outbox.sendToMember(member, { kind: 'gossip' })
  }

  #become(self: MemberRecord): void {
    this.#parts.outbox.become(self)
    this.#parts.rumors.put({ record: self, accusers: [] })
  }
}
