/** Values go through a real connection and come back with class and bits, or are refused before. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CELL_BYTES_MAX, INT64_MAX, INT64_MIN, type SqliteValue, sameValue } from '@patina/base'
import fc from 'fast-check'
import { openDatabase } from './open.ts'
import { bindableValues, refuseValue, rowFromSqlite, valueFromSqlite } from './value-codec.ts'

const db = openDatabase(':memory:')
const select = db
  .prepare<[SqliteValue], [unknown, unknown, unknown]>('SELECT v, typeof(v), quote(v) FROM (SELECT ? AS v)')
  .raw()
const bound = db.prepare<unknown[], unknown[]>('SELECT v, typeof(v), hex(v) FROM (SELECT ? AS v)').raw()

function roundTrip(value: SqliteValue): {
  readonly value: SqliteValue
  readonly type: unknown
  readonly hex: unknown
} {
  const [returned, type, hex] = bound.get(value) as unknown[]
  return { value: valueFromSqlite(returned), type, hex }
}

describe('value codec', () => {
  const cases: readonly (readonly [SqliteValue, string])[] = [
    [null, 'null'],
    [INT64_MIN, 'integer'],
    [INT64_MAX, 'integer'],
    [2n ** 53n + 1n, 'integer'],
    [0n, 'integer'],
    [1n, 'integer'],
    [1, 'real'],
    [1.0, 'real'],
    [0, 'real'],
    [-0, 'real'],
    [2 ** 53, 'real'],
    [Number.MAX_VALUE, 'real'],
    [Number.MIN_VALUE, 'real'],
    [Number.POSITIVE_INFINITY, 'real'],
    [Number.NEGATIVE_INFINITY, 'real'],
    ['', 'text'],
    ['\0', 'text'],
    ['a\0b', 'text'],
    ['ünïcode 😀 \u{10ffff} \uffff', 'text'],
    [new Uint8Array(0), 'blob'],
    [new Uint8Array([0, 255]), 'blob'],
  ]
  for (const [value, type] of cases) {
    it(`keeps ${typeof value} ${String(value)} as ${type}`, () => {
      const back = roundTrip(value)
      assert.ok(sameValue(back.value, value), String(back.value))
      assert.equal(back.type, type)
      assert.equal(refuseValue(value), undefined)
    })
  }

  it('keeps any value that it does not refuse', () => {
    const values = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.bigInt({ min: INT64_MIN - 9n, max: INT64_MAX + 9n }),
      fc.uint8Array(),
      fc.constant(null),
    )
    fc.assert(
      fc.property(values, (value) => {
        if (refuseValue(value) === undefined) assert.ok(sameValue(roundTrip(value).value, value))
        else assert.equal(bindableValues([null, value]).ok, false)
      }),
    )
  })

  it('keeps a text and a blob of 10 MB, and a view into a larger buffer', () => {
    const blob = new Uint8Array(10_000_000).map((_, i) => i * 7)
    assert.ok(sameValue(roundTrip(blob).value, blob))
    const text = 'é'.repeat(5_000_000)
    assert.equal(roundTrip(text).value, text)
    assert.deepEqual(roundTrip(blob.subarray(3, 9)).value, blob.slice(3, 9))
  })

  it('returns plain Uint8Arrays', () => {
    const [returned] = db.prepare("SELECT x'0102', 1, NULL, x''").raw().all() as unknown[][]
    const row = rowFromSqlite(returned as unknown[])
    assert.equal(row, returned)
    assert.deepEqual(row, [new Uint8Array([1, 2]), 1n, null, new Uint8Array(0)])
    const same = new Uint8Array([1])
    assert.equal(valueFromSqlite(same), same)
  })

  const refused: readonly (readonly [unknown, string])[] = [
    [Number.NaN, 'not-a-number'],
    [INT64_MAX + 1n, 'integer-range'],
    [INT64_MIN - 1n, 'integer-range'],
    ['\ud800', 'lone-surrogate'],
    ['a\udc00b', 'lone-surrogate'],
    [new Uint8Array(CELL_BYTES_MAX + 1), 'too-big'],
    ['é'.repeat(CELL_BYTES_MAX / 2 + 1), 'too-big'],
    [undefined, 'not-a-value'],
    [true, 'not-a-value'],
    [{}, 'not-a-value'],
    [new Date(0), 'not-a-value'],
    [new Uint16Array(2), 'not-a-value'],
  ]
  for (const [value, kind] of refused) {
    it(`refuses ${kind}: ${String(value).slice(0, 30)}`, () => {
      const error = refuseValue(value)
      assert.equal(error?.kind, kind)
      assert.ok((error?.message.length ?? 0) > 10)
    })
  }

  it('accepts a text of exactly the limit', () => {
    assert.equal(refuseValue('é'.repeat(CELL_BYTES_MAX / 2)), undefined)
    assert.equal(refuseValue('x'.repeat(CELL_BYTES_MAX)), undefined)
  })

  it('fails on what no connection of ours returns', () => {
    assert.throws(() => valueFromSqlite(undefined))
    assert.throws(() => valueFromSqlite(true))
  })

  it('asks SQLite itself: a number is REAL, a bigint is INTEGER', () => {
    assert.deepEqual(select.get(1), [1, 'real', '1.0'])
    assert.deepEqual(select.get(1n), [1n, 'integer', '1'])
  })
})
