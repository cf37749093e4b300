import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorId, type SqliteValue } from '@patina/base'
import { openStore, type Store } from '../src/index.ts'
import { compareValues, valueText } from './model/replica.ts'
import { contents, newStore, pull, rows, write } from './two-stores.ts'

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

/** Every storage class at its edges, in merge order: each beats those before it. */
const ORDERED: readonly SqliteValue[] = [
  null,
  new Uint8Array(),
  new Uint8Array([0]),
  new Uint8Array([0, 255]),
  new Uint8Array([255]),
  '',
  '\0',
  'a',
  'a\0',
  'a\0b',
  'b',
  '\u{e9}',
  '\ud7ff',
  // UTF-16 would put the astral characters, which begin with a surrogate, before these two.
  '\ue000',
  '\uffee',
  '\u{10000}',
  '\u{1f600}',
  '\u{10ffff}',
  -Infinity,
  -Number.MAX_VALUE,
  -1,
  -Number.MIN_VALUE,
  -0,
  0,
  Number.MIN_VALUE,
  1,
  2 ** 53,
  Number.MAX_VALUE,
  Infinity,
  INT64_MIN,
  -1n,
  0n,
  1n,
  2n ** 53n,
  2n ** 53n + 1n,
  INT64_MAX,
]

/** Stores with one table without affinities, an actor each. */
function storesOf(count: number, sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, v)'): Store[] {
  return Array.from({ length: count }, () => {
    const store = openStore({ path: ':memory:' })
    store.applySchema([{ name: 'values.sql', sql }])
    return store
  })
}

/** Values of one column as texts that tell class and bits. */
function shown(store: Store, sql: string): string[] {
  return rows(store, sql).map((row) => valueText((row as SqliteValue[])[0] as SqliteValue))
}

test('values: every storage class arrives bit for bit, and is served on bit for bit', () => {
  const [a, b, c] = storesOf(3) as [Store, Store, Store]
  for (const [i, value] of ORDERED.entries()) write(a, 'INSERT INTO t VALUES (?, ?)', BigInt(i), value)
  pull(b, a)
  pull(c, b)
  const sent = ORDERED.map(valueText)
  const bits = 'SELECT typeof(v) || hex(v) FROM t ORDER BY id'
  for (const store of [a, b, c]) assert.deepEqual(shown(store, 'SELECT v FROM t ORDER BY id'), sent)
  assert.deepEqual(rows(c, bits), rows(a, bits))
})

test('values: of two concurrent writes the greater by class and bytes wins, whoever wrote it', () => {
  const [a, b] = storesOf(2) as [Store, Store]
  let id = 0n
  for (let i = 1; i < ORDERED.length; i += 1)
    for (const [mine, theirs] of [
      [ORDERED[i - 1], ORDERED[i]],
      [ORDERED[i], ORDERED[i - 1]],
    ] as [SqliteValue, SqliteValue][]) {
      id += 1n
      write(a, 'INSERT INTO t VALUES (?, ?)', id, mine)
      write(b, 'INSERT INTO t VALUES (?, ?)', id, theirs)
    }
  pull(a, b)
  pull(b, a)
  const winners = ORDERED.slice(1).flatMap((value) => [valueText(value), valueText(value)])
  for (const store of [a, b]) assert.deepEqual(shown(store, 'SELECT v FROM t ORDER BY id'), winners)
})

test("values: the oracle's order is the one of this list", () => {
  for (const [i, x] of ORDERED.entries())
    for (const [j, y] of ORDERED.entries())
      assert.equal(Math.sign(compareValues(x, y)), Math.sign(i - j), `${valueText(x)} ${valueText(y)}`)
})

test('values: 1 and 1.0 are two values in a column without affinity, and the winner is written though SQL calls them equal', () => {
  const [a, b] = storesOf(2) as [Store, Store]
  write(a, 'INSERT INTO t VALUES (1, 1.0)')
  write(b, 'INSERT INTO t VALUES (1, 1)')
  pull(a, b)
  pull(b, a)
  for (const store of [a, b]) assert.deepEqual(rows(store, 'SELECT v FROM t'), [[1n]])
})

test('values: what affinity makes of a value is what travels, also -0.0 in a REAL column', () => {
  const sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, i INTEGER, r REAL, x TEXT, n NUMERIC, b BLOB)'
  const [a, b] = storesOf(2, sql) as [Store, Store]
  const given: SqliteValue[] = [1, 1n, 1.5, '12', ' 7 ', '1e2', -0, 2 ** 53, INT64_MAX, '9223372036854775808']
  for (const [i, value] of given.entries())
    write(a, 'INSERT INTO t VALUES (?1, ?2, ?2, ?2, ?2, ?2)', BigInt(i), value)
  pull(b, a)
  for (const column of ['i', 'r', 'x', 'n', 'b']) {
    const values = (store: Store): string[] => shown(store, `SELECT ${column} FROM t ORDER BY id`)
    assert.deepEqual(values(b), values(a), column)
  }
})

