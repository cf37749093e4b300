import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorFromBytes, ByteWriter, peerAddress } from '@patina/base'
import fc from 'fast-check'
import { acceptHello, decodeHello, encodeHello, type Hello } from './hello.ts'
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
  const verdict = (bytes: Uint8Array, self: typeof ours = ours): string => {
    const accepted = acceptHello(bytes, self)
    return accepted.ok ? 'accepted' : accepted.error.reason
  }
  assert.equal(verdict(encodeHello(hello)), 'accepted')
  assert.equal(verdict(encodeHello({ ...hello, versionMin: 2, versionMax: 3 })), 'incompatible-version')
  assert.equal(verdict(encodeHello({ ...hello, versionMax: 3 })), 'accepted')
  assert.equal(verdict(encodeHello({ ...hello, clusterId: 'red' })), 'other-cluster')
  assert.equal(verdict(encodeHello(hello), { ...ours, actor: hello.actor }), 'own-actor')
  assert.equal(verdict(encodeHello({ ...hello, process: 'ab' })), 'not-patina')
  assert.equal(verdict(Uint8Array.of(1)), 'not-patina')
})

test('a hello of a later version is told as such, whatever its fields have become', () => {
  const ours = { clusterId: 'blue', actor: hello.actor }
  const beginning = Buffer.from('PATINA')
  for (const fields of [[], [1, 0xff], [200, 1, 7, 0, 9, 9]])
    assert.deepEqual(acceptHello(Buffer.concat([beginning, Uint8Array.of(9, 9, ...fields)]), ours), {
      ok: false,
      error: { reason: 'incompatible-version', detail: 'the peer speaks 9–9, this node 1–1' },
    })
})
