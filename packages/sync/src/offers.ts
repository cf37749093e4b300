/**
 * Offers: what one peer has told that it has, we lack, and it has not been asked for. An offer is used once: what the peer was asked
 * for and did not bring is not asked from it again before its next summary. What is asked of whom, and when, is fetch.ts.
 */
import {
  type ActorId,
  type ActorKnowledge,
  type ActorVersions,
  type Need,
  RangeSet,
  type Version,
} from '@patina/base'
import type { Knowledge } from './knowledge.ts'
import { addNeeds, computeNeeds, type Expected, type Offer, offerOf } from './needs.ts'

export class Offers {
  readonly #knowledge: Knowledge
  #byActor: Map<ActorId, Offer> = new Map()
  /**
   * What the peer has answered since it last offered nothing. Cleared versions stay lacked until their claim closes; without
   * this set the newest of them would be asked for again and again and the oldest never (found by the random model).
   */
  #answered: Map<ActorId, RangeSet<Version>> = new Map()

  constructor(knowledge: Knowledge) {
    this.#knowledge = knowledge
  }

  get isEmpty(): boolean {
    return this.#byActor.size === 0
  }

  /** By actor, what is offered in whole versions. */
  *versions(): Iterable<[ActorId, RangeSet<Version>]> {
    for (const [actor, { have }] of this.#byActor) yield [actor, have]
  }

  /** A summary takes the place of what was told before. */
  told(summary: readonly ActorKnowledge[]): void {
    if (this.isEmpty) this.#answered = new Map()
    this.#byActor = new Map()
    for (const theirs of summary) {
      const offer = offerOf(this.#knowledge.of(theirs.actor), theirs, this.#answered.get(theirs.actor))
      if (offer !== undefined) this.#byActor.set(theirs.actor, offer)
    }
  }

  /** What is offered and nobody else brings. Offers of which nothing is lacked any more are forgotten. */
  needs(expected: ReadonlyMap<ActorId, Expected>): Need[] {
    return [...this.#byActor].flatMap(([actor, offer]) => {
      const needs = computeNeeds(actor, this.#knowledge.of(actor), offer, expected.get(actor) ?? NOTHING)
      if (needs.length === 0 && !expected.has(actor)) this.#byActor.delete(actor)
      return needs
    })
  }

  /** As `needs`, for what it forgets. */
  forgetUnneeded(expected: ReadonlyMap<ActorId, Expected>): void {
    this.needs(expected)
  }

  /** What was asked and is not left over has been answered: brought, cleared, or not there after all. */
  answered(asked: readonly Need[], rest: readonly Need[]): void {
    const leftOver = versionsByActor(rest)
    for (const [actor, versions] of versionsByActor(asked)) {
      const answered = versions.subtract(leftOver.get(actor) ?? new RangeSet())
      const before = this.#answered.get(actor) ?? new RangeSet<Version>()
      before.addAll(answered)
      this.#answered.set(actor, before)
      const offer = this.#byActor.get(actor)
      if (offer === undefined) continue
      const partials = new Map([...offer.partials].filter(([version]) => !answered.has(version)))
      const have = offer.have.subtract(answered)
      if (have.isEmpty() && partials.size === 0) this.#byActor.delete(actor)
      else this.#byActor.set(actor, { have, partials })
    }
  }

  /** Something that was answered has been lost on its way to the store: the next summary offers it again. */
  forgetAnswers(): void {
    this.#answered = new Map()
  }

  /** What the peer holds now, as the basis of a claim; `asked` is asked from it. True where that has more than was told. */
  grow(basis: readonly ActorVersions[], asked: readonly Need[]): boolean {
    const askedByActor = versionsByActor(asked)
    let grew = false
    for (const { actor, versions } of basis) {
      const offer = this.#byActor.get(actor) ?? { have: new RangeSet<Version>(), partials: new Map() }
      const known = [
        this.#knowledge.of(actor).have,
        this.#answered.get(actor),
        askedByActor.get(actor),
        offer.have,
      ]
      const news = known.reduce<RangeSet<Version>>(
        (rest, set) => (set === undefined ? rest : rest.subtract(set)),
        RangeSet.of(versions),
      )
      if (news.isEmpty()) continue
      grew = true
      offer.have.addAll(news)
      this.#byActor.set(actor, offer)
    }
    return grew
  }
}

const NOTHING: Expected = { versions: new RangeSet(), chunks: new Map() }

function versionsByActor(needs: readonly Need[]): Map<ActorId, RangeSet<Version>> {
  const byActor = new Map<ActorId, RangeSet<Version>>()
  addNeeds(byActor, needs)
  return byActor
}
