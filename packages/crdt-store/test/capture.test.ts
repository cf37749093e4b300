import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeChangesetHeader } from '@patina/base'
import { decodePayload, type KeyedRowChange } from '../src/core/changeset.ts'
import { newStore, reply, rows, write } from './two-stores.ts'

/** The row changes of changesets. */
function changesOf(changesets: readonly Uint8Array[]): KeyedRowChange[] {
  return changesets.flatMap((bytes) => {
    const header = decodeChangesetHeader(bytes)
    assert.ok(header.ok)
    const { firstSeq, lastSeq } = header.value.header
    const payload = decodePayload(bytes.subarray(header.value.payloadOffset), lastSeq - firstSeq + 1)
    assert.ok(payload.ok)
    return payload.value
  })
}

/** Causal length and `column=value@columnVersion` of each change. */
function brief(changesets: readonly Uint8Array[]): string[] {
  return changesOf(changesets).map(
    ({ key, causalLength, cells }) =>
      `${key} cl${causalLength} ${cells.map((c) => `${c.column}=${c.value}@${c.columnVersion}`).join(' ')}`,
  )
}

test('INSERT stamps every column, defaults included; UPDATE only what differs; DELETE the life', () => {
  const store = newStore()
  assert.deepEqual(brief(write(store, "INSERT INTO machines (id, port) VALUES ('m', 80)")), [
    'm cl1 app=@1 region=null@1 port=80@1 load=null@1 extra=null@1',
  ])
  assert.deepEqual(brief(write(store, "UPDATE machines SET port = 81, app = '' WHERE id = 'm'")), [
    'm cl1 port=81@2',
  ])
  assert.deepEqual(brief(write(store, 'DELETE FROM machines')), ['m cl2 '])
  assert.deepEqual(brief(write(store, "INSERT INTO machines (id, app) VALUES ('m', 'a')")), [
    'm cl3 app=a@1 region=null@1 port=null@1 load=null@1 extra=null@1',
  ])
})

test('UPSERT, REPLACE, key updates, RETURNING and multi-row statements are captured', () => {
  const store = newStore()
  write(store, "INSERT INTO machines (id, app, port) VALUES ('a', 'x', 1), ('b', 'x', 2)")
  const upsert =
    "INSERT INTO machines (id, port) VALUES ('a', 9) ON CONFLICT DO UPDATE SET port = excluded.port"
  assert.deepEqual(brief(write(store, upsert)), ['a cl1 port=9@2'])
  assert.deepEqual(brief(write(store, "REPLACE INTO machines (id, app, port) VALUES ('a', 'y', 9)")), [
    'a cl1 app=y@2',
  ])
  assert.deepEqual(brief(write(store, "UPDATE machines SET id = 'c' WHERE id = 'b'")), [
    'b cl2 ',
    'c cl1 app=x@1 region=null@1 port=2@1 load=null@1 extra=null@1',
  ])
  assert.deepEqual(brief(write(store, "UPDATE machines SET region = 'ams' RETURNING id")).toSorted(), [
    'a cl1 region=ams@2',
    'c cl1 region=ams@2',
  ])
  assert.deepEqual(brief(write(store, "INSERT INTO tags VALUES ('t', 'a')")), ['t,a cl1 '])
})

test('a write that changes nothing makes no version, by storage class and bytes and not by SQL equality', () => {
  const store = newStore()
  write(store, "INSERT INTO machines (id, app, extra) VALUES ('a', 'x', 1)")
  for (const same of ["UPDATE machines SET app = 'x'", 'UPDATE machines SET extra = 1', 'DELETE FROM tags'])
    assert.deepEqual(write(store, same), [], same)
  assert.deepEqual(brief(write(store, 'UPDATE machines SET extra = 1.0')), ['a cl1 extra=1@2'])
  assert.deepEqual(brief(write(store, 'UPDATE machines SET extra = -0.0')), ['a cl1 extra=0@3'])
  assert.deepEqual(brief(write(store, 'UPDATE machines SET extra = 0.0')), ['a cl1 extra=0@4'])
  assert.deepEqual(brief(write(store, "UPDATE machines SET extra = ''")), ['a cl1 extra=@5'])
  assert.deepEqual(brief(write(store, "UPDATE machines SET extra = x''")), ['a cl1 extra=@6'])
})

