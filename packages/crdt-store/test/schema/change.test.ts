import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SchemaError } from '../../src/index.ts'
import { pull, reply, rows, write } from '../two-stores.ts'
import { bookkeeping, change, converged, storeWith } from './schema-stores.ts'

const BEFORE = 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT, b INT NOT NULL DEFAULT 0)'
const AFTER = `CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, c TEXT, a TEXT, d TEXT NOT NULL DEFAULT 'none', b INT NOT NULL DEFAULT 0)`

test('T-B1: a column that is added writes no stamp and sends nothing', () => {
  const store = storeWith(BEFORE)
  for (let i = 0; i < 20; i += 1) write(store, 'INSERT INTO t (id, b) VALUES (?, ?)', `r${i}`, BigInt(i))
  write(store, `UPDATE t SET a = 'x' WHERE b % 2 = 0`)
  const before = {
    knowledge: store.knowledge(),
    clocks: rows(store, 'SELECT * FROM t__patina_clock'),
    log: rows(store, 'SELECT * FROM __patina_log'),
  }
  assert.deepEqual(
    change(store, AFTER).map((made) => ('column' in made ? made.column : made)),
    ['c', 'd'],
  )
  assert.deepEqual(store.knowledge(), before.knowledge)
  assert.deepEqual(rows(store, 'SELECT * FROM t__patina_clock'), before.clocks)
  assert.deepEqual(rows(store, 'SELECT * FROM __patina_log'), before.log)
  assert.deepEqual(rows(store, `SELECT c, d FROM t WHERE id = 'r3'`), [[null, 'none']])
  assert.deepEqual(store.verify(), [])
  // Nothing is left to do, and the next start finds the file as it must be.
  assert.deepEqual(change(store, AFTER), [])
})

test('columns that were added are written, merged and explained like all others', () => {
  const [a, b] = [storeWith(BEFORE), storeWith(BEFORE)]
  write(a, "INSERT INTO t (id) VALUES ('r'), ('s')")
  pull(b, a)
  for (const store of [a, b]) change(store, AFTER)
  write(a, "UPDATE t SET c = 'from a', b = 2 WHERE id = 'r'")
  write(b, "UPDATE t SET d = 'from b' WHERE id = 'r'")
  write(b, "INSERT INTO t (id, c) VALUES ('new', 'c')")
  write(b, "DELETE FROM t WHERE id = 's'")
  write(b, "INSERT INTO t (id, d) VALUES ('s', 'again')")
  pull(a, b)
  pull(b, a)
  assert.deepEqual(rows(a, 'SELECT id, a, b, c, d FROM t ORDER BY id'), [
    ['new', null, 0n, 'c', 'none'],
    ['r', null, 2n, 'from a', 'from b'],
    ['s', null, 0n, null, 'again'],
  ])
  assert.deepEqual(converged(a, 't', ['id']), converged(b, 't', ['id']))
  for (const store of [a, b]) assert.deepEqual(store.verify(), [])
})

test('width after ADD COLUMN with a concurrent first write', () => {
  const [a, b, fresh] = [storeWith(BEFORE), storeWith(BEFORE), storeWith(AFTER)]
  write(a, "INSERT INTO t (id, a) VALUES ('r', 'whole')")
  pull(b, a)
  for (const store of [a, b]) change(store, AFTER)
  // The shared stamp speaks of the columns that there were: the new one is at column version 0 on both sides.
  assert.deepEqual(
    a.explain('t', ['r'])?.cells.map(({ column }) => column),
    ['a', 'b'],
  )
  write(a, "UPDATE t SET c = 'one' WHERE id = 'r'")
  write(b, "UPDATE t SET c = 'two' WHERE id = 'r'")
  write(b, "UPDATE t SET c = 'two' WHERE id = 'r'")
  for (const [to, from] of [
    [a, b],
    [b, a],
    [fresh, b],
    [fresh, a],
  ] as const)
    pull(to, from)
  for (const store of [a, b, fresh]) {
    assert.deepEqual(rows(store, 'SELECT id, a, c FROM t'), [['r', 'whole', 'two']])
    assert.equal(store.explain('t', ['r'])?.cells.find(({ column }) => column === 'c')?.columnVersion, 1)
    assert.deepEqual(converged(store, 't', ['id']), converged(a, 't', ['id']))
    assert.deepEqual(store.verify(), [])
  }
})

