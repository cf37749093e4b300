import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type ActorId,
  type ActorKnowledge,
  actorId,
  type ChangesetHeader,
  hlc,
  seq,
  version,
} from '@patina/base'
import { Knowledge } from './knowledge.ts'

const [SELF, OTHER] = ['a', 'b'].map((digit) => actorId(digit.repeat(32))) as [ActorId, ActorId]

const told: ActorKnowledge = {
  actor: OTHER,
  have: [{ first: version(1), last: version(5) }],
  partials: [{ version: version(7), seqs: [{ first: seq(0), last: seq(3) }], lastSeq: seq(9) }],
  head: version(7),
  headTs: hlc(70),
}

function chunk(v: number, firstSeq: number, lastSeq: number): ChangesetHeader {
  const seqs = { firstSeq: seq(firstSeq), lastSeq: seq(lastSeq), versionLastSeq: seq(9) }
  return { actor: OTHER, version: version(v), ...seqs, ts: hlc(1), flags: 0 }
}

describe('knowledge', () => {
  it('holds what the store said, whole versions and chunks', () => {
    const knowledge = new Knowledge([told])
    assert.ok(knowledge.holds(chunk(5, 0, 9)))
    assert.ok(knowledge.holds(chunk(7, 1, 3)))
    assert.ok(!knowledge.holds(chunk(7, 3, 4)))
    assert.ok(!knowledge.holds(chunk(6, 0, 9)))
    assert.equal(knowledge.missingCount(), 2)
  })

  it('is replaced per actor: a report that holds less is believed', () => {
    const knowledge = new Knowledge([told])
    knowledge.replace({ ...told, have: [{ first: version(2), last: version(3) }], partials: [] })
    assert.ok(!knowledge.holds(chunk(5, 0, 9)))
    assert.ok(!knowledge.holds(chunk(7, 1, 3)))
  })

  it('grows by local commits, once each', () => {
    const knowledge = new Knowledge([])
    knowledge.addCommit(SELF, version(1), hlc(10))
    const { revision } = knowledge
    knowledge.addCommit(SELF, version(2), hlc(20))
    assert.ok(knowledge.revision > revision)
    const { revision: afterTwo } = knowledge
    knowledge.addCommit(SELF, version(2), hlc(20))
    assert.equal(knowledge.revision, afterTwo)
    assert.deepEqual(knowledge.toPlain(), [
      { actor: SELF, have: [{ first: 1, last: 2 }], partials: [], head: 2, headTs: 20 },
    ])
  })

  it('comes out as it went in, sorted by actor', () => {
    const own = { actor: SELF, have: [], partials: [], head: 0 as const, headTs: hlc(0) }
    assert.deepEqual(new Knowledge([told, own]).toPlain(), [own, told])
  })
})

describe('what is given up', () => {
  const lost = [{ first: version(6), last: version(7) }]

  it('is not missing, and its parts are not told', () => {
    const knowledge = new Knowledge([{ ...told, head: version(9) }])
    assert.deepEqual([...knowledge.missing(OTHER)], [{ first: 6, last: 9 }])
    knowledge.replace({ ...told, head: version(9), lost })
    assert.deepEqual([...knowledge.missing(OTHER)], [{ first: 8, last: 9 }])
    assert.deepEqual([knowledge.missingCount(), knowledge.lostCount()], [2, 2])
    assert.deepEqual(knowledge.toPlain()[0]?.partials, [])
    assert.ok(knowledge.holds(chunk(7, 0, 3)), 'a part that came since is here all the same')
  })
})
