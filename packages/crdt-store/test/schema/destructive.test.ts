import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { SqliteValue } from '@patina/base'
import { defaultLimits, openStore, SchemaError, type Store, storeHandlers } from '../../src/index.ts'
import { pull, reply, rows, write } from '../two-stores.ts'
import { converged, storeWith } from './schema-stores.ts'

const T = 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT, b INT NOT NULL DEFAULT 7, c)'
const WITHOUT_B = 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT, c)'
const U = 'CREATE TABLE u (x INT NOT NULL, y TEXT NOT NULL, z BLOB, PRIMARY KEY (y, x)) WITHOUT ROWID'

function apply(store: Store, sql: string, pace: 'at-once' | 'in-slices' = 'at-once'): string[] {
  const changes = store.applySchema([{ name: 'test.sql', sql }], { pace, allowDestructive: true })
  if (pace === 'at-once') assert.deepEqual(store.verify(), [])
  return changes.map((change) => {
    const name = 'column' in change ? `.${change.column}` : 'index' in change ? `.${change.index}` : ''
    return `${change.kind} ${'table' in change ? change.table : change.view}${name}`
  })
}

function entries(store: Store): unknown[] {
  return rows(store, 'SELECT "table", "column", cl, colv, value FROM __patina_unknown ORDER BY 1, key, 2')
}

function filled(sql: string): Store {
  const store = storeWith(sql)
  write(store, "INSERT INTO t VALUES ('r', 'a', 1, 1.5), ('s', 'a', 2, NULL), ('gone', 'a', 3, 3)")
  write(store, "UPDATE t SET b = 5 WHERE id = 'r'")
  write(store, "DELETE FROM t WHERE id = 'gone'")
  return store
}

/** Internal names that a change leaves in the schema. */
function leftovers(store: Store): unknown[] {
  return rows(
    store,
    String.raw`SELECT name FROM sqlite_schema WHERE name LIKE '%\_\_patina\_next%' ESCAPE '\'
    OR name LIKE '%\_\_patina\_old%' ESCAPE '\' OR name LIKE '%\_\_patina\_dirty%' ESCAPE '\'`,
  )
}

test('a column that is dropped leaves its stamped cells beside the clocks, and continues its column versions when it comes back', () => {
  const [store, other] = [filled(T), storeWith(T)]
  pull(other, store)
  const before = converged(store, 't', ['id'])
  assert.deepEqual(apply(store, WITHOUT_B), ['column-dropped t.b'])
  assert.deepEqual(rows(store, 'SELECT * FROM t ORDER BY id'), [
    ['r', 'a', 1.5],
    ['s', 'a', null],
  ])
  assert.deepEqual(entries(store), [
    ['t', 'b', 1n, 2n, 5n],
    ['t', 'b', 1n, 1n, 2n],
  ])
  assert.deepEqual(leftovers(store), [])
  assert.equal(reply(store, 'UPDATE t SET b = 1').kind, 'failed')
  // Peers that still have it write it, and hear of the rest.
  write(other, "UPDATE t SET b = 9 WHERE id = 's'")
  write(store, "UPDATE t SET a = 'mine'")
  pull(store, other)
  pull(other, store)
  assert.deepEqual(rows(other, 'SELECT id, a, b FROM t ORDER BY id'), [
    ['r', 'mine', 5n],
    ['s', 'mine', 9n],
  ])
  assert.deepEqual(apply(store, T), ['column-added t.b'])
  assert.deepEqual(converged(store, 't', ['id']), converged(other, 't', ['id']))
  assert.notDeepEqual(converged(store, 't', ['id']), before)
  write(store, "UPDATE t SET b = 1 WHERE id = 'r'")
  assert.equal(store.explain('t', ['r'])?.cells.find(({ column }) => column === 'b')?.columnVersion, 3)
})