test('a row that came without the new column gets its default on a node that has it', () => {
  const [old, late] = [storeWith(BEFORE), storeWith(AFTER)]
  write(old, "INSERT INTO t (id, a) VALUES ('r', 'x')")
  pull(late, old)
  assert.deepEqual(rows(late, 'SELECT id, a, b, c, d FROM t'), [['r', 'x', 0n, null, 'none']])
  assert.deepEqual(late.verify(), [])
})

test('a whole row and a reset are stamped by name where columns are numbered otherwise', () => {
  const [old, late] = [storeWith(BEFORE), storeWith(AFTER)]
  change(old, AFTER)
  write(old, "INSERT INTO t VALUES ('r', 'a', 1, 'c', 'd')")
  pull(late, old)
  write(late, "DELETE FROM t WHERE id = 'r'")
  write(late, "INSERT INTO t (id, c) VALUES ('r', 'again')")
  pull(old, late)
  assert.deepEqual(converged(old, 't', ['id']), converged(late, 't', ['id']))
  assert.deepEqual(rows(old, 'SELECT id, a, b, c, d FROM t'), [['r', null, 0n, 'again', 'none']])
})

test('T-B4: what waited for a column is applied in the call that brings the column', () => {
  const [ahead, behind] = [storeWith(AFTER), storeWith(BEFORE)]
  write(ahead, "INSERT INTO t (id, c) VALUES ('r', 'new')")
  pull(behind, ahead)
  change(behind, AFTER)
  assert.deepEqual(rows(behind, 'SELECT id, c, d FROM t'), [['r', 'new', 'none']])
  assert.equal(behind.stats().quarantined, 0)
  assert.deepEqual(converged(behind, 't', ['id']), converged(ahead, 't', ['id']))
})

test('indexes come, change, move and go; partial ones and expressions too', () => {
  const u = 'CREATE TABLE u (id INTEGER PRIMARY KEY, x TEXT)'
  const store = storeWith(`${BEFORE}; ${u}; CREATE INDEX i ON t (a); CREATE INDEX j ON t (a)`)
  const indexes = (): unknown[] =>
    rows(
      store,
      `SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name`,
    )
  change(store, `${BEFORE}; ${u}; CREATE INDEX i ON t (lower(a)) WHERE b > 1; CREATE INDEX j ON u (x)`)
  assert.deepEqual(indexes(), [
    ['__patina_log_waiting', '__patina_log'],
    ['i', 't'],
    ['j', 'u'],
  ])
  assert.deepEqual(
    change(store, `${BEFORE}; ${u}`).map(({ kind }) => kind),
    ['index-dropped', 'index-dropped'],
  )
  assert.equal(indexes().length, 1)
})

test('a VIRTUAL column is computed by each node and never sent', () => {
  const [a, b] = [storeWith(BEFORE), storeWith(BEFORE)]
  write(a, "INSERT INTO t (id, a, b) VALUES ('r', 'x', 3)")
  change(a, `${BEFORE.slice(0, -1)}, twice INT AS (b * 2)); CREATE INDEX by_twice ON t (twice)`)
  assert.deepEqual(rows(a, 'SELECT id FROM t WHERE twice = 6'), [['r']])
  const changesets = write(a, 'UPDATE t SET b = 4')
  assert.deepEqual(rows(a, 'SELECT twice FROM t'), [[8n]])
  pull(b, a)
  assert.deepEqual(rows(b, 'SELECT a, b FROM t'), [['x', 4n]])
  assert.ok(!Buffer.concat(changesets).includes('twice'))
})

