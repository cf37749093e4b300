import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtocolError } from './error.ts'
import { readExplanation, readTag } from './membership.ts'

test('an explanation and a tag are read, with what newer agents add; what is neither is no answer', () => {
  const member = { actor: 'a'.repeat(32), name: 'ams-1', state: 'suspect' }
  const explanation = { member, because: 'accused', accusers: ['b'.repeat(32)], newer: 1 }
  assert.deepEqual(readExplanation(explanation), explanation)
  for (const wrong of [
    null,
    {},
    { member },
    { ...explanation, accusers: 'x' },
    { ...explanation, member: 1 },
  ])
    assert.throws(() => readExplanation(wrong), ProtocolError)
  const tag = { key: 'role', value: 'edge', lease_ms: 30_000 }
  assert.deepEqual(readTag(tag), tag)
  for (const wrong of [null, {}, { ...tag, lease_ms: '1' }, { ...tag, key: 1 }])
    assert.throws(() => readTag(wrong), ProtocolError)
})
