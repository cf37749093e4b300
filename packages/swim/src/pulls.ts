/**
 * Pulls: asks members for their details, and answers who asks for ours. Always by stream, and always the member itself, so
 * that nobody has to keep what others tell. What was pulled is kept for a while, as its mark tells whether it still holds.
 * Bounds: pulls under way, who waits for them and how long, bytes that are kept, answers a second.
 */
import type { ActorId, Instant, Prng } from '@patina/base'
import type { Deadlines } from './deadlines.ts'
import { type DetailsMark, type DetailsOutcome, isMarkedBy } from './details.ts'
import { isActive } from './member.ts'
import type { Members } from './members.ts'
import type { Body } from './message.ts'
import type { Addressee, Outbox } from './outbox.ts'
import type { Timer } from './timer.ts'
import { TokenBuckets } from './token-buckets.ts'

/** Members that are asked at one time, and those here who wait for an answer. */
const PULLS_MAX = 64
const WAITING_MAX = 1_024
/** Until it is asked once more: a stream may have to be dialled first. */
const ATTEMPT_MS = 2_000
/** Until nobody waits any more. */
const PATIENCE_MS = 10_000
/** Of details that were pulled: some hundred members with a few kilobytes, or 64 with all they may have. */
const KEPT_BYTES_MAX = 4_194_304
/** Answers with details, to one who asks and to all: at most 1 MiB a second. */
const PER_ASKER = { perSecond: 2, burst: 8, keysMax: 4_096 }
const FOR_ALL = { perSecond: 16, burst: 32, keysMax: 1 }
/** What who is refused waits, at least; and at most, whatever a peer says. */
const RETRY_AFTER_MS = 500
const RETRY_AFTER_MS_MAX = 5_000

const NO_BYTES = new Uint8Array(0)

interface Pull {
  readonly exchange: number
  readonly actor: ActorId
  /** Who asked here. */
  readonly tokens: number[]
  readonly until: Instant
  /** The timer that counts. */
  turn: number
  /** Too many asked there, when it last answered. */
  isRefused: boolean
}

export interface PullParts {
  readonly members: Members
  readonly deadlines: Deadlines<Timer>
  readonly outbox: Outbox
  readonly prng: Prng
  readonly nextNumber: () => number
}

export class Pulls {
  readonly #parts: PullParts
  /** By exchange. At most PULLS_MAX, one for each member. */
  readonly #underWay = new Map<number, Pull>()
  /** The least recently wanted first. */
  readonly #kept = new Map<ActorId, Uint8Array>()
  #keptBytes = 0
  #own: Uint8Array | undefined
  readonly #perAsker = new TokenBuckets(PER_ASKER)
  readonly #forAll = new TokenBuckets(FOR_ALL)

  constructor(parts: PullParts) {
    this.#parts = parts
  }

  /** What we tell who asks. */
  tell(own: Uint8Array | undefined): void {
    this.#own = own?.length === 0 ? undefined : own
  }

