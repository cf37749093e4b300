/** The merge order of values: a total order with the rule NULL < BLOB < TEXT < REAL < INTEGER, and sameness by bits. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  compareBytes,
  compareValues,
  INT64_MAX,
  INT64_MIN,
  isStorable,
  type SqliteValue,
  STORAGE_CLASS,
  sameValue,
  storageClass,
  utf8Bytes,
  valueBytes,
} from './sqlite-value.ts'

/** Any code point but surrogates: well-formed text of every script. */
const codePoint: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0x10_ffff - 0x800 })
  .map((n) => String.fromCodePoint(n < 0xd800 ? n : n + 0x800))

/** Characters around each border between UTF-16 and UTF-8 order. */
const borderText: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      'a',
      '\0',
      '\x7f',
      '\x80',
      '\u07ff',
      '\u0800',
      '\ud7ff',
      '\ue000',
      '\uffff',
      '\u{10000}',
      '😀',
    ),
    {
      maxLength: 4,
    },
  )
  .map((parts) => parts.join(''))
const text: fc.Arbitrary<string> = fc.oneof(borderText, fc.string({ unit: codePoint, maxLength: 8 }))
const blob: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 4 })
const real: fc.Arbitrary<number> = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, 1, -1))
const integer: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
  fc.bigInt({ min: -3n, max: 3n }),
)
const value: fc.Arbitrary<SqliteValue> = fc.oneof(fc.constant(null), blob, text, real, integer)

test('the storage classes are ordered NULL < BLOB < TEXT < REAL < INTEGER, whatever the values', () => {
  const { null: none, blob: blobs, text: texts, real: reals, integer: integers } = STORAGE_CLASS
  assert.ok(none < blobs && blobs < texts && texts < reals && reals < integers)
  fc.assert(
    fc.property(blob, text, real, integer, (b, t, r, i) => {
      const ascending: SqliteValue[] = [null, b, t, r, i]
      for (let at = 1; at < ascending.length; at += 1)
        assert.ok(compareValues(ascending[at - 1] as SqliteValue, ascending[at] as SqliteValue) < 0)
      assert.deepEqual(ascending.map(storageClass), [none, blobs, texts, reals, integers])
    }),
  )
})

test('the order is total: antisymmetric, transitive, and 0 exactly for the same value', () => {
  fc.assert(
    fc.property(value, value, value, (a, b, c) => {
      assert.equal(Math.sign(compareValues(a, b)) + Math.sign(compareValues(b, a)), 0)
      assert.equal(compareValues(a, b) === 0, sameValue(a, b))
      assert.equal(compareValues(a, a), 0)
      if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0) assert.ok(compareValues(a, c) <= 0)
    }),
    { numRuns: 500 },
  )
})

test('texts are ordered by their UTF-8 bytes, blobs by their bytes', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(Math.sign(compareValues(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(blob, blob, (a, b) => {
      assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(a, b))
    }),
  )
})

test('numbers are ordered by value inside their class, -0.0 before 0.0, and classes never mix', () => {
  const ascending: SqliteValue[] = [
    Number.NEGATIVE_INFINITY,
    -1.5,
    -0,
    0,
    5e-324,
    2 ** 53,
    Number.POSITIVE_INFINITY,
  ]
  for (let at = 1; at < ascending.length; at += 1)
    assert.ok(compareValues(ascending[at - 1] as SqliteValue, ascending[at] as SqliteValue) < 0)
  assert.ok(compareValues(INT64_MIN, INT64_MAX) < 0)
  assert.ok(compareValues(Number.POSITIVE_INFINITY, INT64_MIN) < 0)
  assert.ok(compareValues(2n ** 53n, 2n ** 53n + 1n) < 0)
  assert.throws(() => compareValues(Number.NaN, 1), /NaN/)
})

test('the same value has the same class and the same bits', () => {
  assert.equal(sameValue(1, 1n), false)
  assert.equal(sameValue(0, -0), false)
  assert.equal(sameValue('', null), false)
  assert.equal(sameValue(new Uint8Array(), ''), false)
  assert.equal(sameValue('', new Uint8Array()), false)
  assert.equal(sameValue(Uint8Array.of(1, 2), Uint8Array.of(1, 2)), true)
  assert.equal(sameValue('é', 'e\u0301'), false)
  assert.equal(sameValue(null, null), true)
})

test('sizes are those of UTF-8, blob and eight bytes for a number', () => {
  fc.assert(
    fc.property(text, (t) => {
      assert.equal(utf8Bytes(t), Buffer.byteLength(t))
      assert.equal(valueBytes(t), Buffer.byteLength(t))
    }),
  )
  assert.deepEqual([null, 1, 1n, Uint8Array.of(1, 2, 3)].map(valueBytes), [0, 8, 8, 3])
})

test('what SQLite would not keep as it is cannot be stored', () => {
  assert.equal(isStorable(Number.NaN), false)
  assert.equal(isStorable(INT64_MAX + 1n), false)
  assert.equal(isStorable(INT64_MIN - 1n), false)
  assert.equal(isStorable('\udc00'), false)
  fc.assert(fc.property(value, (v) => assert.equal(isStorable(v), true)))
})
