import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultLimits, openStore, RequestRefused, type Store, storeHandlers } from '../../src/index.ts'
import { pull, rows, write } from '../two-stores.ts'
import { converged, storeWith } from './schema-stores.ts'

const T = 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT)'
const WITH_C = 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT, c, d)'
const SLICE = defaultLimits.schemaSliceRowsMax
const U = 'CREATE TABLE u (id INTEGER PRIMARY KEY, x)'

function files(sql: string): { readonly name: string; readonly sql: string }[] {
  return [{ name: 'test.sql', sql }]
}

function drop(store: Store, sql: string): void {
  store.applySchema(files(sql), { allowDestructive: true })
}

function finish(store: Store): void {
  while (store.schemaSlice() !== undefined) assert.deepEqual(store.verify(), [])
}

function unknown(store: Store): unknown {
  return rows(store, 'SELECT "table", "column" FROM __patina_unknown ORDER BY 1, 2')
}

function logged(store: Store): unknown {
  return rows(store, 'SELECT count(*) FROM __patina_log')[0]
}

/** Rows whose column c each have a version of their own. */
function filled(): Store {
  const store = storeWith(`${WITH_C}; ${U}`)
  for (const id of ['r', 's']) {
    write(store, 'INSERT INTO t (id, a) VALUES (?, ?)', id, 'a')
    write(store, "UPDATE t SET c = 'c', d = 'd' WHERE id = ?", id)
  }
  write(store, "INSERT INTO u VALUES (1, 'x'), (2, 'x')")
  write(store, 'DELETE FROM u WHERE id = 2')
  return store
}

test('what is unknown of a table or a column is forgotten, and the log shrinks with it', () => {
  const store = filled()
  drop(store, T)
  assert.deepEqual(store.purge({ table: 'T', column: 'C' }, true), { cells: 2, rows: 0, isAll: true })
  assert.deepEqual(store.purge({ table: 't' }, true), { cells: 4, rows: 0, isAll: true })
  assert.deepEqual(store.purge({ table: 'u' }, true), { cells: 1, rows: 2, isAll: true })
  assert.deepEqual(store.purge({ table: 'nothing' }, true), { cells: 0, rows: 0, isAll: true })
  const before = logged(store)
  store.purge({ table: 't', column: 'c' })
  assert.deepEqual(store.schemaProgress(), [{ table: 't', work: 'purging' }])
  finish(store)
  assert.deepEqual(unknown(store), [
    ['t', 'd'],
    ['t', 'd'],
    ['u', ''],
    ['u', ''],
    ['u', 'x'],
  ])
  assert.deepEqual(logged(store), before)
  store.purge({ table: 't' })
  store.purge({ table: 'u' })
  finish(store)
  assert.deepEqual(unknown(store), [])
  // Versions own the lives of t, and nothing else.
  assert.deepEqual([before, logged(store)], [[6n], [4n]])
  assert.deepEqual(rows(store, 'SELECT * FROM t'), [
    ['r', 'a'],
    ['s', 'a'],
  ])
})

test("what the schema has is nobody's to forget, and misfits are values of it", () => {
  const [store, other] = [
    storeWith(`${T}; ${U}`),
    storeWith(
      'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a, c); CREATE TABLE u (id TEXT NOT NULL PRIMARY KEY)',
    ),
  ]
  write(other, "INSERT INTO t VALUES ('r', 5, 'c')")
  write(other, "INSERT INTO u VALUES ('no number')")
  pull(store, other)
  assert.throws(
    () => store.purge({ table: 't', column: 'a' }),
    (cause) => cause instanceof RequestRefused && cause.code === 'in-schema',
  )
  for (const table of ['t', 'u']) store.purge({ table })
  finish(store)
  assert.deepEqual(unknown(store), [
    ['t', 'a'],
    ['u', ''],
  ])
})

test('a row whose key the schema would not keep stays, and loses what is purged (seed 4020)', () => {
  const [store, other] = [
    storeWith('CREATE TABLE u (id INTEGER PRIMARY KEY, x)'),
    storeWith('CREATE TABLE u (id TEXT NOT NULL PRIMARY KEY, x, c, d)'),
  ]
  write(other, "INSERT INTO u VALUES ('no number', 'x', 'c', 'd')")
  pull(store, other)
  store.purge({ table: 'u', column: 'c' })
  finish(store)
  const left = ['', 'd', 'x'].map((column) => ['u', column])
  assert.deepEqual(unknown(store), left)
  store.purge({ table: 'u' })
  finish(store)
  assert.deepEqual(
    unknown(store),
    left.filter(([, column]) => column !== 'd'),
  )
})

