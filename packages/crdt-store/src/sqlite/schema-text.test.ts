import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '@patina/sqlite'
import fc from 'fast-check'
import { quote } from './quote.ts'
import { structureOf } from './schema-structure.ts'
import { hasConflictClause, hasWord, sameSql, tableText, viewBody } from './schema-text.ts'

test('words inside strings, quoted names and comments do not count', () => {
  assert.equal(
    hasWord('CREATE TABLE t (a DEFAULT \'references\', "check" INT) -- foreign', 'references'),
    false,
  )
  assert.equal(hasWord('a INT CHECK (a > 0)', 'check'), true)
  assert.equal(hasConflictClause('PRIMARY KEY ON /* x */ CONFLICT IGNORE'), true)
  assert.equal(hasConflictClause("DEFAULT 'on conflict'"), false)
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

test('columns as they were written, and the clauses that the catalogue does not report', () => {
  const text = tableText(`CREATE TABLE "t" (
    A TEXT NOT NULL, -- the key, (or a part of it)
    [b b] VARCHAR(9, 2) DEFAULT ('x, y)') COLLATE NOCASE CHECK (length("b b") > 1),
    "check" INT GENERATED ALWAYS AS (1 + (2)) VIRTUAL, größe REAL CONSTRAINT c CHECK (größe > 0) DEFAULT -1.5,
    PRIMARY KEY (A, "b b"), CONSTRAINT big CHECK (A <> '') CHECK (1)
  ) STRICT`)
  assert.deepEqual(text, {
    columns: [
      { name: 'a', definition: 'A TEXT NOT NULL', clauses: [] },
      {
        name: 'b b',
        definition: `[b b] VARCHAR(9, 2) DEFAULT ('x, y)') COLLATE NOCASE CHECK (length("b b") > 1)`,
        clauses: ['check (\nlength\n(\n"b b"\n)\n>\n1\n)', 'collate nocase'],
      },
      {
        name: 'check',
        definition: '"check" INT GENERATED ALWAYS AS (1 + (2)) VIRTUAL',
        clauses: ['as (\n1\n+\n(\n2\n)\n)'],
      },
      {
        name: 'größe',
        definition: 'größe REAL CONSTRAINT c CHECK (größe > 0) DEFAULT -1.5',
        clauses: ['check (\ngröße\n>\n0\n)'],
      },
    ],
    checks: ["check (\na\n<\n>\n''\n)", 'check (\n1\n)'].sort(),
  })
})

test('the body of a view begins behind its name', () => {
  assert.equal(viewBody('CREATE VIEW "a b" (x) AS SELECT 1'), ' (x) AS SELECT 1')
  assert.equal(viewBody('CREATE VIEW v AS SELECT 1'), ' AS SELECT 1')
})

const NAME = fc.oneof(
  fc.constantFrom('check', 'unique', 'a b', 'primary', "it's", 'x"y', 'ключ', 'a,b', 'a)b', '--c'),
  fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom('a', 'B', '_', '1', ' ', '(', ')', ',') }),
)
const TYPE = fc.constantFrom('', 'TEXT', 'VARCHAR(9)', 'DECIMAL(9, 2)', 'UNSIGNED BIG INT')
const CLAUSE = fc.constantFrom(
  '',
  "DEFAULT 'a,b)'",
  'DEFAULT (NULL)',
  'DEFAULT -1',
  'CHECK (1 IN (1, 2))',
  'COLLATE NOCASE',
  'NOT NULL DEFAULT 1',
  '-- note, with (\n',
  '/* , */',
)

test('what is cut out of a CREATE TABLE names the columns that SQLite has, and makes the same ones elsewhere', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(NAME, TYPE, CLAUSE, CLAUSE), { minLength: 1, maxLength: 6 }), (columns) => {
      const db = openDatabase(':memory:')
      try {
        const seen = new Set<string>(['id'])
        const distinct = columns.filter(
          ([name]) => !seen.has(name.toLowerCase()) && seen.add(name.toLowerCase()),
        )
        const texts = distinct.map(([name, ...rest]) => [quote(name), ...rest].join(' '))
        const sql = `CREATE TABLE t (${['id INTEGER PRIMARY KEY', ...texts].join(', ')})`
        try {
          db.exec(sql)
        } catch {
          return
        }
        const { columns: made } = structureOf(db, 't')
        db.exec('CREATE TABLE u (id INTEGER PRIMARY KEY)')
        for (const { definition } of made.slice(1)) db.exec(`ALTER TABLE u ADD COLUMN ${definition}`)
        assert.deepEqual(structureOf(db, 'u').columns, made)
      } finally {
        db.close()
      }
    }),
    { numRuns: 100 },
  )
})
