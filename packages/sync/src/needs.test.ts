import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type ActorKnowledge,
  actorId,
  hlc,
  type Need,
  type Range,
  RangeSet,
  type Seq,
  seq,
  type Version,
  version,
} from '@patina/base'
import fc from 'fast-check'
import type { Held, HeldChunks } from './knowledge.ts'
import {
  addNeeds,
  computeNeeds,
  type Expected,
  newestNeeds,
  newestRanges,
  offerOf,
  takeNeeds,
} from './needs.ts'

const ACTOR = actorId('c'.repeat(32))
const SEQS = 6

/** The oracle's view: each row change that is held, as version × 10 + seq; a version has seqs 0…5. */
type Rows = ReadonlySet<number>

const rows: fc.Arbitrary<Rows> = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 12 })),
    fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.nat(SEQS - 1))),
  )
  .map(([whole, parts]) => {
    const set = new Set(whole.flatMap((v) => Array.from({ length: SEQS }, (_, s) => 10 * v + s)))
    for (const [v, s] of parts) set.add(10 * v + s)
    return set
  })

function seqsOf(held: Rows, v: number): number[] {
  return Array.from({ length: SEQS }, (_, s) => s).filter((s) => held.has(10 * v + s))
}

function toHeld(held: Rows): Held {
  const have = new RangeSet<Version>()
  const partials = new Map<Version, HeldChunks>()
  for (let v = 1; v <= 12; v += 1) {
    const seqs = seqsOf(held, v)
    if (seqs.length === SEQS) have.add(version(v))
    else if (seqs.length > 0)
      partials.set(version(v), {
        seqs: RangeSet.of(seqs.map((s) => ({ first: seq(s), last: seq(s) }))),
        lastSeq: seq(SEQS - 1),
      })
  }
  return { have, partials, lost: new RangeSet() }
}

function toKnowledge(held: Rows): ActorKnowledge {
  const { have, partials } = toHeld(held)
  const plain = [...partials].map(([v, { seqs, lastSeq }]) => ({ version: v, seqs: [...seqs], lastSeq }))
  return { actor: ACTOR, have: [...have], partials: plain, head: version(12), headTs: hlc(0) }
}

/** Rows that the needs name, as far as the peer has them. */
function rowsOf(needs: readonly Need[], theirs: Rows): Set<number> {
  const named = new Set<number>()
  for (const need of needs) {
    if (need.kind === 'seqs')
      for (const { first, last } of need.seqs)
        for (let s: number = first; s <= last; s += 1) named.add(10 * need.version + s)
    else
      for (const { first, last } of need.versions)
        for (let v: number = first; v <= last; v += 1)
          for (const s of seqsOf(theirs, v)) named.add(10 * v + s)
  }
  return named
}

function needsOf(ours: Held, theirs: ActorKnowledge, expected: Expected): Need[] {
  const offer = offerOf(ours, theirs)
  return offer === undefined ? [] : computeNeeds(ACTOR, ours, offer, expected)
}

const NOTHING: Expected = { versions: new RangeSet(), chunks: new Map() }

describe('needs', () => {
  it('are exactly the rows that the peer has and we lack (oracle: sets of rows)', () => {
    fc.assert(
      fc.property(rows, rows, (ours, theirs) => {
        const needs = needsOf(toHeld(ours), toKnowledge(theirs), NOTHING)
        const expected = [...theirs].filter((row) => !ours.has(row))
        assert.deepEqual([...rowsOf(needs, theirs)].sort(), expected.sort())
      }),
      { numRuns: 500 },
    )
  })

  it('leave out what is on its way, and only that', () => {
    fc.assert(
      fc.property(rows, rows, rows, (ours, theirs, onTheirWay) => {
        const { have: versions, partials: chunks } = toHeld(onTheirWay)
        const needs = needsOf(toHeld(ours), toKnowledge(theirs), { versions, chunks })
        const expected = [...theirs].filter((row) => !ours.has(row) && !onTheirWay.has(row))
        assert.deepEqual([...rowsOf(needs, theirs)].sort(), expected.sort())
      }),
      { numRuns: 500 },
    )
  })

  it('of an offer that has come in meanwhile are none', () => {
    const offer = offerOf(toHeld(new Set()), toKnowledge(new Set([10, 11, 12])))
    assert.ok(offer)
    assert.deepEqual(computeNeeds(ACTOR, toHeld(new Set([10, 11, 12, 13, 14, 15])), offer, NOTHING), [])
  })

  it('asks for what is given up as a whole, and for no part of it', () => {
    const lost = { ...toHeld(new Set()), lost: RangeSet.of([{ first: version(1), last: version(2) }]) }
    assert.equal(offerOf(lost, toKnowledge(new Set([10, 11, 12]))), undefined)
    const partial = offerOf(toHeld(new Set()), toKnowledge(new Set([10, 11, 12])))
    assert.ok(partial)
    assert.deepEqual(computeNeeds(ACTOR, lost, partial, NOTHING), [], 'also where it was offered before')
    const whole = toKnowledge(new Set(Array.from({ length: SEQS }, (_, i) => 20 + i)))
    assert.deepEqual(needsOf(lost, whole, NOTHING), [
      { kind: 'versions', actor: ACTOR, versions: [{ first: 2, last: 2 }] },
    ])
  })

  it('of a gap of 2^52 versions are one range', () => {
    const have = [{ first: version(1), last: version(2 ** 52) }]
    const theirs = { actor: ACTOR, have, partials: [], head: version(2 ** 52), headTs: hlc(0) }
    assert.deepEqual(needsOf(toHeld(new Set()), theirs, NOTHING), [
      { kind: 'versions', actor: ACTOR, versions: have },
    ])
  })
})

