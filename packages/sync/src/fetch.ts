/**
 * Fetches: what peers have told that they have and we lack, and asking for it. Newest first; a version is asked from
 * one peer at a time, with a deadline, then from another; a request of which nothing comes is repeated meanwhile. An empty answer is
 * followed by a pause, so that a liar costs one small request a second. What is offered, and what of it is answered, is offers.ts.
 */
import {
  type ActorId,
  type ActorKnowledge,
  type ActorVersions,
  after,
  earliest,
  type Instant,
  latest,
  type Millis,
  millis,
  must,
  NEVER,
  type Need,
  RangeSet,
  type Version,
} from '@patina/base'
import type { SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { Intake } from './intake.ts'
import type { Knowledge } from './knowledge.ts'
import type { BatchMessage, RequestId } from './message.ts'
import { addNeeds, areSameNeeds, type Expected, newestNeeds, takeNeeds } from './needs.ts'
import { Offers } from './offers.ts'
import { FETCH, type FetchEvent, type FetchState } from './session-table.ts'

interface Peer {
  readonly actor: ActorId
  state: FetchState
  readonly offers: Offers
  request: RequestId
  asked: readonly Need[]
  /** What the request before was given up for, without a word of its answer. */
  givenUp: readonly Need[]
  /** While asking: when we give up. While idle: when it may be asked. */
  deadline: Instant
  /** While nothing of the answer has come: when the request is sent again, and after how long another time; else NEVER. */
  repeatAt: Instant
  repeatMs: number
  /** Of a question and its answer, as last measured. */
  roundTripMs: Millis
  /** Batches taken for which no credit has been sent. */
  creditsOwed: number
  /** The open request has brought something. */
  isAnswered: boolean
  /** What it is to be asked for although it may be held (second-fetch.ts), before anything else. */
  readonly again: Map<ActorId, RangeSet<Version>>
  /** The open request is for such. */
  isAgain: boolean
  /** Batches of such an answer that are not taken yet. */
  creditsHeld: number
  /** Nothing of its offers was needed when `#changes` stood here. */
  settledAt: number
}

const ID_MAX = 0xffff_ffff
export class Fetches {
  readonly #self: ActorId
  readonly #config: SyncConfig
  readonly #knowledge: Knowledge
  readonly #intake: Intake
  readonly #peers: Map<ActorId, Peer> = new Map()
  #lastRequest: RequestId = 0
  #ownHeadTold: Version | 0 = 0
  /**
   * Rises with all that may make more needed of what is offered: an offer, an answer's end, a loss. What arrives makes less, and is
   * much: without this each changeset of a busy cluster would cost a look at all that are in flight.
   */
  #changes = 0
  #pumpedAt: Instant = 0 as Instant

  constructor(self: ActorId, config: SyncConfig, knowledge: Knowledge, intake: Intake) {
    this.#self = self
    this.#config = config
    this.#knowledge = knowledge
    this.#intake = intake
  }

  open(actor: ActorId, now: Instant): void {
    const nothing = {
      offers: new Offers(this.#knowledge),
      asked: [],
      givenUp: [],
      request: 0,
      repeatAt: NEVER,
      repeatMs: 0,
      roundTripMs: millis(0),
      creditsOwed: 0,
      isAnswered: false,
      again: new Map(),
      isAgain: false,
      creditsHeld: 0,
      settledAt: -1,
    }
    this.#peers.set(actor, { actor, state: 'idle', deadline: now, ...nothing })
  }

  /** What was asked from it may be asked from others at the next pump. */
  close(actor: ActorId): void {
    this.#changes += 1
    this.#peers.delete(actor)
  }

  /** Takes a summary; true where it has something for us. Own versions are not asked for: we are their only source. */
  offer(from: ActorId, summary: readonly ActorKnowledge[], now: Instant): boolean {
    const peer = this.#peer(from)
    this.#changes += 1
    if (peer.state === 'idle') peer.offers.forgetUnneeded(this.#expected())
    const own = summary.find(({ actor }) => actor === this.#self)
    if (own !== undefined) this.#ownHeadTold = Math.max(this.#ownHeadTold, own.head) as Version | 0
    peer.offers.told(summary.filter((theirs) => theirs !== own))
    if (peer.state === 'idle') peer.deadline = latest(peer.deadline, after(now, millis(this.#config.graceMs)))
    return !peer.offers.isEmpty
  }

  /** A repetition must not cross an answer that is on its way: over a long line it waits twice the time there and back. */
  roundTrip(actor: ActorId, roundTripMs: Millis): void {
    this.#peer(actor).roundTripMs = roundTripMs
  }

  /** Something that was answered has been lost on its way to the store: the next summaries offer it again. */
  askAgain(): void {
    this.#changes += 1
    for (const { offers } of this.#peers.values()) offers.forgetAnswers()
  }

  /** Asks a peer for what may be held here; what it answers comes back from `batch`. */
  askOnceMore(actor: ActorId, needs: readonly Need[]): void {
    addNeeds(this.#peer(actor).again, needs)
  }

  /** Some of that is left to be asked, or to be answered. */
  isAskingAgain(actor: ActorId): boolean {
    const { again, isAgain } = this.#peer(actor)
    return isAgain || again.size > 0
  }

  /** The batches of such an answer have been taken: there is room for more. */
  taken(actor: ActorId): void {
    const peer = this.#peer(actor)
    peer.creditsOwed += peer.creditsHeld
    peer.creditsHeld = 0
  }

  /**
   * Changesets are taken whatever they answer: data is data. Only the answer to the open request moves the state. `again`: they
   * answer what was asked once more, and are the caller's.
   */
  batch(from: ActorId, batch: BatchMessage, now: Instant, out: Outbox): 'again' | 'taken' {
    const peer = this.#peer(from)
    if (peer.isAgain && peer.state === 'asking' && batch.request === peer.request)
      return this.#againBatch(peer, batch, now)
    for (const bytes of batch.changesets) {
      const verdict = this.#intake.take(bytes, 'backlog', out)
      if (verdict === 'new') out.count('sync_changesets_received')
      if (verdict === 'malformed') out.count('sync_malformed')
    }
    const grew = this.#takeClaim(peer, batch, out)
    const answer = batch.done ? 'last-batch' : 'batch'
    const action = this.#happen(peer, batch.request === peer.request ? answer : 'stale', now)
    peer.isAnswered ||= action !== 'ignore' && batch.changesets.length + batch.cleared.length > 0
    if (action === 'go-on') peer.creditsOwed += 1
    if (action !== 'finish') return 'taken'
    peer.offers.answered(peer.asked, batch.rest)
    peer.asked = []
    peer.deadline = after(now, millis(this.#pauseAfter(peer, batch, grew)))
    return 'taken'
  }

  #againBatch(peer: Peer, { done, rest }: BatchMessage, now: Instant): 'again' {
    const action = this.#happen(peer, done ? 'last-batch' : 'batch', now)
    if (action === 'go-on') peer.creditsHeld += 1
    if (action !== 'finish') return 'again'
    peer.isAgain = false
    peer.asked = []
    addNeeds(peer.again, rest)
    peer.deadline = after(now, millis(rest.length > 0 ? this.#config.retryMs : 0))
    return 'again'
  }

  refused(from: ActorId, refusal: { request: RequestId; retryMs: number }, now: Instant): void {
    const peer = this.#peer(from)
    const action = this.#happen(peer, refusal.request === peer.request ? 'refused' : 'stale', now)
    if (action !== 'wait') return
    const { retryMs, retryMaxMs } = this.#config
    peer.deadline = after(now, millis(Math.min(Math.max(refusal.retryMs, retryMs), retryMaxMs)))
  }

  /** Gives up late answers, sends credits and asks whoever is idle for what is needed, while the store keeps up. */
  pump(now: Instant, out: Outbox): void {
    for (const peer of this.#peers.values())
      if (peer.state === 'asking' && peer.deadline <= now) this.#happen(peer, 'expired', now)
    this.#pumpedAt = now
    if (!this.#intake.hasRoom()) return
    let expected: Map<ActorId, Expected> | undefined
    for (const peer of this.#peers.values()) {
      this.#sendCredits(peer, out)
      if (peer.repeatAt <= now && this.#happen(peer, 'unanswered', now) === 'repeat-request')
        this.#sendRequest(peer, out)
      if (peer.state !== 'idle' || peer.deadline > now) continue
      if (peer.again.size > 0) {
        this.#requestAgain(peer, now, out)
        continue
      }
      if (peer.offers.isEmpty || peer.settledAt === this.#changes) continue
      expected ??= this.#expected()
      const needs = this.#needsFrom(peer, expected)
      if (needs.length === 0) {
        peer.settledAt = this.#changes
        continue
      }
      this.#expect(needs, expected)
      this.#ask(peer, needs, now, out)
    }
  }

  nextDeadline(): Instant {
    let next = NEVER
    for (const { state, deadline, repeatAt, offers, again } of this.#peers.values()) {
      if (repeatAt > this.#pumpedAt) next = earliest(next, repeatAt)
      if (state === 'asking' || ((!offers.isEmpty || again.size > 0) && deadline > this.#pumpedAt))
        next = earliest(next, deadline)
    }
    return next
  }

  /** The highest own version of which a peer's summary has told. */
  ownHeadTold(): Version | 0 {
    return this.#ownHeadTold
  }

  /** Versions that peers offer, above the highest that we have heard of by changesets, and that are not held. */
  offeredAboveHeads(): number {
    const offered = new Map<ActorId, RangeSet<Version>>()
    for (const { offers } of this.#peers.values())
      for (const [actor, have] of offers.versions()) {
        const versions = offered.get(actor) ?? new RangeSet<Version>()
        versions.addAll(have)
        offered.set(actor, versions)
      }
    let count = 0
    for (const [actor, versions] of offered) {
      const head = this.#knowledge.head(actor)
      if (head !== 0) versions.delete(1 as Version, head)
      count += versions.subtract(this.#knowledge.of(actor).have).count()
    }
    return count
  }

  /** Peers with an open request. */
  askingCount(): number {
    return [...this.#peers.values()].filter(({ state }) => state === 'asking').length
  }

  #requestAgain(peer: Peer, now: Instant, out: Outbox): void {
    peer.isAgain = true
    peer.givenUp = []
    this.#ask(peer, takeNeeds(peer.again, this.#config.requestRangesMax), now, out)
  }

  /** What was given up keeps its number, so that who is slow goes on with it and does not begin anew. */
  #ask(peer: Peer, needs: readonly Need[], now: Instant, out: Outbox): void {
    if (!areSameNeeds(needs, peer.givenUp)) {
      this.#lastRequest = this.#lastRequest >= ID_MAX ? 1 : this.#lastRequest + 1
      peer.request = this.#lastRequest
    }
    peer.givenUp = []
    peer.asked = needs
    this.#happen(peer, 'needed', now)
    this.#sendRequest(peer, out)
  }

  /** What is asked once more comes one batch at a time, because each goes to the store before the next may come. */
  #sendRequest({ actor, request, asked, isAgain }: Peer, out: Outbox): void {
    const { batchBytes: budgetBytes } = this.#config
    const credits = isAgain ? 1 : this.#config.credits
    out.send([actor], 'repair', { kind: 'request', request, needs: asked, budgetBytes, credits })
  }

  #happen(peer: Peer, event: FetchEvent, now: Instant): string {
    const { next, action } = FETCH[peer.state][event]
    peer.state = next
    switch (action) {
      case 'send-request':
        peer.creditsOwed = 0
        peer.creditsHeld = 0
        peer.isAnswered = false
        peer.deadline = after(now, millis(this.#config.requestTimeoutMs))
        peer.repeatMs = Math.max(this.#config.requestRepeatMs, 2 * peer.roundTripMs)
        peer.repeatAt = after(now, millis(peer.repeatMs))
        break
      case 'repeat-request':
        peer.repeatMs *= 2
        peer.repeatAt = after(now, millis(peer.repeatMs))
        break
      case 'go-on':
        peer.deadline = after(now, millis(this.#config.requestTimeoutMs))
        peer.repeatAt = NEVER
        break
      case 'finish':
        this.#changes += 1
        peer.repeatAt = NEVER
        break
      case 'wait':
        this.#changes += 1
        if (event === 'expired' && peer.repeatAt !== NEVER && !peer.isAgain) peer.givenUp = peer.asked
        peer.repeatAt = NEVER
        if (peer.isAgain) addNeeds(peer.again, peer.asked)
        peer.isAgain = false
        peer.asked = []
        peer.deadline = after(now, millis(this.#config.retryMs))
        break
      case 'ignore':
        break
    }
    return action
  }

  /** At once, unless nothing came, something was left over or more was told: none may become a loop at full speed. */
  #pauseAfter({ isAnswered }: Peer, { rest }: BatchMessage, grew: boolean): number {
    if (!isAnswered || rest.length > 0) return this.#config.retryMs
    return grew ? this.#config.graceMs : 0
  }

  #sendCredits(peer: Peer, out: Outbox): void {
    if (peer.state !== 'asking' || peer.creditsOwed === 0) return
    out.send([peer.actor], 'repair', { kind: 'credit', request: peer.request, batches: peer.creditsOwed })
    peer.creditsOwed = 0
  }

  #needsFrom({ offers }: Peer, expected: ReadonlyMap<ActorId, Expected>): Need[] {
    const { requestVersionsMax: versionsMax, requestRangesMax: rangesMax } = this.#config
    return newestNeeds(offers.needs(expected), { versionsMax, rangesMax })
  }

  /** In flight to the store, or asked from somebody. */
  #expected(): Map<ActorId, Expected> {
    const expected: Map<ActorId, Expected> = this.#intake.expected()
    for (const { state, asked, isAgain } of this.#peers.values())
      if (state === 'asking' && !isAgain) this.#expect(asked, expected)
    return expected
  }

  #expect(asked: readonly Need[], expected: Map<ActorId, Expected>): void {
    for (const need of asked) {
      const entry = expected.get(need.actor) ?? { versions: new RangeSet<Version>(), chunks: new Map() }
      expected.set(need.actor, entry)
      if (need.kind === 'versions') entry.versions.addAll(need.versions)
      else entry.versions.add(need.version)
    }
  }

  /** The basis is the newest that the peer has told of itself: what is new in it is offered. True where there is such. */
  #takeClaim(peer: Peer, { cleared, basis }: BatchMessage, out: Outbox): boolean {
    const lacked = cleared.flatMap(({ actor, versions }): ActorVersions[] => {
      const rest = RangeSet.of(versions).subtract(this.#knowledge.of(actor).have)
      return rest.isEmpty() ? [] : [{ actor, versions: [...rest] }]
    })
    if (lacked.length === 0) return false
    this.#intake.takeClaim({ cleared: lacked, basis }, out)
    const grew = peer.offers.grow(
      basis.filter(({ actor }) => actor !== this.#self),
      peer.asked,
    )
    if (grew) this.#changes += 1
    return grew
  }

  #peer(actor: ActorId): Peer {
    return must(this.#peers.get(actor), 'messages come from open sessions only')
  }
}