test('values: -0.0 in a REAL column, which SQLite keeps as 0.0, ties with 0.0 on both sides', () => {
  for (const [first, second] of [
    [-0, 0],
    [0, -0],
  ] as const) {
    const [a, b] = ['a', 'b'].map((name) => newStore({ newActor: () => actorId(name.repeat(32)) })) as [
      Store,
      Store,
    ]
    write(a, "INSERT INTO machines (id, load) VALUES ('inserted', ?)", first)
    write(b, "INSERT INTO machines (id, load) VALUES ('inserted', ?)", second)
    write(a, "INSERT INTO machines (id, load) VALUES ('updated', 1.5)")
    pull(b, a)
    write(a, "UPDATE machines SET load = ? WHERE id = 'updated'", first)
    write(b, "UPDATE machines SET load = ? WHERE id = 'updated'", second)
    pull(a, b)
    pull(b, a)
    assert.deepEqual(contents(a), contents(b), `${valueText(first)} and ${valueText(second)}`)
    assert.deepEqual(shown(a, 'SELECT load FROM machines'), ['0r', '0r'])
  }
})

test('values: a blob of 10 MB and a text of 10 MB', () => {
  const [a, b] = storesOf(2) as [Store, Store]
  const blob = new Uint8Array(10 * 1000 * 1000).map((_, i) => (i * 7) % 251)
  const text = '\u{1f600}'.repeat(2_500_000)
  write(a, 'INSERT INTO t VALUES (1, ?)', blob)
  write(a, 'INSERT INTO t VALUES (2, ?)', text)
  pull(b, a)
  const [[gotBlob], [gotText]] = rows(b, 'SELECT v FROM t ORDER BY id') as [[Uint8Array], [string]]
  assert.ok(Buffer.from(blob).equals(gotBlob))
  assert.ok(text === gotText)
})

test('values: keys of every class, with NUL, astral characters and blobs of all bytes', () => {
  const sql = `CREATE TABLE t (k TEXT NOT NULL, i INTEGER NOT NULL, r REAL NOT NULL, b BLOB NOT NULL, v,
               PRIMARY KEY (k, i, r, b))`
  const [a, b] = storesOf(2, sql) as [Store, Store]
  const keys: SqliteValue[][] = [
    ['', 0n, 0, new Uint8Array()],
    ['\0', INT64_MIN, -Infinity, new Uint8Array([0])],
    ['a\0b', INT64_MAX, Infinity, new Uint8Array(3000).map((_, i) => i)],
    ['a', 2n ** 53n + 1n, Number.MIN_VALUE, new Uint8Array([0, 1])],
    ['\u{10ffff}', -1n, -0, new Uint8Array([255])],
  ]
  for (const key of keys) write(a, 'INSERT INTO t VALUES (?, ?, ?, ?, 0)', ...key)
  pull(b, a)
  write(b, 'UPDATE t SET v = hex(k)')
  pull(a, b)
  write(a, "DELETE FROM t WHERE k <> ''")
  pull(b, a)
  assert.deepEqual(rows(b, 'SELECT i FROM t'), [[0n]])
  assert.deepEqual(rows(a, 'SELECT i FROM t'), [[0n]])
})

test('values: a row of 300 columns, written, replaced and merged cell by cell', () => {
  const columns = Array.from({ length: 300 }, (_, i) => `c${i}`)
  const sql = `CREATE TABLE t (id INTEGER PRIMARY KEY, ${columns.join(', ')})`
  const [a, b] = storesOf(2, sql) as [Store, Store]
  const places = columns.map(() => '?').join(', ')
  const values: SqliteValue[] = columns.map((_, i) => (i % 3 === 0 ? `v${i}` : BigInt(i)))
  write(a, `INSERT INTO t VALUES (1, ${places})`, ...values)
  pull(b, a)
  const evens = columns.filter((_, i) => i % 2 === 0).map((column) => `${column} = 'even'`)
  write(a, `UPDATE t SET ${evens.join(', ')}`)
  write(b, `REPLACE INTO t VALUES (1, ${places})`, ...values.map((value, i) => (i % 2 === 0 ? value : 'odd')))
  pull(a, b)
  pull(b, a)
  const merged = [1n, ...columns.map((_, i) => (i % 2 === 0 ? 'even' : 'odd'))]
  for (const store of [a, b]) assert.deepEqual(rows(store, 'SELECT * FROM t'), [merged])
  for (const store of [a, b]) assert.deepEqual(store.verify(), [])
})
