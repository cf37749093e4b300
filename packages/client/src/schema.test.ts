import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtocolError } from './error.ts'
import { readReloaded } from './schema.ts'

test('changes and what is kept are read; what is neither is no answer', () => {
  const change = {
    kind: 'column-added',
    table: 't',
    column: 'c',
    sql: 'ALTER TABLE t ADD COLUMN c',
    newer: 1,
  }
  const answer = { changes: [change], kept: [{ table: 'u' }] }
  assert.deepEqual(readReloaded(answer), answer)
  const wrong = [
    null,
    {},
    { changes: [] },
    { kept: [] },
    { changes: [{}], kept: [] },
    { changes: [null], kept: [] },
  ]
  for (const value of wrong) assert.throws(() => readReloaded(value), ProtocolError)
})
