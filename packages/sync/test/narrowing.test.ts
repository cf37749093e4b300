/**
 * The rule of a narrowed exchange as a small model, without hashes, bytes and time: two nodes compare what they hold, one
 * answers with its buckets, the other tells the actors of those that differ and gets them told in return. Both gain
 * versions at every moment, messages get lost, and one may know many more actors than the other. What each is offered
 * must be true, complete as of the start, and what a node takes as told must be known to its peer.
 * src/exchange.ts, answer.ts and telling.ts follow it.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Prng } from '@patina/base'

/** Versions as 'actor/version'. */
type Versions = ReadonlySet<string>

interface Side {
  holds: Set<string>
  /** What the peer offers, by its last word. */
  offers: Versions
  /** What the peer is taken to know of us: what a claim to it need not bring along (src/serve.ts). */
  told: Versions
  /** What stood behind the buckets that were sent last. */
  asked: Versions | undefined
}

interface World {
  readonly prng: Prng
  readonly actors: number
  readonly initiator: Side
  readonly responder: Side
}

/** What is told again of the actors outside the scope of a narrowed summary. */
type Told = 'as-of-the-buckets' | 'as-of-now'

const BUCKETS = 8

function bucketOf(id: string): number {
  return Number.parseInt(id, 10) % BUCKETS
}

function ofBuckets(versions: Versions, buckets: ReadonlySet<number>): Set<string> {
  return new Set([...versions].filter((id) => buckets.has(bucketOf(id))))
}

function differing(a: Versions, b: Versions): Set<number> {
  return new Set([...minus(a, b), ...minus(b, a)].map(bucketOf))
}

function minus(a: Versions, b: Versions): Set<string> {
  return new Set([...a].filter((id) => !b.has(id)))
}

function areEqual(a: Versions, b: Versions): boolean {
  return a.size === b.size && minus(a, b).size === 0
}

function newWorld(seed: number): World {
  const prng = new Prng(seed)
  const actors = prng.between(1, 40)
  const shared = someVersions(prng, prng.between(0, actors), 30)
  const side = (): Side => ({ holds: new Set(shared), offers: new Set(), told: new Set(), asked: undefined })
  const world = { prng, actors, initiator: side(), responder: side() }
  for (const { holds } of [world.initiator, world.responder])
    for (const id of someVersions(prng, prng.between(0, actors), prng.below(20))) holds.add(id)
  return world
}

function someVersions(prng: Prng, actors: number, count: number): string[] {
  return actors === 0 ? [] : Array.from({ length: count }, () => `${prng.below(actors)}/${prng.below(9)}`)
}

/** What comes from elsewhere, and from each other. */
function grow({ prng, actors, initiator, responder }: World): void {
  for (const [side, other] of [
    [initiator, responder],
    [responder, initiator],
  ] as const) {
    if (prng.chance(1, 2)) for (const id of someVersions(prng, actors, prng.below(4))) side.holds.add(id)
    const lacked = [...minus(other.holds, side.holds)]
    if (prng.chance(1, 2) && lacked.length > 0) side.holds.add(prng.pick(lacked))
  }
}

/** One exchange. `lossPercent`: each message may be the last one. True where it came to its end. */
function exchange(world: World, lossPercent: number, between: () => void, told: Told): boolean {
  const { prng, initiator, responder } = world
  const arrives = (): boolean => {
    between()
    return !prng.chance(lossPercent, 100)
  }
  const digest = new Set(initiator.holds)
  if (!arrives()) return false
  if (areEqual(digest, responder.holds)) return true
  const buckets = new Set(responder.holds)
  responder.asked = buckets
  if (!arrives()) return false
  const scope = differing(buckets, initiator.holds)
  if (scope.size === 0) return true
  const asking = ofBuckets(initiator.holds, scope)
  initiator.told = new Set(initiator.holds)
  const toldByInitiator = initiator.told
  if (!arrives()) return false
  take(responder, asking, toldByInitiator)
  const answer = ofBuckets(responder.holds, scope)
  const base = told === 'as-of-now' ? responder.holds : (responder.asked as Versions)
  const rest = [...base].filter((id) => !scope.has(bucketOf(id)))
  responder.told = new Set([...rest, ...answer])
  if (!arrives()) return false
  take(initiator, answer, responder.told)
  assertOffersComplete(initiator, buckets)
  return true
}

/** A narrowed summary has come; `told` is what its sender now takes as known here. */
function take(side: Side, summary: Versions, told: Versions): void {
  side.offers = minus(summary, side.holds)
  for (const id of told) assert.ok(side.holds.has(id) || side.offers.has(id), `${id} is taken as told`)
  assertOffersComplete(side, told)
}

function assertOffersComplete(side: Side, theirs: Versions): void {
  for (const id of theirs) assert.ok(side.holds.has(id) || side.offers.has(id), `${id} is not offered`)
}

function run(seed: number, told: Told): void {
  const world = newWorld(seed)
  const { prng, initiator, responder } = world
  for (let round = 0; round < 6; round += 1)
    exchange(prng.chance(1, 2) ? world : mirrored(world), 20, () => grow(world), told)
  const isComplete = exchange(world, 0, () => undefined, told)
  assert.ok(isComplete)
  const all = new Set([...initiator.holds, ...responder.holds])
  if (areEqual(initiator.holds, responder.holds)) return
  for (const { holds, offers } of [initiator, responder])
    assert.deepEqual(new Set([...holds, ...offers]), all, `seed ${seed}: something is not offered`)
}

function mirrored({ prng, actors, initiator, responder }: World): World {
  return { prng, actors, initiator: responder, responder: initiator }
}

describe('the model of a narrowed exchange', () => {
  it('offers what is true and all of it, and tells no more than the peer knows', () => {
    for (let seed = 1; seed <= 600; seed += 1) run(seed, 'as-of-the-buckets')
  })

  it('does not hold where what is outside the scope counts as told as of now', () => {
    assert.throws(() => {
      for (let seed = 1; seed <= 600; seed += 1) run(seed, 'as-of-now')
    }, /is taken as told/)
  })
})
