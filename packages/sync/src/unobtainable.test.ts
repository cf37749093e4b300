import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import {
  type ActorId,
  type ActorKnowledge,
  actorId,
  hlc,
  instant,
  type PartialVersion,
  type Range,
  seq,
  type Version,
  version,
} from '@patina/base'
import { DEFAULT_SYNC_CONFIG, limits } from './config.ts'
import { Outbox, type SyncEffect } from './effect.ts'
import { Knowledge } from './knowledge.ts'
import { Unobtainable } from './unobtainable.ts'

const [SELF, PEER, OTHER, GONE] = ['1', '2', '3', '9'].map((digit) => actorId(digit.repeat(32))) as [
  ActorId,
  ActorId,
  ActorId,
  ActorId,
]
const { unobtainableMs } = DEFAULT_SYNC_CONFIG

let knowledge: Knowledge
let subject: Unobtainable

function range(first: number, last: number): Range<Version> {
  return { first: version(first), last: version(last) }
}

/** Of the actor that is gone. */
function held(have: readonly Range<Version>[], partials: readonly PartialVersion[] = []): ActorKnowledge {
  return { actor: GONE, have, partials, head: version(9), headTs: hlc(9) }
}

function part(v: number, first: number, last: number): PartialVersion {
  return { version: version(v), seqs: [{ first: seq(first), last: seq(last) }], lastSeq: seq(3) }
}

function look(living: readonly ActorId[], ms: number): SyncEffect[] {
  const out = new Outbox()
  subject.look(living, instant(ms), out)
  return out.take()
}

beforeEach(() => {
  knowledge = new Knowledge([held([range(1, 6), range(9, 9)], [part(8, 0, 1)])])
  subject = new Unobtainable(SELF, DEFAULT_SYNC_CONFIG, knowledge)
  subject.open(PEER)
  look([PEER], 0)
})

describe('a missing version', () => {
  it('is unobtainable when all that live were compared since, and so much time has passed', () => {
    subject.equal(PEER, instant(10))
    assert.deepEqual(look([PEER], unobtainableMs - 1), [])
    assert.deepEqual(look([PEER], unobtainableMs), [{ kind: 'unobtainable-found', actor: GONE, versions: 2 }])
    assert.deepEqual([subject.count(), [...subject.of(GONE)]], [2, [range(7, 8)]])
    assert.deepEqual(look([PEER], 2 * unobtainableMs), [], 'said once')
  })

  it('is not where the last comparison was before it went missing', () => {
    subject.equal(PEER, instant(10))
    knowledge.replace({ ...held([range(1, 6), range(9, 9)]), head: version(12) })
    look([PEER], 20)
    look([PEER], 2 * unobtainableMs)
    assert.deepEqual([...subject.of(GONE)], [range(7, 8)])
    assert.equal(subject.nobodyHasCount(), 2)
    subject.equal(PEER, instant(30))
    look([PEER], 2 * unobtainableMs)
    assert.deepEqual([...subject.of(GONE)], [range(7, 8), range(10, 12)])
  })

  it('is not while its actor lives, whatever peers say, and the time begins anew when it is gone again', () => {
    subject.equal(PEER, instant(10))
    subject.open(GONE)
    subject.equal(GONE, instant(10))
    look([PEER, GONE], unobtainableMs)
    assert.equal(subject.count(), 0)
    look([PEER], unobtainableMs + 1)
    subject.equal(PEER, instant(unobtainableMs + 2))
    look([PEER], 2 * unobtainableMs)
    assert.equal(subject.count(), 0)
    look([PEER], 2 * unobtainableMs + 1)
    assert.equal(subject.count(), 2)
  })

  it('is not where a peer holds it, and what a peer holds together with us is not', () => {
    subject.told(PEER, [held([range(7, 7)], [part(8, 2, 3)])], instant(10))
    look([PEER], unobtainableMs)
    assert.equal(subject.count(), 0)
    const [missing] = subject.missing()
    assert.deepEqual(missing?.versions, [range(7, 8)])
    assert.deepEqual(missing?.heldByOthers, [range(7, 8)])
    subject.close(PEER)
    assert.deepEqual(subject.missing()[0]?.heldByOthers, [])
  })

  it('is not while a member lives that has no session, or has told a part of what it holds alone', () => {
    subject.equal(PEER, instant(10))
    look([PEER, OTHER], unobtainableMs)
    assert.equal(subject.count(), 0)
    subject.open(OTHER)
    const cut = Array.from({ length: limits.toldActorsMax }, (_, i) => ({
      ...held([]),
      actor: actorId(i.toString(16).padStart(32, '0')),
    }))
    subject.told(OTHER, cut, instant(20))
    look([PEER, OTHER], unobtainableMs)
    assert.equal(subject.count(), 0)
    subject.told(OTHER, [], instant(30))
    look([PEER, OTHER], unobtainableMs)
    assert.equal(subject.count(), 2)
  })

  it('is neither missing nor unobtainable once it has come or is given up', () => {
    subject.equal(PEER, instant(10))
    look([PEER], unobtainableMs)
    knowledge.replace(held([range(1, 7), range(9, 9)], [part(8, 0, 1)]))
    assert.deepEqual([...subject.of(GONE)], [range(8, 8)])
    knowledge.replace({ ...held([range(1, 7), range(9, 9)]), lost: [range(8, 8)] })
    assert.equal(subject.count(), 0)
    assert.deepEqual(
      subject.missing().map(({ versions, lost }) => [versions, lost]),
      [[[], [range(8, 8)]]],
    )
    look([PEER], unobtainableMs)
    assert.equal(subject.nobodyHasCount(), 0)
  })
})
