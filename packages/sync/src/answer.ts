/**
 * Answers: what a peer is told that compares itself with us (exchange.ts is the other end). One hash tells whether it holds the same; else it
 * gets our summary, or the hashes of our buckets where that would be longer, and then the actors of those that differ. Who asks too
 * often, or has had its share of this second, is told when to come back.
 */
import { type ActorId, type ActorKnowledge, compareBytes, elapsed, type Instant, must } from '@patina/base'
import type { AntiEntropyBudget } from './anti-entropy-budget.ts'
import { BUCKETS_BYTES, bucketHashes, type Scope } from './buckets.ts'
import type { SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { Knowledge } from './knowledge.ts'
import { rootHash } from './knowledge-digest.ts'
import type { ExchangeId, SyncMessage } from './message.ts'
import { summaryBytes } from './summary.ts'
import type { Telling } from './telling.ts'

interface Peer {
  readonly actor: ActorId
  /** When it last sent us a digest that we answered. */
  askedUsAt: Instant | undefined
  /** What stood behind the buckets that it was sent last: what it does not ask for, it holds of this. */
  bucketed: { readonly exchange: ExchangeId; readonly knowledge: readonly ActorKnowledge[] } | undefined
}

export interface AnswersOptions {
  readonly config: SyncConfig
  readonly knowledge: Knowledge
  readonly budget: AntiEntropyBudget
  readonly telling: Telling
}

export class Answers {
  readonly #config: SyncConfig
  readonly #knowledge: Knowledge
  readonly #budget: AntiEntropyBudget
  readonly #telling: Telling
  readonly #peers: Map<ActorId, Peer> = new Map()

  constructor({ config, knowledge, budget, telling }: AnswersOptions) {
    this.#config = config
    this.#knowledge = knowledge
    this.#budget = budget
    this.#telling = telling
  }

  open(actor: ActorId): void {
    this.#peers.set(actor, { actor, askedUsAt: undefined, bucketed: undefined })
  }

  close(actor: ActorId): void {
    this.#peers.delete(actor)
  }

  /** Returns what the peer may be taken to know of us, or what it was told instead of a summary; `equal`: it is to be settled. */
  digest(
    from: ActorId,
    { exchange, salt, root, understandsBuckets }: SyncMessage & { readonly kind: 'digest' },
    now: Instant,
    out: Outbox,
  ): readonly ActorKnowledge[] | 'equal' | 'buckets' | 'refused' {
    const peer = this.#peer(from)
    const retryMs = this.#refusalMs(peer, now)
    if (retryMs > 0) {
      out.send([from], 'repair', { kind: 'refusal', exchange, request: 0, retryMs })
      out.count('sync_refused')
      return 'refused'
    }
    peer.askedUsAt = now
    const knowledge = this.#knowledge.toPlain()
    if (compareBytes(rootHash(knowledge, salt), root) === 0) {
      this.#budget.spend(from, 'comparison', 0, now)
      out.send([from], 'repair', { kind: 'equal', exchange })
      return 'equal'
    }
    const bytes = summaryBytes(knowledge)
    const isLong = understandsBuckets && bytes > BUCKETS_BYTES
    this.#budget.spend(from, 'comparison', isLong ? BUCKETS_BYTES : bytes, now)
    if (!isLong) return this.#telling.whole(from, { exchange, answerWanted: true }, out)
    peer.bucketed = { exchange, knowledge }
    out.send([from], 'repair', { kind: 'buckets', exchange, hashes: bucketHashes(knowledge, salt) })
    return 'buckets'
  }

  /** The second answer, to the peer's actors in the buckets that differ; to an older question it wants none any more. */
  narrowed(
    from: ActorId,
    exchange: ExchangeId,
    scope: Scope,
    out: Outbox,
  ): readonly ActorKnowledge[] | undefined {
    const peer = this.#peer(from)
    const { bucketed } = peer
    if (bucketed?.exchange !== exchange) return undefined
    peer.bucketed = undefined
    const outside = bucketed.knowledge
    return this.#telling.narrowed(from, { exchange, answerWanted: false, scope, outside }, out)
  }

  /** How long who compares itself now is to stay away; 0: it is answered. */
  #refusalMs({ actor, askedUsAt }: Peer, now: Instant): number {
    const { digestGapMs } = this.#config
    if (askedUsAt !== undefined && elapsed(askedUsAt, now) < digestGapMs) return digestGapMs
    return this.#budget.retryMs(actor, 'comparison', now)
  }

  #peer(actor: ActorId): Peer {
    return must(this.#peers.get(actor), 'messages come from open sessions only')
  }
}
