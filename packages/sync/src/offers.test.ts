/** What a peer offers, as it shrinks by what arrives, is answered, or is on its way, and grows by what a claim rests on. */
import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import {
  type ActorId,
  type ActorKnowledge,
  actorId,
  hlc,
  type Need,
  type Range,
  RangeSet,
  seq,
  type Version,
  version,
} from '@patina/base'
import { Knowledge } from './knowledge.ts'
import type { Expected } from './needs.ts'
import { Offers } from './offers.ts'

const [WRITER, OTHER] = ['a', 'b'].map((digit) => actorId(digit.repeat(32))) as [ActorId, ActorId]
const NOTHING_EXPECTED: ReadonlyMap<ActorId, Expected> = new Map()

let knowledge: Knowledge
let offers: Offers

beforeEach(() => {
  knowledge = new Knowledge([])
  offers = new Offers(knowledge)
})

function range(first: number, last: number): Range<Version> {
  return { first: version(first), last: version(last) }
}

function held(actor: ActorId, first: number, last: number): ActorKnowledge {
  return { actor, have: [range(first, last)], partials: [], head: version(last), headTs: hlc(1) }
}

function whole(actor: ActorId, first: number, last: number): Need {
  return { kind: 'versions', actor, versions: [range(first, last)] }
}

function needs(expected = NOTHING_EXPECTED): Need[] {
  return offers.needs(expected)
}

describe('what a peer has told', () => {
  it('is needed as far as it is lacked', () => {
    knowledge.replace(held(WRITER, 1, 3))
    offers.told([held(WRITER, 1, 5), held(OTHER, 1, 1)])
    assert.deepEqual(needs(), [whole(WRITER, 4, 5), whole(OTHER, 1, 1)])
  })

  it('is replaced by what it tells next', () => {
    offers.told([held(WRITER, 1, 5)])
    offers.told([held(OTHER, 1, 1)])
    assert.deepEqual(needs(), [whole(OTHER, 1, 1)])
  })

  it('is forgotten when it has come by another way', () => {
    offers.told([held(WRITER, 1, 5)])
    knowledge.replace(held(WRITER, 1, 5))
    assert.equal(offers.isEmpty, false)
    offers.forgetUnneeded(NOTHING_EXPECTED)
    assert.equal(offers.isEmpty, true)
  })

  it('is not needed while others bring it, and not forgotten', () => {
    offers.told([held(WRITER, 1, 5)])
    const expected = { versions: RangeSet.of([range(1, 5)]), chunks: new Map() }
    assert.deepEqual(needs(new Map([[WRITER, expected]])), [])
    assert.deepEqual(needs(), [whole(WRITER, 1, 5)])
  })
})

describe('what a peer has answered', () => {
  it('is not offered again while it has other things to offer, though it is still lacked', () => {
    offers.told([held(WRITER, 1, 5)])
    offers.answered([whole(WRITER, 4, 5)], [])
    assert.deepEqual(needs(), [whole(WRITER, 1, 3)])
    offers.told([held(WRITER, 1, 5)])
    assert.deepEqual(needs(), [whole(WRITER, 1, 3)])
  })

  it('is offered again once nothing else is', () => {
    offers.told([held(WRITER, 1, 2)])
    offers.answered([whole(WRITER, 1, 2)], [])
    assert.equal(offers.isEmpty, true)
    offers.told([held(WRITER, 1, 2)])
    assert.deepEqual(needs(), [whole(WRITER, 1, 2)])
  })

  it('is offered again where it was lost on its way to the store', () => {
    offers.told([held(WRITER, 1, 5)])
    offers.answered([whole(WRITER, 5, 5)], [])
    offers.forgetAnswers()
    offers.told([held(WRITER, 1, 5)])
    assert.deepEqual(needs(), [whole(WRITER, 1, 5)])
  })

  it('is without what it left over', () => {
    offers.told([held(WRITER, 1, 5)])
    offers.answered([whole(WRITER, 1, 5)], [whole(WRITER, 2, 2)])
    assert.deepEqual(needs(), [whole(WRITER, 2, 2)])
  })

  it('may be a part of a version', () => {
    const partials = [{ version: version(7), lastSeq: seq(9), seqs: [{ first: seq(0), last: seq(4) }] }]
    offers.told([{ ...held(WRITER, 1, 1), partials }])
    const part: Need = {
      kind: 'seqs',
      actor: WRITER,
      version: version(7),
      seqs: [{ first: seq(0), last: seq(4) }],
    }
    assert.deepEqual(needs(), [part, whole(WRITER, 1, 1)])
    offers.answered([part], [])
    assert.deepEqual(needs(), [whole(WRITER, 1, 1)])
  })
})

describe('what a claim of the peer rests on', () => {
  const basis = (first: number, last: number): Parameters<Offers['grow']>[0] => [
    { actor: WRITER, versions: [range(first, last)] },
  ]

  it('is offered, where it is new', () => {
    offers.told([held(WRITER, 1, 3)])
    assert.equal(offers.grow(basis(1, 5), []), true)
    assert.deepEqual(needs(), [whole(WRITER, 1, 5)])
    assert.equal(offers.grow(basis(1, 5), []), false)
  })

  it('is not, where it is held, answered, or asked at this moment', () => {
    knowledge.replace(held(WRITER, 1, 2))
    offers.told([held(WRITER, 1, 4), held(OTHER, 1, 1)])
    offers.answered([whole(WRITER, 4, 4)], [])
    assert.equal(offers.grow(basis(1, 5), [whole(WRITER, 3, 3), whole(WRITER, 5, 5)]), false)
  })
})
