/**
 * Intake: changesets on their way from a peer to the store. By the header alone it tells new from known, keeps each new
 * one in flight exactly as long as it is queued or being applied (I-SYNC-2), and hands batches to the store one at a
 * time: the next takes all that waits, up to a bound. What becomes of them is the store's to say; nothing here is held.
 *
 * What is urgent goes before what is fresh, and that before what is being caught up. The queue is bounded. Above the bound
 * the oldest backlog is dropped first, and anti-entropy brings it again.
 */
import {
  type ActorId,
  type ActorVersions,
  type ApplyOutcome,
  after,
  assert,
  BoundedQueue,
  type ChangesetHeader,
  decodeChangesetHeader,
  elapsed,
  type Instant,
  millis,
  NEVER,
  RangeSet,
  type Seq,
  type Version,
} from '@patina/base'
import type { SyncConfig } from './config.ts'
import type { Arrival, Outbox } from './effect.ts'
import type { HeldChunks, Knowledge } from './knowledge.ts'
import type { Expected } from './needs.ts'

/** urgent, fresh: a broadcast · backlog: an answer to a request. In this order they are handed to the store. */
export const URGENCIES = ['urgent', 'fresh', 'backlog'] as const
export type Urgency = (typeof URGENCIES)[number]

/** malformed: no header · own: of this node's own actor · known: held or in flight. */
export type IntakeVerdict = 'new' | 'known' | 'own' | 'malformed'

/** A changeset that is neither held nor in flight. */
export interface NewChangeset {
  readonly kind: 'changeset'
  readonly id: string
  readonly header: ChangesetHeader
  readonly bytes: Uint8Array
}

type Item = (NewChangeset & { readonly urgency: Urgency }) | ({ readonly kind: 'claim' } & Claim)

/** Versions that a peer answered as cleared, and what it held when it said so. */
export interface Claim {
  readonly cleared: readonly ActorVersions[]
  readonly basis: readonly ActorVersions[]
}

interface UnderWay {
  readonly token: number
  readonly items: readonly Item[]
  readonly since: Instant
}

/** In memory a range is two numbers; a claim weighs what its ranges do. */
const RANGE_BYTES = 16

export class Intake {
  readonly #self: ActorId
  readonly #config: SyncConfig
  readonly #knowledge: Knowledge
  /** I-SYNC-2: exactly the changesets of #queues and #underWay, by id; so it has their bound. */
  readonly #inFlight: Map<string, ChangesetHeader> = new Map()
  readonly #queues: Readonly<Record<Urgency, WeighedQueue>>
  #underWay: UnderWay | undefined
  #pausedUntil: Instant = 0 as Instant
  #lastToken = 0
  #lost = false

  constructor(self: ActorId, config: SyncConfig, knowledge: Knowledge) {
    this.#self = self
    this.#config = config
    this.#knowledge = knowledge
    const queue = (): WeighedQueue => new WeighedQueue(config.queueItemsMax)
    this.#queues = { urgent: queue(), fresh: queue(), backlog: queue() }
  }

  /** Looks at the header and queues what is new. */
  take(bytes: Uint8Array, urgency: Urgency, out: Outbox): IntakeVerdict {
    const seen = this.look(bytes)
    if (typeof seen === 'string') return seen
    this.put(seen, urgency, out)
    return 'new'
  }

