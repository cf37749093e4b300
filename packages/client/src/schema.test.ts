import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtocolError } from './error.ts'
import { readApplied, readPurgeCount, readReloaded } from './schema.ts'

test('changes and what is kept are read; what is neither is no answer', () => {
  const change = {
    kind: 'column-added',
    table: 't',
    column: 'c',
    sql: 'ALTER TABLE t ADD COLUMN c',
    newer: 1,
  }
  const answer = { changes: [change], kept: [{ table: 'u' }] }
  assert.deepEqual(readReloaded({ ...answer, rebuilt: ['t'] }), { ...answer, rebuilt: ['t'] })
  assert.deepEqual(readReloaded(answer), { ...answer, rebuilt: [] })
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

test('a schema and what is under way, and what a purge forgets', () => {
  const applied = {
    definitions: ['CREATE TABLE t'],
    pending: [{ table: 't', work: 'copying', rows: 1, of: 2 }],
  }
  assert.deepEqual(readApplied(applied), applied)
  assert.deepEqual(readApplied({ definitions: [] }), { definitions: [], pending: [] })
  const count = { cells: 1, rows: 2, complete: false }
  assert.deepEqual(readPurgeCount(count), count)
  for (const value of [
    null,
    {},
    { definitions: [], pending: [{}] },
    { cells: '1', rows: 2, complete: true },
  ]) {
    assert.throws(() => readApplied(value), ProtocolError)
    assert.throws(() => readPurgeCount(value), ProtocolError)
  }
})
