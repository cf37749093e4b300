import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtocolError } from './error.ts'
import { readSyncComparison, readSyncKnowledge } from './sync.ts'

const ACTOR = {
  actor: 'a',
  head: 9,
  head_ms: null,
  age_ms: 3,
  held: 7,
  missing: 2,
  complete: false,
  gap_count: 1,
  gaps: [[4, 5]],
  lost: 1,
  lost_range_count: 1,
  lost_ranges: [[2, 2]],
  partial_count: 1,
  partials: [{ version: 5, seqs: [[0, 2]], last_seq: 9 }],
}
const KNOWLEDGE = { actor: 'b', actors: [ACTOR], peers: [{ actor: 'c', settled: true, compared_ms_ago: 4 }] }
const COMPARISON = {
  peer: 'c',
  equal: false,
  lacks: [{ actor: 'a', versions: 2, ranges: [[4, 5]] }],
  peer_lacks: [],
  lost: [],
  peer_lost: [{ actor: 'a', versions: 1, ranges: [[2, 2]] }],
}

test('answers come through as they are, fields of newer agents with them', () => {
  const newer = { ...KNOWLEDGE, more: 1 }
  assert.equal(readSyncKnowledge(newer), newer)
  assert.equal(readSyncComparison(COMPARISON), COMPARISON)
})

test('what a program could not rely on is refused', () => {
  for (const bad of [
    null,
    {},
    { ...KNOWLEDGE, actors: [{ ...ACTOR, gaps: [[4]] }] },
    { ...KNOWLEDGE, actors: [{ ...ACTOR, complete: 'no' }] },
    { ...KNOWLEDGE, actors: [{ ...ACTOR, lost_ranges: undefined }] },
    { ...KNOWLEDGE, actors: [{ ...ACTOR, partials: [{}] }] },
    { ...KNOWLEDGE, peers: [{}] },
  ])
    assert.throws(() => readSyncKnowledge(bad), ProtocolError)
  for (const bad of [
    undefined,
    { ...COMPARISON, equal: 1 },
    { ...COMPARISON, lacks: [{ actor: 'a' }] },
    { ...COMPARISON, lost: 0 },
  ])
    assert.throws(() => readSyncComparison(bad), ProtocolError)
})