  pull(actor: ActorId, token: number, now: Instant): void {
    const known = this.#known(actor)
    if (known !== undefined) {
      this.#answer([token], known)
      return
    }
    const pull = [...this.#underWay.values()].find((one) => one.actor === actor)
    if (this.#waiting() >= WAITING_MAX || (pull === undefined && this.#underWay.size >= PULLS_MAX))
      this.#answer([token], { kind: 'overloaded' })
    else if (pull !== undefined) pull.tokens.push(token)
    else this.#begin(actor, token, now)
  }

  /** Somebody wants ours. Asked by datagram it is not answered: what is dialled for it may be anybody's address. */
  pullReceived({ exchange }: BodyOf<'pull'>, from: Addressee, now: Instant): void {
    if (from.way !== 'stream') return
    const { outbox } = this.#parts
    const isAllowed = this.#perAsker.take(from.actor ?? from.address, now) && this.#forAll.take('', now)
    if (!isAllowed) outbox.count('swim_limited')
    const bytes = isAllowed ? (this.#own ?? NO_BYTES) : NO_BYTES
    const body = { kind: 'details', exchange, bytes, retryAfterMs: isAllowed ? 0 : RETRY_AFTER_MS } as const
    // With our metadata, because its mark is what the details are held against.
    outbox.send({ ...from, isStranger: true }, body)
  }

  detailsReceived({ exchange, bytes, retryAfterMs }: BodyOf<'details'>, from: ActorId, now: Instant): void {
    const pull = this.#underWay.get(exchange)
    if (pull?.actor !== from) return
    pull.isRefused = retryAfterMs > 0
    if (pull.isRefused) {
      this.#againAfter(pull, Math.min(retryAfterMs, RETRY_AFTER_MS_MAX), now)
      return
    }
    const mark = this.#markOf(from)
    if (mark === undefined) this.#end(pull, { kind: 'none' })
    // Else it changed them meanwhile, or the answer is junk: it is asked once more when its time is over.
    else if (isMarkedBy(mark, bytes)) {
      this.#keep(from, bytes)
      this.#end(pull, { kind: 'found', details: bytes })
    }
  }

  /** The time of an attempt is over, or the pause before the next one. */
  again(exchange: number, turn: number, now: Instant): void {
    const pull = this.#underWay.get(exchange)
    if (pull === undefined || pull.turn !== turn) return
    if (now < pull.until) this.#ask(pull, now)
    else this.#end(pull, { kind: pull.isRefused ? 'overloaded' : 'unreachable' })
  }

  /** We have left: nobody is asked any more. */
  close(): void {
    for (const pull of [...this.#underWay.values()]) this.#end(pull, { kind: 'unreachable' })
  }

  /** As `pull`, after that. */
  refuse(token: number): void {
    this.#answer([token], { kind: 'unreachable' })
  }

  /** Undefined where the member has to be asked. */
  #known(actor: ActorId): DetailsOutcome | undefined {
    const { members, outbox } = this.#parts
    if (actor === outbox.self().actor)
      return this.#own === undefined ? { kind: 'none' } : { kind: 'found', details: this.#own }
    const member = members.get(actor)
    if (member === undefined) return { kind: 'unreachable' }
    const mark = this.#markOf(actor)
    if (mark === undefined) return { kind: 'none' }
    const kept = this.#keptFor(actor, mark)
    if (kept !== undefined) return { kind: 'found', details: kept }
    return isActive(member.record.state) ? undefined : { kind: 'unreachable' }
  }

  #begin(actor: ActorId, token: number, now: Instant): void {
    const until = (now + PATIENCE_MS) as Instant
    const exchange = this.#parts.nextNumber()
    const pull: Pull = { exchange, actor, tokens: [token], until, turn: 0, isRefused: false }
    this.#underWay.set(pull.exchange, pull)
    this.#ask(pull, now)
  }

  #ask(pull: Pull, now: Instant): void {
    const member = this.#parts.members.get(pull.actor)
    if (member === undefined || !isActive(member.record.state)) {
      this.#end(pull, { kind: 'unreachable' })
      return
    }
    const { actor, address } = member.record
    this.#parts.outbox.send({ address, actor, way: 'stream' }, { kind: 'pull', exchange: pull.exchange })
    this.#againAfter(pull, ATTEMPT_MS, now)
  }

  /** Those who were refused together do not come back together. */
  #againAfter(pull: Pull, ms: number, now: Instant): void {
    const { deadlines, prng } = this.#parts
    pull.turn += 1
    const at = (now + ms + prng.below(ms)) as Instant
    deadlines.set(at, { kind: 'pull-again', exchange: pull.exchange, turn: pull.turn })
  }

  #end(pull: Pull, outcome: DetailsOutcome): void {
    this.#underWay.delete(pull.exchange)
    this.#answer(pull.tokens, outcome)
  }

  #answer(tokens: readonly number[], outcome: DetailsOutcome): void {
    for (const token of tokens) this.#parts.outbox.detailsPulled(token, outcome)
  }

  #waiting(): number {
    let waiting = 0
    for (const { tokens } of this.#underWay.values()) waiting += tokens.length
    return waiting
  }

  #markOf(actor: ActorId): DetailsMark | undefined {
    return this.#parts.members.get(actor)?.record.told?.metadata.details
  }

  #keptFor(actor: ActorId, mark: DetailsMark): Uint8Array | undefined {
    const kept = this.#kept.get(actor)
    if (kept === undefined) return undefined
    this.#drop(actor)
    if (!isMarkedBy(mark, kept)) return undefined
    this.#keep(actor, kept)
    return kept
  }

  #keep(actor: ActorId, details: Uint8Array): void {
    this.#drop(actor)
    this.#kept.set(actor, details)
    this.#keptBytes += details.length
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= KEPT_BYTES_MAX) return
      this.#drop(oldest)
    }
  }

  #drop(actor: ActorId): void {
    this.#keptBytes -= this.#kept.get(actor)?.length ?? 0
    this.#kept.delete(actor)
  }
}

type BodyOf<K extends Body['kind']> = Extract<Body, { readonly kind: K }>
