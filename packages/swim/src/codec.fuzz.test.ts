/** Arbitrary and damaged bytes never throw, and arbitrary packets come back as they were. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { type ActorId, actorFromBytes, peerAddressOf } from '@patina/base'
import fc from 'fast-check'
import { appendRecords, decodePacket, encodePacketHead, encodeUpdate } from './codec.ts'
import { DETAILS_BYTES_MAX } from './details.ts'
import type { MemberRecord } from './member.ts'
import type { OwnBody } from './outbox.ts'

const actor: fc.Arbitrary<ActorId> = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => actorFromBytes(bytes))
const u32 = fc.integer({ min: 0, max: 4_294_967_295 })
const generation = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const word = fc.string({ unit: 'grapheme', maxLength: 10 })
const metadata = fc.record(
  {
    name: word,
    region: word,
    apiAddress: word,
    tags: fc.dictionary(word, word, { maxKeys: 3, noNullPrototype: true }),
    details: fc.record({ bytes: fc.integer({ min: 1, max: DETAILS_BYTES_MAX }), checksum: u32 }),
  },
  { requiredKeys: ['name', 'region', 'apiAddress', 'tags'] },
)
const told = fc.option(fc.record({ generation, incarnation: u32, metadata }), { nil: undefined })
const address = fc
  .tuple(fc.ipV4(), fc.integer({ min: 1, max: 65_535 }))
  .map(([host, port]) => peerAddressOf(host, port))
const record = (states: readonly MemberRecord['state'][]): fc.Arbitrary<MemberRecord> =>
  fc.record({ actor, generation, incarnation: u32, state: fc.constantFrom(...states), address, told })
const body: fc.Arbitrary<OwnBody> = fc.oneof(
  fc.record({ kind: fc.constantFrom('ping' as const, 'ping-req' as const), probe: u32, target: actor }),
  fc.record({ kind: fc.constantFrom('ack' as const, 'nack' as const), probe: u32 }),
  fc.record({ kind: fc.constantFrom('gossip' as const, 'announce' as const, 'feed' as const) }),
  fc.record({ kind: fc.constant('busy' as const), exchange: u32, retryAfterMs: u32 }),
  fc.record({ kind: fc.constant('pull' as const), exchange: u32 }),
  fc.record({
    kind: fc.constant('details' as const),
    exchange: u32,
    bytes: fc.uint8Array({ maxLength: 64 }),
    retryAfterMs: u32,
  }),
  fc.record({
    kind: fc.constant('delta' as const),
    exchange: u32,
    wanted: fc.uniqueArray(fc.nat(255), { maxLength: 256 }),
  }),
)
const update = fc.record({
  record: record(['alive', 'suspect', 'down', 'left']),
  accusers: fc.array(actor, { maxLength: 8 }),
})
const sender = record(['alive', 'left'])

test('arbitrary bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_600 }), (bytes) =>
      [decodePacket(bytes), decodePacket(bytes, 'stream')].every(({ ok }) => typeof ok === 'boolean'),
    ),
  )
})

test('a damaged packet never throws', () => {
  fc.assert(
    fc.property(
      sender,
      body,
      fc.array(update, { maxLength: 3 }),
      fc.nat(),
      fc.nat(255),
      (from, about, updates, at, byte) => {
        const bytes = appendRecords(encodePacketHead(from, about), updates.map(encodeUpdate))
        bytes[at % bytes.length] = byte
        return (
          typeof decodePacket(bytes).ok === 'boolean' &&
          typeof decodePacket(bytes.subarray(0, at % bytes.length)).ok === 'boolean'
        )
      },
    ),
  )
})

test('decode ∘ encode is the identity', () => {
  fc.assert(
    fc.property(sender, body, fc.array(update, { maxLength: 3 }), (from, about, updates) => {
      const decoded = decodePacket(appendRecords(encodePacketHead(from, about), updates.map(encodeUpdate)))
      assert.ok(decoded.ok)
      // fast-check's records may lack a prototype; a clone has one.
      assert.deepEqual(
        decoded.value,
        structuredClone({ protocol: 1, protocolMax: 1, sender: from, body: about, updates }),
      )
    }),
  )
})
