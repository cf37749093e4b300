import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SchemaError } from '../errors.ts'
import { affinityOf, readSchema } from './schema.ts'
import { hasConflictClause, hasWord, sameSql } from './schema-text.ts'

function codeOf(sql: string): string {
  try {
    readSchema([{ name: 's.sql', sql }])
    return 'taken'
  } catch (cause) {
    assert.ok(cause instanceof SchemaError, String(cause))
    assert.match(cause.message, /^s\.sql:\d+: /)
    return cause.code
  }
}

test('tables that cannot converge are refused, each with its reason', () => {
  const cases: [string, string][] = [
    ['CREATE TABLE t (a TEXT)', 'no-primary-key'],
    ['CREATE TABLE t (a TEXT PRIMARY KEY)', 'nullable-key'],
    ['CREATE TABLE t (a NOT NULL PRIMARY KEY)', 'key-type'],
    ['CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY COLLATE NOCASE)', 'key-collation'],
    ['CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT NOT NULL)', 'no-default'],
    ['CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT DEFAULT CURRENT_TIMESTAMP)', 'default'],
    ["CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT DEFAULT (lower('X')))", 'default'],
    ['CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT UNIQUE)', 'unique'],
    ['CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT); CREATE UNIQUE INDEX i ON t (b)', 'unique'],
    ['CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT REFERENCES t (a))', 'foreign-key'],
    ['CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY ON CONFLICT IGNORE)', 'on-conflict'],
    ['CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)', 'autoincrement'],
    ['CREATE TEMP TABLE t (a INTEGER PRIMARY KEY)', 'temporary'],
    [
      'CREATE TABLE t (a INTEGER PRIMARY KEY); CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END',
      'trigger',
    ],
    ['CREATE TABLE t (a INTEGER PRIMARY KEY); CREATE VIEW v AS SELECT a FROM t', 'view'],
    ['CREATE TABLE __patina_x (a INTEGER PRIMARY KEY)', 'reserved-name'],
    ['CREATE TABLE patina_members (a INTEGER PRIMARY KEY)', 'reserved-name'],
    ['CREATE TABLE t__patina_clock (a INTEGER PRIMARY KEY)', 'reserved-name'],
    ['CREATE VIRTUAL TABLE t USING fts5(a)', 'virtual'],
    ['CREATE TABLE t AS SELECT 1 AS a', 'no-primary-key'],
    ['CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT NOT NULL DEFAULT NULL)', 'no-default'],
    ["CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b INTEGER DEFAULT 'x') STRICT", 'default-row'],
    ['CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT AS (a) STORED)', 'stored-column'],
    ['CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT AS (a) NOT NULL)', 'generated-not-null'],
    [`CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, ${'b'.repeat(1025)} TEXT)`, 'long-name'],
    ['CREATE TABLE t (a INTEGER PRIMARY KEY); ALTER TABLE t ADD COLUMN b', 'statement'],
    ['CREATE TABLE t (a INTEGER PRIMARY KEY); DROP TABLE t', 'statement'],
    ["ATTACH '/tmp/x' AS z", 'statement'],
    ['PRAGMA journal_mode=DELETE', 'statement'],
    [
      'CREATE TABLE t (a INTEGER PRIMARY KEY); CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b)',
      'defined-twice',
    ],
    ['CREATE TABLE t (a INTEGER PRIMARY KEY); CREATE UNIQUE INDEX i ON t (a)', 'unique'],
    ['CREATE TABLE t (', 'syntax'],
  ]
  for (const [sql, code] of cases) assert.equal(codeOf(sql), code, sql)
})

test('what converges is taken', () => {
  for (const sql of [
    'CREATE TABLE t (a INTEGER PRIMARY KEY, b)',
    "CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT NOT NULL DEFAULT 'x''y', c REAL DEFAULT -1.5e3, d DEFAULT (NULL))",
    'CREATE TABLE t (a TEXT, b BLOB, c INT, PRIMARY KEY (b, a)) WITHOUT ROWID',
    'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT) STRICT',
    'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b INT, c INT AS (b + 1)); CREATE INDEX i ON t (c) WHERE b > 0',
    "CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT DEFAULT 'on conflict references') -- foreign",
    'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b INT CHECK (b > 0))',
  ])
    assert.equal(codeOf(sql), 'taken', sql)
})

test('structure: key order, folded names, generated columns, affinities', () => {
  const [table] = readSchema([
    {
      name: 's.sql',
      sql: 'CREATE TABLE T (A TEXT, "B b" BLOB, c INT AS (A), PRIMARY KEY ("B b", A)) WITHOUT ROWID',
    },
  ])
  assert.equal(table?.name, 't')
  assert.deepEqual(
    table?.columns.map(({ name, keyPosition, generated }) => [name, keyPosition, generated]),
    [
      ['a', 2, false],
      ['b b', 1, false],
      ['c', 0, true],
    ],
  )
  const types = [
    'INT',
    'BIGINT UNSIGNED',
    'VARCHAR(9)',
    'CLOB',
    '',
    'BLOB',
    'ANY',
    'DOUBLE',
    'FLOATING POINT',
    'DATE',
  ]
  assert.deepEqual(types.map(affinityOf), [
    'integer',
    'integer',
    'text',
    'text',
    'blob',
    'blob',
    'blob',
    'real',
    'integer',
    'numeric',
  ])
})

test('words inside strings, quoted names and comments do not count', () => {
  assert.equal(
    hasWord('CREATE TABLE t (a DEFAULT \'references\', "check" INT) -- foreign', 'references'),
    false,
  )
  assert.equal(hasWord('a INT CHECK (a > 0)', 'check'), true)
  assert.equal(hasConflictClause('PRIMARY KEY ON /* x */ CONFLICT IGNORE'), true)
  assert.equal(hasConflictClause("DEFAULT 'on conflict'"), false)
})

test('files are read together: an index may stand in another file, with its own place in errors', () => {
  const table = { name: '1.sql', sql: 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, x)' }
  const [structure] = readSchema([table, { name: '2.sql', sql: '-- why\n\nCREATE INDEX i ON t (x);' }])
  assert.deepEqual(
    structure?.indexes.map(({ name }) => name),
    ['i'],
  )
  assert.throws(
    () => readSchema([table, { name: '2.sql', sql: '-- why\n\nCREATE INDEX i ON t (y)' }]),
    /^Error: 2\.sql:3: .*no such column: y/,
  )
  assert.throws(
    () => readSchema([table, { name: '2.sql', sql: 'CREATE TABLE T (id INTEGER PRIMARY KEY)' }]),
    /2\.sql:1: table T already exists/,
  )
})

test('statements are the same where only white space, comments and case of bare words differ', () => {
  const sql = 'CREATE TABLE t (a TEXT DEFAULT \'a  b\', "C" INT)'
  assert.equal(sameSql(sql, 'create table t(\n a text default \'a  b\', -- note\n "C" int )'), true)
  for (const other of [
    'CREATE TABLE t (a TEXT DEFAULT \'a b\', "C" INT)',
    'CREATE TABLE t (a TEXT DEFAULT \'a  b\', "c" INT)',
  ])
    assert.equal(sameSql(sql, other), false)
})
