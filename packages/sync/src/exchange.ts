/**
 * Exchanges: who is compared with whom, and when (docs/protocol.md, "Replication messages"). The initiator sends one hash
 * over its knowledge; a peer that holds the same says so, another sends its summary and gets the initiator's in return. Where
 * that would be long it sends the hashes of its buckets first, and both tell only of the actors of those that differ.
 * Each side then computes for itself what it lacks (fetch.ts), so both converge, whoever began. This is the initiator; the other
 * end is answer.ts.
 *
 * A peer is settled while our knowledge is what it was when that peer last had nothing for us. While somebody is not
 * settled there is an exchange each period; when all are, the pause doubles up to its maximum.
 */
import {
  type ActorId,
  type ActorKnowledge,
  after,
  earliest,
  elapsed,
  type Instant,
  type Millis,
  millis,
  must,
  NEVER,
  type Prng,
} from '@patina/base'
import { bucketHashes, differingBuckets } from './buckets.ts'
import type { SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { Knowledge } from './knowledge.ts'
import { rootHash } from './knowledge-digest.ts'
import { drawSalt, type ExchangeId, SALT_BYTES, type SummaryMessage, type SyncMessage } from './message.ts'
import { COMPARE, type CompareEvent, type CompareState } from './session-table.ts'
import type { Telling } from './telling.ts'

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
  /** How long the last digest that was answered took, there and back. */
  roundTripMs: Millis
}

export interface ExchangesOptions {
  readonly self: ActorId
  readonly config: SyncConfig
  readonly knowledge: Knowledge
  readonly telling: Telling
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
  readonly #telling: Telling
  readonly #prng: Prng
  readonly #peers: Map<ActorId, Peer> = new Map()
  #lastExchange: ExchangeId
  #periodMs: number
  #nextAt: Instant = 0 as Instant

  constructor({ self, config, knowledge, telling, prng }: ExchangesOptions) {
    this.#self = self
    this.#config = config
    this.#knowledge = knowledge
    this.#telling = telling
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
      roundTripMs: millis(0),
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

  /** From a digest to its answer, the last time that there was one; 0 before. */
  roundTripMs(actor: ActorId): Millis {
    return this.#peer(actor).roundTripMs
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

  /** Returns what the peer may be taken to know of us, where it was told something; `equal`: it is to be settled. */
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
    this.#happen(peer, scope === undefined ? 'same-buckets' : 'buckets', now, out)
    return scope === undefined
      ? 'equal'
      : this.#telling.narrowed(from, { exchange, answerWanted: true, scope, outside: knowledge }, out)
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
    const isWanted = peer.state === 'narrowing' ? scope !== undefined : answerWanted
    const isCurrent = isWanted && peer.exchange === exchange
    const action = this.#happen(peer, isCurrent ? 'summary' : 'stale', now, out)
    if (action !== 'send-summary') return undefined
    return this.#telling.whole(from, { exchange, answerWanted: false }, out)
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

  /** The peer's summary had nothing for us, or it was found to hold the same. */
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
        peer.roundTripMs = elapsed(peer.comparedAt, now)
        peer.deadline = now
        this.#settle(peer, peer.revision, now)
        break
      case 'wait':
        peer.deadline = after(now, millis(this.#config.retryMs))
        break
      case 'send-narrowed':
        peer.roundTripMs = elapsed(peer.comparedAt, now)
        peer.deadline = after(now, millis(this.#config.exchangeTimeoutMs))
        break
      case 'send-summary':
        peer.roundTripMs = elapsed(peer.comparedAt, now)
        peer.deadline = now
        break
      case 'finish':
        peer.deadline = now
        break
      case 'ignore':
        break
    }
    return action
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
