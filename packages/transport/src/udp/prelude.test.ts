import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PRELUDE_BYTES, PROCESS_BYTES, type Prelude, readPrelude, writePrelude } from './prelude.ts'

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const preludes: fc.Arbitrary<Prelude> = fc
  .record({
    plaintext: fc.boolean(),
    keyId: u32,
    clusterTag: u32,
    process: fc.uint8Array({ minLength: PROCESS_BYTES, maxLength: PROCESS_BYTES }),
    counter: fc.maxSafeNat(),
  })
  .map((fields) => ({ ...fields }))

test('reading undoes writing, whatever follows', () => {
  fc.assert(
    fc.property(preludes, fc.nat(64), (prelude, more) => {
      const packet = Buffer.alloc(PRELUDE_BYTES + more, 0xee)
      writePrelude(packet, prelude)
      const read = readPrelude(packet)
      assert.ok(read.ok)
      assert.deepEqual({ ...read.value, process: Uint8Array.from(read.value.process) }, prelude)
      assert.ok(packet.subarray(PRELUDE_BYTES).every((byte) => byte === 0xee))
    }),
  )
})

test('the layout is the documented one', () => {
  const packet = Buffer.alloc(PRELUDE_BYTES)
  const process = Uint8Array.from({ length: PROCESS_BYTES }, (_, i) => i)
  writePrelude(packet, {
    plaintext: false,
    keyId: 0x01020304,
    clusterTag: 0x05060708,
    process,
    counter: 2 ** 40 + 9,
  })
  assert.equal(
    packet.toString('hex'),
    '504401000102030405060708000102030405060708090a0b0c0d0e0f0000010000000009',
  )
})

test('a counter that no sender of ours can have reached is another format', () => {
  const packet = Buffer.alloc(PRELUDE_BYTES)
  const process = new Uint8Array(PROCESS_BYTES)
  writePrelude(packet, {
    plaintext: true,
    keyId: 0,
    clusterTag: 0,
    process,
    counter: Number.MAX_SAFE_INTEGER,
  })
  assert.ok(readPrelude(packet).ok)
  packet[29] = 0xff
  assert.deepEqual(readPrelude(packet), { ok: false, error: 'unknown-format' })
})

test('arbitrary bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      assert.equal(readPrelude(Buffer.from(bytes)).ok, false)
      readPrelude(Buffer.concat([Buffer.from([0x50, 0x44, 1, 0]), bytes]))
    }),
  )
})
