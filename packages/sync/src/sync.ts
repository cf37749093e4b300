/**
 * Sync: which changesets go where. A deterministic machine without clock, socket or store: handle(event, now) → effects.
 * It routes; the rules are in broadcast.ts, intake.ts, exchange.ts, fetch.ts and serve.ts.
 *
 * A local commit leaves in the same call. A changeset that comes in is handed to the store in the same call where the
 * store is free. Members are the host's to know: every session that it opens takes part.
 */
import {
  type ActorId,
  type ActorKnowledge,
  type ApplyReport,
  assert,
  earliest,
  type Instant,
  type LocalCommit,
  type Millis,
  millis,
  type Prng,
  type RememberedForks,
  unreachable,
} from '@patina/base'
import { Answers } from './answer.ts'
import { AntiEntropyBudget } from './anti-entropy-budget.ts'
import { Awaited } from './awaited.ts'
import { Broadcast } from './broadcast.ts'
import { CatchUp } from './catch-up.ts'
import { decodeMessage } from './codec.ts'
import { Comparisons } from './comparison.ts'
import type { SyncConfig } from './config.ts'
import { Copies } from './copies.ts'
import { Outbox, type SyncEffect } from './effect.ts'
import type { SyncEvent } from './event.ts'
import { type ComparedPeer, Exchanges } from './exchange.ts'
import { Fetches } from './fetch.ts'
import { ForkRepair } from './fork-repair.ts'
import { type ActorLag, Freshness } from './freshness.ts'
import { Intake } from './intake.ts'
import { Knowledge } from './knowledge.ts'
import { Losses } from './losses.ts'
import type { SummaryMessage, SyncMessage } from './message.ts'
import { type MuteRule, Mutes } from './mutes.ts'
import { Services } from './serve.ts'
import type { SyncStatus } from './status.ts'
import { Telling } from './telling.ts'
import { type MissingVersions, Unobtainable } from './unobtainable.ts'

export interface SyncOptions {
  readonly self: ActorId
  /** Actors that this node gave up and writes anew: docs/adr/0020. Default none. */
  readonly abandoned?: readonly ActorId[]
  /** What was kept at the last `keep-forks`. Default nothing. */
  readonly forks?: RememberedForks
  /** Rules of muting that the host has kept. Default none. */
  readonly mutes?: readonly MuteRule[]
  readonly knowledge: readonly ActorKnowledge[]
  readonly config: SyncConfig
  readonly prng: Prng
}

const NO_FORKS: RememberedForks = { forks: [], answered: [] }

export class Sync {
  readonly #self: ActorId
  readonly #knowledge: Knowledge
  readonly #intake: Intake
  readonly #broadcast: Broadcast
  readonly #mutes: Mutes
  readonly #antiEntropy: AntiEntropyBudget
  readonly #copies: Copies
  readonly #awaited: Awaited
  readonly #freshness: Freshness
  readonly #exchanges: Exchanges
  readonly #answers: Answers
  readonly #comparisons: Comparisons
  readonly #fetches: Fetches
  readonly #services: Services
  readonly #forks: ForkRepair
  readonly #losses: Losses
  readonly #unobtainable: Unobtainable
  readonly #sessions: Set<ActorId> = new Set()
  /** Some peer has told what it holds, and nothing was lost since. */
  #compared = false
  readonly #catchUp: CatchUp

