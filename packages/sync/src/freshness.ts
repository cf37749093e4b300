/**
 * Freshness: how old this node's view of each peer is. Two peers tell each other their heads now and then (pulses), with a number
 * of its own and the last number of the other: so a head is known to be no older than the message of ours that it answers,
 * whatever the clocks show and however long it lay in a buffer. When all up to that head is held, the view is as old as that
 * message, and not as old as the peer's last write: an idle peer is known to be idle.
 * Heads go by streams, behind the changesets that they speak of, and not by SWIM's acks (ADR 0028). Knows sessions, not
 * members: who is alive is the host's to say.
 */
import {
  type ActorId,
  after,
  elapsed,
  type Instant,
  type Millis,
  millis,
  must,
  NEVER,
  RangeSet,
  type Version,
} from '@patina/base'
import { limits, type SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import type { Knowledge } from './knowledge.ts'
import type { SyncMessage } from './message.ts'

/** What this node knows of, and lacks of, what one actor has written. */
export interface ActorLag {
  readonly actor: ActorId
  /** The highest version known of. */
  readonly version: Version | 0
  /** Versions up to it that are not held; what is given up, or unobtainable, is left out. */
  readonly behind: number
  /** What the actor wrote before that is held; undefined where nothing proves it, or it is not complete. */
  readonly ageMs: Millis | undefined
}

type Pulse = Extract<SyncMessage, { kind: 'pulse' }>

/** One session. */
interface Peer {
  /** Numbers of our pulses to it that it may still answer, with when they left: at most `ANSWERABLE_MAX`. */
  readonly sentAt: Map<number, Instant>
  lastSent: number
  /** The last number of its own; 0: none yet. */
  lastHeard: number
}

interface Told {
  readonly head: Version | 0
  readonly at: Instant
}

interface View {
  /** When the peer held no more than what is held here. */
  completeAt: Instant | undefined
  /** The oldest and the newest head told that is not held completely; both or none. */
  oldest: Told | undefined
  newest: Told | undefined
  /** The highest head told, proven or not. */
  head: Version | 0
}

const MS_PER_SECOND = 1_000
const NOTHING: RangeSet<Version> = new RangeSet()
/** An answer comes after a round trip, and a period at most; an older one would say that the view is old, and is left out. */
const ANSWERABLE_MAX = 16

export class Freshness {
  readonly #self: ActorId
  readonly #config: SyncConfig
  readonly #knowledge: Knowledge
  readonly #peers = new Map<ActorId, Peer>()
  /** Also of peers whose sessions have ended, at most `originsMax`: the view of them ages on. */
  readonly #views = new Map<ActorId, View>()
  /** Whose newest head is not held. */
  readonly #incomplete = new Set<ActorId>()
  #nextAt: Instant = NEVER

  constructor(self: ActorId, config: SyncConfig, knowledge: Knowledge) {
    this.#self = self
    this.#config = config
    this.#knowledge = knowledge
  }

  open(actor: ActorId, now: Instant, out: Outbox): void {
    const peer: Peer = { sentAt: new Map(), lastSent: 0, lastHeard: 0 }
    this.#peers.set(actor, peer)
    this.#sendPulse(actor, peer, now, out)
    if (this.#nextAt === NEVER) this.#nextAt = after(now, this.periodMs())
  }

  close(actor: ActorId): void {
    this.#peers.delete(actor)
    if (this.#peers.size === 0) this.#nextAt = NEVER
  }

  /** A peer has told its head. The first of a session is answered at once, so that both know where they are. */
  heard(actor: ActorId, { version, sent, answers }: Pulse, now: Instant, out: Outbox): void {
    const peer = must(this.#peers.get(actor), 'messages come from open sessions only')
    const isFirst = peer.lastHeard === 0
    peer.lastHeard = sent
    if (isFirst) this.#sendPulse(actor, peer, now, out)
    const view = this.#viewOf(actor)
    view.head = Math.max(view.head, version) as Version | 0
    const at = peer.sentAt.get(answers)
    if (at === undefined) return
    view.newest = { head: version, at }
    view.oldest ??= view.newest
    this.#incomplete.add(actor)
    this.#look(actor, view)
  }

  /** Something has been applied: views may have become complete. */
  knowledgeChanged(): void {
    for (const actor of this.#incomplete)
      this.#look(actor, must(this.#views.get(actor), 'incomplete views are views'))
  }

  /** The machine has slept for so long, which the clock of instants does not show. */
  paused(forMs: number): void {
    const earlier = (at: Instant): Instant => (at - forMs) as Instant
    for (const view of this.#views.values()) {
      if (view.completeAt !== undefined) view.completeAt = earlier(view.completeAt)
      view.oldest &&= { ...view.oldest, at: earlier(view.oldest.at) }
      view.newest &&= { ...view.newest, at: earlier(view.newest.at) }
    }
    for (const { sentAt } of this.#peers.values())
      for (const [number, at] of sentAt) sentAt.set(number, earlier(at))
  }

  pump(now: Instant, out: Outbox): void {
    if (now < this.#nextAt) return
    for (const [actor, peer] of this.#peers) this.#sendPulse(actor, peer, now, out)
    this.#nextAt = after(now, this.periodMs())
  }

  nextDeadline(): Instant {
    return this.#nextAt
  }

  /** Between two pulses to one peer: the more peers, the longer, so that no more than `pulsesPerSecondMax` leave. */
  periodMs(): Millis {
    const { pulsePeriodMs, pulsesPerSecondMax } = this.#config
    return millis(Math.max(pulsePeriodMs, (this.#peers.size * MS_PER_SECOND) / pulsesPerSecondMax))
  }

  /** Of every actor that is known of, this node itself included. Linear in actors and their ranges. */
  lag(now: Instant, unobtainable: (actor: ActorId) => RangeSet<Version> = () => NOTHING): ActorLag[] {
    const known = this.#knowledge.toPlain().map(({ actor }) => actor)
    const actors = new Set([...known, ...this.#views.keys()])
    return [...actors].map((actor) => this.#lagOf(actor, now, unobtainable(actor)))
  }

  ageMs(actor: ActorId, now: Instant): Millis | undefined {
    if (actor === this.#self) return millis(0)
    const completeAt = this.#views.get(actor)?.completeAt
    return completeAt === undefined ? undefined : elapsed(completeAt, now)
  }

  #lagOf(actor: ActorId, now: Instant, unobtainable: RangeSet<Version>): ActorLag {
    const { have, lost } = this.#knowledge.of(actor)
    const told = this.#views.get(actor)?.head ?? 0
    const version = Math.max(this.#knowledge.head(actor), told, have.last() ?? 0) as Version | 0
    const missing = have
      .missingIn(1 as Version, version as Version)
      .subtract(lost)
      .subtract(unobtainable)
    return { actor, version, behind: missing.count(), ageMs: this.ageMs(actor, now) }
  }

  #look(actor: ActorId, view: View): void {
    const { oldest, newest } = view
    if (oldest === undefined || newest === undefined || !this.#holdsAll(actor, oldest.head)) return
    view.completeAt = oldest.at
    if (this.#holdsAll(actor, newest.head)) {
      view.completeAt = newest.at
      view.oldest = undefined
      view.newest = undefined
      this.#incomplete.delete(actor)
    } else view.oldest = newest
  }

  /** What is given up does not count as held here: who is alive to tell its head holds all up to it, and will bring it. */
  #holdsAll(actor: ActorId, head: Version | 0): boolean {
    return head === 0 || this.#knowledge.of(actor).have.containsRange(1 as Version, head)
  }

  /** In the lane of the changesets, so that it does not overtake them. */
  #sendPulse(to: ActorId, peer: Peer, now: Instant, out: Outbox): void {
    peer.lastSent += 1
    peer.sentAt.set(peer.lastSent, now)
    peer.sentAt.delete(peer.lastSent - ANSWERABLE_MAX)
    const version = this.#knowledge.head(this.#self)
    out.send([to], 'fresh', { kind: 'pulse', version, sent: peer.lastSent, answers: peer.lastHeard })
  }

  /** A view that was heard of last is forgotten last. */
  #viewOf(actor: ActorId): View {
    const nothing = { completeAt: undefined, oldest: undefined, newest: undefined, head: 0 as const }
    const view = this.#views.get(actor) ?? nothing
    this.#views.delete(actor)
    this.#views.set(actor, view)
    const [oldest] = this.#views.keys()
    if (this.#views.size > limits.originsMax && oldest !== undefined) {
      this.#views.delete(oldest)
      this.#incomplete.delete(oldest)
    }
    return view
  }
}
