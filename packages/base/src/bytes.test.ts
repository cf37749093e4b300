/** ByteWriter and ByteReader: what is written is read back, and no input makes the reader throw anything but its own failure. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { ByteReader, ByteWriter, type DecodeError, DecodeFailure, decode, refuse } from './bytes.ts'
import { INT64_MAX, INT64_MIN } from './sqlite-value.ts'

/** Any code point but surrogates: well-formed text of every script. */
const codePoint: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0x10_ffff - 0x800 })
  .map((n) => String.fromCodePoint(n < 0xd800 ? n : n + 0x800))

const safe: fc.Arbitrary<number> = fc.oneof(
  fc.nat(300),
  fc.maxSafeNat(),
  fc.constantFrom(127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER),
)
const int64: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
  fc.bigInt({ min: -70n, max: 70n }),
  fc.constantFrom(INT64_MIN, INT64_MAX, -0x4000_0000n, -0x4000_0001n, 0x3fff_ffffn, 0x4000_0000n),
)

function errorOf(bytes: readonly number[], read: (reader: ByteReader) => unknown): DecodeError {
  const result = decode(Uint8Array.from(bytes), read)
  assert.equal(result.ok, false, 'decoded what it should refuse')
  return (result as { readonly error: DecodeError }).error
}

/** Bytes of an unsigned LEB128, also of values that the writer would refuse. */
function leb128(value: bigint): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return [...bytes, Number(rest)]
    bytes.push(Number(rest & 0x7fn) | 0x80)
  }
}

test('a varint is LEB128, in as few bytes as possible, and reads back', () => {
  fc.assert(
    fc.property(safe, (n) => {
      const bytes = new ByteWriter().varint(n).toBytes()
      assert.deepEqual([...bytes], leb128(BigInt(n)))
      assert.deepEqual(
        decode(bytes, (reader) => reader.varint('n')),
        { ok: true, value: n },
      )
    }),
  )
})

test('an int64 is zigzag LEB128 and reads back, on both of its paths', () => {
  fc.assert(
    fc.property(int64, (n) => {
      const bytes = new ByteWriter().int64(n).toBytes()
      assert.deepEqual([...bytes], leb128(n >= 0n ? 2n * n : -2n * n - 1n))
      assert.deepEqual(
        decode(bytes, (reader) => reader.int64('n')),
        { ok: true, value: n },
      )
    }),
  )
})

test('a varint that is over-long, cut off, too large or above its bound is refused by kind', () => {
  const varint = (reader: ByteReader): number => reader.varint('n')
  assert.equal(errorOf([0x80, 0x00], varint).kind, 'malformed')
  assert.equal(errorOf([0xff, 0x80, 0x00], varint).kind, 'malformed')
  assert.equal(errorOf([], varint).kind, 'truncated')
  assert.equal(errorOf([0x80], varint).kind, 'truncated')
  assert.equal(errorOf(leb128(2n ** 53n), varint).kind, 'out-of-range')
  assert.equal(errorOf(leb128(2n ** 56n - 1n), varint).kind, 'out-of-range')
  assert.equal(errorOf(leb128(2n ** 56n), varint).kind, 'malformed')
  assert.equal(errorOf([101], (reader) => reader.varint('n', 100)).kind, 'out-of-range')
})

test('an int64 that is over-long, cut off or above 64 bits is refused by kind', () => {
  const read = (reader: ByteReader): bigint => reader.int64('n')
  assert.equal(errorOf([0x80, 0x00], read).kind, 'malformed')
  assert.equal(errorOf([0x80], read).kind, 'truncated')
  assert.equal(errorOf(leb128(2n ** 64n), read).kind, 'out-of-range')
  assert.equal(errorOf(leb128(2n ** 71n), read).kind, 'malformed')
})

test('text of any length and script reads back; a byte order mark is kept', () => {
  fc.assert(
    fc.property(fc.string({ unit: codePoint, maxLength: 120 }), (text) => {
      const bytes = new ByteWriter(1).text(text).toBytes()
      assert.deepEqual(
        decode(bytes, (reader) => reader.text('t', 1000)),
        { ok: true, value: text },
      )
      assert.deepEqual(bytes, new ByteWriter().bytes(Buffer.from(text, 'utf8')).toBytes())
    }),
  )
  for (const text of [
    '',
    '\0',
    '\u{feff}a',
    'a'.repeat(42),
    'a'.repeat(43),
    '€'.repeat(42),
    '€'.repeat(43),
    '😀'.repeat(21),
  ])
    assert.deepEqual(
      decode(new ByteWriter().text(text).toBytes(), (reader) => reader.text('t', 1000)),
      { ok: true, value: text },
    )
})

