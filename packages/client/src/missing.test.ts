import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtocolError } from './error.ts'
import { readGivenUp, readMissing } from './missing.ts'

const ENTRY = {
  actor: 'a',
  head: 9,
  missing: [[2, 3]],
  held_by_others: [],
  unobtainable: [[2, 2]],
  lost: [[7, 7]],
}

test('answers are given on as they came, with the fields of newer agents', () => {
  assert.deepEqual(readMissing({ actors: [{ ...ENTRY, more: 1 }] }), [{ ...ENTRY, more: 1 }])
  assert.deepEqual(readGivenUp({ actor: 'a', lost: [[2, 3]] }), { actor: 'a', lost: [[2, 3]] })
})

test('what is no answer is refused', () => {
  const wrong = [undefined, {}, { actors: {} }, { actors: [null] }, { actors: [{ ...ENTRY, head: '9' }] }]
  for (const answer of [
    ...wrong,
    { actors: [{ ...ENTRY, lost: [[1]] }] },
    { actors: [{ ...ENTRY, missing: [1] }] },
  ])
    assert.throws(() => readMissing(answer), ProtocolError)
  for (const answer of [
    undefined,
    {},
    { actor: 'a' },
    { actor: 1, lost: [] },
    { actor: 'a', lost: [['1', '2']] },
  ])
    assert.throws(() => readGivenUp(answer), ProtocolError)
})