test('a request is one version whatever its statements, and its rows are folded', () => {
  const store = newStore()
  const request = [
    { sql: "INSERT INTO machines (id) VALUES ('a')", params: [] },
    { sql: "UPDATE machines SET app = 'x'", params: [] },
    { sql: "INSERT INTO machines (id) VALUES ('b')", params: [] },
    { sql: "DELETE FROM machines WHERE id = 'b'", params: [] },
  ]
  const { commits } = store.transact([request])
  assert.equal(commits.length, 1)
  assert.deepEqual(brief(commits[0]?.changesets ?? []), [
    'a cl1 app=x@1 region=null@1 port=null@1 load=null@1 extra=null@1',
  ])
})

test('a request that fails leaves nothing, and its neighbours of the group stand', () => {
  const store = newStore()
  const insert = (id: string): { sql: string; params: string[] } => ({
    sql: 'INSERT INTO machines (id) VALUES (?)',
    params: [id],
  })
  const { replies, commits } = store.transact([
    [insert('a')],
    [insert('b'), insert('a')],
    [insert('c'), { sql: 'nonsense', params: [] }],
    [{ sql: 'BEGIN', params: [] }],
    [insert('d')],
  ])
  assert.deepEqual(
    replies.map((each) => (each.kind === 'committed' ? each.version : `${each.kind} ${each.code}`)),
    [1, 'failed SQLITE_CONSTRAINT_PRIMARYKEY', 'failed syntax', 'refused transaction-control', 2],
  )
  assert.equal(commits.length, 2)
  assert.deepEqual(rows(store, 'SELECT id FROM machines'), [['a'], ['d']])
})

test('INSERT OR ROLLBACK ends the transaction: the group runs again and the culprit fails alone', () => {
  const store = newStore()
  write(store, "INSERT INTO machines (id) VALUES ('a')")
  const { replies } = store.transact([
    [{ sql: "INSERT INTO machines (id) VALUES ('b')", params: [] }],
    [{ sql: "INSERT OR ROLLBACK INTO machines (id) VALUES ('a')", params: [] }],
    [{ sql: "INSERT INTO machines (id) VALUES ('c')", params: [] }],
  ])
  assert.deepEqual(
    replies.map(({ kind }) => kind),
    ['committed', 'failed', 'committed'],
  )
  assert.deepEqual(rows(store, 'SELECT id FROM machines ORDER BY id'), [['a'], ['b'], ['c']])
  assert.equal(store.knowledge()[0]?.head, 3)
})

test('TEXT that is not UTF-8 is refused; U+FFFD itself is not', () => {
  const store = newStore()
  const bad = reply(store, "INSERT INTO machines (id, app) VALUES ('a', CAST(x'ff41' AS TEXT))")
  assert.deepEqual([bad.kind, bad.kind === 'refused' && bad.code], ['refused', 'not-utf8'])
  const key = reply(store, "INSERT INTO machines (id) VALUES (CAST(x'ff' AS TEXT))")
  assert.equal(key.kind, 'refused')
  assert.equal(write(store, "INSERT INTO machines (id, app) VALUES ('a', '\ufffd')").length, 1)
  assert.deepEqual(rows(store, 'SELECT count(*) FROM machines'), [[1n]])
})

test('limits: rows and bytes of a version, bytes of a cell, statements of a request', () => {
  const store = newStore({
    limits: { versionRowsMax: 10, versionBytesMax: 5000, cellBytesMax: 2000, statementsMax: 3 },
  })
  const series = (n: number): string =>
    `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${n}) `
  const code = (sql: string): string => {
    const only = reply(store, sql)
    return only.kind === 'committed' ? 'committed' : only.code
  }
  assert.equal(code(`${series(11)} INSERT INTO machines (id) SELECT i FROM s`), 'too-many-rows')
  assert.equal(code("INSERT INTO machines (id, app) VALUES ('a', hex(zeroblob(1001)))"), 'cell-too-large')
  assert.equal(
    code(`${series(4)} INSERT INTO machines (id, app) SELECT i, hex(zeroblob(900)) FROM s`),
    'version-too-large',
  )
  const many = Array.from({ length: 4 }, () => ({ sql: 'DELETE FROM tags', params: [] }))
  assert.deepEqual(
    store.transact([many]).replies.map((each) => each.kind === 'refused' && each.code),
    ['too-many-statements'],
  )
  assert.deepEqual(rows(store, 'SELECT count(*) FROM machines'), [[0n]])
  assert.equal(code(`${series(10)} INSERT INTO machines (id) SELECT i FROM s`), 'committed')
})
