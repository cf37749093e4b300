import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { constants, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { decodeFrame, encodeFrame, type Frame, type FrameKind } from './framing.ts'
import { limits } from './limits.ts'
import { FramePacker, unpackFrame } from './packing.ts'

function frameOf(bytes: Uint8Array): Frame {
  const frame = decodeFrame(bytes)
  assert.ok(frame.ok)
  return frame.value
}

/** The frame inside, its bytes apart from the buffer they came in. */
function inside(packed: Uint8Array): Frame {
  const unpacked = unpackFrame(frameOf(packed))
  assert.ok(unpacked.ok)
  return { ...unpacked.value, payload: Uint8Array.from(unpacked.value.payload) }
}

/** What comes out of a packed frame with this inside. */
function outcome(content: Uint8Array, params: { [key: number]: number } = {}): string {
  const payload = zstdCompressSync(content, { params })
  const unpacked = unpackFrame(frameOf(encodeFrame('packed', 'backlog', payload)))
  if (unpacked.ok) return unpacked.value.kind
  return unpacked.error.kind === 'malformed' ? unpacked.error.what : unpacked.error.kind
}

test('packing and unpacking is the identity', () => {
  const text = fc.array(fc.constantFrom('alive', 'suspect', 'ams', 'syd', '\0\0\0'), { maxLength: 8_000 })
  fc.assert(
    fc.property(text, fc.constantFrom<FrameKind>('whole', 'first', 'next'), (words, kind) => {
      const plain = encodeFrame(kind, 'backlog', Buffer.from(words.join('')))
      assert.deepEqual(inside(new FramePacker().pack(plain)), frameOf(plain))
    }),
    { numRuns: 50 },
  )
})

test('the greatest frame of zeros is packed into a few bytes and comes back whole', () => {
  const plain = encodeFrame('whole', 'backlog', new Uint8Array(limits.frameBytesMax - 1))
  const packed = new FramePacker().pack(plain)
  assert.ok(packed.length < 100)
  assert.deepEqual(inside(packed), frameOf(plain))
})

test('small frames and what becomes no smaller go as they are, and after the latter some are not tried', () => {
  const packer = new FramePacker()
  const [small, noise, text] = [Buffer.alloc(1_000), randomBytes(10_000), Buffer.alloc(10_000, 'text')].map(
    (payload) => encodeFrame('whole', 'backlog', payload),
  ) as [Uint8Array, Uint8Array, Uint8Array]
  assert.equal(packer.pack(small), small)
  assert.notEqual(packer.pack(text), text)
  assert.equal(packer.pack(noise), noise)
  let plain = 0
  while (packer.pack(text) === text) plain += 1
  assert.equal(plain, 16)
})

test('bombs: more than a frame inside, a frame in a frame, a window that asks for memory', () => {
  const part = encodeFrame('whole', 'backlog', new Uint8Array(10_000))
  const within = { [constants.ZSTD_c_windowLog]: 16 }
  assert.equal(outcome(part, within), 'whole')
  for (const bytes of [limits.frameBytesMax + 1, 10_000_000])
    assert.equal(outcome(new Uint8Array(bytes), within), 'a packed frame')
  assert.equal(outcome(encodeFrame('packed', 'backlog', zstdCompressSync(part))), 'a packed packed')
  // A header by hand (RFC 8878 §3.1.1): no size of content, a window of 128 MiB, one empty raw block.
  const wide = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 0x01, 0x00, 0x00])
  const refused = unpackFrame(frameOf(encodeFrame('packed', 'backlog', wide)))
  assert.deepEqual(refused, { ok: false, error: { kind: 'malformed', what: 'a packed frame' } })
})

test('inside is a part of a message in the same lane, and nothing else', () => {
  assert.equal(outcome(encodeFrame('goodbye', 'backlog', new Uint8Array(0))), 'a packed goodbye')
  assert.equal(outcome(encodeFrame('whole', 'fresh', Uint8Array.of(1))), 'a packed whole')
  assert.equal(outcome(new Uint8Array(0)), 'truncated')
  assert.equal(outcome(Uint8Array.of(0xff)), 'out-of-range')
})

test('arbitrary bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const magic = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), bytes])
      for (const payload of [bytes, magic]) unpackFrame(frameOf(encodeFrame('packed', 'backlog', payload)))
    }),
  )
})
