/**
 * SecondFetch: what is asked of peers although it is held, once a fork is known. Of an abandoned actor peers may have another
 * content under the same number: they are asked for all that they have in their logs, when a session opens and now and then.
 * What is held only as cleared may rest on a claim that the other half made: each peer is asked for it once, which is
 * remembered across restarts (docs/adr/0020, 0038). Answers go to the store as whole versions, one batch at a time. The requests themselves are Fetches'.
 */
import {
  type ActorId,
  type ActorVersions,
  after,
  decodeChangesetHeader,
  earliest,
  type Instant,
  latest,
  millis,
  NEVER,
  type Need,
  RangeSet,
  type RememberedForks,
  type Seq,
  type Version,
} from '@patina/base'
import { limits, type SyncConfig, VERSIONS_ASKED_MAX } from './config.ts'
import type { Outbox } from './effect.ts'
import type { Fetches } from './fetch.ts'

/** What is known of forks at the start. */
export interface KnownBefore extends RememberedForks {
  /** Those that are written anew here. */
  readonly abandoned: readonly ActorId[]
}

interface Peer {
  readonly actor: ActorId
  /** Its cleared versions are to be asked for, once the store has told which. */
  wantsCleared: boolean
  /** It is asked for them, and has not answered for all. */
  isAskedForCleared: boolean
  /** When it is asked for the abandoned actors, NEVER while it is. */
  askAt: Instant
  /** Changesets that wait for the other chunks of their version, by version. */
  readonly pieces: Map<string, Pieces>
  /** Whole versions for the store. */
  readonly whole: Uint8Array[]
  hasBrought: boolean
  /** The answer is complete. */
  isDone: boolean
}

interface Pieces {
  readonly changesets: Uint8Array[]
  readonly seqs: RangeSet<Seq>
}

/** Versions of one peer that wait for chunks: a server sends one after the other, so that more is a liar's. */
const PIECES_MAX = 16

export class SecondFetch {
  readonly #config: SyncConfig
  readonly #fetches: Fetches
  readonly #peers: Map<ActorId, Peer> = new Map()
  #abandoned: readonly ActorId[]
  #hasForks: boolean
  /** Members that have answered for all that is held as cleared since the last fork was heard of: they are asked no more. */
  readonly #answered: Set<ActorId>
  /** When the store is asked what is held as cleared, if somebody wants it; NEVER while it is. */
  #listAt: Instant = 0 as Instant
  #underWay: { readonly token: number; readonly peer: ActorId } | undefined
  #lastToken = 0

  constructor(config: SyncConfig, fetches: Fetches, known: KnownBefore) {
    this.#config = config
    this.#fetches = fetches
    this.#abandoned = known.abandoned
    this.#hasForks = known.abandoned.length + known.forks.length > 0
    const isComplete = known.abandoned.every((actor) => known.forks.includes(actor))
    this.#answered = new Set(isComplete ? known.answered : [])
  }

  answeredCount(): number {
    return this.#answered.size
  }