test('CHECK of a new column holds for the next local write, and looks at no row that is there', () => {
  const store = storeWith(BEFORE)
  write(store, "INSERT INTO t (id, b) VALUES ('r', 9)")
  change(store, `${BEFORE.slice(0, -1)}, e INT DEFAULT 1 CHECK (e > b))`)
  assert.deepEqual(rows(store, 'SELECT e FROM t'), [[1n]])
  assert.equal(reply(store, 'UPDATE t SET b = 8').kind, 'failed')
  assert.equal(reply(store, 'UPDATE t SET b = 8, e = 10').kind, 'committed')
})

test('views are there for the next statement, see local tables of readers, and go with their file', () => {
  const store = storeWith(`${BEFORE}; CREATE VIEW big AS SELECT id, b FROM t WHERE b > 1`)
  write(store, "INSERT INTO t (id, b) VALUES ('r', 1), ('s', 2)")
  write(store, `INSERT INTO t (id, a) SELECT id || '2', 'copied' FROM big`)
  assert.deepEqual(rows(store, `SELECT id FROM t WHERE a = 'copied'`), [['s2']])
  assert.equal(reply(store, 'DELETE FROM big').kind, 'failed')
  change(store, `${BEFORE}; CREATE VIEW big AS SELECT id FROM t WHERE b > 0`)
  assert.deepEqual(rows(store, 'SELECT * FROM big ORDER BY id'), [['r'], ['s']])
  change(store, BEFORE)
  assert.throws(() => rows(store, 'SELECT * FROM big'), /no such table: big/)
  assert.deepEqual(rows(store, 'SELECT * FROM __patina_views'), [])
})

test('a refusal changes nothing, also where a part of the change would have been possible', () => {
  const cases: [sql: string, code: string][] = [
    [`CREATE TABLE fresh (id INTEGER PRIMARY KEY); ${AFTER.replace('a TEXT', 'a BLOB')}`, 'changed-column'],
    [`${AFTER}; CREATE VIEW v AS SELECT absent FROM t`, 'view'],
    [`${AFTER}; CREATE TABLE i (id INTEGER PRIMARY KEY); CREATE INDEX taken ON t (a)`, 'taken-name'],
    [`${AFTER}; CREATE TABLE u (id TEXT)`, 'no-primary-key'],
  ]
  const store = storeWith(
    `${BEFORE}; CREATE TABLE kept (id INTEGER PRIMARY KEY, x TEXT); CREATE INDEX taken ON kept (x)`,
  )
  write(store, "INSERT INTO t (id) VALUES ('r')")
  const before = bookkeeping(store)
  for (const [sql, code] of cases) {
    assert.throws(
      () => change(store, sql),
      (cause) => cause instanceof SchemaError && cause.code === code,
      sql,
    )
    assert.throws(() => store.diffSchema([{ name: 'test.sql', sql }]), SchemaError, sql)
    assert.deepEqual(bookkeeping(store), before, sql)
    write(store, "UPDATE t SET a = coalesce(a, '') || 'x'")
    assert.equal(store.verify().length, 0)
    Object.assign(before as object, bookkeeping(store))
  }
})

test('diffSchema tells and changes nothing', () => {
  const store = storeWith(BEFORE)
  const before = bookkeeping(store)
  const { changes, kept } = store.diffSchema([
    {
      name: 'test.sql',
      sql: 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT, c INT); CREATE VIEW v AS SELECT 1',
    },
  ])
  assert.deepEqual(
    changes.map(({ sql }) => sql),
    ['ALTER TABLE "t" ADD COLUMN c INT', 'CREATE VIEW "v" AS SELECT 1'],
  )
  assert.deepEqual(kept, [{ table: 't', column: 'b' }])
  assert.deepEqual(bookkeeping(store), before)
})
