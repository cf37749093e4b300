import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csv, groupBy, indent, indexBy, json, printed, type Row, sortBy, uniqueBy } from './words.ts'

const ROWS: readonly Row[] = [
  { app: 'web', port: 2 },
  { app: 'api', port: 10 },
  { app: 'web', port: 1 },
  { app: null, port: 1 },
]

test('NULL is nothing; mistakes are errors and no text', () => {
  for (const [value, text] of [
    [null, ''],
    ['a', 'a'],
    [1.5, '1.5'],
    [2n ** 60n, '1152921504606846976'],
    [true, 'true'],
    [Uint8Array.of(0, 255), '00ff'],
  ] as const)
    assert.equal(printed(value), text)
  for (const mistake of [undefined, Number.NaN, {}, [], () => 1, Symbol('a')])
    assert.throws(() => printed(mistake), TypeError)
})

test('json: integers to the last digit, bytes as hex', () => {
  assert.equal(
    json({ n: 2n ** 63n - 1n, b: Uint8Array.of(1), z: null }),
    '{"n":9223372036854775807,"b":"01","z":null}',
  )
  assert.equal(json([1], 2), '[\n  1\n]')
  assert.throws(() => json(undefined), TypeError)
})

test('csv quotes what needs it', () => {
  const rows = [
    { a: 'x,"y"', b: null },
    { a: 'l\nm', b: 1 },
  ]
  assert.equal(csv(rows), 'a,b\n"x,""y""",\n"l\nm",1\n')
  assert.equal(csv(Object.assign([], { columns: ['a', 'b'] })), 'a,b\n')
})

test('sorting: by several keys, stable, NULL first, and not in place', () => {
  assert.deepEqual(
    sortBy(ROWS, 'app', 'port').map(({ app, port }) => `${app} ${port}`),
    ['null 1', 'api 10', 'web 1', 'web 2'],
  )
  assert.deepEqual(
    sortBy(ROWS, ({ port }) => -(port as number)).map(({ port }) => port),
    [10, 2, 1, 1],
  )
  assert.equal(ROWS[0]?.port, 2)
  assert.throws(() => sortBy(ROWS, 'prot'), /no row has a column prot/)
})

test('grouping keeps the order of the rows', () => {
  assert.deepEqual(
    [...groupBy(ROWS, 'app')].map(([app, rows]) => [app, rows.length]),
    [
      ['web', 2],
      ['api', 1],
      [null, 1],
    ],
  )
  assert.equal(indexBy(ROWS, 'app').get('web')?.port, 1)
  assert.deepEqual(
    uniqueBy(ROWS, 'app').map(({ port }) => port),
    [2, 10, 1],
  )
})

test('indent moves lines, not empty ones', () => {
  assert.equal(indent('a\n\n b\n', 2), '  a\n\n   b\n')
})
