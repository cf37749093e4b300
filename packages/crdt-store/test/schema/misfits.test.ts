import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorId, type SqliteValue } from '@patina/base'
import type { Store } from '../../src/index.ts'
import { pull, reply, rows, write } from '../two-stores.ts'
import { converged, storeWith } from './schema-stores.ts'

const table = (type: string): string => `CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT, c ${type})`

/** All stores hold the same; verify after each exchange. */
function meet(...stores: readonly Store[]): void {
  for (const to of stores) for (const from of stores) pull(to, from)
  for (const store of stores) assert.deepEqual(store.verify(), [])
}

function shown(store: Store): unknown {
  return rows(store, 'SELECT id, c FROM t ORDER BY id')
}

test('a value that the definition here would not keep waits beside the clocks, shows as the default, and moves in later', () => {
  const cases: [type: string, value: SqliteValue][] = [
    ['TEXT', 5n],
    ['TEXT', 0.5],
    ['REAL', 5n],
    ['REAL', -0],
    ['REAL', '1.5'],
    ['INTEGER', 1],
    ['INTEGER', '7'],
    ['NUMERIC', '1e3'],
    [`TEXT NOT NULL DEFAULT 'none'`, null],
  ]
  for (const [type, value] of cases) {
    const [any, narrow] = [storeWith(table('')), storeWith(table(type))]
    write(any, 'INSERT INTO t VALUES (?, ?, ?)', 'r', 'known', value)
    meet(any, narrow)
    const standard = type.includes('DEFAULT') ? 'none' : null
    assert.deepEqual(rows(narrow, 'SELECT a, c FROM t'), [['known', standard]], type)
    assert.equal(narrow.stats().quarantined, 0)
    assert.deepEqual(rows(narrow, 'SELECT "column", value FROM __patina_unknown'), [['c', value]])
    // A third that has only ever met the narrow one gets what was written.
    const late = storeWith(table(''))
    pull(late, narrow)
    assert.deepEqual(shown(late), [['r', value]])
    for (const store of [any, narrow, late]) store.close()
  }
})

test('the greatest cell wins wherever it stands, on both sides and in any order', () => {
  const [any, narrow] = [
    storeWith(table(''), { newActor: () => actorId('a'.repeat(32)) }),
    storeWith(table('INTEGER'), { newActor: () => actorId('b'.repeat(32)) }),
  ]
  const twin = storeWith(table('INTEGER'))
  write(any, "INSERT INTO t VALUES ('r', 'x', 1)")
  meet(any, narrow)
  const versions = [
    write(any, "UPDATE t SET c = '7'"),
    write(any, 'UPDATE t SET c = 8'),
    write(any, 'UPDATE t SET c = 9.0'),
  ].flat()
  for (const bytes of versions) narrow.apply([bytes])
  assert.deepEqual(shown(narrow), [['r', null]])
  pull(twin, any)
  twin.apply([...versions].reverse())
  assert.deepEqual(converged(narrow, 't', ['id']), converged(twin, 't', ['id']))
  for (const store of [narrow, twin]) assert.deepEqual(store.verify(), [])
  // What is written where the misfit is not shown goes on from its column version, and beats it everywhere.
  write(narrow, 'UPDATE t SET c = 10')
  assert.equal(narrow.explain('t', ['r'])?.cells.find(({ column }) => column === 'c')?.columnVersion, 5)
  assert.deepEqual(rows(narrow, 'SELECT count(*) FROM __patina_unknown'), [[0n]])
  meet(any, narrow, twin)
  for (const store of [any, narrow, twin]) assert.deepEqual(shown(store), [['r', 10n]])
  // Of a tie the greater value wins, though only one of the two is kept here.
  const [fromAny, fromNarrow] = [write(any, "UPDATE t SET c = 'text'"), write(narrow, 'UPDATE t SET c = 11')]
  narrow.apply(fromAny)
  any.apply(fromNarrow)
  const [mine, theirs] = [write(any, "UPDATE t SET c = '12'"), write(twin, 'UPDATE t SET c = 3')]
  for (const store of [narrow, twin]) store.apply([...fromAny, ...fromNarrow, ...mine, ...theirs])
  meet(any, narrow, twin)
  assert.deepEqual(converged(narrow, 't', ['id']), converged(twin, 't', ['id']))
  assert.equal(new Set([any, narrow, twin].map((store) => JSON.stringify(store.knowledge().length))).size, 1)
})

