import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hash128 } from './hash128.ts'

function hex(text: string, seed = 0): string {
  return Buffer.from(hash128(new TextEncoder().encode(text), seed)).toString('hex')
}

describe('hash128', () => {
  it('is MurmurHash3 x86 128: the verification value of SMHasher', () => {
    const all = Array.from({ length: 256 }, (_, n) =>
      hash128(
        Uint8Array.from({ length: n }, (_, i) => i),
        256 - n,
      ),
    )
    const [verification] = new Uint32Array(
      hash128(Uint8Array.from(all.flatMap((hash) => [...hash]))).buffer,
      0,
      1,
    )
    assert.equal(verification, 0xb3ece62a)
  })

  it('gives what another implementation gives', () => {
    assert.equal(hex(''), '0'.repeat(32))
    assert.equal(hex('hello'), 'a044242bf7de91dbb631db9ab631db9a')
    assert.equal(hex('hello', 0x9747b28c), '715c9390b522293285b598d485b598d4')
    assert.equal(hex('The quick brown fox jumps over the lazy dog'), 'c383152f672ceeec6cf67b5d2c1de9e5')
  })

  it('differs when one bit differs, and does not depend on where the bytes lie in memory', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.nat(), (bytes, at) => {
        const flipped = Uint8Array.from(bytes)
        flipped[at % bytes.length] = (flipped[at % bytes.length] as number) ^ (1 << (at % 8))
        assert.notDeepEqual(hash128(flipped), hash128(bytes))
        const shifted = new Uint8Array(bytes.length + 3)
        shifted.set(bytes, 3)
        assert.deepEqual(hash128(shifted.subarray(3)), hash128(bytes))
      }),
    )
  })
})
