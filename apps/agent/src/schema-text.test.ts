import assert from 'node:assert/strict'
import { test } from 'node:test'
import { schemaLines } from './schema-text.ts'

test('one line a change and a kept part', () => {
  const lines = schemaLines({
    changes: [
      { kind: 'index-dropped', table: 't', index: 'i', sql: 'CREATE INDEX i ON t (a)' },
      { kind: 'column-added', table: 't', column: 'c', sql: 'ALTER TABLE "t"\n  ADD COLUMN c TEXT' },
      { kind: 'column-dropped', table: 't', column: 'd', sql: 'd TEXT' },
      { kind: 'rebuild-aborted', table: 'u', sql: 'CREATE TABLE u' },
      { kind: 'view-changed', view: 'v', sql: 'CREATE VIEW "v" AS SELECT 1' },
      { kind: 'table-created', table: 'u', sql: 'CREATE TABLE u (id INTEGER PRIMARY KEY)' },
    ],
    kept: [{ table: 't', column: 'old' }, { table: 'older' }],
    rebuilt: ['t'],
  })
  assert.deepEqual(lines, [
    '- index t.i',
    '+ column t.c: ALTER TABLE "t" ADD COLUMN c TEXT',
    '- column t.d',
    '! rebuild u',
    '~ view v: CREATE VIEW "v" AS SELECT 1',
    '+ table u: CREATE TABLE u (id INTEGER PRIMARY KEY)',
    '  table t: its rows are copied in slices; the change shows when all are',
    '= column t.old: no schema file names it; it is kept',
    '= table older: no schema file names it; it is kept',
  ])
  assert.deepEqual(schemaLines({ changes: [], kept: [], rebuilt: [] }), ['no changes'])
})
