import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SchemaError } from '../errors.ts'
import { readSchema } from './schema.ts'
import { affinityOf } from './schema-structure.ts'

/** Code and message, or `taken`. */
function refusalOf(sql: string): readonly [string, string] | 'taken' {
  try {
    readSchema([{ name: 's.sql', sql }])
    return 'taken'
  } catch (cause) {
    assert.ok(cause instanceof SchemaError, String(cause))
    assert.equal(cause.file, 's.sql:1')
    return [cause.code, cause.message]
  }
}

test('tables that cannot converge are refused, each with its reason', () => {
  const cases: [string, string, string][] = [
    [
      'CREATE TABLE t (a TEXT)',
      'no-primary-key',
      'table t: it has no PRIMARY KEY, and rows of two nodes could not be matched; declare one',
    ],
    [
      'CREATE TABLE t (a TEXT PRIMARY KEY)',
      'nullable-key',
      'table t: key column a may be NULL; add NOT NULL',
    ],
    ['CREATE TABLE t (a NOT NULL PRIMARY KEY)', 'key-type', 'table t: key column a has no type; declare one'],
    [
      'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY COLLATE NOCASE)',
      'key-collation',
      'table t: key column a has the collation NOCASE, but peers compare keys by bytes; remove COLLATE',
    ],
    [
      'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT NOT NULL)',
      'no-default',
      'table t: column b is NOT NULL without DEFAULT, and a row that another node made without it could not be stored; add a DEFAULT, or allow NULL',
    ],
    [
      'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT DEFAULT CURRENT_TIMESTAMP)',
      'default',
      'table t: the default of column b is not a constant, and nodes would disagree about it; write a constant',
    ],
    [
      "CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT DEFAULT (lower('X')))",
      'default',
      'table t: the default of column b is not a constant, and nodes would disagree about it; write a constant',
    ],
    [
      'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT UNIQUE)',
      'unique',
      'table t: a column or constraint is UNIQUE, and two nodes could each write a row that breaks it; only the key is unique: remove it',
    ],
    [
      'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT); CREATE UNIQUE INDEX i ON t (b)',
      'unique',
      'table t: index i is UNIQUE, and two nodes could each write a row that breaks it; only the key is unique: remove it',
    ],
    [
      'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT REFERENCES t (a))',
      'foreign-key',
      'table t: foreign keys cannot hold while rows arrive in any order; remove them',
    ],
    [
      'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY ON CONFLICT IGNORE)',
      'on-conflict',
      'table t: an ON CONFLICT clause would make merges drop rows; remove it',
    ],
    [
      'CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)',
      'autoincrement',
      'AUTOINCREMENT needs one writer; use INTEGER PRIMARY KEY',
    ],
    [
      'CREATE TEMP TABLE t (a INTEGER PRIMARY KEY)',
      'temporary',
      'temporary tables cannot be replicated; remove TEMP',
    ],
    [
      'CREATE TABLE t (a INTEGER PRIMARY KEY); CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END',
      'trigger',
      'triggers are not replicated; remove it',
    ],
    [
      'CREATE TABLE t (a INTEGER PRIMARY KEY); CREATE VIEW v AS SELECT b FROM t',
      'view',
      'view v cannot be used: no such column: b',
    ],
    [
      'CREATE VIEW v AS SELECT actor FROM __patina_have',
      'view',
      'view v cannot be used: no such table: __patina_have',
    ],
    [
      'CREATE VIEW t AS SELECT 1 AS a; CREATE TABLE t (a INTEGER PRIMARY KEY)',
      'defined-twice',
      'view t already exists',
    ],
    [
      'CREATE TABLE __patina_x (a INTEGER PRIMARY KEY)',
      'reserved-name',
      '__patina_x: names that begin with sqlite_, patina_ or pragma_ or contain __patina_ are taken',
    ],
    [
      'CREATE TABLE patina_members (a INTEGER PRIMARY KEY)',
      'reserved-name',
      'patina_members: names that begin with sqlite_, patina_ or pragma_ or contain __patina_ are taken',
    ],
    [
      'CREATE TABLE t__patina_clock (a INTEGER PRIMARY KEY)',
      'reserved-name',
      't__patina_clock: names that begin with sqlite_, patina_ or pragma_ or contain __patina_ are taken',
    ],
    ['CREATE VIRTUAL TABLE t USING fts5(a)', 'virtual', 'virtual tables cannot be replicated; remove it'],
    [
      'CREATE TABLE t AS SELECT 1 AS a',
      'as-select',
      'CREATE TABLE … AS gives a table no key; write its columns',
    ],
    [
      'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT NOT NULL DEFAULT NULL)',
      'no-default',
      'table t: column b is NOT NULL without DEFAULT, and a row that another node made without it could not be stored; add a DEFAULT, or allow NULL',
    ],
    [
      "CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b INTEGER DEFAULT 'x') STRICT",
      'default-row',
      'table t: a row with its key alone cannot be stored (cannot store TEXT value in INTEGER column t.b); correct the defaults',
    ],
    [
      'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT AS (a) STORED)',
      'stored-column',
      'table t: column b is STORED; write VIRTUAL, which every node computes itself',
    ],
    [
      'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT AS (a) NOT NULL)',
      'generated-not-null',
      'table t: column b is generated and NOT NULL, and a merge could make it NULL; remove NOT NULL',
    ],
    [
      `CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, ${'b'.repeat(1025)} TEXT)`,
      'long-name',
      'table t: a name has more than 1024 bytes: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…',
    ],
    [
      'CREATE TABLE t (a INTEGER PRIMARY KEY); ALTER TABLE t ADD COLUMN b',
      'statement',
      'ALTER is not allowed: schema files hold CREATE TABLE, CREATE INDEX and CREATE VIEW only',
    ],
    [
      'CREATE TABLE t (a INTEGER PRIMARY KEY); DROP TABLE t',
      'statement',
      'DROP is not allowed: schema files hold CREATE TABLE, CREATE INDEX and CREATE VIEW only',
    ],
    [
      "ATTACH '/tmp/x' AS z",
      'statement',
      'ATTACH is not allowed: schema files hold CREATE TABLE, CREATE INDEX and CREATE VIEW only',
    ],
    [
      'PRAGMA journal_mode=DELETE',
      'statement',
      'PRAGMA is not allowed: schema files hold CREATE TABLE, CREATE INDEX and CREATE VIEW only',
    ],
    [
      'CREATE TABLE t (a INTEGER PRIMARY KEY); CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b)',
      'defined-twice',
      'the table, index or view is defined already; remove one definition',
    ],
    [
      'CREATE TABLE t (a INTEGER PRIMARY KEY); CREATE UNIQUE INDEX i ON t (a)',
      'unique',
      'table t: index i is UNIQUE, and two nodes could each write a row that breaks it; only the key is unique: remove it',
    ],
    ['CREATE TABLE t (', 'syntax', 'incomplete input'],
  ]
  for (const [sql, code, message] of cases)
    assert.deepEqual(refusalOf(sql), [code, `s.sql:1: ${message}`], sql)
})