describe('the newest needs', () => {
  const ranges = (...pairs: [number, number][]): Range<Version>[] =>
    pairs.map(([first, last]) => ({ first: version(first), last: version(last) }))

  it('are the upper end of the ranges', () => {
    const all = ranges([1, 10], [20, 29], [40, 40])
    assert.deepEqual(newestRanges(all, { versionsMax: 6, rangesMax: 9 }), ranges([25, 29], [40, 40]))
    assert.deepEqual(newestRanges(all, { versionsMax: 99, rangesMax: 2 }), ranges([20, 29], [40, 40]))
    assert.deepEqual(newestRanges(all, { versionsMax: 99, rangesMax: 9 }), all)
    assert.deepEqual(newestRanges([], { versionsMax: 1, rangesMax: 1 }), [])
  })

  it('stay within the limits and give every actor its share', () => {
    const needs = ['a', 'b', 'c'].map((digit): Need => {
      return { kind: 'versions', actor: actorId(digit.repeat(32)), versions: ranges([1, 1_000]) }
    })
    const taken = newestNeeds(needs, { versionsMax: 30, rangesMax: 30 })
    assert.deepEqual(
      taken.map((need) => need.kind === 'versions' && need.versions),
      [ranges([991, 1_000]), ranges([991, 1_000]), ranges([991, 1_000])],
    )
  })

  it('ask for the newest version first, be it whole or not', () => {
    const seqs: Range<Seq>[] = [{ first: seq(0), last: seq(1) }]
    const needs: Need[] = [
      { kind: 'seqs', actor: ACTOR, version: version(3), seqs },
      { kind: 'versions', actor: ACTOR, versions: ranges([5, 6]) },
      { kind: 'seqs', actor: ACTOR, version: version(9), seqs },
    ]
    const taken = newestNeeds(needs, { versionsMax: 2, rangesMax: 9 })
    assert.deepEqual(taken, [needs[2], { kind: 'versions', actor: ACTOR, versions: ranges([6, 6]) }])
  })
})

describe('needs that wait to be asked once more', () => {
  it('are taken in parts, each actor once in a part, and nothing is lost or asked twice', () => {
    const wanted = fc.array(
      fc.record({
        actor: fc.integer({ min: 0, max: 3 }),
        versions: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      }),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(wanted, fc.integer({ min: 1, max: 5 }), (asked, rangesMax) => {
        const waiting = new Map()
        const expected = new Set<string>()
        for (const { actor, versions } of asked) {
          const of = actorId(actor.toString().repeat(32))
          for (const v of versions) expected.add(`${of} ${v}`)
          const ranges = RangeSet.of(versions.map((v) => ({ first: version(v), last: version(v) })))
          addNeeds(waiting, [{ kind: 'versions', actor: of, versions: [...ranges] }])
        }
        const taken: string[] = []
        while (waiting.size > 0) {
          const part = takeNeeds(waiting, rangesMax)
          assert.equal(new Set(part.map(({ actor }) => actor)).size, part.length)
          let ranges = 0
          for (const need of part) {
            assert.ok(need.kind === 'versions')
            ranges += need.versions.length
            for (const { first, last } of need.versions)
              for (let v: number = first; v <= last; v += 1) taken.push(`${need.actor} ${v}`)
          }
          assert.ok(ranges >= 1 && ranges <= rangesMax)
        }
        assert.deepEqual(taken.sort(), [...expected].sort())
      }),
    )
  })
})
