import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LANES, type Lane } from '@patina/base'
import fc from 'fast-check'
import { cutFrame, decodeFrame, encodeFrame, type Frame, type FrameKind, MessageJoiner } from './framing.ts'
import { limits } from './limits.ts'

function frames(lane: Lane, message: Uint8Array): Uint8Array[] {
  const cut: Uint8Array[] = []
  let offset = 0
  do {
    const { frame, next } = cutFrame(lane, message, offset)
    cut.push(frame)
    offset = next
  } while (offset < message.length)
  return cut
}

function frame(bytes: Uint8Array): Frame {
  const decoded = decodeFrame(bytes)
  assert.ok(decoded.ok)
  return decoded.value
}

function refusal(...sent: readonly Uint8Array[]): string {
  const joiner = new MessageJoiner()
  for (const bytes of sent) {
    const added = joiner.add(frame(bytes))
    if (!added.ok) return added.error.kind === 'malformed' ? added.error.what : added.error.kind
  }
  return 'none'
}

const sizes = [0, 1, 65_534, 65_535, 65_536, 65_537, 131_068, 200_000]

test('cutting and joining is the identity, in frames within the bound', () => {
  for (const size of sizes)
    for (const lane of LANES) {
      const message = Uint8Array.from({ length: size }, (_, i) => i % 251)
      const joiner = new MessageJoiner()
      const cut = frames(lane, message)
      assert.ok(cut.every((bytes) => bytes.length <= limits.frameBytesMax))
      const results = cut.map((bytes) => joiner.add(frame(bytes)))
      assert.deepEqual(results.at(-1), { ok: true, value: message })
      assert.ok(results.slice(0, -1).every((result) => result.ok && result.value === undefined))
    }
})

test('lanes may interleave in any order and keep their messages apart', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(3)), (turns) => {
      const pending = LANES.map((lane, i) => ({
        lane,
        frames: frames(lane, new Uint8Array(140_000 + i).fill(i)),
      }))
      const joiner = new MessageJoiner()
      const lengths: number[] = []
      for (const turn of turns) {
        if (pending.every((one) => one.frames.length === 0)) break
        const bytes = pending[turn]?.frames.shift()
        if (bytes === undefined) continue
        const added = joiner.add(frame(bytes))
        if (added.ok && added.value !== undefined) lengths.push(added.value.length)
      }
      assert.deepEqual(lengths.sort(), [140_000, 140_001, 140_002, 140_003])
    }),
    { numRuns: 20 },
  )
})

test('a joined message is a copy: the carrier may reuse its buffer', () => {
  const bytes = encodeFrame('whole', 'fresh', Uint8Array.of(1, 2, 3))
  const added = new MessageJoiner().add(frame(bytes))
  bytes.fill(0)
  assert.deepEqual(added, { ok: true, value: Uint8Array.of(1, 2, 3) })
})

test('each disorder is told', () => {
  const [first, next] = frames('fresh', new Uint8Array(70_000)) as [Uint8Array, Uint8Array]
  const whole = encodeFrame('whole', 'fresh', Uint8Array.of(1))
  const make = (kind: FrameKind, ...payload: number[]): Uint8Array =>
    encodeFrame(kind, 'fresh', Uint8Array.from(payload))
  assert.equal(refusal(next), 'the continuation of no message')
  assert.equal(refusal(first, whole), 'a message inside another of its lane')
  assert.equal(refusal(first, first), 'a message inside another of its lane')
  assert.equal(refusal(first, make('next')), 'an empty continuation')
  assert.equal(
    refusal(first, encodeFrame('next', 'fresh', new Uint8Array(60_000))),
    'a message longer than announced',
  )
  assert.equal(refusal(make('first', 2, 1, 2)), 'a message cut without need')
  assert.equal(refusal(make('first', 5)), 'a message cut without need')
  assert.equal(refusal(make('first')), 'truncated')
  assert.equal(
    refusal(make('first', 0xff, 0xff, 0xff, 0x7f, 1)),
    'out-of-range',
    'above the greatest message',
  )
  assert.equal(refusal(make('hello')), 'hello inside a session')
})

test('arbitrary bytes never throw', () => {
  const joiner = new MessageJoiner()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const decoded = decodeFrame(bytes)
      if (decoded.ok) joiner.add(decoded.value)
    }),
  )
  assert.equal(decodeFrame(new Uint8Array(limits.frameBytesMax + 1).fill(0x50)).ok, false)
})
