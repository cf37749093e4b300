/**
 * Comparisons: what this node and a peer lack of each other, for people who ask, without moving anything. The same digest as in an
 * exchange, but what comes back is only looked at, and the peer is told nothing that it could ask for.
 */
import {
  type ActorId,
  type ActorKnowledge,
  type ActorVersions,
  after,
  compareActors,
  earliest,
  type Instant,
  millis,
  NEVER,
  type Prng,
  RangeSet,
  type Version,
} from '@patina/base'
import { bucketHashes, differingBuckets, type Scope, splitByScope } from './buckets.ts'
import { limits, type SyncConfig } from './config.ts'
import type { Outbox } from './effect.ts'
import { type Held, type Knowledge, plainToHeld } from './knowledge.ts'
import { rootHash } from './knowledge-digest.ts'
import { drawSalt, type ExchangeId, type SyncMessage } from './message.ts'
import { offerOf } from './needs.ts'

export type Comparison =
  | { readonly kind: 'equal' }
  | {
      readonly kind: 'differs'
      /** Versions that one of the two has, wholly or in part, and the other lacks. */
      readonly lacks: readonly ActorVersions[]
      readonly peerLacks: readonly ActorVersions[]
      /** What is given up here, and the peer neither has nor has heard to be given up. The other way round. */
      readonly lost: readonly ActorVersions[]
      readonly peerLost: readonly ActorVersions[]
    }
  /** The peer wants to be asked later. */
  | { readonly kind: 'refused'; readonly retryMs: number }
  | { readonly kind: 'silent' }
  | { readonly kind: 'no-session' }
  /** So many are under way here. */
  | { readonly kind: 'too-many' }

type Answer = Extract<SyncMessage, { kind: 'equal' | 'buckets' | 'summary' | 'refusal' }>

interface Open {
  readonly token: number
  readonly peer: ActorId
  readonly salt: Uint8Array
  readonly deadline: Instant
  /** Set once the peer has told its buckets. */
  scope: Scope | undefined
}

export class Comparisons {
  readonly #config: SyncConfig
  readonly #knowledge: Knowledge
  readonly #prng: Prng
  readonly #peers: Set<ActorId> = new Set()
  /** At most `comparisonsMax`. */
  readonly #open: Map<ExchangeId, Open> = new Map()

  constructor(config: SyncConfig, knowledge: Knowledge, prng: Prng) {
    this.#config = config
    this.#knowledge = knowledge
    this.#prng = prng
  }

  open(peer: ActorId): void {
    this.#peers.add(peer)
  }

