import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import BetterSqlite3 from 'better-sqlite3'
import { openStore, SchemaError, type StoreEvent, storeHandlers } from '../../src/index.ts'
import { ADOPTED_ROWS } from '../../src/sqlite/schema-adopt.ts'
import { pull, reply, rows, write } from '../two-stores.ts'
import { bookkeeping, change, converged, storeWith } from './schema-stores.ts'

const FILES = `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, city TEXT NOT NULL DEFAULT 'ams')`

/** A plain SQLite database that other programs have written. */
function plain(t: TestContext, sql: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'patina-adopt-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'plain.db')
  const db = new BetterSqlite3(path)
  db.exec(sql)
  db.close()
  return path
}

const PEOPLE = `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age REAL);
  INSERT INTO people VALUES (-5, 'ann', 1.5), (3, NULL, NULL), (9007199254740993, x'00ff', 2.0);
  CREATE TABLE mine (x); CREATE UNIQUE INDEX by_name ON people (name)`

test('a plain database becomes a store: its rows are versions of this actor, and travel', (t) => {
  const store = openStore({ path: plain(t, PEOPLE) })
  t.after(() => store.close())
  assert.deepEqual(
    change(store, FILES).map(({ kind }) => kind),
    ['index-dropped', 'column-added', 'table-adopted'],
  )
  assert.deepEqual(store.knowledge()[0]?.have, [{ first: 1, last: 1 }])
  assert.deepEqual(store.verify(), [])
  write(store, "UPDATE people SET city = 'fra' WHERE id = 3")
  write(store, 'DELETE FROM people WHERE id = -5')
  write(store, "INSERT INTO people (name) VALUES ('new')")
  const other = storeWith(
    "CREATE TABLE people (id INTEGER PRIMARY KEY, age REAL, city TEXT NOT NULL DEFAULT 'ams', name TEXT)",
  )
  pull(other, store)
  assert.deepEqual(rows(other, 'SELECT id, name, age, city FROM people ORDER BY id'), [
    [3n, null, null, 'fra'],
    [9007199254740993n, Buffer.of(0, 255), 2, 'ams'],
    [9007199254740994n, 'new', null, 'ams'],
  ])
  assert.deepEqual(converged(other, 'people', ['id']), converged(store, 'people', ['id']))
  assert.deepEqual(store.verify(), [])
  assert.deepEqual(change(store, FILES), [])
})

test('two files with the same rows that are adopted on two nodes converge', (t) => {
  const stores = ['ann', 'bea'].map((name) => {
    const store = openStore({ path: plain(t, PEOPLE.replace('ann', name)) })
    t.after(() => store.close())
    change(store, FILES)
    return store
  })
  const [a, b] = stores
  assert.ok(a && b)
  pull(a, b)
  pull(b, a)
  assert.deepEqual(rows(a, 'SELECT name FROM people WHERE id = -5'), [['bea']])
  assert.deepEqual(converged(a, 'people', ['id']), converged(b, 'people', ['id']))
  for (const store of stores) assert.deepEqual(store.verify(), [])
})

const MANY = 2 * ADOPTED_ROWS + 10
const LARGE = `CREATE TABLE big (a TEXT NOT NULL, b INT NOT NULL, x TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
  WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${MANY})
  INSERT INTO big SELECT i % 7, i, 'text ' || i FROM c`
const BIG = 'CREATE TABLE big (a TEXT NOT NULL, b INT NOT NULL, x TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID'
const OTHER = 'CREATE TABLE other (id INTEGER PRIMARY KEY)'

test('a large table is adopted in slices: others write, it is guarded, and a crash loses no slice', (t) => {
  const path = plain(t, LARGE)
  const remote = storeWith(`${BIG}; ${OTHER}`)
  write(remote, "INSERT INTO big VALUES ('remote', 1, 'x')")
  let store = openStore({ path })
  store.applySchema([{ name: 'test.sql', sql: `${BIG}; ${OTHER}` }], { pace: 'in-slices' })
  assert.equal(store.schemaSlice()?.changesSchema, false)
  assert.deepEqual(store.verify(), [])
  write(store, 'INSERT INTO other VALUES (1)')
  for (const sql of ["INSERT INTO big VALUES ('z', 1, '')", "UPDATE big SET x = ''", 'DELETE FROM big']) {
    const refused = reply(store, sql)
    assert.match(refused.kind === 'failed' ? refused.message : '', /taken over into replication; try again/)
  }
  pull(store, remote)
  assert.equal(store.stats().quarantined, 0)
  assert.throws(() => change(store, `${BIG}; ${OTHER}; CREATE INDEX i ON big (x)`), /still being taken over/)
  store.close()

  store = openStore({ path })
  t.after(() => store.close())
  assert.deepEqual(
    [
      store.schemaSlice()?.changesSchema,
      store.schemaSlice()?.changesSchema,
      store.schemaSlice()?.touched,
      store.schemaSlice(),
    ],
    // The last but one moves the row of the peer, which was unknown until now.
    [false, true, [{ table: 'big', columns: 'all' }], undefined],
  )
  assert.deepEqual(store.verify(), [])
  assert.equal(store.stats().quarantined, 0)
  assert.deepEqual(rows(store, 'SELECT count(*) FROM big'), [[BigInt(MANY + 1)]])
  write(store, "UPDATE big SET x = 'written' WHERE b = 5")
  pull(remote, store)
  assert.deepEqual(
    rows(remote, 'SELECT a, b, x FROM big ORDER BY a, b'),
    rows(store, 'SELECT a, b, x FROM big ORDER BY a, b'),
  )
  assert.deepEqual(store.knowledge().find(({ actor }) => actor === store.actor)?.have, [
    { first: 1, last: 5 },
  ])
})

