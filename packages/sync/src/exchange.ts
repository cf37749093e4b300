/**
 * Exchanges: who is compared with whom, and when (docs/protocol.md, "Replication messages"). The initiator sends one hash
 * over its knowledge; a peer that holds the same says so, another sends its summary and gets the initiator's in return.
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
  millis,
  must,
  NEVER,
  type Prng,
} from '@patina/base'
import type { SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { Knowledge } from './knowledge.ts'
import { rootHash } from './knowledge-digest.ts'
import { type ExchangeId, SALT_BYTES, type SyncMessage } from './message.ts'
import { COMPARE, type CompareEvent, type CompareState } from './session-table.ts'
import { cutSummary } from './summary.ts'

interface Peer {
  readonly actor: ActorId
  state: CompareState
  /** Of the last digest that we sent; answers to others are stale. */
  exchange: ExchangeId
  /** Our revision when that digest was made. */
  revision: number
  /** While comparing: when we give up. While idle: when it may be asked again. */
  deadline: Instant
  settledRevision: number
  comparedAt: Instant
  /** When it last sent us a digest. */
  askedUsAt: Instant | undefined
}

const NEVER_SETTLED = -1
const ID_MAX = 0xffff_ffff

export class Exchanges {
  readonly #self: ActorId
  readonly #config: SyncConfig
  readonly #knowledge: Knowledge
  readonly #prng: Prng
  readonly #peers: Map<ActorId, Peer> = new Map()
  #lastExchange: ExchangeId
  #periodMs: number
  #nextAt: Instant = 0 as Instant

  constructor(self: ActorId, config: SyncConfig, knowledge: Knowledge, prng: Prng) {
    this.#self = self
    this.#config = config
    this.#knowledge = knowledge
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
      revision: 0,
      deadline: now,
      settledRevision: NEVER_SETTLED,
      comparedAt: now,
      askedUsAt: undefined,
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

  /** Gives up late answers and begins what is due. */
  pump(now: Instant, out: Outbox): void {
    for (const peer of this.#peers.values())
      if (peer.state === 'comparing' && peer.deadline <= now) this.#happen(peer, 'expired', now, out)
    if (now < this.#nextAt) return
    const peer = this.#choose(now)
    if (peer !== undefined) this.#happen(peer, 'due', now, out)
    this.#nextAt = after(now, millis(this.#periodMs))
  }

  nextDeadline(): Instant {
    let next = this.#peers.size === 0 ? NEVER : this.#nextAt
    for (const { state, deadline } of this.#peers.values())
      if (state === 'comparing') next = earliest(next, deadline)
    return next
  }

  /** Somebody else's question. Returns the summary that it was told, or what it was told instead of one. */
  answerDigest(
    from: ActorId,
    digest: SyncMessage & { readonly kind: 'digest' },
    now: Instant,
    out: Outbox,
  ): readonly ActorKnowledge[] | 'equal' | 'refused' {
    const peer = this.#peer(from)
    const { exchange, salt, root } = digest
    if (peer.askedUsAt !== undefined && elapsed(peer.askedUsAt, now) < this.#config.digestGapMs) {
      out.send([from], 'repair', { kind: 'refusal', exchange, request: 0, retryMs: this.#config.digestGapMs })
      return 'refused'
    }
    peer.askedUsAt = now
    const knowledge = this.#knowledge.toPlain()
    if (compareBytes(rootHash(knowledge, salt), root) === 0) {
      this.#settle(peer, this.#knowledge.revision, now)
      out.send([from], 'repair', { kind: 'equal', exchange })
      return 'equal'
    }
    return this.#tell(peer, { exchange, answerWanted: true }, out)
  }

  equal(from: ActorId, exchange: ExchangeId, now: Instant, out: Outbox): void {
    const peer = this.#peer(from)
    this.#happen(peer, peer.exchange === exchange ? 'equal' : 'stale', now, out)
  }

  /** Returns the summary that the peer was told in return, if it was. */
  summary(
    from: ActorId,
    message: { readonly exchange: ExchangeId; readonly answerWanted: boolean },
    now: Instant,
    out: Outbox,
  ): readonly ActorKnowledge[] | undefined {
    const peer = this.#peer(from)
    const current = message.answerWanted && peer.exchange === message.exchange
    const action = this.#happen(peer, current ? 'summary' : 'stale', now, out)
    if (action !== 'send-summary') return undefined
    return this.#tell(peer, { exchange: message.exchange, answerWanted: false }, out)
  }

  refused(from: ActorId, refusal: { readonly exchange: ExchangeId }, now: Instant, out: Outbox): void {
    const peer = this.#peer(from)
    this.#happen(peer, peer.exchange === refusal.exchange ? 'refused' : 'stale', now, out)
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
        this.#settle(peer, peer.revision, now)
        break
      case 'wait':
        peer.deadline = after(now, millis(this.#config.retryMs))
        break
      case 'send-summary':
      case 'ignore':
        break
    }
    return action
  }

  #sendDigest(peer: Peer, now: Instant, out: Outbox): void {
    this.#lastExchange = this.#lastExchange >= ID_MAX ? 1 : this.#lastExchange + 1
    peer.exchange = this.#lastExchange
    peer.revision = this.#knowledge.revision
    peer.comparedAt = now
    peer.deadline = after(now, millis(this.#config.exchangeTimeoutMs))
    const salt = new Uint8Array(SALT_BYTES)
    for (let i = 0; i < SALT_BYTES; i += 1) salt[i] = this.#prng.below(256)
    const root = rootHash(this.#knowledge.toPlain(), salt)
    out.send([peer.actor], 'repair', { kind: 'digest', exchange: peer.exchange, salt, root })
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