  constructor(options: SyncOptions) {
    const { self, abandoned = [], forks = NO_FORKS, mutes = [], knowledge, config, prng } = options
    this.#mutes = new Mutes(mutes)
    this.#self = self
    this.#knowledge = new Knowledge(knowledge)
    this.#intake = new Intake(self, config, this.#knowledge)
    this.#copies = new Copies(config)
    this.#awaited = new Awaited(config, this.#knowledge)
    this.#freshness = new Freshness(self, config, this.#knowledge)
    this.#broadcast = new Broadcast(self, config, this.#intake, this.#mutes)
    const budget = new AntiEntropyBudget(config)
    this.#antiEntropy = budget
    const telling = new Telling(this.#knowledge, prng.fork())
    this.#exchanges = new Exchanges({ self, config, knowledge: this.#knowledge, telling, prng })
    this.#answers = new Answers({ config, knowledge: this.#knowledge, budget, telling })
    this.#comparisons = new Comparisons(config, this.#knowledge, prng.fork())
    this.#fetches = new Fetches(self, config, this.#knowledge, this.#intake)
    this.#services = new Services(config, budget)
    this.#losses = new Losses(self, config, this.#knowledge)
    this.#unobtainable = new Unobtainable(self, config, this.#knowledge)
    this.#catchUp = new CatchUp(millis(config.reachMs))
    this.#forks = new ForkRepair({
      self,
      before: { abandoned, ...forks },
      config,
      knowledge: this.#knowledge,
      fetches: this.#fetches,
      prng: prng.fork(),
    })
  }

  handle(event: SyncEvent, now: Instant): SyncEffect[] {
    const out = new Outbox()
    this.#dispatch(event, now, out)
    this.#pump(now, out)
    return out.take()
  }

  nextDeadline(): Instant {
    return [
      this.#broadcast,
      this.#copies,
      this.#awaited,
      this.#freshness,
      this.#exchanges,
      this.#comparisons,
      this.#fetches,
      this.#services,
      this.#forks,
      this.#losses,
      this.#catchUp,
    ]
      .map((part) => part.nextDeadline())
      .reduce(earliest, this.#intake.nextDeadline())
  }

  /** What is held, as far as the store has said so. */
  knowledge(): ActorKnowledge[] {
    return this.#knowledge.toPlain()
  }

  /** What each actor has written and this node lacks, as far as it knows. Linear in actors and their ranges. */
  lag(now: Instant): ActorLag[] {
    return this.#freshness.lag(now, (actor) => this.#unobtainable.of(actor))
  }

  /** What is missing, and what is given up, of each actor of whom something is. Linear in actors and their ranges. */
  missingVersions(): MissingVersions[] {
    return this.#unobtainable.missing()
  }

  /** How old the view of a peer is; undefined where it has never been complete. */
  ageMs(peer: ActorId, now: Instant): Millis | undefined {
    return this.#freshness.ageMs(peer, now)
  }

  /** Ages up to twice this say nothing: pulses come no faster. */
  pulsePeriodMs(): Millis {
    return this.#freshness.periodMs()
  }

  /** Who has a session, and whether it has something for us. */
  comparedPeers(now: Instant): ComparedPeer[] {
    return this.#exchanges.peers(now)
  }

  /** What a host keeps, so that it outlives a restart of all members; changes with each `mute-changed`. */
  muteRules(): MuteRule[] {
    return this.#mutes.rules()
  }

  hasCaughtUp(): boolean {
    return this.#catchUp.isDone
  }

  status(): SyncStatus {
    return {
      sessions: this.#sessions.size,
      missing: this.#missing(),
      unobtainable: this.#unobtainable.count(),
      lost: this.#knowledge.lostCount(),
      inFlight: this.#intake.inFlight,
      queuedBytes: this.#intake.waitingBytes(),
      delayedBytes: this.#broadcast.delayedBytes(),
      muted: this.#mutes.list(),
      asking: this.#fetches.askingCount(),
      serving: this.#services.openCount(),
      ownHeadTold: this.#fetches.ownHeadTold(),
      mayWrite: this.#forks.mayWrite,
      forks: this.#forks.forkCount,
      caughtUp: this.#catchUp.isDone,
    }
  }

  /** Versions known of, or offered, and not held. */
  #missing(): number {
    return this.#knowledge.missingCount() + this.#fetches.offeredAboveHeads()
  }

  /** A peer held at that time what is held here. */
  #foundEqual(peer: ActorId, at: Instant, now: Instant): void {
    this.#unobtainable.equal(peer, at)
    this.#comparedWithPeer(now)
  }

  #comparedWithPeer(now: Instant): void {
    this.#compared = true
    this.#lookWhetherCaughtUp(now)
  }

  #lookWhetherCaughtUp(now: Instant): void {
    if (this.#catchUp.isDone || !this.#compared || this.#intake.hasAnswers()) return
    // What no living member has cannot be waited for.
    if (this.#missing() !== this.#unobtainable.nobodyHasCount()) return
    this.#catchUp.nothingMissing(this.#unobtainable.haveAllTold(), now)
  }

  #dispatch(event: SyncEvent, now: Instant, out: Outbox): void {
    switch (event.kind) {
      case 'session-opened':
        this.#open(event.peer, now, out)
        break
      case 'session-closed':
        this.#close(event.peer, out)
        break
      case 'message-received':
        this.#receive(event.from, event.bytes, now, out)
        break
      case 'committed':
        this.#committed(event.commits, now, out)
        break
      case 'applied':
        this.#applied(event.token, event.report, now, out)
        break
      case 'apply-failed':
        this.#intake.fail(event.token, now)
        break
      case 'served':
        this.#services.served(event.token, event.batch, now, out)
        break
      case 'serve-failed':
        this.#services.serveFailed(event.token, now, out)
        break
      case 'mute':
        this.#mute(event, out)
        break
      case 'budgets-changed':
        this.#broadcast.changeBudgets(event.budgets, now)
        this.#antiEntropy.change(event.budgets, now)
        this.#services.changeBudgets(event.budgets)
        break
      case 'await-copies':
        this.#copies.begin(event, now, out)
        break
      case 'compare': {
        const exchange = this.#exchanges.nextId()
        this.#comparisons.begin({ token: event.token, peer: event.peer, exchange }, now, out)
        break
      }
      case 'reconcile':
        this.#exchanges.begin(event.peer, now, out)
        break
      case 'made-durable':
        this.#awaited.durable(event.token, out)
        break
      case 'make-durable-failed':
        this.#awaited.failed(event.token, now)
        break
      case 'own-checked':
      case 'twin-seen':
      case 'abandoned':
      case 'rewritten':
      case 'cleared-listed':
      case 'applied-again':
      case 'apply-again-failed':
        if (event.kind === 'applied-again') this.#knowledgeCame(event.report.knowledge, now)
        this.#forks.handle(event, now, out)
        break
      case 'given-up':
        this.#losses.ended(event.token, 'taken', now)
        this.#knowledgeCame(event.knowledge, now)
        break
      case 'give-up-failed':
        this.#losses.ended(event.token, 'failed', now)
        break
      case 'members-seen':
        this.#unobtainable.look(event.living, now, out)
        this.#lookWhetherCaughtUp(now)
        break
      case 'members-reached':
        this.#catchUp.reached(event.all)
        this.#lookWhetherCaughtUp(now)
        break
      case 'paused':
        this.#freshness.paused(event.forMs)
        break
      case 'deadline-reached':
        break
      default:
        unreachable(event)
    }
  }

  /** What time alone brings about, and what the event has made possible. */
  #pump(now: Instant, out: Outbox): void {
    this.#intake.expire(now)
    if (this.#catchUp.isWaitingOver(now)) this.#lookWhetherCaughtUp(now)
    if (this.#intake.takeLoss()) {
      this.#compared = false
      this.#exchanges.touch(now)
      this.#fetches.askAgain()
    }
    this.#broadcast.pump(now, out)
    this.#copies.pump(now, out)
    this.#awaited.pump(now, out)
    this.#freshness.pump(now, out)
    this.#intake.pump(now, out)
    this.#services.pump(now, out)
    this.#exchanges.pump(now, out)
    this.#comparisons.pump(now, out)
    this.#forks.pump(now, out)
    this.#losses.pump(now, out)
    this.#fetches.pump(now, out)
  }

  /** A second opening of an open session starts its conversations anew. */
  #open(peer: ActorId, now: Instant, out: Outbox): void {
    assert(peer !== this.#self, 'no session with oneself')
    this.#sessions.add(peer)
    this.#broadcast.open(peer)
    this.#copies.open(peer, out)
    this.#freshness.open(peer, now, out)
    const rules = this.#mutes.rules()
    if (rules.length > 0) out.send([peer], 'control', { kind: 'mutes', rules })
    this.#services.open(peer)
    this.#fetches.open(peer, now)
    this.#forks.open(peer, now, out)
    this.#comparisons.open(peer)
    this.#unobtainable.open(peer)
    this.#answers.open(peer)
    this.#exchanges.open(peer, now, out)
  }

  #close(peer: ActorId, out: Outbox): void {
    this.#sessions.delete(peer)
    this.#broadcast.close(peer)
    this.#copies.close(peer)
    this.#awaited.close(peer)
    this.#freshness.close(peer)
    this.#services.close(peer)
    this.#fetches.close(peer)
    this.#exchanges.close(peer)
    this.#answers.close(peer)
    this.#comparisons.close(peer, out)
    this.#forks.close(peer)
    this.#unobtainable.close(peer)
  }

  #committed(commits: readonly LocalCommit[], now: Instant, out: Outbox): void {
    for (const { version, ts } of commits) this.#knowledge.addCommit(this.#self, version, ts)
    this.#exchanges.touch(now)
    this.#broadcast.send(commits, now, out)
  }

  #mute({ origin, muted, at }: Extract<SyncEvent, { kind: 'mute' }>, out: Outbox): void {
    const rule = this.#mutes.say(origin, muted, at)
    if (rule !== 'full') this.#tellMutes([rule], this.#self, out)
  }

  /** Each rule goes once from each member to all others. */
  #tellMutes(news: readonly MuteRule[], toldBy: ActorId, out: Outbox): void {
    if (news.length === 0) return
    for (const { origin, muted } of news) out.push({ kind: 'mute-changed', origin, muted })
    const others = [...this.#sessions].filter((peer) => peer !== toldBy)
    out.send(others, 'control', { kind: 'mutes', rules: news })
  }

  /** The report is the store's word, whoever asked for it: also one that comes after we gave the apply up. */
  #applied(token: number, report: ApplyReport, now: Instant, out: Outbox): void {
    const arrivals = this.#intake.finish(token, report.outcomes)
    if (arrivals.length > 0) out.push({ kind: 'arrived', arrivals })
    this.#knowledgeCame(report.knowledge, now)
    this.#forks.stampsCame(now)
  }

  #knowledgeCame(knowledge: readonly ActorKnowledge[], now: Instant): void {
    for (const actor of knowledge) this.#knowledge.replace(actor)
    this.#freshness.knowledgeChanged()
    this.#exchanges.touch(now)
    this.#lookWhetherCaughtUp(now)
  }

  #receive(from: ActorId, bytes: Uint8Array, now: Instant, out: Outbox): void {
    if (!this.#sessions.has(from)) return
    const decoded = decodeMessage(bytes)
    if (decoded.ok) this.#understand(from, decoded.value, now, out)
    else out.count('sync_malformed')
  }

  #understand(from: ActorId, message: SyncMessage, now: Instant, out: Outbox): void {
    switch (message.kind) {
      case 'changes':
        if (!this.#broadcast.take(message, now, out)) this.#exchanges.touch(now)
        break
      case 'digest':
        this.#told(from, this.#answers.digest(from, message, now, out), now)
        break
      case 'buckets':
        if (this.#comparisons.take(from, message, out)) break
        this.#told(from, this.#exchanges.buckets(from, message, now, out), now)
        break
      case 'equal': {
        if (this.#comparisons.take(from, message, out)) break
        const comparedAt = this.#exchanges.equal(from, message.exchange, now, out)
        if (comparedAt !== undefined) this.#foundEqual(from, comparedAt, now)
        break
      }
      case 'summary':
        if (!this.#comparisons.take(from, message, out)) this.#summary(from, message, now, out)
        break
      case 'request':
        this.#services.requested(from, message, now, out)
        break
      case 'batch':
        if (this.#fetches.batch(from, message, now, out) === 'again')
          this.#forks.again(from, message.changesets, message.done)
        break
      case 'credit':
        this.#services.credited(from, message, now, out)
        break
      case 'pulse':
        this.#freshness.heard(from, message, now, out)
        break
      case 'await':
        this.#awaited.add(from, message.versions)
        break
      case 'held':
        this.#copies.heldBy(from, message.versions)
        break
      case 'mutes':
        this.#tellMutes(
          message.rules.filter((rule) => this.#mutes.learn(rule)),
          from,
          out,
        )
        break
      case 'refusal':
        if (message.request !== 0) this.#fetches.refused(from, message, now)
        else if (!this.#comparisons.take(from, message, out)) this.#exchanges.refused(from, message, now, out)
        break
      case 'heads':
        this.#forks.heads(from, message, now, out)
        break
      default:
        unreachable(message)
    }
  }

  /** What a peer may be taken to know of us now, or why it was not told. */
  #told(from: ActorId, told: readonly ActorKnowledge[] | string, now: Instant): void {
    if (told === 'equal') {
      this.#exchanges.settle(from, now)
      this.#foundEqual(from, now, now)
    }
    if (typeof told !== 'string') this.#services.tell(from, told)
  }

  #summary(from: ActorId, message: SummaryMessage, now: Instant, out: Outbox): void {
    const { exchange, scope, answerWanted } = message
    const told =
      scope !== undefined && answerWanted
        ? this.#answers.narrowed(from, exchange, scope, out)
        : this.#exchanges.summary(from, message, now, out)
    if (message.onlyAsks === true) return
    if (told !== undefined) this.#services.tell(from, told)
    this.#forks.summary(from, message.actors, now, out)
    this.#losses.told(message.actors)
    this.#unobtainable.told(from, message.actors, now)
    this.#fetches.roundTrip(from, this.#exchanges.roundTripMs(from))
    if (!this.#fetches.offer(from, message.actors, now)) this.#exchanges.settle(from, now)
    this.#comparedWithPeer(now)
  }
}