test('a delete and a new life take misfits with them', () => {
  const [any, narrow] = [storeWith(table('')), storeWith(table('REAL'))]
  write(any, "INSERT INTO t VALUES ('r', 'x', 5), ('s', 'x', 5), ('k', 'x', 5)")
  meet(any, narrow)
  write(narrow, "DELETE FROM t WHERE id = 'r'")
  write(any, "DELETE FROM t WHERE id = 's'")
  write(any, "INSERT INTO t (id) VALUES ('s')")
  meet(any, narrow)
  assert.deepEqual(rows(narrow, 'SELECT count(*) FROM __patina_unknown'), [[1n]])
  assert.deepEqual(shown(any), [
    ['k', 5n],
    ['s', null],
  ])
})

test('a key that would be another one here makes its row unknown as a whole', () => {
  const [text, number] = [
    storeWith('CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT)'),
    storeWith('CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)'),
  ]
  write(text, "INSERT INTO t VALUES ('5', 'text'), ('x', 'text')")
  write(number, "INSERT INTO t VALUES (5, 'number')")
  meet(text, number)
  assert.deepEqual(
    [rows(text, 'SELECT a FROM t ORDER BY 1'), rows(number, 'SELECT a FROM t')],
    [[['text'], ['text']], [['number']]],
  )
  assert.equal(number.stats().quarantined, 0)
  write(text, "DELETE FROM t WHERE id = '5'")
  write(number, 'DELETE FROM t')
  meet(text, number)
  assert.deepEqual([rows(text, 'SELECT id FROM t'), rows(number, 'SELECT id FROM t')], [[['x']], []])
})

test('they are counted, and each place is told once', () => {
  const [any, narrow] = [storeWith(table('')), storeWith(table('TEXT'))]
  assert.equal(narrow.stats().misfits, 0)
  write(any, "INSERT INTO t VALUES ('r', NULL, 5), ('s', NULL, 6)")
  pull(narrow, any)
  write(any, 'UPDATE t SET c = 7')
  pull(narrow, any)
  assert.equal(narrow.stats().misfits, 4)
  assert.deepEqual(narrow.takeMisfits(), [{ table: 't', column: 'c' }])
  assert.deepEqual(narrow.takeMisfits(), [])
})

test('what is inserted and written while rows of a table that has come still wait goes on from what waits', () => {
  const both = `${table('')}; CREATE TABLE u (id TEXT NOT NULL PRIMARY KEY, x, y)`
  const [ahead, behind] = [storeWith(both), storeWith(table(''))]
  for (const id of ['dead', 'alive', 'other']) write(ahead, "INSERT INTO u VALUES (?, 'old', 'old')", id)
  write(ahead, "UPDATE u SET x = 'newer'")
  write(ahead, "DELETE FROM u WHERE id = 'dead'")
  pull(behind, ahead)
  behind.applySchema([{ name: 'test.sql', sql: both }], { pace: 'in-slices' })
  assert.equal(
    reply(behind, "INSERT INTO u VALUES ('dead', 'a', 'a'), ('alive', 'a', 'a')").kind,
    'committed',
  )
  write(behind, "DELETE FROM u WHERE id = 'alive'")
  write(behind, "INSERT INTO u (id, x) VALUES ('alive', 'b')")
  while (behind.schemaSlice() !== undefined);
  meet(ahead, behind)
  for (const store of [ahead, behind])
    assert.deepEqual(rows(store, 'SELECT * FROM u ORDER BY id'), [
      ['alive', 'b', null],
      ['dead', 'a', 'a'],
      ['other', 'newer', 'old'],
    ])
})
