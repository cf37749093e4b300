import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SCHEMA, type SchemaHashes } from '@patina/base'
import { openStore } from './store.ts'

function hashesOf(sql: string): SchemaHashes {
  const store = openStore({ path: ':memory:' })
  store.applySchema([{ name: 'test.sql', sql }])
  const hashes = store.schemaHashes()
  store.close()
  return hashes
}

const PLAIN = 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a INTEGER, b TEXT NOT NULL DEFAULT 0)'

test('the same to replication: order and case of names, types of one affinity, indexes, views, checks, generated columns', () => {
  const wanted = hashesOf(PLAIN)
  assert.match(wanted.all, /^[0-9a-f]{16}$/)
  for (const sql of [
    'CREATE TABLE T (b VARCHAR(3) NOT NULL DEFAULT 0, ID text NOT NULL PRIMARY KEY, A INT)',
    `${PLAIN}; CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT a FROM t`,
    `${PLAIN.slice(0, -1)}, g AS (a + 1), CHECK (a > 0))`,
    `${PLAIN} WITHOUT ROWID`,
  ])
    assert.deepEqual(hashesOf(sql), wanted, sql)
})

test('another to replication: a column, an affinity, NOT NULL, a default, the key and its order, STRICT', () => {
  const wanted = hashesOf(PLAIN).tables[0]?.hash
  const others = [
    `${PLAIN.slice(0, -1)}, c)`,
    PLAIN.replace('a INTEGER', 'a REAL'),
    PLAIN.replace('a INTEGER', 'a INTEGER NOT NULL DEFAULT 0'),
    PLAIN.replace('DEFAULT 0', 'DEFAULT 1'),
    PLAIN.replace('id TEXT', 'id BLOB'),
    PLAIN.replace(' PRIMARY KEY', '').replace(/\)$/, ', PRIMARY KEY (id, b))'),
    PLAIN.replace(' PRIMARY KEY', '').replace(/\)$/, ', PRIMARY KEY (b, id))'),
    `${PLAIN} STRICT`,
  ].map((sql) => hashesOf(sql).tables[0]?.hash)
  assert.equal(new Set([wanted, ...others]).size, others.length + 1)
})

test('tables in order of their names, each with its own; none is the value that base has for it', () => {
  const { tables, all } = hashesOf(`CREATE TABLE b (id INT NOT NULL PRIMARY KEY); ${PLAIN}`)
  assert.deepEqual(
    tables.map(({ table }) => table),
    ['b', 't'],
  )
  assert.equal(tables[1]?.hash, hashesOf(PLAIN).tables[0]?.hash)
  assert.notEqual(all, hashesOf(PLAIN).all)
  assert.deepEqual(hashesOf(''), NO_SCHEMA)
})
