/**
 * Services: answering requests from the store's log. One per peer, a bounded number at once; who comes above it is told
 * when to come back, and so is who has had its share of this second (anti-entropy-budget.ts). Each read of the store gives
 * one batch of at most the request's budget; batches go out while the requester's credits last, then wait for more. Nothing
 * is kept here but what is still to be read.
 *
 * An answer that clears something also answers for what the store has got since our last summary to that peer, because
 * the claim rests on all that is held when the log is read: else claims would never
 * close under constant writes.
 */
import {
  type ActorId,
  type ActorKnowledge,
  type ActorVersions,
  after,
  assert,
  earliest,
  elapsed,
  type Instant,
  type Lane,
  millis,
  must,
  NEVER,
  type Need,
  RangeSet,
  type ServedBatch,
} from '@patina/base'
import type { AntiEntropyBudget } from './anti-entropy-budget.ts'
import { limits, type SyncBudgets, type SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { RequestId } from './message.ts'
import { SERVE, type ServeEvent, type ServeState } from './session-table.ts'
import { fitsMessage } from './summary.ts'

interface Peer {
  readonly actor: ActorId
  state: ServeState
  request: RequestId
  needs: readonly Need[]
  budgetBytes: number
  credits: number
  /** Of the running read; answers to others are stale. */
  token: number
  /** Reading or paused: when we give up. Waiting: when there may be budget again. */
  deadline: Instant
  /** undefined until the first batch: small answers go in the repair lane, long ones in the backlog lane. */
  lane: Lane | undefined
  /** When the last of its answer was sent. */
  answeredAt: Instant
  /** What the peer knows of our knowledge: our last summary, then our last basis. */
  told: readonly ActorVersions[]
  /** How often this answer has been extended by what is new. */
  extensions: number
}

/** An answer of at most this many bytes, complete in one batch, is a repair; its lane overtakes the backlog. */
const REPAIR_BYTES_MAX = 65_536
/** After these the next exchange brings the rest: constant writes must not keep one answer open for ever. */
const EXTENSIONS_MAX = 4

export class Services {
  #config: SyncConfig
  readonly #budget: AntiEntropyBudget
  readonly #peers: Map<ActorId, Peer> = new Map()
  /** Reads that the store has not answered: also those of sessions that are gone. */
  readonly #reads: Map<number, { readonly actor: ActorId; readonly deadline: Instant }> = new Map()
  #lastToken = 0

  constructor(config: SyncConfig, budget: AntiEntropyBudget) {
    this.#config = config
    this.#budget = budget
  }

  open(actor: ActorId): void {
    const nothing = { request: 0, needs: [], budgetBytes: 0, credits: 0, token: 0, told: [], extensions: 0 }
    const never = { lane: undefined, deadline: NEVER, answeredAt: 0 as Instant }
    this.#peers.set(actor, { actor, state: 'idle', ...never, ...nothing })
  }

  changeBudgets(budgets: SyncBudgets): void {
    this.#config = { ...this.#config, ...budgets }
  }

  close(actor: ActorId): void {
    this.#peers.delete(actor)
  }

  /** Our summary to this peer: the ground on which it will compute its needs. */
  tell(actor: ActorId, summary: readonly ActorKnowledge[]): void {
    this.#peer(actor).told = summary.map((entry) => ({ actor: entry.actor, versions: entry.have }))
  }

  requested(
    from: ActorId,
    asked: { request: RequestId; needs: readonly Need[]; budgetBytes: number; credits: number },
    now: Instant,
    out: Outbox,
  ): void {
    const peer = this.#peer(from)
    if (asked.request === peer.request && this.#isAnswerOnItsWay(peer, now)) return
    const retryMs = this.#refusalMs(peer, now)
    if (retryMs > 0) {
      out.send([from], 'repair', { kind: 'refusal', exchange: 0, request: asked.request, retryMs })
      out.count('sync_refused')
      return
    }
    peer.request = asked.request
    peer.needs = asked.needs
    peer.budgetBytes = Math.min(Math.max(asked.budgetBytes, 1), this.#batchBytesMax())
    peer.credits = Math.min(Math.max(asked.credits, 1), limits.creditsMax)
    peer.lane = undefined
    peer.extensions = 0
    this.#happen(peer, 'requested', now, out)
  }

  credited(from: ActorId, credit: { request: RequestId; batches: number }, now: Instant, out: Outbox): void {
    const peer = this.#peer(from)
    if (credit.request !== peer.request || credit.batches === 0) return
    peer.credits = Math.min(peer.credits + credit.batches, limits.creditsMax)
    if (peer.credits <= 0) return
    this.#happen(peer, this.#isOpen(peer, now) ? 'credited' : 'credited-closed', now, out)
  }

  /** The store's answer. One for a session that is gone, or for a request that was replaced, is not sent. */
  served(token: number, batch: ServedBatch, now: Instant, out: Outbox): void {
    const peer = this.#readEnded(token, now, out)
    if (peer === undefined) return
    const grown = this.#grown(peer, batch)
    peer.needs = [...grown, ...batch.rest]
    const done = peer.needs.length === 0
    this.#sendBatches(peer, batch, done, out)
    this.#budget.spend(peer.actor, 'request', bytesOf(batch.changesets), now)
    this.#happen(peer, this.#afterRead(peer, done, now), now, out)
  }

  serveFailed(token: number, now: Instant, out: Outbox): void {
    const peer = this.#readEnded(token, now, out)
    if (peer !== undefined) this.#happen(peer, 'failed', now, out)
  }

  /** Gives up reads that the store does not answer and peers that send no credits. */
  pump(now: Instant, out: Outbox): void {
    for (const [token, { deadline }] of this.#reads) if (deadline <= now) this.#reads.delete(token)
    for (const peer of this.#peers.values())
      if (peer.state !== 'idle' && peer.deadline <= now)
        this.#happen(peer, this.#isDue(peer, now) ? 'opened' : 'expired', now, out)
  }

  nextDeadline(): Instant {
    let next = NEVER
    for (const { deadline } of this.#reads.values()) next = earliest(next, deadline)
    for (const { state, deadline } of this.#peers.values())
      if (state !== 'idle') next = earliest(next, deadline)
    return next
  }

  /** Reads that are open, and peers that are to send credits or wait for the budget: never above `servedMax`. */
  openCount(): number {
    const between = [...this.#peers.values()].filter(({ state }) => state === 'paused' || state === 'waiting')
    return this.#reads.size + between.length
  }

  /** How long who asks now is to stay away; 0: it is served. */
  #refusalMs(peer: Peer, now: Instant): number {
    if (peer.state === 'idle' && this.openCount() >= this.#config.servedMax) return this.#config.retryMs
    return this.#budget.retryMs(peer.actor, 'request', now)
  }

  /** Half a second's worth of the budget at most: a batch puts it into debt, and the peer must not take that for silence. */
  #batchBytesMax(): number {
    const { batchBytes, antiEntropyBytesPerSecond, antiEntropyPeerBytesPerSecond } = this.#config
    const perSecond = Math.min(antiEntropyBytesPerSecond, antiEntropyPeerBytesPerSecond)
    return Math.min(batchBytes, Math.ceil(perSecond / 2))
  }

  /**
   * What is under way, or waits in a lane behind much else, must not be sent twice: who asks again for it has to be patient, as we
   * would be. A short answer was lost if it is asked for again.
   */
  #isAnswerOnItsWay({ state, lane, answeredAt }: Peer, now: Instant): boolean {
    return (
      state !== 'idle' || (lane === 'backlog' && elapsed(answeredAt, now) < this.#config.requestTimeoutMs)
    )
  }

  #isOpen(peer: Peer, now: Instant): boolean {
    return this.#budget.opensAt(peer.actor, 'request', now) <= now
  }

  #isDue(peer: Peer, now: Instant): boolean {
    return peer.state === 'waiting' && this.#isOpen(peer, now)
  }

  #afterRead(peer: Peer, done: boolean, now: Instant): ServeEvent {
    if (done) return 'read-all'
    if (peer.credits <= 0) return 'read-spent'
    return this.#isOpen(peer, now) ? 'read-rest' : 'read-closed'
  }

  #happen(peer: Peer, event: ServeEvent, now: Instant, out: Outbox): void {
    const { next, action } = SERVE[peer.state][event]
    peer.state = next
    switch (action) {
      case 'read':
      case 'send-and-read':
        this.#read(peer, now, out)
        break
      case 'replace':
        // The read for the request before goes on; #readEnded starts the one for this request then.
        peer.token = 0
        break
      case 'give-up':
        peer.answeredAt = now
        this.#sendLast(peer, peer.needs, out)
        break
      case 'send':
        peer.deadline = after(now, millis(this.#config.serveTimeoutMs))
        break
      case 'wait':
        peer.deadline = this.#budget.opensAt(peer.actor, 'request', now)
        break
      case 'send-last':
        peer.answeredAt = now
        break
      case 'add':
      case 'ignore':
        break
    }
  }

  #read(peer: Peer, now: Instant, out: Outbox): void {
    this.#lastToken += 1
    peer.token = this.#lastToken
    peer.deadline = after(now, millis(this.#config.serveTimeoutMs))
    this.#reads.set(peer.token, { actor: peer.actor, deadline: peer.deadline })
    out.push({ kind: 'serve', token: peer.token, needs: peer.needs, budgetBytes: peer.budgetBytes })
  }

  /** The peer that waits for this read; a peer whose request was replaced meanwhile gets its own read now. */
  #readEnded(token: number, now: Instant, out: Outbox): Peer | undefined {
    const read = this.#reads.get(token)
    this.#reads.delete(token)
    const peer = read === undefined ? undefined : this.#peers.get(read.actor)
    if (peer?.state !== 'reading') return undefined
    if (peer.token === token) return peer
    if (peer.token === 0) this.#read(peer, now, out)
    return undefined
  }

  /** What the claims of this batch rest on and the peer cannot know of: it belongs into the same answer. */
  #grown(peer: Peer, { cleared, basis }: ServedBatch): Need[] {
    if (cleared.length === 0 || peer.extensions >= EXTENSIONS_MAX) return []
    const told = new Map(peer.told.map(({ actor, versions }) => [actor, RangeSet.of(versions)]))
    peer.told = basis
    const grown = basis.flatMap(({ actor, versions }): Need[] => {
      const news = RangeSet.of(versions).subtract(told.get(actor) ?? new RangeSet())
      return news.isEmpty() || actor === peer.actor ? [] : [{ kind: 'versions', actor, versions: [...news] }]
    })
    if (grown.length > 0) peer.extensions += 1
    return grown
  }

  #sendBatches(peer: Peer, batch: ServedBatch, done: boolean, out: Outbox): void {
    const parts = cutBySize(batch.changesets, this.#config.batchBytes)
    peer.lane ??= done && bytesOf(batch.changesets) <= REPAIR_BYTES_MAX ? 'repair' : 'backlog'
    // A basis that does not fit must not be cut: without it nothing may be claimed.
    const claims = batch.cleared.length > 0 && fitsMessage(batch.basis) && fitsMessage(batch.cleared)
    for (const [i, changesets] of parts.entries()) {
      const last = i === parts.length - 1
      out.send([peer.actor], peer.lane, {
        kind: 'batch',
        request: peer.request,
        changesets,
        cleared: last && claims ? batch.cleared : [],
        basis: last && claims ? batch.basis : [],
        done: done && last,
        rest: [],
      })
    }
    peer.credits -= parts.length
    out.count('sync_changesets_served', batch.changesets.length)
  }

  #sendLast(peer: Peer, rest: readonly Need[], out: Outbox): void {
    const nothing = { changesets: [], cleared: [], basis: [] }
    const lane = peer.lane ?? 'repair'
    out.send([peer.actor], lane, { kind: 'batch', request: peer.request, ...nothing, done: true, rest })
  }

  #peer(actor: ActorId): Peer {
    return must(this.#peers.get(actor), 'messages come from open sessions only')
  }
}

/** Runs of at most `bytesMax`; a larger changeset is a run of its own. At least one run, which may be empty. */
export function cutBySize(changesets: readonly Uint8Array[], bytesMax: number): Uint8Array[][] {
  assert(bytesMax > 0, 'a run has room')
  const runs: Uint8Array[][] = [[]]
  let bytes = 0
  for (const changeset of changesets) {
    if (bytes > 0 && bytes + changeset.length > bytesMax) {
      runs.push([])
      bytes = 0
    }
    ;(runs.at(-1) as Uint8Array[]).push(changeset)
    bytes += changeset.length
  }
  return runs
}

function bytesOf(changesets: readonly Uint8Array[]): number {
  return changesets.reduce((sum, { length }) => sum + length, 0)
}
