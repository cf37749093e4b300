import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SqliteValue } from '@patina/base'
import fc from 'fast-check'
import { decodePayload, type KeyedRowChange, PayloadWriter } from './changeset.ts'
import { cutChunks } from './chunking.ts'

const value: fc.Arbitrary<SqliteValue> = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.integer({ min: -40, max: 40 }).map(BigInt),
  fc.double({ noNaN: true }),
  fc.uint8Array({ maxLength: 60 }),
)
const key = value.filter((v) => v !== null)
const change: fc.Arbitrary<KeyedRowChange> = fc
  .record({
    table: fc.constantFrom('machines', 'apps'),
    key: fc.array(key, { minLength: 2, maxLength: 2 }),
    causalLength: fc.integer({ min: 1, max: 300 }),
    cells: fc.uniqueArray(
      fc.record(
        {
          column: fc.constantFrom('a', 'b', 'c', 'ü'),
          columnVersion: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 40 })),
          value,
        },
        { noNullPrototype: true },
      ),
      { selector: ({ column }) => column },
    ),
  })
  .map((each) => ({
    ...each,
    keyColumns: ['id', 'region'],
    cells: each.causalLength % 2 === 0 ? [] : each.cells,
  }))

function encode(changes: readonly KeyedRowChange[]): Uint8Array {
  const writer = new PayloadWriter()
  for (const each of changes) writer.add(each)
  return writer.toBytes()
}

test('decode ∘ encode is the identity, for every storage class and shape', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
      const decoded = decodePayload(encode(changes), changes.length)
      assert.ok(decoded.ok)
      assert.deepEqual(decoded.value, changes)
    }),
    { numRuns: 500 },
  )
})

test('arbitrary bytes, and good ones with a flipped bit, give an error or changes, and never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat({ max: 9 }), (bytes, count) => {
      decodePayload(bytes, count)
    }),
    { numRuns: 2000 },
  )
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(), (changes, at) => {
      const bytes = encode(changes)
      const i = at % (8 * bytes.length)
      bytes[i >> 3] = (bytes[i >> 3] as number) ^ (1 << (i & 7))
      decodePayload(bytes, changes.length)
    }),
    { numRuns: 1000 },
  )
})

test('a count above what the payload holds is refused before memory is taken', () => {
  const decoded = decodePayload(encode([]), 4_000_000_000)
  assert.ok(!decoded.ok)
  assert.deepEqual(decoded.error, { kind: 'out-of-range', what: 'row count', got: '4000000000' })
})

test('cells of a deleted row, NULL in a key and a causal length of 0 are refused', () => {
  const good = { table: 't', keyColumns: ['k'], key: ['x'], causalLength: 1, cells: [] }
  const cell = { column: 'a', columnVersion: 1, value: 'v' }
  for (const bad of [
    { ...good, causalLength: 0 },
    { ...good, key: [null] },
    { ...good, causalLength: 2, cells: [cell] },
    { ...good, cells: [{ ...cell, columnVersion: 0 }] },
  ])
    assert.equal(decodePayload(encode([bad]), 1).ok, false, JSON.stringify(bad))
  assert.equal(decodePayload(encode([good]), 1).ok, true)
})

test('chunks hold every change once, in order, at about the target size; a large row is alone', () => {
  const limits = { chunkBytesTarget: 1000, versionBytesMax: 1_000_000 }
  const row = (id: number, bytes: number): KeyedRowChange => ({
    table: 't',
    keyColumns: ['k'],
    key: [BigInt(id)],
    causalLength: 1,
    cells: [{ column: 'a', columnVersion: 1, value: 'x'.repeat(bytes) }],
  })
  const changes = Array.from({ length: 100 }, (_, i) => row(i, i === 50 ? 5000 : 50))
  const chunks = cutChunks(changes, limits)
  assert.ok(!('kind' in chunks))
  const all = chunks.flatMap(({ payload, firstSeq, lastSeq }) => {
    const decoded = decodePayload(payload, lastSeq - firstSeq + 1)
    assert.ok(decoded.ok)
    assert.ok(payload.length <= 1100 || firstSeq === lastSeq)
    return decoded.value
  })
  assert.deepEqual(all, changes)
  assert.deepEqual(
    chunks.map(({ firstSeq }, i) => firstSeq === (i === 0 ? 0 : (chunks[i - 1]?.lastSeq ?? 0) + 1)),
    chunks.map(() => true),
  )
})

test('a version above its bound, and a row above a chunk, are refused with their sizes', () => {
  const row = { table: 't', keyColumns: ['k'], key: ['x'], causalLength: 1 }
  const cells = (bytes: number): KeyedRowChange[] => [
    { ...row, cells: [{ column: 'a', columnVersion: 1, value: new Uint8Array(bytes) }] },
  ]
  const small = { chunkBytesTarget: 1000, versionBytesMax: 2000 }
  assert.equal((cutChunks(cells(4000), small) as { kind: string }).kind, 'version-too-large')
  const two = [
    {
      ...row,
      cells: ['a', 'b'].map((column) => ({ column, columnVersion: 1, value: new Uint8Array(9 << 20) })),
    },
  ]
  assert.equal((cutChunks(two, small) as { kind: string }).kind, 'row-too-large')
})
