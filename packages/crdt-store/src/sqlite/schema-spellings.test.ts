/** The refusals of schema files by other spellings than the plain ones (schema.test.ts has those, with their sentences). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SchemaError } from '../errors.ts'
import { readSchema } from './schema.ts'

const KEY = 'a TEXT NOT NULL PRIMARY KEY'

const REFUSED: { readonly [code: string]: readonly string[] } = {
  'no-primary-key': [
    'CREATE TABLE t (a INTEGER NOT NULL UNIQUE)',
    'CREATE TABLE IF NOT EXISTS t AS WITH x AS (SELECT 1 AS a) SELECT * FROM x',
  ],
  'as-select': ['create /* x */ table t as values (1)'],
  'nullable-key': [
    'CREATE TABLE t (a INT PRIMARY KEY)',
    'CREATE TABLE t (a TEXT NOT NULL, b TEXT, PRIMARY KEY (a, b))',
  ],
  'key-type': ['CREATE TABLE t (a NOT NULL, b TEXT NOT NULL, PRIMARY KEY (b, a))'],
  'key-collation': [
    'CREATE TABLE t (a TEXT NOT NULL COLLATE RTRIM, PRIMARY KEY (a))',
    'CREATE TABLE t (a TEXT NOT NULL, PRIMARY KEY (a COLLATE NOCASE))',
    'CREATE TABLE t (a TEXT NOT NULL, PRIMARY KEY (a collate "nocase" DESC)) WITHOUT ROWID',
  ],
  'on-conflict': [
    `CREATE TABLE t (${KEY}, b TEXT NOT NULL ON CONFLICT REPLACE DEFAULT '')`,
    'CREATE TABLE t (a TEXT NOT NULL, PRIMARY KEY (a) ON CONFLICT REPLACE)',
    `CREATE TABLE t (${KEY}, b NULL ON /* x */ conflict IGNORE)`,
    `CREATE TABLE t (${KEY}, CHECK (a > 1) ON CONFLICT IGNORE)`,
  ],
  'foreign-key': [
    `CREATE TABLE t (${KEY}, b, FOREIGN KEY (b) REFERENCES u (x))`,
    `CREATE TABLE t (${KEY}, b CONSTRAINT c REFERENCES u DEFERRABLE)`,
  ],
  unique: [
    `CREATE TABLE t (${KEY}, b, UNIQUE (b))`,
    `CREATE TABLE t (${KEY}, b, CONSTRAINT x UNIQUE (b, a))`,
  ],
  default: [
    `CREATE TABLE t (${KEY}, b DEFAULT (1 + 1))`,
    `CREATE TABLE t (${KEY}, b DEFAULT (random()))`,
    `CREATE TABLE t (${KEY}, b DEFAULT current_time)`,
    `CREATE TABLE t (${KEY}, b DEFAULT (CURRENT_DATE))`,
  ],
  'no-default': [
    `CREATE TABLE t (${KEY}, b NOT NULL DEFAULT (NULL))`,
    `CREATE TABLE t (${KEY}, b CONSTRAINT c NOT NULL)`,
  ],
  autoincrement: ['CREATE TABLE t (a INTEGER NOT NULL, PRIMARY KEY (a AUTOINCREMENT))'],
  temporary: [`CREATE TEMPORARY TABLE t (${KEY})`, `/* x */ create temp table t (${KEY})`],
  'reserved-name': [
    `CREATE TABLE "T__PATINA_old" (${KEY})`,
    `CREATE TABLE main.t__patina_x (${KEY})`,
    `CREATE TABLE [Patina_lag] (${KEY})`,
    `CREATE TABLE pragma_table_info (${KEY})`,
    `CREATE TABLE t (${KEY}); CREATE VIEW "Pragma_x" AS SELECT a FROM t`,
  ],
  trigger: [
    `CREATE TABLE t (${KEY}); CREATE TRIGGER IF NOT EXISTS x INSTEAD OF DELETE ON t BEGIN SELECT 1; END`,
  ],
  statement: [
    `CREATE TABLE t (${KEY}); PRAGMA writable_schema = 1`,
    `CREATE TABLE t (${KEY}); ATTACH 'x' AS y`,
    `CREATE TABLE t (${KEY}); VACUUM INTO 'x'`,
    `CREATE TABLE t (${KEY}); INSERT INTO t VALUES ('x')`,
    `CREATE TABLE t (${KEY}); SELECT load_extension('x')`,
    `BEGIN; CREATE TABLE t (${KEY}); COMMIT`,
    `CREATE TABLE t (${KEY})\0; DROP TABLE t`,
  ],
  syntax: [
    `CREATE TABLE t (${KEY}, b AS (load_extension(a)))`,
    `CREATE TABLE t (${KEY}, b CHECK (load_extension(b)))`,
    `CREATE TABLE t (${KEY}); CREATE INDEX i ON t (abs(random()))`,
  ],
}

for (const [code, texts] of Object.entries(REFUSED))
  test(`refused as ${code}, however it is written`, () => {
    for (const sql of texts)
      assert.throws(
        () => readSchema([{ name: 's.sql', sql }]),
        (cause) => cause instanceof SchemaError && cause.code === code,
        sql,
      )
  })