test('a table that is dropped is gone at once, its rows and dead rows wait as unknown ones, and come back with it', () => {
  const store = filled(`${T}; ${U}`)
  write(store, "INSERT INTO u VALUES (1, 'k', x'01'), (2, 'k', x'02')")
  write(store, 'DELETE FROM u WHERE x = 2')
  const before = [
    converged(store, 't', ['id']),
    converged(store, 'u', ['y', 'x']),
    store.explain('u', ['k', 2n]),
  ]
  assert.deepEqual(apply(store, T, 'in-slices'), ['table-dropped u'])
  assert.equal(reply(store, 'INSERT INTO u (x, y) VALUES (3, 3)').kind, 'failed')
  assert.deepEqual(store.verify(), [])
  assert.throws(() => apply(store, `${T}; ${U}`), { code: 'changing' })
  while (store.schemaSlice() !== undefined);
  assert.deepEqual(store.verify(), [])
  assert.equal(entries(store).length, 3)
  assert.deepEqual(leftovers(store), [])
  apply(store, `${T}; ${U}`)
  assert.deepEqual(entries(store), [])
  assert.deepEqual(
    [converged(store, 't', ['id']), converged(store, 'u', ['y', 'x']), store.explain('u', ['k', 2n])],
    before,
  )
})

test('a column that is defined otherwise keeps the values that it can; the others wait, and move in when it changes back', () => {
  const store = storeWith(WITHOUT_B)
  write(store, "INSERT INTO t VALUES ('i', 'a', 1), ('r', 'a', 1.5), ('t', 'a', 'x'), ('n', 'a', NULL)")
  const before = converged(store, 't', ['id'])
  const text = WITHOUT_B.replace(', c)', ", c TEXT NOT NULL DEFAULT 'none')")
  assert.deepEqual(apply(store, text), ['column-changed t.c'])
  assert.deepEqual(rows(store, 'SELECT id, c FROM t ORDER BY id'), [
    ['i', 'none'],
    ['n', 'none'],
    ['r', 'none'],
    ['t', 'x'],
  ])
  assert.deepEqual(
    entries(store).map((entry) => (entry as SqliteValue[])[4]),
    [1n, null, 1.5],
  )
  // Moved by a change that makes one of them fit, and not the others.
  apply(store, WITHOUT_B.replace(', c)', ', c REAL DEFAULT 0)'))
  assert.deepEqual(rows(store, 'SELECT id, c FROM t ORDER BY id'), [
    ['i', 0],
    ['n', null],
    ['r', 1.5],
    ['t', 'x'],
  ])
  apply(store, WITHOUT_B)
  assert.deepEqual(converged(store, 't', ['id']), before)
  assert.deepEqual(entries(store), [])
})

test('what is written into a changed column while its old values are on their way out is ahead of them', () => {
  const [store, other] = [storeWith(WITHOUT_B), storeWith(WITHOUT_B)]
  write(store, "INSERT INTO t VALUES ('r', 'a', 1)")
  for (let i = 0; i < 5; i += 1) write(store, 'UPDATE t SET c = ?', BigInt(i))
  pull(other, store)
  apply(store, WITHOUT_B.replace(', c)', ', c TEXT)'), 'in-slices')
  store.schemaSlice()
  assert.deepEqual(store.schemaProgress()[0]?.work, 'moving')
  write(store, "UPDATE t SET c = 'new'")
  assert.deepEqual(store.verify(), [])
  while (store.schemaSlice() !== undefined);
  assert.deepEqual(store.verify(), [])
  pull(other, store)
  for (const each of [store, other]) assert.deepEqual(rows(each, 'SELECT c FROM t'), [['new']])
})