test('what converges is taken', () => {
  for (const sql of [
    'CREATE TABLE t (a INTEGER PRIMARY KEY, b)',
    "CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT NOT NULL DEFAULT 'x''y', c REAL DEFAULT -1.5e3, d DEFAULT (NULL))",
    'CREATE TABLE t (a TEXT, b BLOB, c INT, PRIMARY KEY (b, a)) WITHOUT ROWID',
    'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT) STRICT',
    'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b INT, c INT AS (b + 1)); CREATE INDEX i ON t (c) WHERE b > 0',
    "CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT DEFAULT 'on conflict references') -- foreign",
    'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b TEXT); CREATE VIEW v (x) AS SELECT b FROM t JOIN patina_members ON addr = b',
    'CREATE VIEW first AS SELECT a FROM t; CREATE TABLE t (a INTEGER PRIMARY KEY)',
    'CREATE TABLE t (a TEXT NOT NULL PRIMARY KEY, b INT CHECK (b > 0))',
  ])
    assert.equal(refusalOf(sql), 'taken', sql)
})

test('structure: key order, folded names, generated columns, affinities', () => {
  const {
    tables: [table],
  } = readSchema([
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

test('files are read together: an index may stand in another file, with its own place in errors', () => {
  const table = { name: '1.sql', sql: 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, x)' }
  const {
    tables: [structure],
  } = readSchema([table, { name: '2.sql', sql: '-- why\n\nCREATE INDEX i ON t (x);' }])
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
