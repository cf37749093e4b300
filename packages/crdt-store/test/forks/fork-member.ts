/**
 * A member of the world of forks: a real store, and what `sync` does with it when it meets another (who says what is here as
 * calls, because the messages are another package's). Keeps to the rules of ADR 0019.
 */
import type { ActorId, Hlc, Need, Range, Version } from '@patina/base'
import type { Store } from '../../src/index.ts'

const EVERYTHING = Number.MAX_SAFE_INTEGER

export class ForkMember {
  readonly name: string
  readonly store: Store
  /** Actors of whom it has heard that they forked. */
  readonly forks: Set<ActorId>
  /** Actors that it writes anew, its own former ones among them. */
  readonly abandoned: Set<ActorId>
  /** Whom it has asked once more for what it holds as cleared, since it heard of the last fork. */
  readonly #asked = new Set<string>()

  constructor(name: string, store: Store, like?: ForkMember) {
    this.name = name
    this.store = store
    this.forks = new Set(like?.forks)
    this.abandoned = new Set(like?.abandoned)
  }

  hear(fork: ActorId): void {
    if (this.forks.has(fork)) return
    this.forks.add(fork)
    this.#asked.clear()
  }

  /** Learns what `other` has to tell; `alive`: everybody who is. `budgetBytes`: of the usual answer. */
  meet(other: ForkMember, alive: readonly ForkMember[], budgetBytes = EVERYTHING): void {
    for (const fork of other.forks) this.hear(fork)
    this.#compareHeads(other)
    if (this.#isForked(other)) this.abandon(this.store.actor)
    this.#standInForTheDead(alive)
    this.#fetchAbandoned(other)
    this.#askAgain(other)
    const { changesets, cleared, basis } = other.store.serve(this.#needs(other), budgetBytes)
    this.store.apply(changesets, cleared.length === 0 ? undefined : { cleared, basis })
    this.#rewrite()
  }

  abandon(actor: ActorId): void {
    this.hear(actor)
    this.abandoned.add(actor)
    this.store.abandon(actor)
    this.#rewrite()
  }

  /** Two who know another time of one head have two contents. */
  #compareHeads(other: ForkMember): void {
    const heads = new Map(other.store.knowledge().map((known) => [known.actor, known]))
    for (const { actor, head, headTs } of this.store.knowledge()) {
      const theirs = heads.get(actor)
      const isTimed = headTs !== 0 && theirs !== undefined && theirs.headTs !== 0
      if (isTimed && theirs.head === head && theirs.headTs !== headTs) this.hear(actor)
    }
  }

  #isForked(other: ForkMember): boolean {
    const { actor } = this.store
    if (this.forks.has(actor) || other.store.actor === actor) return true
    return versionsOf(other.store, actor).some(([version, ts]) => {
      const check = this.store.checkOwn(version, ts)
      return check === 'other' || check === 'beyond'
    })
  }

  /** Where nobody is left who wrote as the forked actor, whoever knows of it writes its cells anew. */
  #standInForTheDead(alive: readonly ForkMember[]): void {
    for (const fork of this.forks)
      if (!alive.some(({ store, abandoned }) => store.actor === fork || abandoned.has(fork)))
        this.abandon(fork)
  }

  #fetchAbandoned(other: ForkMember): void {
    const needs = [...this.abandoned].map((actor): Need => ({ kind: 'versions', actor, versions: ALL }))
    this.store.applyAgain(other.store.serve(needs, EVERYTHING).changesets)
  }

  #askAgain(other: ForkMember): void {
    if (this.forks.size === 0 || this.#asked.has(other.name)) return
    this.#asked.add(other.name)
    const needs = this.store
      .cleared()
      .map(({ actor, versions }): Need => ({ kind: 'versions', actor, versions }))
    this.store.applyAgain(other.store.serve(needs, EVERYTHING).changesets)
  }

  #needs(other: ForkMember): Need[] {
    const known = this.store.knowledge().map(({ actor, have }) => ({ actor, have }))
    return other.store.knowledge().map(({ actor }) => {
      const have = known.find((mine) => mine.actor === actor)?.have ?? []
      return { kind: 'versions', actor, versions: gaps(have) }
    })
  }

  #rewrite(): void {
    while (!this.store.rewrite().isDone);
  }
}

const ALL = [{ first: 1 as Version, last: 1_000_000 as Version }]

function gaps(have: readonly Range<Version>[]): Range<Version>[] {
  const missing: Range<Version>[] = []
  let next = 1
  for (const { first, last } of have) {
    if (first > next) missing.push({ first: next as Version, last: (first - 1) as Version })
    next = last + 1
  }
  return [...missing, { first: next as Version, last: 1_000_000 as Version }]
}

/** Head and log entries of an actor, each with its time: what a summary tells of it. */
function versionsOf(store: Store, actor: ActorId): [Version, Hlc][] {
  const known = store.knowledge().find((each) => each.actor === actor)
  const head: [Version, Hlc][] = known === undefined || known.head === 0 ? [] : [[known.head, known.headTs]]
  const logged = store.database
    .prepare<[Uint8Array], [Version, Hlc]>(
      `SELECT version, ts FROM __patina_log JOIN __patina_actors ON ord = __patina_log.actor
       WHERE __patina_actors.actor = ? AND first_seq = 0`,
    )
    .raw()
    .safeIntegers(false)
    .all(Buffer.from(actor, 'hex'))
  return [...head, ...logged]
}
