/**
 * Exchanges: who is compared with whom, and when (docs/protocol.md, "Replication messages"). The initiator sends one hash
 * over its knowledge; a peer that holds the same says so, another sends its summary and gets the initiator's in return. Where
 * that would be long it sends the hashes of its buckets first, and both tell only of the actors of those that differ.
 * Each side then computes for itself what it lacks (fetch.ts), so both converge, whoever began.
 *
 * A peer is settled while our knowledge is what it was when that peer last had nothing for us. While somebody is not
 * settled there is an exchange each period; when all are, the pause doubles up to its maximum.
 */
import {
  type ActorId,
  type ActorKnowledge,
  after,
  compareBytes,
  earliest,
  elapsed,
  type Instant,
  type Millis,
  millis,
  must,
  NEVER,
  type Prng,
} from '@patina/base'
import type { AntiEntropyBudget } from './anti-entropy-budget.ts'
import { BUCKETS_BYTES, bucketHashes, differingBuckets, type Scope, splitByScope } from './buckets.ts'
import type { SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { Knowledge } from './knowledge.ts'
import { rootHash } from './knowledge-digest.ts'
import { drawSalt, type ExchangeId, SALT_BYTES, type SummaryMessage, type SyncMessage } from './message.ts'
import { COMPARE, type CompareEvent, type CompareState } from './session-table.ts'
import { cutSummary, summaryBytes } from './summary.ts'

interface Peer {
  readonly actor: ActorId
  state: CompareState
  /** Of the last digest that we sent; answers to others are stale. */
  exchange: ExchangeId
  salt: Uint8Array
  /** Our revision when that digest was made. */
  revision: number
  /** While comparing: when we give up. While idle: when it may be asked again. */
  deadline: Instant
  settledRevision: number
  comparedAt: Instant
  /** When it last sent us a digest. */
  askedUsAt: Instant | undefined
  /** What stood behind the buckets that it was sent last: what it does not ask for, it holds of this. */
  bucketed: { readonly exchange: ExchangeId; readonly knowledge: readonly ActorKnowledge[] } | undefined
}

export interface ExchangesOptions {
  readonly self: ActorId
  readonly config: SyncConfig
  readonly knowledge: Knowledge
  /** Of what is told to peers. */
  readonly budget: AntiEntropyBudget
  readonly prng: Prng
}

/** How a peer and this node stand to each other, for people. */
export interface ComparedPeer {
  readonly actor: ActorId
  /** Nothing has changed here since it was found to have nothing for us. */
  readonly settled: boolean
  /** Since the last exchange that we began with it, or since its session opened. */
  readonly comparedMsAgo: Millis
}

const NEVER_SETTLED = -1
const ID_MAX = 0xffff_ffff
const NO_SALT = new Uint8Array(SALT_BYTES)

export class Exchanges {
  readonly #self: ActorId
  readonly #config: SyncConfig
  readonly #knowledge: Knowledge
  readonly #budget: AntiEntropyBudget
  readonly #prng: Prng
  readonly #peers: Map<ActorId, Peer> = new Map()
  #lastExchange: ExchangeId
  #periodMs: number
  #nextAt: Instant = 0 as Instant

  constructor({ self, config, knowledge, budget, prng }: ExchangesOptions) {
    this.#self = self
    this.#config = config
    this.#knowledge = knowledge
    this.#budget = budget
    this.#prng = prng
    this.#lastExchange = prng.u32()
    this.#periodMs = config.exchangePeriodMs
  }

  /** Of the two ends of a new session the smaller actor compares at once; that does for both. */
  open(actor: ActorId, now: Instant, out: Outbox): void {
    const peer: Peer = {
      actor,
      state: 'idle',
      exchange: 0,
      salt: NO_SALT,
      revision: 0,
      deadline: now,
      settledRevision: NEVER_SETTLED,
      comparedAt: now,
      askedUsAt: undefined,
      bucketed: undefined,
    }
    this.#peers.set(actor, peer)
    this.touch(now)
    if (this.#self < actor) this.#happen(peer, 'due', now, out)
  }

  close(actor: ActorId): void {
    this.#peers.delete(actor)
  }

  /** Something changed, or was dropped: the pause starts anew from its minimum. */
  touch(now: Instant): void {
    this.#periodMs = this.#config.exchangePeriodMs
    this.#nextAt = earliest(this.#nextAt, after(now, millis(this.#periodMs)))
  }

  peers(now: Instant): ComparedPeer[] {
    const { revision } = this.#knowledge
    return [...this.#peers.values()].map(({ actor, settledRevision, comparedAt }) => ({
      actor,
      settled: settledRevision === revision,
      comparedMsAgo: elapsed(comparedAt, now),
    }))
  }

  /** A number that no other question of ours has. */
  nextId(): ExchangeId {
    this.#lastExchange = this.#lastExchange >= ID_MAX ? 1 : this.#lastExchange + 1
    return this.#lastExchange
  }

  /** Compares with this peer now, or with all, whatever was found before. */
  begin(actor: ActorId | undefined, now: Instant, out: Outbox): void {
    this.touch(now)
    for (const peer of this.#peers.values()) {
      if (actor !== undefined && peer.actor !== actor) continue
      peer.settledRevision = NEVER_SETTLED
      this.#happen(peer, 'due', now, out)
    }
  }

  /** Gives up late answers and begins what is due. */
  pump(now: Instant, out: Outbox): void {
    for (const peer of this.#peers.values())
      if (peer.state !== 'idle' && peer.deadline <= now) this.#happen(peer, 'expired', now, out)
    if (now < this.#nextAt) return
    const peer = this.#choose(now)
    if (peer !== undefined) this.#happen(peer, 'due', now, out)
    this.#nextAt = after(now, millis(this.#periodMs))
  }

  nextDeadline(): Instant {
    let next = this.#peers.size === 0 ? NEVER : this.#nextAt
    for (const { state, deadline } of this.#peers.values())
      if (state !== 'idle') next = earliest(next, deadline)
    return next
  }

  /** Somebody else's question. Returns the summary that it was told, or what it was told instead of one. */
  answerDigest(
    from: ActorId,
    digest: SyncMessage & { readonly kind: 'digest' },
    now: Instant,
    out: Outbox,
  ): readonly ActorKnowledge[] | 'equal' | 'buckets' | 'refused' {
    const peer = this.#peer(from)
    const { exchange, salt, root } = digest
    const retryMs = this.#refusalMs(peer, now)
    if (retryMs > 0) {
      out.send([from], 'repair', { kind: 'refusal', exchange, request: 0, retryMs })
      out.count('sync_refused')
      return 'refused'
    }
    peer.askedUsAt = now
    const knowledge = this.#knowledge.toPlain()
    if (compareBytes(rootHash(knowledge, salt), root) === 0) {
      this.#settle(peer, this.#knowledge.revision, now)
      this.#budget.spend(from, 'comparison', 0, now)
      out.send([from], 'repair', { kind: 'equal', exchange })
      return 'equal'
    }
    const bytes = summaryBytes(knowledge)
    const isLong = digest.understandsBuckets && bytes > BUCKETS_BYTES
    this.#budget.spend(from, 'comparison', isLong ? BUCKETS_BYTES : bytes, now)
    if (!isLong) return this.#tell(peer, { exchange, answerWanted: true }, out)
    peer.bucketed = { exchange, knowledge }
    out.send([from], 'repair', { kind: 'buckets', exchange, hashes: bucketHashes(knowledge, salt) })
    return 'buckets'
  }

  /** Returns what the peer may be taken to know of us, where it was told something. */
  buckets(
    from: ActorId,
    { exchange, hashes }: SyncMessage & { readonly kind: 'buckets' },
    now: Instant,
    out: Outbox,
  ): readonly ActorKnowledge[] | 'equal' | 'stale' {
    const peer = this.#peer(from)
    if (peer.state !== 'comparing' || peer.exchange !== exchange) return 'stale'
    const knowledge = this.#knowledge.toPlain()
    const scope = differingBuckets(bucketHashes(knowledge, peer.salt), hashes)
    peer.revision = this.#knowledge.revision
    this.#happen(peer, scope === undefined ? 'same-buckets' : 'buckets', now, out)
    return scope === undefined
      ? 'equal'
      : this.#tellNarrowed(peer, { exchange, answerWanted: true, scope, outside: knowledge }, out)
  }

  /** Returns when what was found equal was told; undefined where the answer comes too late. */
  equal(from: ActorId, exchange: ExchangeId, now: Instant, out: Outbox): Instant | undefined {
    const peer = this.#peer(from)
    const action = this.#happen(peer, peer.exchange === exchange ? 'equal' : 'stale', now, out)
    return action === 'settle' ? peer.comparedAt : undefined
  }

  /** Returns what the peer may be taken to know of us, where it was told something in return. */
  summary(
    from: ActorId,
    message: SummaryMessage,
    now: Instant,
    out: Outbox,
  ): readonly ActorKnowledge[] | undefined {
    const peer = this.#peer(from)
    const { exchange, answerWanted, scope } = message
    if (scope !== undefined && answerWanted) return this.#answerNarrowed(peer, exchange, scope, out)
    const isWanted = peer.state === 'narrowing' ? scope !== undefined : answerWanted
    const isCurrent = isWanted && peer.exchange === exchange
    const action = this.#happen(peer, isCurrent ? 'summary' : 'stale', now, out)
    if (action !== 'send-summary') return undefined
    return this.#tell(peer, { exchange, answerWanted: false }, out)
  }

  refused(
    from: ActorId,
    refusal: { readonly exchange: ExchangeId; readonly retryMs: number },
    now: Instant,
    out: Outbox,
  ): void {
    const peer = this.#peer(from)
    const action = this.#happen(peer, peer.exchange === refusal.exchange ? 'refused' : 'stale', now, out)
    if (action !== 'wait') return
    const { retryMs, retryMaxMs } = this.#config
    peer.deadline = after(now, millis(Math.min(Math.max(refusal.retryMs, retryMs), retryMaxMs)))
  }

  /** The peer's summary had nothing for us. */
  settle(actor: ActorId, now: Instant): void {
    this.#settle(this.#peer(actor), this.#knowledge.revision, now)
  }

  #happen(peer: Peer, event: CompareEvent, now: Instant, out: Outbox): string {
    const { next, action } = COMPARE[peer.state][event]
    peer.state = next
    switch (action) {
      case 'send-digest':
        this.#sendDigest(peer, now, out)
        break
      case 'settle':
        peer.deadline = now
        this.#settle(peer, peer.revision, now)
        break
      case 'wait':
        peer.deadline = after(now, millis(this.#config.retryMs))
        break
      case 'send-narrowed':
        peer.deadline = after(now, millis(this.#config.exchangeTimeoutMs))
        break
      case 'send-summary':
      case 'finish':
        peer.deadline = now
        break
      case 'ignore':
        break
    }
    return action
  }

  /** How long who compares itself now is to stay away; 0: it is answered. */
  #refusalMs({ actor, askedUsAt }: Peer, now: Instant): number {
    const { digestGapMs } = this.#config
    if (askedUsAt !== undefined && elapsed(askedUsAt, now) < digestGapMs) return digestGapMs
    return this.#budget.retryMs(actor, 'comparison', now)
  }

  #sendDigest(peer: Peer, now: Instant, out: Outbox): void {
    peer.exchange = this.nextId()
    peer.revision = this.#knowledge.revision
    peer.comparedAt = now
    peer.deadline = after(now, millis(this.#config.exchangeTimeoutMs))
    const salt = drawSalt(this.#prng)
    peer.salt = salt
    const { exchange } = peer
    const root = rootHash(this.#knowledge.toPlain(), salt)
    out.send([peer.actor], 'repair', { kind: 'digest', exchange, salt, root, understandsBuckets: true })
    out.count('sync_exchanges')
  }

  /** In the repair lane behind what is fresh, so that the peer does not lack what is about to reach it. */
  #tell(
    peer: Peer,
    about: { readonly exchange: ExchangeId; readonly answerWanted: boolean },
    out: Outbox,
  ): readonly ActorKnowledge[] {
    const actors = cutSummary(this.#knowledge.toPlain(), this.#prng.u32())
    out.send([peer.actor], 'repair', { kind: 'summary', ...about, actors })
    return actors
  }

  /** The answer to one that we have bucketed; to an older one the peer wants none any more. */
  #answerNarrowed(
    peer: Peer,
    exchange: ExchangeId,
    scope: Scope,
    out: Outbox,
  ): readonly ActorKnowledge[] | undefined {
    const { bucketed } = peer
    if (bucketed?.exchange !== exchange) return undefined
    peer.bucketed = undefined
    const outside = bucketed.knowledge
    return this.#tellNarrowed(peer, { exchange, answerWanted: false, scope, outside }, out)
  }

  /**
   * Of the actors outside the scope the peer knows what `outside` has: what stood behind the hashes that it found to be its own. What has come
   * since then it has not been told (I-SYNC-6).
   */
  #tellNarrowed(
    peer: Peer,
    about: {
      readonly exchange: ExchangeId
      readonly answerWanted: boolean
      readonly scope: Scope
      readonly outside: readonly ActorKnowledge[]
    },
    out: Outbox,
  ): readonly ActorKnowledge[] {
    const { exchange, answerWanted, scope } = about
    const { inside } = splitByScope(this.#knowledge.toPlain(), scope)
    const actors = cutSummary(inside, this.#prng.u32())
    out.send([peer.actor], 'repair', { kind: 'summary', exchange, answerWanted, scope, actors })
    return [...splitByScope(about.outside, scope).outside, ...actors]
  }

  #settle(peer: Peer, revision: number, now: Instant): void {
    peer.settledRevision = revision
    const { exchangePeriodMs, exchangePeriodMaxMs } = this.#config
    if (this.#allSettled()) {
      this.#periodMs = Math.min(2 * this.#periodMs, exchangePeriodMaxMs)
      this.#nextAt = after(now, millis(this.#periodMs))
    } else {
      this.#periodMs = exchangePeriodMs
    }
  }

  #allSettled(): boolean {
    const { revision } = this.#knowledge
    return [...this.#peers.values()].every(({ settledRevision }) => settledRevision === revision)
  }

  /** Not settled before settled, then the one that waits longest. Linear in the number of sessions. */
  #choose(now: Instant): Peer | undefined {
    const { revision } = this.#knowledge
    let chosen: Peer | undefined
    for (const peer of this.#peers.values()) {
      if (peer.state !== 'idle' || peer.deadline > now) continue
      if (chosen === undefined || comesBefore(peer, chosen, revision)) chosen = peer
    }
    return chosen
  }

  #peer(actor: ActorId): Peer {
    return must(this.#peers.get(actor), 'messages come from open sessions only')
  }
}

function comesBefore(a: Peer, b: Peer, revision: number): boolean {
  const [aSettled, bSettled] = [a.settledRevision === revision, b.settledRevision === revision]
  return aSettled === bSettled ? a.comparedAt < b.comparedAt : bSettled
}
