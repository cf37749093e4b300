/** Tokens: what hides what, and that writing a text equally changes nothing that SQLite sees. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { normalisedSql, sqlTokens } from './sql-tokens.ts'

test('strings, names and comments hide what looks like words', () => {
  const tokens = sqlTokens(`SELECT 'a '' union', "we""ird", [x y], \`b\`, x'00' -- union\n/* group */ FROM t`)
  assert.deepEqual(
    tokens.filter(({ kind }) => kind === 'word').map(({ text }) => text),
    ['SELECT', 'FROM', 't'],
  )
  assert.deepEqual(
    tokens.flatMap((token) => (token.kind === 'name' ? [token.name] : [])),
    ['we"ird', 'x y', 'b'],
  )
})

test('texts that differ in blanks, comments and semicolons are written equally', () => {
  const texts = ['SELECT 1 , a\n FROM t;', ' SELECT /* x */ 1 , a -- y\n FROM  t ; ', ';SELECT 1 ,\ta FROM t']
  assert.deepEqual([...new Set(texts.map(normalisedSql))], ['SELECT 1 , a FROM t'])
})

test('blanks inside of strings and names stay, and so do words apart', () => {
  assert.notEqual(normalisedSql(`SELECT 'a  b'`), normalisedSql(`SELECT 'a b'`))
  assert.notEqual(normalisedSql(`SELECT "a  b"`), normalisedSql(`SELECT "a b"`))
  assert.notEqual(normalisedSql('SELECT a b'), normalisedSql('SELECT ab'))
  assert.notEqual(normalisedSql('SELECT a - -b'), normalisedSql('SELECT a --b'))
})

test('any text has tokens, and what is written equally stays as it is', () => {
  const piece = fc.constantFrom("'", '"', '`', '[', ']', '--', '/*', '*/', '\n', ' ', ';', 'a', '1', '(', 'é')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join('')),
      ),
      (text) => {
        const plain = text.replaceAll('\0', '')
        const once = normalisedSql(plain)
        assert.equal(normalisedSql(once), once)
        assert.deepEqual(sqlTokens(once).length <= sqlTokens(plain).length, true)
      },
    ),
  )
})
