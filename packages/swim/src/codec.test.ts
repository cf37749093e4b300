import assert from 'node:assert/strict'
import test from 'node:test'
import { actorId, peerAddress } from '@patina/base'
import { patina } from '#gen/swim.js'
import {
  appendRecords,
  decodePacket,
  encodePacketHead,
  encodeUpdate,
  METADATA_BYTES_MAX,
  metadataBytes,
  PROTOCOL,
  recordCost,
} from './codec.ts'
import type { MemberRecord } from './member.ts'
import type { OwnBody } from './outbox.ts'

const ACTOR = actorId('0123456789abcdef0123456789abcdef')
const OTHER = actorId('ff'.repeat(16))
const SENDER: MemberRecord = {
  actor: ACTOR,
  generation: 7,
  incarnation: 3,
  state: 'alive',
  address: peerAddress('[2001:db8::1]:4001'),
  told: {
    generation: 7,
    incarnation: 3,
    metadata: { name: 'ams-1', region: 'ams', apiAddress: '127.0.0.1:8080', tags: { rack: 'ä' } },
  },
}
const BODIES: readonly OwnBody[] = [
  { kind: 'ping', probe: 4_294_967_295, target: OTHER },
  { kind: 'ping-req', probe: 1, target: OTHER },
  { kind: 'ack', probe: 0 },
  {
    kind: 'ack',
    probe: 1,
    coordinate: { place: [1, -2, 3, 4, 5, 6, 7, 8.5], height: 0.5, adjustment: -1, error: 1.5 },
  },
  { kind: 'nack', probe: 9 },
  { kind: 'gossip' },
  { kind: 'announce' },
  { kind: 'announce', padding: 700 },
  { kind: 'feed' },
  { kind: 'busy', exchange: 3, retryAfterMs: 500 },
  { kind: 'delta', exchange: 3, wanted: [0, 7, 255] },
]

test('a packet of each kind comes back as it was', () => {
  for (const body of BODIES)
    assert.deepEqual(decodePacket(encodePacketHead(SENDER, body)), {
      ok: true,
      value: { protocol: PROTOCOL, protocolMax: PROTOCOL, sender: SENDER, body, updates: [] },
    })
})

test('records come back as they were, in order, and cost what they are said to cost', () => {
  const suspect: MemberRecord = { ...SENDER, actor: OTHER, state: 'suspect', told: undefined }
  const restarted: MemberRecord = {
    ...SENDER,
    generation: Number.MAX_SAFE_INTEGER,
    incarnation: 4_294_967_295,
  }
  const updates = [
    { record: suspect, accusers: [ACTOR, OTHER] },
    { record: restarted, accusers: [] },
  ]
  const records = updates.map(encodeUpdate)
  const head = encodePacketHead(SENDER, { kind: 'gossip' })
  const packet = appendRecords(head, records)
  assert.equal(packet.length, head.length + records.reduce((sum, record) => sum + recordCost(record), 0))
  const decoded = decodePacket(packet)
  assert.ok(decoded.ok)
  assert.deepEqual(decoded.value.updates, updates)
})

test('a record of at least 128 bytes costs two bytes of length', () => {
  const tags = { key: 'x'.repeat(200) }
  const told = { generation: 7, incarnation: 3, metadata: { name: '', region: '', apiAddress: '', tags } }
  const record = encodeUpdate({ record: { ...SENDER, told }, accusers: [] })
  const head = encodePacketHead(SENDER, { kind: 'gossip' })
  assert.equal(appendRecords(head, [record]).length - head.length, recordCost(record))
})

test('unknown fields and bodies of a later protocol are skipped', () => {
  const head = encodePacketHead(SENDER, { kind: 'gossip' })
  const later = new Uint8Array([...head.slice(0, -2), 0x92, 0x03, 0x02, 0x08, 0x01])
  const decoded = decodePacket(later)
  assert.ok(decoded.ok)
  assert.deepEqual(decoded.value.body, { kind: 'unknown' })
  assert.deepEqual(decoded.value.sender, SENDER)
})

