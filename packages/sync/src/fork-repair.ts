/**
 * ForkRepair: an actor numbers its versions once; a disk set back, a copied file or a cloned host breaks that. Here the parts
 * are put together by which nodes find it out and repair it (docs/adr/0020): what is known of heads is told when a session opens and
 * now and then (numbers alone look the same in both halves, so each comes with its time); who finds its own actor forked
 * gives it up and writes anew what it wrote; who hears of a fork asks once more for what it only believes to be overwritten.
 */
import {
  type ActorId,
  type ActorKnowledge,
  after,
  earliest,
  type Hlc,
  type Instant,
  millis,
  NEVER,
  type Prng,
  type Range,
  unreachable,
  type Version,
} from '@patina/base'
import type { SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { ForkEvent } from './event.ts'
import type { Fetches } from './fetch.ts'
import { HeadRounds } from './head-rounds.ts'
import type { Knowledge } from './knowledge.ts'
import { KnownForks } from './known-forks.ts'
import type { ForkNews, Head, SyncMessage } from './message.ts'
import { OwnHead } from './own-head.ts'
import { type KnownBefore, SecondFetch } from './second-fetch.ts'

/** Between two times that the store is told what to remember. */
const KEEP_PAUSE_MS = 1_000

export interface ForkRepairOptions {
  readonly self: ActorId
  /** Actors that this node writes anew, its own former ones among them, and what it remembers of forks. */
  readonly before: KnownBefore
  readonly config: SyncConfig
  readonly knowledge: Knowledge
  readonly fetches: Fetches
  readonly prng: Prng
}

export class ForkRepair {
  readonly #self: ActorId
  readonly #config: SyncConfig
  readonly #knowledge: Knowledge
  readonly #prng: Prng
  readonly #rounds: HeadRounds
  readonly #forks: KnownForks
  readonly #ownHead: OwnHead
  readonly #second: SecondFetch
  readonly #peers: Set<ActorId> = new Set()
  /** Of these, the ones that have said that they are settled. */
  readonly #settled: Set<ActorId> = new Set()
  #hasToldSettled: boolean
  /** When the store looks for stamps of abandoned actors; NEVER while it does, or nothing can have come since. */
  #rewriteAt: Instant
  #isRewriting = false
  /** The store was told of all forks, and of so many members that have answered. */
  #isKept = true
  #keptAnswered: number
  #keptAt: Instant = 0 as Instant

  constructor({ self, before, config, knowledge, fetches, prng }: ForkRepairOptions) {
    this.#self = self
    this.#config = config
    this.#knowledge = knowledge
    this.#prng = prng
    this.#rounds = new HeadRounds(self, config, knowledge, prng)
    this.#forks = new KnownForks(self, before, config, prng)
    this.#ownHead = new OwnHead(knowledge.head(self), config.ownConfirmMs)
    this.#hasToldSettled = this.#ownHead.isSettled
    this.#second = new SecondFetch(config, fetches, before)
    this.#keptAnswered = this.#second.answered().length
    this.#rewriteAt = before.abandoned.length > 0 ? (0 as Instant) : NEVER
  }

  get mayWrite(): boolean {
    return this.#ownHead.mayWrite
  }

  get forkCount(): number {
    return this.#forks.count
  }

  open(peer: ActorId, now: Instant, out: Outbox): void {
    this.#peers.add(peer)
    this.#forks.open(peer)
    this.#second.open(peer, now)
    this.#tell(peer, this.#rounds.opening(peer), this.#forks.news(), out)
  }

  close(peer: ActorId): void {
    this.#peers.delete(peer)
    this.#settled.delete(peer)
    this.#forks.close(peer)
    this.#ownHead.close(peer)
    this.#second.close(peer)
  }

  heads(
    from: ActorId,
    { heads, forks, isSettled }: SyncMessage & { kind: 'heads' },
    now: Instant,
    out: Outbox,
  ): void {
    for (const { actor, isRepairedHere } of forks) {
      if (isRepairedHere) this.#forks.heardRepair(from, actor)
      this.#learn(actor, now, out)
    }
    if (isSettled) this.#settled.add(from)
    for (const head of heads) this.#compare(from, head, now, out)
  }

  summary(from: ActorId, actors: readonly ActorKnowledge[], now: Instant, out: Outbox): void {
    for (const { actor, head, headTs, lost = [] } of actors) {
      if (head !== 0 && headTs !== 0) this.#compare(from, { actor, version: head, ts: headTs }, now, out)
      if (actor === this.#self) this.#lookAtLost(from, lost, out)
    }
  }

  handle(event: ForkEvent, now: Instant, out: Outbox): void {
    switch (event.kind) {
      case 'own-checked':
        if (this.#ownHead.checked(event.token, event.check, out)) this.#found(this.#self, now, out)
        this.#tellWhenSettled(out)
        break
      case 'twin-seen':
        this.#found(this.#self, now, out)
        break
      case 'abandoned':
        this.#forks.takeOver(event.actor)
        this.#forksGrew(now, out)
        this.stampsCame(now)
        break
      case 'rewritten':
        this.#isRewriting = false
        if (!event.isDone) this.#rewriteAt = after(now, millis(this.#config.rewritePauseMs))
        break
      case 'cleared-listed':
        this.#second.clearedListed(event.cleared, now)
        break
      case 'applied-again':
        this.#second.applied(event.token, 'applied', now)
        this.stampsCame(now)
        break
      case 'apply-again-failed':
        this.#second.applied(event.token, 'failed', now)
        break
      default:
        unreachable(event)
    }
  }

  /** Changesets of others were merged: stamps of abandoned actors may be among them. */
  stampsCame(now: Instant): void {
    if (this.#rewriteAt === NEVER && this.#forks.ours().length > 0)
      this.#rewriteAt = after(now, millis(this.#config.rewritePauseMs))
  }

  again(from: ActorId, changesets: readonly Uint8Array[], isLast: boolean): void {
    this.#second.received(from, changesets, isLast)
  }

  pump(now: Instant, out: Outbox): void {
    this.#ownHead.pump(now, out)
    this.#tellWhenSettled(out)
    for (const actor of this.#forks.unrepaired(now)) out.push({ kind: 'abandon', actor })
    this.#second.pump(now, out)
    this.#keep(now, out)
    if (this.#rewriteAt <= now && !this.#isRewriting) {
      this.#rewriteAt = NEVER
      this.#isRewriting = true
      out.push({ kind: 'rewrite' })
    }
    this.#tellSlice(now, out)
  }

  nextDeadline(): Instant {
    const parts = [this.#ownHead, this.#forks, this.#second, this.#rounds].map((part) => part.nextDeadline())
    const rewriteAt = this.#isRewriting ? NEVER : this.#rewriteAt
    const keepAt = this.#hasChanged() ? after(this.#keptAt, millis(KEEP_PAUSE_MS)) : NEVER
    return [...parts, rewriteAt, keepAt].reduce(earliest, NEVER)
  }

  /** A number with another time than ours is another version under it. */
  #compare(from: ActorId, head: Head, now: Instant, out: Outbox): void {
    const { actor, version, ts } = head
    if (actor === this.#self) {
      this.#ownHead.shown(from, head, this.#settled.has(from), out)
      return
    }
    const ours = this.#knowledge.headOf(actor)
    if (ours?.version === version && ours.ts !== ts) this.#found(actor, now, out)
  }

  /** Own versions beyond our head that others gave up: they were written, and this file is older. */
  #lookAtLost(from: ActorId, lost: readonly Range<Version>[], out: Outbox): void {
    const version = lost.at(-1)?.last ?? 0
    if (version <= this.#knowledge.head(this.#self)) return
    const head = { actor: this.#self, version: version as Version, ts: 0 as Hlc }
    this.#ownHead.shown(from, head, false, out)
  }

  /** What has changed of it is remembered, the members that answer soon after each other together. */
  #keep(now: Instant, out: Outbox): void {
    if (!this.#hasChanged() || now < after(this.#keptAt, millis(KEEP_PAUSE_MS))) return
    const answered = this.#second.answered()
    this.#isKept = true
    this.#keptAnswered = answered.length
    this.#keptAt = now
    out.push({ kind: 'keep-forks', forks: this.#forks.actors(), answered })
  }

  /** Who has answered is forgotten with the next fork alone. */
  #hasChanged(): boolean {
    return !this.#isKept || this.#keptAnswered !== this.#second.answeredCount()
  }

  /** Counted where it is seen: who has repaired one tells of it for good, and that is no news to people. */
  #found(actor: ActorId, now: Instant, out: Outbox): void {
    if (this.#learn(actor, now, out)) out.count('sync_forks')
  }

  /** True where it was not known. */
  #learn(actor: ActorId, now: Instant, out: Outbox): boolean {
    if (!this.#forks.learn(actor, now)) return false
    this.#forksGrew(now, out)
    // Who runs this machine goes on under another actor, and with another machine.
    if (actor === this.#self) out.push({ kind: 'abandon', actor })
    return true
  }

  #forksGrew(now: Instant, out: Outbox): void {
    this.#isKept = false
    this.#second.forkLearned(this.#forks.ours(), now)
    out.send([...this.#peers], 'repair', {
      kind: 'heads',
      heads: [],
      forks: this.#forks.news(),
      isSettled: this.#ownHead.isSettled,
    })
  }

  /** Whoever waits for a peer that can confirm its head need not wait longer. */
  #tellWhenSettled(out: Outbox): void {
    if (this.#hasToldSettled || !this.#ownHead.isSettled) return
    this.#hasToldSettled = true
    for (const peer of this.#peers) this.#tell(peer, this.#rounds.ofPeer(peer), [], out)
  }

  /** Forks are told of for good, in case that the first word of one was lost. */
  #tellSlice(now: Instant, out: Outbox): void {
    const slice = this.#rounds.due(now)
    if (slice === undefined) return
    const news = slice.isFirst ? this.#forks.news() : []
    for (const peer of this.#prng.sample([...this.#peers], 1)) this.#tell(peer, slice.heads, news, out)
  }

  #tell(peer: ActorId, heads: readonly Head[], forks: readonly ForkNews[], out: Outbox): void {
    out.send([peer], 'repair', { kind: 'heads', heads, forks, isSettled: this.#ownHead.isSettled })
  }
}