test('the store process adopts between two pieces of work, and tells each version', async (t) => {
  const handlers = storeHandlers({ path: plain(t, LARGE), schemaFiles: [{ name: 'test.sql', sql: BIG }] })
  t.after(() => handlers.stop?.())
  const versions: number[] = []
  const done = new Promise<void>((resolve) => {
    handlers.start?.((event: StoreEvent) => {
      if (event.kind === 'committed') versions.push(...event.commits.map(({ version }) => version))
      // The last version is told behind the event, in the same turn.
      if (event.kind === 'schema-changed') setImmediate(resolve)
    })
  })
  await done
  assert.deepEqual(versions, [1, 2, 3])
  const written = await handlers.calls.transact([{ sql: "INSERT INTO big VALUES ('z', 1, '')", params: [] }])
  assert.equal(written.kind, 'committed')
})

test('what could not travel refuses the schema as a whole, and the file stays plain', (t) => {
  const T = 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a)'
  const cases: [sql: string, code: string, message: string, files?: string][] = [
    [
      `${T}; CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END`,
      'adopted-trigger',
      'the table in the database has the trigger x; drop it with a SQLite shell',
    ],
    [
      T.replace(' a)', ' a UNIQUE)'),
      'unique',
      'as it stands in the database: a column or constraint is UNIQUE, and two nodes could each write a row that breaks it; only the key is unique: remove it',
    ],
    [
      T.replace('NOT NULL ', ''),
      'nullable-key',
      'as it stands in the database: key column id may be NULL; add NOT NULL',
    ],
    [
      T.replace(' a)', ' a, b NOT NULL)'),
      'no-default',
      'as it stands in the database: column b is NOT NULL without DEFAULT, and a row that another node made without it could not be stored; add a DEFAULT, or allow NULL',
    ],
    [
      `${T}; INSERT INTO t VALUES ('ok', 1), ('bad', CAST(x'ff' AS TEXT))`,
      'adopted-row',
      "the row 'bad' in the database has TEXT in a that is not UTF-8; correct it",
    ],
    [
      `${T}; INSERT INTO t VALUES ('long', zeroblob(200))`,
      'adopted-row',
      "the row 'long' in the database has more than 100 bytes in a; correct it",
    ],
    [
      `${T}; INSERT INTO t VALUES ('ok', 1); CREATE TABLE u (id BLOB NOT NULL PRIMARY KEY); INSERT INTO u VALUES (x'00'), (1)`,
      'adopted-row',
      'the row 1 in the database has a key in id that peers could take for another one; correct it',
      `${T}; CREATE TABLE u (id BLOB NOT NULL PRIMARY KEY)`,
    ],
    [
      `CREATE TABLE u (id NUMERIC NOT NULL PRIMARY KEY); INSERT INTO u VALUES (1e300)`,
      'adopted-row',
      'the row 1.0e+300 in the database has a key in id that peers could take for another one; correct it',
      'CREATE TABLE u (id NUMERIC NOT NULL PRIMARY KEY)',
    ],
  ]
  for (const [sql, code, message, files = T] of cases) {
    const store = openStore({ path: plain(t, sql), limits: { cellBytesMax: 100 } })
    const before = bookkeeping(store)
    assert.throws(
      () => change(store, files),
      (cause) => {
        assert.ok(cause instanceof SchemaError, String(cause))
        assert.deepEqual(
          [cause.code, cause.message.replace(/^test\.sql:1: table [tu]: /, '')],
          [code, message],
        )
        return true
      },
      sql,
    )
    assert.deepEqual(bookkeeping(store), before)
    store.close()
  }
})