test('options, checks, keys and indexes of a table change with it, and nothing is lost', () => {
  const store = storeWith(`${T}; CREATE INDEX by_a ON t (a); CREATE INDEX by_b ON t (b)`)
  write(store, "INSERT INTO t VALUES ('1', 'a', 1, 1), ('x', 'a', 2, 2)")
  const strict =
    "CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT CHECK (a <> ''), c ANY) STRICT, WITHOUT ROWID"
  assert.deepEqual(apply(store, `${strict}; CREATE INDEX by_a ON t (a)`), [
    'column-dropped t.b',
    'index-dropped t.by_b',
    'table-changed t',
    'table-changed t',
    'column-changed t.a',
    'column-changed t.c',
  ])
  assert.deepEqual(apply(store, `${strict}; CREATE INDEX by_a ON t (a)`), [])
  assert.equal(reply(store, "UPDATE t SET a = ''").kind, 'failed')
  // Indexes change under whichever of their names they stand.
  apply(store, `${strict}; CREATE INDEX by_a ON t (c)`)
  apply(store, `${WITHOUT_B}; CREATE INDEX by_a ON t (c)`)
  apply(store, `${strict}`)
  const numbers = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, c)'
  assert.ok(apply(store, numbers).includes('column-changed t.id'))
  assert.deepEqual(rows(store, 'SELECT * FROM t'), [])
  write(store, "INSERT INTO t VALUES (1, 'number', 1)")
  const named = 'CREATE TABLE t (name TEXT NOT NULL PRIMARY KEY, a TEXT, c)'
  assert.deepEqual(apply(store, `${named}; CREATE INDEX by_a ON t (c)`), [
    'table-dropped t',
    'table-created t',
    'index-created t.by_a',
  ])
  write(store, "INSERT INTO t VALUES ('1', 'named', 1)")
  apply(store, `${T}; CREATE INDEX by_a ON t (a)`)
  assert.deepEqual(rows(store, 'SELECT id, a, b FROM t ORDER BY id'), [
    ['1', 'a', 1n],
    ['x', 'a', 2n],
  ])
})

const SLICE = defaultLimits.schemaSliceRowsMax
const MANY = 3 * SLICE + 10

function large(t: TestContext): { readonly store: Store; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'patina-destructive-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'large.db')
  const store = storeWith(`${T}; CREATE INDEX by_a ON t (a)`, { path })
  write(
    store,
    `WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${MANY})
     INSERT INTO t SELECT 'r' || i, 'text ' || i, i, i FROM s`,
  )
  return { store, path }
}

test('T-B3: a destructive change has three phases, in slices; the first is given up by the former files, the last by adding again', (t) => {
  const { store } = large(t)
  const before = converged(store, 't', ['id'])
  const files = `${WITHOUT_B}; CREATE INDEX by_a ON t (a)`
  // Copying: everybody sees the table as it was, reads and writes it.
  apply(store, files, 'in-slices')
  assert.deepEqual(apply(store, files, 'in-slices'), [])
  store.schemaSlice()
  assert.deepEqual(store.schemaProgress(), [{ table: 't', work: 'copying', rows: SLICE, of: MANY }])
  write(store, "UPDATE t SET b = -1 WHERE id IN ('r1', 'r5')")
  write(store, "DELETE FROM t WHERE id = 'r2'")
  write(store, "INSERT INTO t VALUES ('r2', 'again', 2, 2)")
  write(store, "UPDATE t SET b = 1 WHERE id = 'r1'")
  assert.deepEqual(store.verify(), [])
  assert.deepEqual(apply(store, `${T}; CREATE INDEX by_a ON t (a)`), ['rebuild-aborted t'])
  assert.deepEqual(leftovers(store), [])
  assert.equal(store.schemaSlice(), undefined)

  // Again, to the change of places: from then on nobody sees the column.
  apply(store, files, 'in-slices')
  let slices = 0
  for (; ; slices += 1) {
    write(store, "UPDATE t SET a = ?, b = b + 1 WHERE id = 'r7'", `${slices}`)
    if (store.schemaSlice()?.changesSchema === true) break
    assert.deepEqual(store.verify(), [])
    assert.equal(rows(store, 'SELECT b FROM t').length, MANY)
  }
  assert.ok(slices >= 3)
  assert.deepEqual(rows(store, "SELECT a FROM t WHERE id = 'r7'"), [[`${slices}`]])
  assert.throws(() => rows(store, 'SELECT b FROM t'), /no such column/)
  assert.throws(() => apply(store, `${T}; CREATE INDEX by_a ON t (a)`), { code: 'changing' })
  // Moving what has no place: also while rows are written, deleted, born again.
  store.schemaSlice()
  assert.deepEqual(store.verify(), [])
  write(store, `DELETE FROM t WHERE id IN ('r1', 'r${MANY}')`)
  write(store, `INSERT INTO t (id) VALUES ('r${MANY}')`)
  while (store.schemaSlice() !== undefined) assert.deepEqual(store.verify(), [])
  assert.equal(entries(store).length, MANY - 2)
  assert.deepEqual(leftovers(store), [])
  apply(store, `${T}; CREATE INDEX by_a ON t (a)`)
  assert.deepEqual(rows(store, "SELECT b FROM t WHERE id IN ('r5', 'r7') ORDER BY id"), [
    [-1n],
    [BigInt(8 + slices)],
  ])
  assert.equal((before as unknown[]).length, MANY)
})