  answered(): ActorId[] {
    return [...this.#answered]
  }

  open(actor: ActorId, now: Instant): void {
    this.#peers.set(actor, {
      actor,
      wantsCleared: this.#hasForks && !this.#answered.has(actor),
      isAskedForCleared: false,
      askAt: this.#abandoned.length > 0 ? now : NEVER,
      pieces: new Map(),
      whole: [],
      hasBrought: false,
      isDone: false,
    })
  }

  close(actor: ActorId): void {
    this.#peers.delete(actor)
  }

  /** A fork that was not known; `abandoned`: all actors that are written anew here. */
  forkLearned(abandoned: readonly ActorId[], now: Instant): void {
    this.#hasForks = true
    this.#answered.clear()
    this.#abandoned = abandoned
    for (const peer of this.#peers.values()) {
      peer.wantsCleared = true
      peer.isAskedForCleared = false
      if (abandoned.length > 0) peer.askAt = now
    }
  }

  /** The store's list of what is held as cleared; undefined where it could not tell. */
  clearedListed(cleared: readonly ActorVersions[] | undefined, now: Instant): void {
    this.#listAt = cleared === undefined ? after(now, millis(this.#config.retryMs)) : now
    if (cleared === undefined) return
    const needs = cleared.map(({ actor, versions }): Need => ({ kind: 'versions', actor, versions }))
    for (const peer of this.#peers.values()) {
      if (!peer.wantsCleared) continue
      peer.wantsCleared = false
      peer.isAskedForCleared = true
      this.#fetches.askOnceMore(peer.actor, needs)
    }
  }

  /** A batch of an answer. Taken whole: what is damaged is the store's to refuse. */
  received(from: ActorId, changesets: readonly Uint8Array[], isLast: boolean): void {
    const peer = this.#peers.get(from)
    if (peer === undefined) return
    for (const bytes of changesets) take(peer, bytes)
    peer.hasBrought ||= changesets.length > 0
    peer.isDone = isLast
    if (isLast) peer.pieces.clear()
  }

  /** The store has answered, or not: then the peer is asked anew. */
  applied(token: number, how: 'applied' | 'failed', now: Instant): void {
    if (this.#underWay?.token !== token) return
    const peer = this.#peers.get(this.#underWay.peer)
    this.#underWay = undefined
    if (peer === undefined) return
    if (how === 'applied') return
    peer.wantsCleared = true
    peer.isAskedForCleared = false
    peer.askAt = after(now, millis(this.#config.retryMs))
    this.#listAt = latest(this.#listAt, peer.askAt)
  }

  pump(now: Instant, out: Outbox): void {
    for (const peer of this.#peers.values()) {
      this.#apply(peer, out)
      if (peer.whole.length === 0) this.#fetches.taken(peer.actor)
      if (peer.isDone && peer.whole.length === 0) this.#finish(peer, now)
      if (peer.isAskedForCleared) this.#lookWhetherAnswered(peer)
      if (peer.askAt <= now) this.#ask(peer)
    }
    if (this.#listAt > now || !this.#isListWanted()) return
    this.#listAt = NEVER
    out.push({ kind: 'list-cleared' })
  }

  nextDeadline(): Instant {
    let next = this.#isListWanted() ? this.#listAt : NEVER
    for (const { askAt } of this.#peers.values()) next = earliest(next, askAt)
    return next
  }

  #isListWanted(): boolean {
    for (const { wantsCleared } of this.#peers.values()) if (wantsCleared) return true
    return false
  }

  /** All that is whole; then there is room for another batch of this peer's. */
  #apply(peer: Peer, out: Outbox): void {
    if (this.#underWay !== undefined || peer.whole.length === 0) return
    this.#lastToken += 1
    this.#underWay = { token: this.#lastToken, peer: peer.actor }
    out.push({ kind: 'apply-again', token: this.#lastToken, changesets: peer.whole.splice(0) })
  }

  /** Nothing is left to be asked, to come, or to be applied. */
  #lookWhetherAnswered(peer: Peer): void {
    const { actor } = peer
    const isApplying = this.#underWay?.peer === actor || peer.whole.length > 0
    if (isApplying || this.#fetches.isAskingAgain(actor) || this.#answered.size >= limits.originsMax) return
    peer.isAskedForCleared = false
    this.#answered.add(actor)
  }

  /** Soon again where something came: there may be more. */
  #finish(peer: Peer, now: Instant): void {
    const { againMs, againMaxMs } = this.#config
    peer.isDone = false
    if (this.#abandoned.length > 0) peer.askAt = after(now, millis(peer.hasBrought ? againMs : againMaxMs))
    peer.hasBrought = false
  }

  #ask(peer: Peer): void {
    peer.askAt = NEVER
    const versions = [{ first: 1 as Version, last: VERSIONS_ASKED_MAX as Version }]
    this.#fetches.askOnceMore(
      peer.actor,
      this.#abandoned.map((actor): Need => ({ kind: 'versions', actor, versions })),
    )
  }
}

function take(peer: Peer, bytes: Uint8Array): void {
  const decoded = decodeChangesetHeader(bytes)
  if (!decoded.ok) return
  const { actor, version, ts, firstSeq, lastSeq, versionLastSeq } = decoded.value.header
  const id = `${actor}/${version}/${ts}`
  const pieces = peer.pieces.get(id) ?? { changesets: [], seqs: new RangeSet<Seq>() }
  peer.pieces.set(id, pieces)
  pieces.changesets.push(bytes)
  pieces.seqs.add(firstSeq, lastSeq)
  if (pieces.seqs.containsRange(0 as Seq, versionLastSeq)) {
    peer.pieces.delete(id)
    peer.whole.push(...pieces.changesets)
  } else if (peer.pieces.size > PIECES_MAX) {
    const [oldest] = peer.pieces.keys()
    if (oldest !== undefined) peer.pieces.delete(oldest)
  }
}
