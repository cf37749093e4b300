/** The changeset header: round trip, damage that the checksum must find, and bytes that nobody wrote. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { actorFromBytes, actorId } from './actor.ts'
import {
  CHANGESET_FORMAT,
  CHUNK_BYTES_MAX,
  type ChangesetHeader,
  COUNTER_MAX,
  changesetChecksum,
  decodeChangesetHeader,
  encodeChangeset,
  joinChangeset,
  SEQ_MAX,
} from './changeset-header.ts'
import { hlc } from './hlc.ts'
import { seq, version } from './version.ts'

const seqs: fc.Arbitrary<[number, number, number]> = fc
  .oneof(
    fc.tuple(fc.nat(300), fc.nat(300), fc.nat(300)),
    fc.tuple(fc.nat(SEQ_MAX), fc.nat(SEQ_MAX), fc.nat(SEQ_MAX)),
  )
  .map((three) => three.sort((a, b) => a - b))
const header: fc.Arbitrary<ChangesetHeader> = fc
  .record({
    actor: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    version: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: COUNTER_MAX })),
    seqs,
    ts: fc.integer({ min: 0, max: COUNTER_MAX }),
    flags: fc.nat(255),
  })
  .map((fields) => ({
    actor: actorFromBytes(fields.actor),
    version: version(fields.version),
    firstSeq: seq(fields.seqs[0]),
    lastSeq: seq(fields.seqs[1]),
    versionLastSeq: seq(fields.seqs[2]),
    ts: hlc(fields.ts),
    flags: fields.flags,
  }))
const payload: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 60 })

const sample: ChangesetHeader = {
  actor: actorId('000102030405060708090a0b0c0d0e0f'),
  version: version(300),
  firstSeq: seq(0),
  lastSeq: seq(2),
  versionLastSeq: seq(9),
  ts: hlc(1_700_000_000_000_000),
  flags: 0,
}

/** What a receiver does: decode, then compare the checksums. */
function isSound(bytes: Uint8Array): boolean {
  const decoded = decodeChangesetHeader(bytes)
  return decoded.ok && decoded.value.checksum === changesetChecksum(bytes, decoded.value.payloadOffset)
}

test('a changeset reads back: header, payload and a checksum that holds', () => {
  fc.assert(
    fc.property(header, payload, (wrote, content) => {
      const bytes = encodeChangeset(wrote, content)
      const decoded = decodeChangesetHeader(bytes)
      assert.ok(decoded.ok)
      assert.deepEqual(decoded.value.header, wrote)
      assert.deepEqual(bytes.subarray(decoded.value.payloadOffset), Uint8Array.from(content))
      assert.ok(isSound(bytes))
    }),
  )
})

test('the bytes of format 1 stay what they are', () => {
  assert.equal(
    Buffer.from(encodeChangeset(sample, Uint8Array.of(1, 2, 3))).toString('hex'),
    '01000102030405060708090a0b0c0d0e0fac020002078080f9c0c1c4820300e60bf761010203',
  )
})

test('one flipped bit anywhere, in header, checksum or payload, is found', () => {
  const bytes = encodeChangeset(sample, Uint8Array.of(1, 2, 3, 4, 5))
  assert.ok(isSound(bytes))
  for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
    const damaged = bytes.slice()
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
    assert.equal(isSound(damaged), false, `bit ${bit} flipped unnoticed`)
  }
})

test('joined again under its own checksum a changeset has the same bytes; damaged meanwhile, it does not pass', () => {
  fc.assert(
    fc.property(header, payload, (wrote, content) => {
      const bytes = encodeChangeset(wrote, content)
      const decoded = decodeChangesetHeader(bytes)
      assert.ok(decoded.ok)
      assert.deepEqual(joinChangeset(decoded.value.header, decoded.value.checksum, content), bytes)
      const damaged = Uint8Array.of(...content, 0)
      assert.equal(isSound(joinChangeset(decoded.value.header, decoded.value.checksum, damaged)), false)
    }),
  )
})

test('a cut anywhere is found', () => {
  const bytes = encodeChangeset(sample, Uint8Array.of(1, 2, 3))
  for (let length = 0; length < bytes.length; length += 1)
    assert.equal(isSound(bytes.subarray(0, length)), false)
})

test('arbitrary bytes give a header or a typed error and never throw', () => {
  const kinds = new Set(['truncated', 'out-of-range', 'malformed', 'unknown-format'])
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.uint8Array({ maxLength: 60 }).map((rest) => Uint8Array.of(CHANGESET_FORMAT, ...rest)),
  )
  fc.assert(
    fc.property(bytes, (junk) => {
      const decoded = decodeChangesetHeader(junk)
      if (!decoded.ok) assert.ok(kinds.has(decoded.error.kind))
      else assert.ok(decoded.value.payloadOffset <= junk.length)
    }),
    { numRuns: 500 },
  )
})

test('another format, version 0, seqs beyond the limit and an endless chunk are refused by kind', () => {
  const bytes = encodeChangeset(sample, new Uint8Array())
  assert.deepEqual(decodeChangesetHeader(Uint8Array.of(2, ...bytes.subarray(1))), {
    ok: false,
    error: { kind: 'unknown-format', got: 2 },
  })
  const zero = encodeChangeset({ ...sample, version: version(1) }, new Uint8Array())
  zero[17] = 0
  assert.equal(kindOf(zero), 'out-of-range')
  const wide = encodeChangeset(
    { ...sample, firstSeq: seq(1), lastSeq: seq(SEQ_MAX), versionLastSeq: seq(SEQ_MAX) },
    new Uint8Array(),
  )
  wide[19] = 2
  assert.equal(kindOf(wide), 'out-of-range')
  assert.equal(kindOf(new Uint8Array(CHUNK_BYTES_MAX + 1)), 'out-of-range')
  assert.equal(kindOf(new Uint8Array()), 'truncated')
})

test('seqs out of order and a chunk above the limit are bugs of the writer', () => {
  const none = new Uint8Array()
  assert.throws(() => encodeChangeset({ ...sample, firstSeq: seq(3) }, none), /seqs out of order/)
  assert.throws(() => encodeChangeset({ ...sample, lastSeq: seq(10) }, none), /seqs out of order/)
  assert.throws(() => encodeChangeset(sample, new Uint8Array(CHUNK_BYTES_MAX)), /longer than a chunk/)
})

function kindOf(bytes: Uint8Array): string {
  const decoded = decodeChangesetHeader(bytes)
  return decoded.ok ? 'decoded' : decoded.error.kind
}

test('versions and times above their bound are refused: what follows them must be a safe integer too', () => {
  for (const fields of [{ version: version(COUNTER_MAX + 1) }, { ts: hlc(COUNTER_MAX + 1) }]) {
    const decoded = decodeChangesetHeader(encodeChangeset({ ...sample, ...fields }, new Uint8Array()))
    assert.equal(decoded.ok, false)
  }
})
