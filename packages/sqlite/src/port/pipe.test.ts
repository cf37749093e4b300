import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deserialize } from 'node:v8'
import fc from 'fast-check'
import { Frames, frameOf } from './pipe.ts'

const batch = fc.array(
  fc.oneof(
    fc.tuple(
      fc.constant('call'),
      fc.nat(),
      fc.string(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    ),
    fc.tuple(fc.constant('chunk'), fc.nat(), fc.uint8Array({ maxLength: 300 })),
  ),
  { maxLength: 5 },
)

test('batches come out as they went in, however the pipe cuts them', () => {
  fc.assert(
    fc.property(
      fc.array(batch, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 90 })),
      (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(frameOf))
        const frames = new Frames()
        const received: unknown[] = []
        let at = 0
        for (let i = 0; at < bytes.length; i += 1) {
          const part = bytes.subarray(at, at + (cuts[i % Math.max(1, cuts.length)] ?? bytes.length))
          at += part.length
          for (const frame of frames.add(part)) received.push(deserialize(frame))
        }
        assert.deepEqual(received, sent)
      },
    ),
    { numRuns: 60 },
  )
})

test('a large frame in many parts is joined once', () => {
  const sent = [['chunk', 1, new Uint8Array(20_000_000).fill(5)]]
  const bytes = frameOf(sent)
  const frames = new Frames()
  for (let at = 0; at < bytes.length - 1; at += 65_536)
    assert.deepEqual(frames.add(bytes.subarray(at, Math.min(at + 65_536, bytes.length - 1))), [])
  const [frame, ...others] = frames.add(bytes.subarray(-1))
  assert.deepEqual([frame?.length, others.length], [bytes.length - 4, 0])
})
