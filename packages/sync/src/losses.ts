/**
 * Losses: what operators have given up (docs/adr/0037), on its way to the store. A declaration travels with what nodes tell of
 * their knowledge, and is knowledge itself: it is compared like what is held, so that who was absent hears of it like of
 * any other version. What is held here is not lost here, whoever says so; a copy that turns up is taken.
 */
import {
  type ActorId,
  type ActorKnowledge,
  type ActorVersions,
  after,
  type Instant,
  millis,
  NEVER,
  RangeSet,
  type Version,
} from '@patina/base'
import { limits, type SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { Knowledge } from './knowledge.ts'

export class Losses {
  readonly #self: ActorId
  readonly #config: SyncConfig
  readonly #knowledge: Knowledge
  /** Told and not known here, of at most `toldActorsMax` actors; what is told of one takes the place of what was told before. The rest is told again. */
  readonly #news = new Map<ActorId, RangeSet<Version>>()
  #underWay: number | undefined
  #lastToken = 0
  #pausedUntil: Instant = 0 as Instant

  constructor(self: ActorId, config: SyncConfig, knowledge: Knowledge) {
    this.#self = self
    this.#config = config
    this.#knowledge = knowledge
  }

  /** A peer tells what it knows to be given up. */
  told(summary: readonly ActorKnowledge[]): void {
    for (const { actor, lost = [] } of summary) {
      if (actor === this.#self || lost.length === 0) continue
      const ours = this.#knowledge.of(actor)
      const news = RangeSet.of(lost).subtract(ours.have).subtract(ours.lost)
      const hasRoom = this.#news.has(actor) || this.#news.size < limits.toldActorsMax
      if (!news.isEmpty() && hasRoom) this.#news.set(actor, news)
    }
  }

  /** The store has taken a declaration, or could not. What it does not take is not offered to it before it is told again. */
  ended(token: number, how: 'taken' | 'failed', now: Instant): void {
    if (this.#underWay !== token) return
    this.#underWay = undefined
    if (how === 'failed') this.#pausedUntil = after(now, millis(this.#config.applyRetryMs))
  }

  /** One question to the store at a time. */
  pump(now: Instant, out: Outbox): void {
    if (this.#news.size === 0 || this.#underWay !== undefined || now < this.#pausedUntil) return
    const lost = [...this.#news].map(
      ([actor, versions]): ActorVersions => ({ actor, versions: [...versions] }),
    )
    this.#news.clear()
    this.#lastToken += 1
    this.#underWay = this.#lastToken
    out.push({ kind: 'give-up', token: this.#lastToken, lost })
  }

  nextDeadline(): Instant {
    return this.#news.size > 0 && this.#underWay === undefined ? this.#pausedUntil : NEVER
  }
}
