/**
 * PushPull: two members compare what they know of all, by stream, and tell each other what differs. Repairs what rumors
 * missed, and brings a member that joins or heals up to date. Source: memberlist's push/pull; differs from it: first a
 * digest of 2 kB by 256 buckets of actors, then only the buckets that differ.
 *
 *   A → B  digest        B → A  busy | delta (B's records, buckets that differ)        A → B  delta (A's records in them)
 */
import type { ActorId, Instant, PeerAddress, Prng } from '@patina/base'
import type { Beliefs } from './beliefs.ts'
import { chooseSome } from './choose.ts'
import type { SwimConfig } from './config.ts'
import type { Deadlines } from './deadlines.ts'
import { bucketOf, differingBuckets } from './digest.ts'
import { isActive, type MemberRecord } from './member.ts'
import type { Members } from './members.ts'
import type { Body, Update } from './message.ts'
import type { Addressee, Outbox } from './outbox.ts'
import { RateLimit } from './rate-limit.ts'
import type { Timer } from './timer.ts'
import { TokenBuckets } from './token-buckets.ts'

/** Clusters up to this size compare once in `pushPullPeriodMs`; above it the period grows with each doubling. */
const UNSCALED_MEMBERS = 32
/** After the start; members that joined with us and missed each other's rumors meet in some seconds. */
const FIRST_PAUSE_MS = 4_000
/** Digests answered; whoever asks beyond is told to ask somebody else. */
const ANSWERS_PER_SECOND = 32
const ANSWERS = { perSecond: ANSWERS_PER_SECOND, burst: ANSWERS_PER_SECOND, keysMax: 1 }
const RETRY_AFTER_MS = 500
/** What a peer may make us wait, whatever it says. */
const RETRY_AFTER_MS_MAX = 30_000
/** After a partition many come back at once; the views of one of them a second is enough. */
const REVIVED_INTERVAL_MS = 1_000
/** Between two looks at others' views for verdicts that have passed us by. */
const OVERDUE_INTERVAL_MS = 2_000
const MS_PER_SECOND = 1_000

export interface PushPullParts {
  readonly config: SwimConfig
  readonly members: Members
  readonly beliefs: Beliefs
  readonly deadlines: Deadlines<Timer>
  readonly outbox: Outbox
  readonly prng: Prng
}

/** memberlist's pushPullScale: 1 up to 32 members, one more for each doubling. */
export function pushPullScale(members: number): number {
  if (members <= UNSCALED_MEMBERS) return 1
  return Math.ceil(Math.log2(members) - Math.log2(UNSCALED_MEMBERS)) + 1
}

export class PushPull {
  readonly #parts: PushPullParts
  readonly #answers = new TokenBuckets(ANSWERS)
  readonly #revivals = new RateLimit(REVIVED_INTERVAL_MS, 1)
  readonly #overdue = new RateLimit(OVERDUE_INTERVAL_MS, 1)
  #pauseMs: number | undefined
  #exchange = 0
  /** The exchange of ours that was refused, and is tried again with somebody else. */
  #retryOf: number | undefined

  constructor(parts: PushPullParts) {
    this.#parts = parts
  }

  /** The next exchange in its turn: soon after the start, when most is new, then after twice as long each time. */
  schedule(now: Instant): void {
    const { config, members, prng, deadlines } = this.#parts
    const period = config.pushPullPeriodMs * pushPullScale(members.count())
    this.#pauseMs = Math.min(period, this.#pauseMs === undefined ? FIRST_PAUSE_MS : 2 * this.#pauseMs)
    const pause = this.#pauseMs + prng.below(Math.ceil(this.#pauseMs / 4))
    deadlines.set((now + pause) as Instant, { kind: 'push-pull' })
  }

  /** With anybody who is alive. */
  withAnybody(): void {
    const { members, prng } = this.#parts
    const [partner] = chooseSome(prng, members.active(), 1, ({ record }) => record.state === 'alive')
    if (partner !== undefined) this.begin(partner.record)
  }

  /** Where a verdict has passed us by, another view has it. One view accuses and does not condemn: it may take several. */
  missedVerdict(now: Instant): void {
    if (this.#parts.beliefs.hasOverdue(now) && this.#overdue.allows('', now)) this.withAnybody()
  }

  /** Somebody came back: both sides may have much to tell. */
  revived(record: MemberRecord, now: Instant): void {
    if (this.#revivals.allows('', now)) this.begin(record)
  }

  begin({ actor, address }: { readonly actor: ActorId; readonly address: PeerAddress }): void {
    this.#exchange += 1
    this.#retryOf = this.#exchange
    const body = { kind: 'digest', exchange: this.#exchange, hashes: this.#digest() } as const
    this.#parts.outbox.sendRecords({ address, actor }, body, body, [])
  }

  digestReceived({ exchange, hashes }: BodyOf<'digest'>, to: Addressee, now: Instant): void {
    const { outbox } = this.#parts
    if (!this.#answers.take('', now)) {
      outbox.send({ ...to, way: 'stream' }, { kind: 'busy', exchange, retryAfterMs: RETRY_AFTER_MS })
      return
    }
    const wanted = differingBuckets(this.#digest(), hashes)
    this.#sendDelta(to, { exchange, wanted, buckets: new Set(wanted) }, now)
  }

  /** The records came with the packet; here only what its sender asks for in return. */
  deltaReceived({ exchange, wanted }: BodyOf<'delta'>, to: Addressee, now: Instant): void {
    if (exchange === this.#retryOf) this.#retryOf = undefined
    if (wanted.length > 0) this.#sendDelta(to, { exchange, wanted: [], buckets: new Set(wanted) }, now)
  }

  busyReceived({ exchange, retryAfterMs }: BodyOf<'busy'>, now: Instant): void {
    if (exchange !== this.#retryOf) return
    this.#retryOf = undefined
    const { prng, deadlines } = this.#parts
    const pause = Math.min(retryAfterMs, RETRY_AFTER_MS_MAX) + prng.below(RETRY_AFTER_MS)
    deadlines.set((now + pause) as Instant, { kind: 'push-pull-again' })
  }

  #sendDelta(
    to: Addressee,
    {
      exchange,
      wanted,
      buckets,
    }: {
      readonly exchange: number
      readonly wanted: readonly number[]
      readonly buckets: ReadonlySet<number>
    },
    now: Instant,
  ): void {
    const body = { kind: 'delta', exchange, wanted } as const
    this.#parts.outbox.sendRecords(to, body, { ...body, wanted: [] }, this.#updatesIn(buckets, to.actor, now))
  }

  *#updatesIn(buckets: ReadonlySet<number>, reader: ActorId | undefined, now: Instant): Generator<Update> {
    const { members, beliefs } = this.#parts
    for (const { record, since } of members.all()) {
      if (record.actor === reader || !buckets.has(bucketOf(record.actor))) continue
      const accusers = beliefs.suspicionOf(record.actor)?.accusers ?? []
      const ageS = isActive(record.state) ? undefined : Math.floor((now - since) / MS_PER_SECOND)
      yield { record, accusers, ageS }
    }
  }

  #digest(): Uint8Array {
    const { members, outbox } = this.#parts
    return members.digestWith(outbox.self())
  }
}

type BodyOf<K extends Body['kind']> = Extract<Body, { readonly kind: K }>