  close(peer: ActorId, out: Outbox): void {
    this.#peers.delete(peer)
    for (const [exchange, open] of this.#open)
      if (open.peer === peer) this.#end(exchange, { kind: 'no-session' }, out)
  }

  /** `exchange`: a number of ours that no exchange has. */
  begin(
    {
      token,
      peer,
      exchange,
    }: { readonly token: number; readonly peer: ActorId; readonly exchange: ExchangeId },
    now: Instant,
    out: Outbox,
  ): void {
    const refusal = !this.#peers.has(peer)
      ? 'no-session'
      : this.#open.size >= limits.comparisonsMax
        ? 'too-many'
        : undefined
    if (refusal !== undefined) {
      out.push({ kind: 'compared', token, comparison: { kind: refusal } })
      return
    }
    const salt = drawSalt(this.#prng)
    const deadline = after(now, millis(this.#config.exchangeTimeoutMs))
    this.#open.set(exchange, { token, peer, salt, deadline, scope: undefined })
    const root = rootHash(this.#knowledge.toPlain(), salt)
    out.send([peer], 'repair', { kind: 'digest', exchange, salt, root, understandsBuckets: true })
  }

  /** True where it is an answer to one of these, and nobody else's. */
  take(from: ActorId, answer: Answer, out: Outbox): boolean {
    const open = this.#open.get(answer.exchange)
    if (open?.peer !== from || (answer.kind === 'summary' && isQuestion(answer))) return false
    switch (answer.kind) {
      case 'equal':
        this.#end(answer.exchange, { kind: 'equal' }, out)
        break
      case 'refusal':
        this.#end(answer.exchange, { kind: 'refused', retryMs: answer.retryMs }, out)
        break
      case 'buckets':
        this.#narrow(open, answer, out)
        break
      case 'summary':
        this.#end(answer.exchange, this.#compare(open, answer.actors), out)
        break
    }
    return true
  }

  pump(now: Instant, out: Outbox): void {
    for (const [exchange, { deadline }] of this.#open)
      if (deadline <= now) this.#end(exchange, { kind: 'silent' }, out)
  }

  nextDeadline(): Instant {
    let next = NEVER
    for (const { deadline } of this.#open.values()) next = earliest(next, deadline)
    return next
  }

  #narrow(open: Open, { exchange, hashes }: Extract<SyncMessage, { kind: 'buckets' }>, out: Outbox): void {
    if (open.scope !== undefined) return
    open.scope = differingBuckets(bucketHashes(this.#knowledge.toPlain(), open.salt), hashes)
    if (open.scope === undefined) {
      this.#end(exchange, { kind: 'equal' }, out)
      return
    }
    const question = { answerWanted: true, actors: [], scope: open.scope, onlyAsks: true }
    out.send([open.peer], 'repair', { kind: 'summary', exchange, ...question })
  }

  #compare({ scope }: Open, theirs: readonly ActorKnowledge[]): Comparison {
    const all = this.#knowledge.toPlain()
    const ours = scope === undefined ? all : splitByScope(all, scope).inside
    const lacks = lackedBy(ours, theirs)
    const peerLacks = lackedBy(theirs, ours)
    const lost = lostUnheardBy(theirs, ours)
    const peerLost = lostUnheardBy(ours, theirs)
    const isEqual = [lacks, peerLacks, lost, peerLost].every(({ length }) => length === 0)
    return isEqual ? { kind: 'equal' } : { kind: 'differs', lacks, peerLacks, lost, peerLost }
  }

  #end(exchange: ExchangeId, comparison: Comparison, out: Outbox): void {
    const open = this.#open.get(exchange)
    this.#open.delete(exchange)
    if (open !== undefined) out.push({ kind: 'compared', token: open.token, comparison })
  }
}

/** The peer's own word in an exchange that it has begun under the same number. */
function isQuestion({ scope, answerWanted }: Extract<SyncMessage, { kind: 'summary' }>): boolean {
  return scope === undefined ? !answerWanted : answerWanted
}

const NOTHING: Held = { have: new RangeSet(), partials: new Map(), lost: new RangeSet() }

/** What the others have, wholly or in part, of each actor; by actor. */
function lackedBy(ours: readonly ActorKnowledge[], others: readonly ActorKnowledge[]): ActorVersions[] {
  return byActor(ours, others, (held, entry) => {
    const offer = offerOf(held, entry)
    const versions = offer?.have.clone() ?? new RangeSet<Version>()
    for (const version of offer?.partials.keys() ?? []) versions.add(version)
    return versions
  })
}

/** What the others have given up, of each actor; by actor. */
function lostUnheardBy(ours: readonly ActorKnowledge[], others: readonly ActorKnowledge[]): ActorVersions[] {
  return byActor(ours, others, ({ have, lost }, { lost: given = [] }) =>
    RangeSet.of(given).subtract(lost).subtract(have),
  )
}

/** What `differing` finds of each actor of the others; those of whom it finds something. */
function byActor(
  ours: readonly ActorKnowledge[],
  others: readonly ActorKnowledge[],
  differing: (held: Held, theirs: ActorKnowledge) => RangeSet<Version>,
): ActorVersions[] {
  const oursByActor = new Map(ours.map((entry) => [entry.actor, entry]))
  const found = others.flatMap((entry): ActorVersions[] => {
    const held = oursByActor.get(entry.actor)
    const versions = differing(held === undefined ? NOTHING : plainToHeld(held), entry)
    return versions.isEmpty() ? [] : [{ actor: entry.actor, versions: [...versions] }]
  })
  return found.sort((a, b) => compareActors(a.actor, b.actor))
}
