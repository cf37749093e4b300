/**
 * Awaited: versions of peers of which they want to hear when we hold them durably. What the store has applied a power loss may
 * still take back, so it is asked to make everything durable first; one question at a time, which answers for all that was
 * held when it was asked. Nothing is promised: what is asked above the bound, or by a session that ends, is forgotten.
 */
import { type ActorId, after, type Instant, millis, NEVER, type Version } from '@patina/base'
import { limits, type SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { Knowledge } from './knowledge.ts'

interface Question {
  readonly token: number
  /** What was held when it was asked, by who waits for it. */
  readonly held: ReadonlyMap<ActorId, readonly Version[]>
}

export class Awaited {
  readonly #config: SyncConfig
  readonly #knowledge: Knowledge
  /** By peer; in the order in which they were asked for. Peers without any are not in it. */
  readonly #versions = new Map<ActorId, Set<Version>>()
  #question: Question | undefined
  #lastToken = 0
  #pausedUntil: Instant = 0 as Instant
  #pumpedAt: Instant = 0 as Instant

  constructor(config: SyncConfig, knowledge: Knowledge) {
    this.#config = config
    this.#knowledge = knowledge
  }

  close(peer: ActorId): void {
    this.#versions.delete(peer)
  }

  /** A peer waits for versions of its own. Of too many the oldest are forgotten: their clients have waited longest. */
  add(peer: ActorId, versions: readonly Version[]): void {
    const awaited = this.#versions.get(peer) ?? new Set()
    if (versions.length > 0) this.#versions.set(peer, awaited)
    for (const version of versions) awaited.add(version)
    for (const version of awaited) {
      if (awaited.size <= limits.awaitedMax) break
      awaited.delete(version)
    }
  }

  /** Asks the store where something that is awaited is held. */
  pump(now: Instant, out: Outbox): void {
    this.#pumpedAt = now
    if (this.#versions.size === 0 || this.#question !== undefined || now < this.#pausedUntil) return
    const held = new Map<ActorId, readonly Version[]>()
    for (const [peer, awaited] of this.#versions) {
      const { have } = this.#knowledge.of(peer)
      const versions = [...awaited].filter((version) => have.has(version))
      if (versions.length > 0) held.set(peer, versions)
    }
    if (held.size === 0) return
    this.#lastToken += 1
    this.#question = { token: this.#lastToken, held }
    out.push({ kind: 'make-durable', token: this.#lastToken })
  }

  /** The store has made durable all that it had applied when it was asked. */
  durable(token: number, out: Outbox): void {
    if (this.#question?.token !== token) return
    const { held } = this.#question
    this.#question = undefined
    for (const [peer, versions] of held) {
      const awaited = this.#versions.get(peer)
      // Of a session that has ended meanwhile nobody waits any more; one that has begun asks anew.
      if (awaited === undefined) continue
      for (const version of versions) awaited.delete(version)
      if (awaited.size === 0) this.#versions.delete(peer)
      out.send([peer], 'control', { kind: 'held', versions: [...versions].sort((a, b) => a - b) })
    }
  }

  failed(token: number, now: Instant): void {
    if (this.#question?.token !== token) return
    this.#question = undefined
    this.#pausedUntil = after(now, millis(this.#config.applyRetryMs))
  }

  nextDeadline(): Instant {
    const isPaused = this.#versions.size > 0 && this.#question === undefined
    return isPaused && this.#pausedUntil > this.#pumpedAt ? this.#pausedUntil : NEVER
  }
}