test('a lone surrogate is a bug of the writer, and its bytes are malformed to the reader', () => {
  assert.throws(() => new ByteWriter().text('a\ud800'), /lone surrogate/)
  assert.throws(() => new ByteWriter().text(`${'a'.repeat(100)}\udfff`), /lone surrogate/)
  const text = (reader: ByteReader): string => reader.text('t', 100)
  assert.equal(errorOf([3, 0xed, 0xa0, 0x80], text).kind, 'malformed')
  assert.equal(errorOf([2, 0xc0, 0x80], text).kind, 'malformed')
  assert.equal(errorOf([1, 0xff], text).kind, 'malformed')
})

test('a length beyond its bound or beyond the bytes is refused before anything is allocated', () => {
  assert.equal(errorOf(leb128(2n ** 40n), (reader) => reader.bytes('b', 100)).kind, 'out-of-range')
  assert.deepEqual(
    errorOf([5, 1, 2], (reader) => reader.bytes('b', 100)),
    { kind: 'truncated', wantBytes: 5, haveBytes: 2 },
  )
})

test('fixed widths are little-endian and keep every bit', () => {
  const bytes = new ByteWriter().u8(255).u32(0xdeadbeef).f64(-0).f64(Number.NEGATIVE_INFINITY).toBytes()
  assert.deepEqual([...bytes.subarray(0, 5)], [255, 0xef, 0xbe, 0xad, 0xde])
  const read = decode(bytes, (reader) => [reader.u8(), reader.u32(), reader.f64(), reader.f64()])
  assert.deepEqual(read, { ok: true, value: [255, 0xdeadbeef, -0, Number.NEGATIVE_INFINITY] })
})

test('a writer grows, can be cleared, and refuses values that do not fit', () => {
  const writer = new ByteWriter(1).raw(new Uint8Array(1000).fill(7))
  assert.equal(writer.length, 1000)
  writer.clear()
  assert.deepEqual(writer.u8(1).toBytes(), Uint8Array.of(1))
  assert.throws(() => writer.u8(256), /not a byte/)
  assert.throws(() => writer.u32(-1), /not 32 bits/)
  assert.throws(() => writer.u32(2 ** 32), /not 32 bits/)
  assert.throws(() => writer.varint(-1), /not an unsigned safe integer/)
  assert.throws(() => writer.varint(2 ** 53), /not an unsigned safe integer/)
  assert.throws(() => writer.int64(INT64_MAX + 1n), /not an int64/)
  assert.throws(() => writer.int64(INT64_MIN - 1n), /not an int64/)
})

test('what toBytes gave does not change when the writer goes on', () => {
  const writer = new ByteWriter().u8(1)
  const bytes = writer.toBytes()
  writer.clear()
  writer.u8(2)
  assert.deepEqual(bytes, Uint8Array.of(1))
})

test('arbitrary bytes never make a decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      decode(bytes, (reader) => [reader.varint('a'), reader.int64('b'), reader.text('c', 20), reader.f64()])
      decode(bytes, (reader) => [reader.bytes('a', 20), reader.u32(), reader.u8()])
    }),
    { numRuns: 300 },
  )
})

test('bytes left over are malformed, a failure of the decoder is a value, any other error is a bug and passes', () => {
  assert.equal(errorOf([1, 2], (reader) => reader.u8()).kind, 'malformed')
  assert.deepEqual(
    errorOf([], () => refuse('x', 7n)),
    { kind: 'out-of-range', what: 'x', got: '7' },
  )
  assert.throws(
    () =>
      decode(new Uint8Array(), () => {
        throw new TypeError('bug')
      }),
    TypeError,
  )
  assert.throws(() => new ByteReader(new Uint8Array()).u8(), DecodeFailure)
})

test('a reader over a part of a buffer sees that part only', () => {
  const whole = Uint8Array.of(9, 9, 1, 0, 0, 0, 9)
  const reader = new ByteReader(whole.subarray(2, 6))
  assert.equal(reader.u32(), 1)
  assert.equal(reader.offset, 4)
  assert.equal(reader.remaining(), 0)
})

test('ASCII text is written without a length; of another text nothing is written', () => {
  const text = 'a'.repeat(300)
  const writer = new ByteWriter(1).u8(7)
  assert.equal(writer.ascii(text), true)
  assert.deepEqual(writer.toBytes(), Uint8Array.of(7, ...Buffer.from(text)))
  assert.equal(writer.ascii('a\u00e9'), false)
  assert.equal(writer.length, 1 + text.length)
})

test('what was written can be seen without a copy, and taken back', () => {
  const writer = new ByteWriter(1).u8(1).u8(2).u8(3)
  assert.deepEqual(writer.written(), Uint8Array.of(1, 2, 3))
  writer.rewind(1)
  assert.deepEqual(writer.u8(9).written(), Uint8Array.of(1, 9))
  assert.throws(() => writer.rewind(3), /not written/)
})
