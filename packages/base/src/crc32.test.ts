/** crc32 against zlib's, whole and in parts. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { crc32 } from './crc32.ts'

test('equals the CRC-32 of zlib for bytes of any length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => assert.equal(crc32(bytes), zlibCrc32(bytes))),
  )
})

test('continues over parts as over the whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (a, b) => {
      assert.equal(crc32(b, crc32(a)), zlibCrc32(Buffer.concat([a, b])))
    }),
  )
})

test('the check value of the standard', () => {
  assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926)
  assert.equal(crc32(new Uint8Array()), 0)
})
