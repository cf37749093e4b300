import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteWriter, NO_SCHEMA, type SchemaHashes } from '@patina/base'
import fc from 'fast-check'
import { decodeSchemaWord, encodeSchemaWord, SCHEMA_WORD_BYTES_MAX } from './schema-word.ts'

const hash = fc.stringMatching(/^[0-9a-f]{16}$/)
const schemas: fc.Arbitrary<SchemaHashes> = fc.record(
  {
    all: hash,
    tables: fc.uniqueArray(
      fc.tuple(fc.string({ unit: 'binary', maxLength: 60 }), hash).map(([table, h]) => ({ table, hash: h })),
      {
        selector: ({ table }) => table,
        maxLength: 20,
      },
    ),
  },
  { noNullPrototype: true },
)

function decoded(bytes: Uint8Array): ReturnType<typeof decodeSchemaWord> & { readonly ok: true } {
  const word = decodeSchemaWord(bytes)
  assert.ok(word.ok)
  return word
}

test('decoding undoes encoding', () => {
  fc.assert(
    fc.property(schemas, (schema) => {
      fc.pre(schema.tables.every(({ table }) => table.isWellFormed()))
      const { value } = decoded(encodeSchemaWord(schema))
      assert.deepEqual(value, { ...schema, count: schema.tables.length })
    }),
  )
  assert.deepEqual(decoded(encodeSchemaWord(NO_SCHEMA)).value, { ...NO_SCHEMA, count: 0 })
})

test('a message has a bound: tables that do not fit, and names that are too long, count in the hash of all alone', () => {
  const tables = Array.from({ length: 5_000 }, (_, i) => ({
    table: `t${String(i).padStart(5, '0')}`,
    hash: 'a'.repeat(16),
  }))
  const bytes = encodeSchemaWord({ all: 'b'.repeat(16), tables })
  assert.ok(bytes.length <= SCHEMA_WORD_BYTES_MAX)
  const { value } = decoded(bytes)
  assert.equal(value.count, 5_000)
  assert.deepEqual(value.tables, tables.slice(0, value.tables.length))
  assert.ok(value.tables.length > 2_000)
  const long = [{ table: 'x'.repeat(300), hash: 'a'.repeat(16) }]
  assert.deepEqual(decoded(encodeSchemaWord({ all: 'c'.repeat(16), tables: long })).value, {
    all: 'c'.repeat(16),
    count: 1,
    tables: [],
  })
})

test('arbitrary bytes, cuts and changed bytes give a typed error or a word', () => {
  const bytes = encodeSchemaWord({ all: '0123456789abcdef', tables: [{ table: 'm', hash: 'f'.repeat(16) }] })
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (any) => void decodeSchemaWord(any)))
  for (let end = 0; end < bytes.length; end += 1)
    assert.equal(decodeSchemaWord(bytes.subarray(0, end)).ok, false)
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
      decodeSchemaWord(Uint8Array.from(bytes, (byte, i) => (i === at ? value : byte)))
    }),
  )
})

test('another format is refused; bytes behind a known one are skipped', () => {
  const bytes = encodeSchemaWord(NO_SCHEMA)
  assert.equal(decodeSchemaWord(Uint8Array.from(bytes, (byte, i) => (i === 0 ? 2 : byte))).ok, false)
  const later = new ByteWriter().raw(bytes).text('more').toBytes()
  assert.deepEqual(decodeSchemaWord(later), decodeSchemaWord(bytes))
})

test('more listed tables than there are, and a hash that is none, are refused', () => {
  const start = (count: number, listed: number): ByteWriter =>
    new ByteWriter().varint(1).text('0'.repeat(16)).varint(count).varint(listed)
  assert.equal(decodeSchemaWord(start(1, 2).text('t').text('0'.repeat(16)).toBytes()).ok, false)
  assert.equal(decodeSchemaWord(start(1_000_000, 1_000_000).toBytes()).ok, false)
  assert.equal(decodeSchemaWord(start(1, 1).text('t').text('0'.repeat(15)).toBytes()).ok, false)
  assert.equal(decodeSchemaWord(start(1, 1).text('t').text('A'.repeat(16)).toBytes()).ok, false)
})
