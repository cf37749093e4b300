import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyVersions, batches, openPlain, openReplicated, runPlain, runRequests } from './store-rates.ts'

const SCHEMA = "CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT NOT NULL DEFAULT '')"
const INSERT = 'INSERT INTO t (id, a) VALUES (?, ?)'

test('all three ways end with the same rows', () => {
  const rows = Array.from({ length: 1_500 }, (_, at) => [`id-${at}`, `a-${at}`])
  const plain = openPlain(':memory:', SCHEMA)
  const [local, remote] = [openReplicated(':memory:', SCHEMA), openReplicated(':memory:', SCHEMA)]
  const changesets: Uint8Array[] = []
  runPlain(plain, INSERT, rows, 1_000)
  runRequests(local, INSERT, rows, changesets)
  applyVersions(remote, changesets)
  const all = [plain, local.database, remote.database].map((db) => db.prepare('SELECT * FROM t').all())
  assert.equal(all[0]?.length, rows.length)
  assert.deepEqual(all[1], all[0])
  assert.deepEqual(all[2], all[0])
  for (const db of [plain, local, remote]) db.close()
})

test('batches have all items in order, the last one what is left', () => {
  assert.deepEqual([...batches([1, 2, 3, 4, 5], 2)], [[1, 2], [3, 4], [5]])
})
