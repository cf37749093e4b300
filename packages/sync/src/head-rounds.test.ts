/** Which heads are told: a few at once, all in time; and that what members know differently is found by it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type ActorId,
  type ActorKnowledge,
  actorId,
  after,
  hlc,
  type Instant,
  instant,
  millis,
  Prng,
  version,
} from '@patina/base'
import { DEFAULT_SYNC_CONFIG } from './config.ts'
import { HEADS_MAX, HeadRounds } from './head-rounds.ts'
import { Knowledge } from './knowledge.ts'
import type { Head } from './message.ts'

const { headsMs } = DEFAULT_SYNC_CONFIG
const actor = (n: number): ActorId => actorId(n.toString(16).padStart(32, '0'))
const [SELF, PEER, STRANGER] = [actor(1), actor(2), actor(0xffff)]

/** Actors from 1 on; the higher the number, the later it wrote. */
function knowledgeOf(actors: number, ts: (n: number) => number = (n) => 1_000 + n): Knowledge {
  const entry = (n: number): ActorKnowledge => ({
    actor: actor(n),
    have: [{ first: version(1), last: version(n) }],
    partials: [],
    head: version(n),
    headTs: hlc(ts(n)),
  })
  return new Knowledge(Array.from({ length: actors }, (_, i) => entry(i + 1)))
}

function roundsOf(knowledge: Knowledge, seed = 1): HeadRounds {
  return new HeadRounds(SELF, DEFAULT_SYNC_CONFIG, knowledge, new Prng(seed))
}

/** All slices until then, with their times. */
function slicesUntil(
  rounds: HeadRounds,
  end: Instant,
): { at: Instant; heads: readonly Head[]; isFirst: boolean }[] {
  const slices = []
  rounds.due(instant(0))
  for (let at = rounds.nextDeadline(); at <= end; at = rounds.nextDeadline()) {
    const slice = rounds.due(at)
    assert.ok(slice !== undefined, 'it is time')
    slices.push({ at, ...slice })
  }
  return slices
}

describe('the heads that a session begins with', () => {
  it('are all, where there are few: the peer’s first, then ours, then the newest', () => {
    const told = roundsOf(knowledgeOf(5)).opening(PEER)
    assert.deepEqual(
      told.map((head) => head.actor),
      [2, 1, 5, 4, 3].map(actor),
    )
  })

  it('are these and the newest where there are many', () => {
    const told = roundsOf(knowledgeOf(3_000)).opening(PEER)
    const newest = Array.from({ length: HEADS_MAX - 2 }, (_, i) => actor(3_000 - i))
    assert.deepEqual(
      told.map((head) => head.actor),
      [PEER, SELF, ...newest],
    )
  })

  it('are those of others where nothing is known of the peer', () => {
    const told = roundsOf(knowledgeOf(1)).opening(STRANGER)
    assert.deepEqual(
      told.map((head) => head.actor),
      [SELF],
    )
  })

  it('leave out heads of which no time is known', () => {
    const told = roundsOf(knowledgeOf(9, (n) => (n % 2 === 0 ? 0 : n))).opening(PEER)
    assert.deepEqual(
      told.map((head) => head.actor),
      [1, 9, 7, 5, 3].map(actor),
    )
  })
})

describe('the round of all heads', () => {
  it('is one slice where there are few', () => {
    const slices = slicesUntil(roundsOf(knowledgeOf(HEADS_MAX)), instant(20 * headsMs))
    assert.ok(slices.length > 10 && slices.length < 30, `${slices.length}`)
    for (const { heads, isFirst } of slices) {
      assert.equal(heads.length, HEADS_MAX)
      assert.equal(isFirst, true)
    }
  })

  it('tells each head once, in about the time that it is to take', () => {
    const slices = slicesUntil(roundsOf(knowledgeOf(3_000)), instant(10 * headsMs))
    const second = slices.findIndex(({ isFirst }, i) => isFirst && i > 0)
    const round = slices.slice(0, second)
    const told = round.flatMap(({ heads }) => heads.map((head) => head.actor))
    assert.deepEqual([told.length, new Set(told).size], [3_000, 3_000])
    assert.ok(round.every(({ heads }) => heads.length <= HEADS_MAX))
    const took = (slices[second]?.at ?? 0) as number
    assert.ok(took > headsMs / 2 && took < 2 * headsMs, `${took} ms`)
  })

  it('takes longer where there are very many, so that it costs no more', () => {
    const slices = slicesUntil(roundsOf(knowledgeOf(10_000)), instant(headsMs))
    assert.ok(slices.length <= headsMs / 5_000 && slices.length >= headsMs / 15_000, `${slices.length}`)
  })

  it('begins at another place each time, so that a member that never stays tells all of them, too', () => {
    const knowledge = knowledgeOf(3_000)
    const firsts = Array.from({ length: 40 }, (_, seed) => {
      const [slice] = slicesUntil(roundsOf(knowledge, seed), instant(headsMs / 10))
      return slice?.heads[0]?.actor
    })
    assert.ok(new Set(firsts).size > 30)
  })

  it('says nothing while nothing is known, and goes on', () => {
    const slices = slicesUntil(roundsOf(knowledgeOf(0)), instant(4 * headsMs))
    assert.ok(slices.length > 1)
    assert.ok(slices.every(({ heads }) => heads.length === 0))
  })
})

/**
 * A model of members that all have sessions: of one actor that is gone some know another time than the others. Returns after how long
 * one of them has told that to another.
 */
function foundAfter(members: number, differing: number, seed: number): number {
  const prng = new Prng(seed)
  const forked = 1 + prng.below(2_000)
  const parts = Array.from({ length: members }, (_, member) => {
    const knowledge = knowledgeOf(2_000, (n) => (n === forked && member < differing ? 999_999 : 1_000) + n)
    return { knowledge, rounds: roundsOf(knowledge, seed * members + member) }
  })
  for (const { rounds } of parts) rounds.due(instant(0))
  for (;;) {
    const teller = parts.toSorted((a, b) => a.rounds.nextDeadline() - b.rounds.nextDeadline())[0]
    assert.ok(teller !== undefined)
    const at = teller.rounds.nextDeadline()
    const listener = prng.pick(parts.filter((part) => part !== teller))
    const isFound = teller.rounds.due(at)?.heads.some(({ actor: of, version: head, ts }) => {
      const theirs = listener.knowledge.headOf(of)
      return theirs?.version === head && theirs.ts !== ts
    })
    if (isFound === true) return at
    assert.ok(at < after(instant(0), millis(20 * headsMs)), `seed ${seed}: never`)
  }
}

describe('what two members know differently of an actor that is gone', () => {
  it('is found within a round and a half where all they have is each other', () => {
    for (let seed = 1; seed <= 5; seed += 1) assert.ok(foundAfter(2, 1, seed) < 1.5 * headsMs)
  })

  it('is found within a few rounds where one knows it differently from the others, and sooner where many do', () => {
    const mean = (members: number, differing: number): number => {
      const times = [1, 2, 3].map((seed) => foundAfter(members, differing, seed))
      return times.reduce((sum, time) => sum + time, 0) / times.length
    }
    assert.ok(mean(6, 1) < 1.5 * headsMs)
    assert.ok(mean(6, 3) < headsMs / 2)
  })
})