  /** By the header alone; remembers nothing. */
  look(bytes: Uint8Array): NewChangeset | Exclude<IntakeVerdict, 'new'> {
    const decoded = decodeChangesetHeader(bytes)
    if (!decoded.ok) return 'malformed'
    const { header } = decoded.value
    if (header.actor === this.#self) return 'own'
    const id = chunkId(header)
    if (this.#knowledge.holds(header) || this.#inFlight.has(id)) return 'known'
    return { kind: 'changeset', id, header, bytes }
  }

  /** Queues what `look` has just found to be new. From here on it is in flight, until it is dropped or the store has spoken. */
  put(changeset: NewChangeset, urgency: Urgency, out: Outbox): void {
    this.#inFlight.set(changeset.id, changeset.header)
    this.#queues[urgency].push({ ...changeset, urgency }, changeset.bytes.length)
    this.#dropAboveBounds(out)
  }

  /** Queues cleared versions behind the changesets that came before them. */
  takeClaim(claim: Claim, out: Outbox): void {
    this.#queues.backlog.push({ kind: 'claim', ...claim }, claimBytes(claim))
    this.#dropAboveBounds(out)
  }

  /** Hands the next batch to the store where none is under way. */
  pump(now: Instant, out: Outbox): void {
    if (this.#underWay !== undefined || now < this.#pausedUntil) return
    const items = this.#nextBatch()
    if (items.length === 0) return
    this.#lastToken += 1
    this.#underWay = { token: this.#lastToken, items, since: now }
    const claim = items.find((item) => item.kind === 'claim')
    out.push({
      kind: 'apply',
      token: this.#lastToken,
      changesets: items.flatMap((item) => (item.kind === 'changeset' ? [item.bytes] : [])),
      cleared: claim?.cleared ?? [],
      basis: claim?.basis ?? [],
    })
  }

  /** The store has spoken about a batch: it is in flight no longer. Returns what was applied. A token of the past changes nothing. */
  finish(token: number, outcomes: readonly ApplyOutcome[] = []): Arrival[] {
    if (this.#underWay?.token !== token) return []
    // A damaged copy was not recorded: the good one must still get in.
    if (outcomes.some(({ kind }) => kind === 'dropped')) this.#lost = true
    const { items } = this.#underWay
    this.#leave(items)
    this.#underWay = undefined
    return arrivalsOf(items, outcomes)
  }

  /** The store did not take a batch; what was in it is lost unless somebody brings it again. */
  fail(token: number, now: Instant): void {
    if (this.#underWay?.token !== token) return
    this.finish(token)
    this.#lost = true
    this.#pausedUntil = after(now, millis(this.#config.applyRetryMs))
  }

  /** Gives up a batch that the store has not answered in time. */
  expire(now: Instant): void {
    const { applyTimeoutMs } = this.#config
    if (this.#underWay === undefined || elapsed(this.#underWay.since, now) < applyTimeoutMs) return
    this.fail(this.#underWay.token, now)
  }

  /** Answers to requests are queued, being applied, or lost and not asked for again: no offer and no head tells of them. */
  hasAnswers(): boolean {
    const isAnswer = (item: Item): boolean => item.kind === 'claim' || item.urgency === 'backlog'
    return this.#lost || this.#queues.backlog.size > 0 || this.#underWay?.items.some(isAnswer) === true
  }

  /** True once after something has been dropped or has failed: then what peers have answered must be asked again. */
  takeLoss(): boolean {
    const lost = this.#lost
    this.#lost = false
    return lost
  }

  nextDeadline(): Instant {
    if (this.#underWay !== undefined) return after(this.#underWay.since, millis(this.#config.applyTimeoutMs))
    return this.size === 0 ? NEVER : this.#pausedUntil
  }

  get size(): number {
    return URGENCIES.reduce((sum, urgency) => sum + this.#queues[urgency].size, 0)
  }

  get bytes(): number {
    return URGENCIES.reduce((sum, urgency) => sum + this.#queues[urgency].bytes, 0)
  }

  /** Bytes that wait for the store, by how soon they go. */
  waitingBytes(): Readonly<Record<Urgency, number>> {
    const { urgent, fresh, backlog } = this.#queues
    return { urgent: urgent.bytes, fresh: fresh.bytes, backlog: backlog.bytes }
  }

  get inFlight(): number {
    return this.#inFlight.size
  }

  /** True while a peer may be asked for more: half of the queue is kept for what comes unasked. */
  hasRoom(): boolean {
    return this.bytes < this.#config.queueBytesMax / 2 && this.size < this.#config.queueItemsMax / 2
  }

  /** What is in flight, by actor, as needs.ts wants it. Linear in what is in flight. */
  expected(): Map<ActorId, Expected> {
    const byActor = new Map<ActorId, { versions: RangeSet<Version>; chunks: Map<Version, HeldChunks> }>()
    for (const { actor, version, firstSeq, lastSeq, versionLastSeq } of this.#inFlight.values()) {
      const entry = byActor.get(actor) ?? { versions: new RangeSet<Version>(), chunks: new Map() }
      byActor.set(actor, entry)
      if (firstSeq === 0 && lastSeq === versionLastSeq) {
        entry.versions.add(version)
        continue
      }
      const seqs: RangeSet<Seq> = entry.chunks.get(version)?.seqs ?? new RangeSet<Seq>()
      seqs.add(firstSeq, lastSeq)
      entry.chunks.set(version, { seqs, lastSeq: versionLastSeq })
    }
    return byActor
  }

  /** Urgent before fresh before backlog. A claim ends a batch, because an apply has one basis for all that it clears. */
  #nextBatch(): Item[] {
    const { applyItemsMax, applyBytesMax } = this.#config
    const items: Item[] = []
    let bytes = 0
    for (const urgency of URGENCIES) {
      const queue = this.#queues[urgency]
      for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
        if (items.length > 0 && (items.length >= applyItemsMax || bytes + next.bytes > applyBytesMax))
          return items
        queue.shift()
        items.push(next.item)
        bytes += next.bytes
        if (next.item.kind === 'claim') return items
      }
    }
    return items
  }

  #dropAboveBounds(out: Outbox): void {
    while (this.bytes > this.#config.queueBytesMax || this.size > this.#config.queueItemsMax) {
      const { urgent, fresh, backlog } = this.#queues
      const dropped = backlog.shift() ?? fresh.shift() ?? urgent.shift()
      if (dropped === undefined) return
      this.#leave([dropped.item])
      this.#lost = true
      out.count('apply_dropped')
    }
  }

  #leave(items: readonly Item[]): void {
    for (const item of items) if (item.kind === 'changeset') this.#inFlight.delete(item.id)
  }
}

interface Queued {
  readonly item: Item
  readonly bytes: number
}

/** First in, first out, with its weight. The bound that matters is Intake's, over both queues. */
class WeighedQueue {
  readonly #items: BoundedQueue<Queued>
  #bytes = 0

  /** Room for one more than Intake lets in, so that this queue never drops by itself. */
  constructor(itemsMax: number) {
    this.#items = new BoundedQueue(itemsMax + 1, 'newest')
  }

  get size(): number {
    return this.#items.size
  }

  get bytes(): number {
    return this.#bytes
  }

  push(item: Item, bytes: number): void {
    const dropped = this.#items.push({ item, bytes })
    assert(dropped === undefined, 'Intake drops before its queues do')
    this.#bytes += bytes
  }

  peek(): Queued | undefined {
    return this.#items.peek()
  }

  shift(): Queued | undefined {
    const first = this.#items.shift()
    this.#bytes -= first?.bytes ?? 0
    return first
  }
}

/** Of a version in chunks the chunk that completes it is the one that is applied. */
function arrivalsOf(items: readonly Item[], outcomes: readonly ApplyOutcome[]): Arrival[] {
  const changesets = items.filter((item) => item.kind === 'changeset')
  return changesets.flatMap(({ header, urgency }, i): Arrival[] =>
    outcomes[i]?.kind === 'applied' ? [{ origin: header.actor, ts: header.ts, lane: urgency }] : [],
  )
}

/** The seqs belong to the id: a chunk that was cut otherwise is another one. */
function chunkId({ actor, version, firstSeq, lastSeq }: ChangesetHeader): string {
  return `${actor}/${version}/${firstSeq}-${lastSeq}`
}

function claimBytes({ cleared, basis }: Claim): number {
  return [...cleared, ...basis].reduce((sum, { versions }) => sum + RANGE_BYTES * (1 + versions.length), 0)
}