test('a crash in any phase goes on at the next start, with nothing half visible', (t) => {
  const { store, path } = large(t)
  const expected = converged(store, 't', ['id'])
  store.close()
  const reopened = (): Store => openStore({ path })
  let next = reopened()
  apply(next, WITHOUT_B, 'in-slices')
  next.schemaSlice()
  for (let slices = 0; ; slices += 1) {
    next.close()
    next = reopened()
    assert.deepEqual(next.verify(), [])
    assert.equal(rows(next, 'SELECT * FROM t').length, MANY)
    if (next.schemaProgress().every(({ of }) => of === undefined)) break
    next.schemaSlice()
    assert.ok(slices < 50)
  }
  assert.deepEqual(leftovers(next), [])
  assert.equal(entries(next).length, MANY)
  // An agent that starts with the same files changes nothing.
  assert.deepEqual(next.applySchema([{ name: 'test.sql', sql: WITHOUT_B }]), [])
  apply(next, T)
  assert.deepEqual(converged(next, 't', ['id']), expected)
  next.close()
})

test('a start with the former files, after a crash on the way, brings the change to its end and takes it back', async (t) => {
  const { store, path } = large(t)
  apply(store, WITHOUT_B, 'in-slices')
  while (store.schemaSlice()?.changesSchema !== true);
  store.schemaSlice()
  assert.equal(store.schemaProgress()[0]?.work, 'moving')
  store.close()
  const handlers = storeHandlers({ path, schemaFiles: [{ name: 'test.sql', sql: T }] })
  handlers.start?.(() => {})
  while ((await handlers.calls.schemaProgress(null)).length > 0) await new Promise(setImmediate)
  handlers.stop?.()
  const next = openStore({ path })
  assert.deepEqual(rows(next, "SELECT b FROM t WHERE id IN ('r1', 'r2') ORDER BY id"), [[1n], [2n]])
  assert.deepEqual(next.verify(), [])
  next.close()
})

test('a row that the new definition cannot take at all gives the change up, and says why', () => {
  const store = storeWith(WITHOUT_B)
  write(store, "INSERT INTO t VALUES ('r', 'no JSON', 1)")
  apply(
    store,
    "CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT); CREATE INDEX j ON t (json_extract(a, '$.x'))",
    'in-slices',
  )
  assert.match(store.schemaSlice()?.failed ?? '', /table t stays as it was: malformed JSON/)
  assert.equal(store.schemaSlice(), undefined)
  assert.deepEqual(leftovers(store), [])
  assert.deepEqual(rows(store, 'SELECT * FROM t'), [['r', 'no JSON', 1n]])
  assert.deepEqual(store.verify(), [])
})

test('without the word for it nothing is lost: it is refused, or kept', () => {
  const store = filled(`${T}; ${U}`)
  const files = (sql: string) => [{ name: 'test.sql', sql }]
  assert.deepEqual(store.applySchema(files(WITHOUT_B)), [])
  assert.throws(() => store.applySchema(files(T.replace('b INT', 'b TEXT'))), SchemaError)
  assert.deepEqual(store.diffSchema(files(WITHOUT_B)).kept, [{ table: 't', column: 'b' }, { table: 'u' }])
  const { changes, kept, rebuilt } = store.diffSchema(files(WITHOUT_B), { allowDestructive: true })
  assert.deepEqual(
    [changes.map(({ kind }) => kind), kept, rebuilt],
    [['table-dropped', 'column-dropped'], [], ['t']],
  )
})
