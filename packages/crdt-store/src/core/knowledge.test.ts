import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorId, hlc, type Seq, seq, type Version, version } from '@patina/base'
import { isComplete, Knowledge, type KnowledgeDraft } from './knowledge.ts'

const A = actorId('a'.repeat(32))
const TS = hlc(1)

/** One of the two chunks of a version. */
function half(draft: KnowledgeDraft, of: Version, which: 0 | 1): void {
  const waiting = draft.await(A, of, {
    seqs: { first: which as Seq, last: which as Seq },
    lastSeq: seq(1),
    since: 0,
  })
  if (isComplete(waiting)) draft.hold(A, of, TS)
}

test('versions that wait: those of this transaction count, those that it completed do not, wherever they began', () => {
  const knowledge = new Knowledge()
  const first = knowledge.draft()
  for (const v of [1, 2, 3]) half(first, version(v), 0)
  knowledge.adopt(first.changes())
  const draft = knowledge.draft()
  assert.equal(draft.waitingCount(), 3)
  half(draft, version(4), 1)
  assert.equal(draft.waitingCount(), 4)
  half(draft, version(4), 0)
  assert.equal(draft.waitingCount(), 3, 'began and ended here')
  half(draft, version(1), 1)
  assert.equal(draft.waitingCount(), 2, 'began before')
  draft.hold(A, version(2), TS)
  assert.equal(draft.waitingCount(), 1, 'came as a whole')
  half(draft, version(3), 0)
  assert.equal(draft.waitingCount(), 1, 'another chunk of one that waits')
  assert.equal(knowledge.waitingCount(), 3, 'nothing is known before the commit')
  knowledge.adopt(draft.changes())
  assert.equal(knowledge.waitingCount(), 1)
})

test('a draft that is dropped leaves no trace, and one that is adopted raises the head only', () => {
  const knowledge = new Knowledge()
  const dropped = knowledge.draft()
  dropped.hold(A, version(5), TS)
  half(dropped, version(6), 0)
  assert.deepEqual(knowledge.all(), [])
  const draft = knowledge.draft()
  draft.hold(A, version(5), hlc(5))
  draft.hold(A, version(2), hlc(2))
  knowledge.adopt(draft.changes())
  const have = [version(2), version(5)].map((v) => ({ first: v, last: v }))
  assert.deepEqual(knowledge.of(A), { actor: A, have, partials: [], head: 5, headTs: 5 })
})
