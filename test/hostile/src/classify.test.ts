import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classify } from './classify.ts'
import { TABLES } from './schema.ts'
import { solidTokens, tokensOf } from './tokens.ts'

test('what is a write to a table of the user, a query, and what is neither', () => {
  const cases: readonly (readonly [kind: string, ...texts: readonly string[]])[] = [
    [
      'write',
      'DELETE FROM items',
      ';;insert or replace into [ITEMS] values (1) ; -- x',
      'WITH a AS (SELECT 1), b AS (SELECT 2) UPDATE OR FAIL main."items" SET n = 1',
      `REPLACE INTO "odd; ""name" VALUES (';', '/*')`,
      "INSERT INTO 'items' DEFAULT VALUES",
      "WITH unused AS (SELECT load_extension('x')) DELETE FROM items",
    ],
    ['read', 'SELECT 1', 'VALUES (1)', 'EXPLAIN DELETE FROM items', 'WITH x AS (SELECT 1) SELECT * FROM x'],
    [
      'illegal',
      '',
      'BEGIN',
      'DELETE FROM items; DELETE FROM items',
      'DELETE FROM __patina_log',
      'DELETE FROM temp.items',
      "DELETE FROM 'items__patina_clock'",
      'UPDATE sqlite_schema SET sql = 1',
      "SELECT load_extension('x')",
      "SELECT * FROM items, pragma_table_info('items')",
      'SELECT * FROM "pragma_user_version"',
      'WITH x AS (SELECT 1) VACUUM',
      'SELECT 1\0',
      "SELECT 'open",
    ],
  ]
  for (const [kind, ...texts] of cases)
    for (const text of texts) assert.equal(classify(text, TABLES).kind, kind, text)
})

test('tokens give the text back, and comments are blanks', () => {
  for (const text of [
    "SELECT 'it''s' /* ; */ -- x\n, [a]]b], `c`, \"d\"\"e\", x'00', 1.5e3, ?1",
    '/* open',
    "'open",
    '\0',
  ])
    assert.equal(
      tokensOf(text)
        .map((token) => token.text)
        .join(''),
      text,
    )
  assert.deepEqual(
    solidTokens('a/* b */c--d\n;').map(({ text }) => text),
    ['a', 'c', ';'],
  )
})