test('a purged name does not come back unasked, because other nodes may still have its values', () => {
  const store = filled()
  drop(store, T)
  for (const table of ['t', 'u']) store.purge({ table })
  finish(store)
  for (const [sql, what] of [
    [`${WITH_C}`, 't.c'],
    [`${T}; ${U}`, 'u'],
  ] as const)
    assert.throws(
      () => store.applySchema(files(sql)),
      (cause: Error & { code?: string }) => {
        assert.equal(cause.code, 'purged')
        assert.ok(
          cause.message.includes(`${what} was purged here, and other nodes may still hold old values of it`),
        )
        return true
      },
    )
  drop(store, `${WITH_C}; ${U}`)
  assert.deepEqual(rows(store, 'SELECT id, c FROM t'), [
    ['r', null],
    ['s', null],
  ])
  write(store, "UPDATE t SET c = 'new'")
  assert.deepEqual(store.verify(), [])
  assert.deepEqual(store.applySchema(files(`${WITH_C}; ${U}`)), [])
})

test('where all have dropped a column, the order of purges and syncs does not matter', () => {
  const [a, b] = [filled(), storeWith(`${WITH_C}; ${U}`)]
  pull(b, a)
  write(b, "UPDATE t SET c = 'of b' WHERE id = 'r'")
  for (const store of [a, b]) drop(store, T)
  a.purge({ table: 't' })
  a.purge({ table: 'u' })
  finish(a)
  // What comes later from who has not purged is kept again, and forgotten again.
  pull(a, b)
  pull(b, a)
  assert.deepEqual(unknown(a), [['t', 'c']])
  const late = storeWith(T)
  pull(late, a)
  for (const store of [a, b, late]) {
    store.purge({ table: 't' })
    store.purge({ table: 'u' })
    finish(store)
  }
  for (const to of [a, b, late]) for (const from of [a, b, late]) pull(to, from)
  for (const store of [a, b, late]) {
    assert.deepEqual(converged(store, 't', ['id']), converged(a, 't', ['id']))
    const held = (each: Store) =>
      new Map(each.knowledge().flatMap(({ actor, have }) => (have.length === 0 ? [] : [[actor, have]])))
    assert.deepEqual(held(store), held(a))
    assert.deepEqual(store.verify(), [])
  }
})

test('a purge of many rows goes in slices, and on after a crash', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-purge-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'state.db')
  let store = storeWith(`${T}; ${U}`, { path })
  write(
    store,
    `WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${2 * SLICE}) INSERT INTO u SELECT i, i FROM s`,
  )
  drop(store, T)
  store.purge({ table: 'u' })
  assert.ok(store.schemaSlice())
  const [[left]] = rows(store, 'SELECT count(*) FROM __patina_unknown') as [[bigint]]
  assert.ok(0n < left && left < BigInt(4 * SLICE))
  store.close()
  store = openStore({ path })
  t.after(() => store.close())
  assert.deepEqual(store.schemaProgress(), [{ table: 'u', work: 'purging' }])
  finish(store)
  assert.deepEqual([unknown(store), logged(store)], [[], [0n]])
})

test('the store process counts, refuses and purges between two pieces of work', async (t) => {
  const schemaFiles = files(`${T}; ${U}`)
  const handlers = storeHandlers({ path: ':memory:', schemaFiles })
  t.after(() => handlers.stop?.())
  handlers.start?.(() => {})
  const { calls } = handlers
  await calls.transact([{ sql: 'INSERT INTO u VALUES (1, 1)', params: [] }])
  const reply = await calls.schema({ mode: 'apply', files: files(T), allowDestructive: true })
  assert.equal(reply.kind, 'done')
  const until = async (): Promise<void> => {
    while ((await calls.schemaProgress(null)).length > 0) await new Promise(setImmediate)
  }
  await until()
  assert.deepEqual(await calls.purge({ table: 't', column: 'a', isDry: false }), {
    kind: 'refused',
    code: 'in-schema',
    message: 't.a is in the schema of this node; take it out of the schema files first',
  })
  assert.equal((await calls.purge({ table: 'u', isDry: false })).kind, 'done')
  await until()
  assert.deepEqual(await calls.purge({ table: 'u', isDry: true }), {
    kind: 'done',
    cells: 0,
    rows: 0,
    isAll: true,
  })
})
