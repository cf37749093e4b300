/**
 * Telling: what a peer is told of our knowledge in an exchange, whole or of the actors of some buckets, and what it may be taken to
 * know then. It goes by the repair lane behind what is fresh, so that the peer does not lack what is about to reach it.
 */
import type { ActorId, ActorKnowledge, Prng } from '@patina/base'
import { type Scope, splitByScope } from './buckets.ts'
import type { Outbox } from './effect.ts'
import type { Knowledge } from './knowledge.ts'
import type { ExchangeId } from './message.ts'
import { cutSummary } from './summary.ts'

interface About {
  readonly exchange: ExchangeId
  readonly answerWanted: boolean
}

interface NarrowedAbout extends About {
  readonly scope: Scope
  /** What stood behind the hashes that the peer found to be its own. */
  readonly outside: readonly ActorKnowledge[]
}

export class Telling {
  readonly #knowledge: Knowledge
  readonly #prng: Prng

  constructor(knowledge: Knowledge, prng: Prng) {
    this.#knowledge = knowledge
    this.#prng = prng
  }

  /** Returns what the peer may be taken to know of us. */
  whole(to: ActorId, about: About, out: Outbox): readonly ActorKnowledge[] {
    const actors = cutSummary(this.#knowledge.toPlain(), this.#prng.u32())
    out.send([to], 'repair', { kind: 'summary', ...about, actors })
    return actors
  }

  /**
   * The same. Of the actors outside the scope that is what `outside` has: what has come since then the peer has not been
   * told (I-SYNC-6).
   */
  narrowed(
    to: ActorId,
    { exchange, answerWanted, scope, outside }: NarrowedAbout,
    out: Outbox,
  ): readonly ActorKnowledge[] {
    const { inside } = splitByScope(this.#knowledge.toPlain(), scope)
    const actors = cutSummary(inside, this.#prng.u32())
    out.send([to], 'repair', { kind: 'summary', exchange, answerWanted, scope, actors })
    return [...splitByScope(outside, scope).outside, ...actors]
  }
}
