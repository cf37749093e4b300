import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorFromBytes, ByteWriter, peerAddress } from '@patina/base'
import fc from 'fast-check'
import { decodeHello, encodeHello, type Hello, refuseHello } from './hello.ts'
import { limits } from './limits.ts'

const hello: Hello = {
  versionMin: 1,
  versionMax: 1,
  clusterId: 'blue',
  actor: actorFromBytes(new Uint8Array(16).fill(7)),
  address: peerAddress('[2001:db8::1]:8787'),
  process: 'ab'.repeat(16),
  moment: 42,
  capabilities: ['snapshot', 'zstd'],
}

const actors = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => actorFromBytes(bytes))
const hellos: fc.Arbitrary<Hello> = fc
  .record({
    versionMin: fc.nat(65_535),
    versionMax: fc.nat(65_535),
    clusterId: fc.stringMatching(/^[a-z0-9-]{1,32}$/),
    actor: actors,
    address: fc.constantFrom(peerAddress('10.0.0.1:1'), hello.address),
    process: actors as fc.Arbitrary<string>,
    moment: fc.maxSafeNat(),
    capabilities: fc.array(fc.stringMatching(/^[a-z]{1,32}$/), { maxLength: limits.capabilitiesMax }),
  })
  .map((fields) => ({ ...fields }))

test('decoding undoes encoding, within the bound', () => {
  fc.assert(
    fc.property(hellos, (one) => {
      const bytes = encodeHello(one)
      assert.ok(bytes.length <= limits.helloBytesMax)
      assert.deepEqual(decodeHello(bytes), { ok: true, value: one })
    }),
  )
})

test('a later version may add fields', () => {
  const later = new ByteWriter()
    .raw(encodeHello(hello))
    .varint(99)
    .bytes(Uint8Array.of(1, 2, 3))
    .toBytes()
  assert.deepEqual(decodeHello(later), { ok: true, value: hello })
})

test('arbitrary bytes, cuts and changed bytes give a typed error or a hello', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => assert.equal(decodeHello(bytes).ok, false)),
  )
  const bytes = encodeHello(hello)
  for (let end = 0; end < bytes.length; end += 1) decodeHello(bytes.subarray(0, end))
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
      decodeHello(Uint8Array.from(bytes, (byte, i) => (i === at ? value : byte)))
    }),
  )
})

test('bounds: a hello that is too long, too many capabilities, an overlong cluster id', () => {
  const padded = new ByteWriter().raw(encodeHello(hello)).varint(99).bytes(new Uint8Array(5_000)).toBytes()
  const bad = [
    padded,
    encodeHello({ ...hello, capabilities: Array.from({ length: limits.capabilitiesMax + 1 }, () => 'x') }),
    encodeHello({ ...hello, clusterId: 'x'.repeat(limits.clusterIdBytesMax + 1) }),
    encodeHello({ ...hello, address: 'localhost:80' as Hello['address'] }),
    encodeHello({ ...hello, process: 'ab' }),
  ]
  for (const bytes of bad) assert.equal(decodeHello(bytes).ok, false)
})

test('who is refused, and why', () => {
  const ours = { clusterId: 'blue', actor: actorFromBytes(new Uint8Array(16).fill(8)) }
  assert.equal(refuseHello(hello, ours), undefined)
  assert.equal(refuseHello({ ...hello, versionMin: 2, versionMax: 3 }, ours)?.reason, 'incompatible-version')
  assert.equal(refuseHello({ ...hello, versionMax: 3 }, ours), undefined)
  assert.equal(refuseHello({ ...hello, clusterId: 'red' }, ours)?.reason, 'other-cluster')
  assert.equal(refuseHello(hello, { ...ours, actor: hello.actor })?.reason, 'own-actor')
})
