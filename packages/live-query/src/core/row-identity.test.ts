/** Proofs of identity: the few that hold, and everything that looks like one and is none. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ColumnOrigin, proveIdentity, type RowIdentity } from './row-identity.ts'

const KEYS = { t: ['id'], u: ['id'], pair: ['x', 'y'], bare: [] }

/** Columns as `table.column`; anything else is an expression. */
function prove(sql: string, columns: readonly string[], tables: readonly (keyof typeof KEYS)[]): RowIdentity {
  const origins = columns.map((name): ColumnOrigin => {
    const [table, column] = name.split('.')
    if (column === undefined) return { database: null, table: null, column: null }
    return { database: 'main', table: table as string, column }
  })
  const keysByTable = new Map(tables.map((table) => [table, KEYS[table]]))
  return proveIdentity({ sql, columns: origins, keysByTable, views: ['Seen'] })
}

test('whole primary keys of every table identify a row', () => {
  assert.deepEqual(prove('SELECT v, id FROM t WHERE v > 1 ORDER BY v LIMIT 3', ['t.v', 't.id'], ['t']), [1])
  assert.deepEqual(
    prove('select t.id, u.id from t join u on t.id = u.ref', ['t.id', 'u.id'], ['t', 'u']),
    [0, 1],
  )
  assert.deepEqual(prove('SELECT y, x FROM "pair"', ['pair.y', 'pair.x'], ['pair']), [1, 0])
})

test('a part of the keys is no identity', () => {
  assert.equal(prove('SELECT v FROM t', ['t.v'], ['t']), undefined)
  assert.equal(prove('SELECT id + 0 FROM t', ['id + 0'], ['t']), undefined)
  assert.equal(prove('SELECT t.id, u.v FROM t JOIN u', ['t.id', 'u.v'], ['t', 'u']), undefined)
  assert.equal(prove('SELECT x FROM pair', ['pair.x'], ['pair']), undefined)
  assert.equal(prove('SELECT a FROM bare', ['bare.a'], ['bare']), undefined)
  assert.equal(prove('SELECT 1', ['1'], []), undefined)
})

test('a table that may be there twice is no identity', () => {
  assert.equal(prove('SELECT a.x, b.y FROM pair a, pair AS b', ['pair.x', 'pair.y'], ['pair']), undefined)
  assert.equal(prove('SELECT a.id FROM t a JOIN "T" b', ['t.id'], ['t']), undefined)
})

test('anything but a plain SELECT is no identity', () => {
  for (const sql of [
    'SELECT id FROM t UNION ALL SELECT 1',
    'SELECT id FROM t EXCEPT SELECT 1',
    'WITH w AS (VALUES (1)) SELECT id FROM t',
    'SELECT id, max(v) FROM t GROUP BY w',
    'SELECT id, (SELECT 1) FROM t',
    'SELECT id FROM (SELECT id FROM t)',
    'SELECT t.id FROM t, seen',
    'SELECT t.id FROM t, [SEEN]',
  ])
    assert.equal(prove(sql, ['t.id'], ['t']), undefined, sql)
})

test('aggregates without GROUP BY are one row', () => {
  assert.deepEqual(prove('SELECT count(*) FROM t', ['count'], ['t']), [])
  assert.deepEqual(prove('SELECT v, SUM (v) FROM t', ['t.v', 'sum'], ['t']), [])
  for (const sql of [
    'SELECT count(*) FROM t GROUP BY v',
    'SELECT count(*) OVER () FROM t',
    "SELECT 'count(' FROM t",
    'SELECT count FROM t',
    'SELECT max(v, 1) FROM t',
    'SELECT count(*) FROM t UNION SELECT 2',
    'SELECT (SELECT count(*) FROM t) FROM t',
  ])
    assert.equal(prove(sql, ['x'], ['t']), undefined, sql)
})
