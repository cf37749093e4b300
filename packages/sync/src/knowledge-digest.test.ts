import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ActorId, type ActorKnowledge, actorId, hlc, seq, version } from '@patina/base'
import { rootHash } from './knowledge-digest.ts'

const SALT = new Uint8Array(8)
const [A, B] = ['a', 'b'].map((digit) => actorId(digit.repeat(32))) as [ActorId, ActorId]

function held(actor: ActorId, first: number, last: number): ActorKnowledge {
  const have = [{ first: version(first), last: version(last) }]
  return { actor, have, partials: [], head: version(last), headTs: hlc(1) }
}

describe('the root hash', () => {
  it('is the same for the same holdings in another order', () => {
    assert.deepEqual(
      rootHash([held(A, 1, 9), held(B, 2, 3)], SALT),
      rootHash([held(B, 2, 3), held(A, 1, 9)], SALT),
    )
  })

  it('does not look at hearsay: heads, timestamps, actors of whom nothing is held', () => {
    const known = { ...held(A, 1, 9), head: version(20), headTs: hlc(99) }
    const rumour: ActorKnowledge = { actor: B, have: [], partials: [], head: version(4), headTs: hlc(0) }
    assert.deepEqual(rootHash([known, rumour], SALT), rootHash([held(A, 1, 9)], SALT))
  })

  it('differs with a version, an actor, a chunk, what is given up, the salt', () => {
    const base = rootHash([held(A, 1, 9)], SALT)
    const partials = [{ version: version(10), seqs: [{ first: seq(0), last: seq(2) }], lastSeq: seq(5) }]
    const moreSeqs = [{ version: version(10), seqs: [{ first: seq(0), last: seq(3) }], lastSeq: seq(5) }]
    const chunks = rootHash([{ ...held(A, 1, 9), partials }], SALT)
    for (const other of [
      rootHash([held(A, 1, 8)], SALT),
      rootHash([held(A, 2, 9)], SALT),
      rootHash([held(B, 1, 9)], SALT),
      rootHash([held(A, 1, 9), held(B, 1, 1)], SALT),
      rootHash([held(A, 1, 9)], new Uint8Array(8).fill(1)),
      chunks,
      rootHash([{ ...held(A, 1, 9), lost: [{ first: version(10), last: version(10) }] }], SALT),
    ])
      assert.notDeepEqual(other, base)
    assert.notDeepEqual(rootHash([{ ...held(A, 1, 9), partials: moreSeqs }], SALT), chunks)
  })
})
