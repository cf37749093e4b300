/**
 * HeadRounds: which heads a peer is told, and when (docs/adr/0045). Most actors of an old fleet are gone, and their heads never move. A session
 * opens with a few: the peer's own, for which it may wait before it writes; ours; and those that moved last, because two halves of a
 * cluster that were apart are most likely to differ in them. All heads, those too, go around in slices, each to a random peer, so that
 * what two members know differently of an actor that is long gone is found as well.
 */
import { type ActorId, after, type Instant, type Millis, millis, NEVER, type Prng } from '@patina/base'
import type { SyncConfig } from './config.ts'
import type { Knowledge } from './knowledge.ts'
import type { Head } from './message.ts'

/** Heads of one message: some 2 KB. */
export const HEADS_MAX = 64
/** Between two slices at least, however many actors there are: some 200 bytes a second. */
const SLICE_PAUSE_MS_MIN = 10_000

export interface Slice {
  readonly heads: readonly Head[]
  /** The first of a round: what is told once a round goes with it. */
  readonly isFirst: boolean
}

export class HeadRounds {
  readonly #self: ActorId
  readonly #config: SyncConfig
  readonly #knowledge: Knowledge
  readonly #prng: Prng
  /** Actors of this round whose heads have not been told; a new round begins where there are none. */
  #left: ActorId[] = []
  #at: Instant | undefined

  constructor(self: ActorId, config: SyncConfig, knowledge: Knowledge, prng: Prng) {
    this.#self = self
    this.#config = config
    this.#knowledge = knowledge
    this.#prng = prng
  }

  /** What a new session begins with. Sorts all heads. */
  opening(peer: ActorId): Head[] {
    const others = this.#knowledge.heads().filter(({ actor }) => actor !== peer && actor !== this.#self)
    const newest = others.sort((a, b) => b.ts - a.ts)
    return [...this.ofPeer(peer), ...this.ofPeer(this.#self), ...newest].slice(0, HEADS_MAX)
  }

  /** What this node knows of a peer's own head. */
  ofPeer(peer: ActorId): Head[] {
    const head = this.#knowledge.headOf(peer)
    return head === undefined ? [] : [head]
  }

  /** The next slice, where it is time for it. */
  due(now: Instant): Slice | undefined {
    this.#at ??= after(now, this.#pause())
    if (this.#at > now) return undefined
    const isFirst = this.#left.length === 0
    if (isFirst) this.#begin()
    const heads = this.#left.splice(0, HEADS_MAX).flatMap((actor) => this.#knowledge.headOf(actor) ?? [])
    this.#at = after(now, this.#pause())
    return { heads, isFirst }
  }

  nextDeadline(): Instant {
    return this.#at ?? NEVER
  }

  /** From a random place on: who never lives through a round tells another part each time. */
  #begin(): void {
    const actors = this.#knowledge.heads().map(({ actor }) => actor)
    const start = actors.length === 0 ? 0 : this.#prng.below(actors.length)
    this.#left = [...actors.slice(start), ...actors.slice(0, start)]
  }

  /** A round takes `headsMs`, if it can. Half to one and a half of the mean, so that members do not keep step. */
  #pause(): Millis {
    const { headsMs } = this.#config
    const slices = Math.max(1, Math.ceil(this.#knowledge.heads().length / HEADS_MAX))
    const mean = Math.max(Math.floor(headsMs / slices), Math.min(headsMs, SLICE_PAUSE_MS_MIN))
    return millis(Math.floor(mean / 2) + this.#prng.below(mean))
  }
}
