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
  { kind: 'nack', probe: 9 },
  { kind: 'gossip' },
  { kind: 'announce' },
  { kind: 'feed' },
]

test('a packet of each kind comes back as it was', () => {
  for (const body of BODIES)
    assert.deepEqual(decodePacket(encodePacketHead(SENDER, body)), {
      ok: true,
      value: { protocol: PROTOCOL, sender: SENDER, body, updates: [] },
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