test('what is out of bounds is refused by name', () => {
  const good = {
    actor: new Uint8Array(16),
    generation: 1,
    address: '10.0.0.1:4001',
  }
  const wire = patina.swim.v1
  const refusal = (sender: object, rest: object = { gossip: {} }): string => {
    const bytes = wire.Packet.encode({ protocol: 1, sender: { ...good, ...sender }, ...rest }).finish()
    const decoded = decodePacket(bytes)
    assert.ok(!decoded.ok)
    return decoded.error.kind === 'out-of-range' ? decoded.error.what : decoded.error.kind
  }
  assert.equal(refusal({ actor: new Uint8Array(15) }), 'actor bytes')
  assert.equal(refusal({ generation: 0 }), 'generation')
  assert.equal(refusal({ generation: 2 ** 53 }), 'generation')
  assert.equal(refusal({ state: 4 }), 'state')
  assert.equal(refusal({ state: 1 }), 'state of a sender')
  assert.equal(refusal({ address: 'localhost:80' }), 'address')
  assert.equal(refusal({ accusers: Array(9).fill(new Uint8Array(16)) }), 'accusers')
  assert.equal(refusal({ metadata: { name: 'x'.repeat(METADATA_BYTES_MAX) } }), 'metadata bytes')
  assert.equal(refusal({}, { protocol: 0 }), 'protocol')
  assert.equal(refusal({}, { ping: { target: new Uint8Array(3) } }), 'target bytes')
  assert.equal(refusal({}, { records: Array(65).fill({ ...good, address: '1.1.1.1:1' }) }), 'packet bytes')
})

test('metadata is measured as it travels', () => {
  const metadata = { name: 'n', region: '', apiAddress: '', tags: { a: 'b' } }
  assert.equal(metadataBytes(metadata), 3 + 2 + 6)
})

test('by stream a packet may be long: a digest of 2 kB, and records by the hundred', () => {
  const digest = { kind: 'digest', exchange: 9, hashes: new Uint8Array(2_048).fill(7) } as const
  const head = encodePacketHead(SENDER, digest)
  assert.equal(decodePacket(head).ok, false)
  const decoded = decodePacket(head, 'stream')
  assert.ok(decoded.ok && decoded.value.body.kind === 'digest')
  assert.deepEqual(new Uint8Array(decoded.value.body.hashes), digest.hashes)
  const record = encodeUpdate({ record: SENDER, accusers: [], ageS: 90 })
  const many = appendRecords(encodePacketHead(SENDER, { kind: 'gossip' }), new Array(400).fill(record))
  const read = decodePacket(many, 'stream')
  assert.ok(read.ok)
  assert.equal(read.value.updates.length, 400)
  assert.equal(read.value.updates[0]?.ageS, 90)
})

test('a hint that cannot be read spoils no ack; a digest of another size is refused', () => {
  const ack = encodePacketHead(SENDER, {
    kind: 'ack',
    probe: 4,
    coordinate: { place: [Number.NaN, 0, 0, 0, 0, 0, 0, 0], height: 1, adjustment: 0, error: 1 },
  })
  const decoded = decodePacket(ack)
  assert.deepEqual(decoded.ok && decoded.value.body, { kind: 'ack', probe: 4 })
  const digest = encodePacketHead(SENDER, { kind: 'digest', exchange: 1, hashes: new Uint8Array(2_047) })
  assert.equal(decodePacket(digest, 'stream').ok, false)
})

test('versions per pair: what is spoken and the highest that is understood', () => {
  const decoded = decodePacket(encodePacketHead(SENDER, { kind: 'gossip' }, 7))
  assert.deepEqual(decoded.ok && [decoded.value.protocol, decoded.value.protocolMax], [7, 7])
  const older = patina.swim.v1.Packet.decode(encodePacketHead(SENDER, { kind: 'gossip' }, 7))
  older.protocol = 1
  older.protocolMax = 9
  const read = decodePacket(patina.swim.v1.Packet.encode(older).finish())
  assert.deepEqual(read.ok && [read.value.protocol, read.value.protocolMax], [1, 9])
})
