import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ProtocolError } from './error.ts'
import { LineSplitter } from './ndjson.ts'

const utf8 = new TextEncoder()

function split(pieces: readonly Uint8Array[], charsMax?: number): string[] {
  const splitter = new LineSplitter(charsMax)
  const lines = pieces.flatMap((piece) => splitter.push(piece))
  return [...lines, splitter.end()]
}

test('any text in any pieces is its lines', () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', '\n', 'ü', '€', '😀') }), { maxLength: 8 })
  fc.assert(
    fc.property(texts, fc.infiniteStream(fc.integer({ min: 0, max: 5 })), (parts, sizes) => {
      const text = parts.join('')
      const bytes = utf8.encode(text)
      const pieces: Uint8Array[] = []
      for (let at = 0; at < bytes.length; ) {
        const size = sizes.next().value as number
        pieces.push(bytes.subarray(at, at + size))
        at += size
      }
      assert.deepEqual(split(pieces), text.split('\n'))
    }),
  )
})

test('a line is bounded, in one piece and in many', () => {
  assert.deepEqual(split([utf8.encode('abcd\nabcd')], 4), ['abcd', 'abcd'])
  for (const pieces of [['abcde\n'], ['ab', 'cde'], ['ab', 'cde\n'], ['\nab', 'cde']])
    assert.throws(
      () =>
        split(
          pieces.map((piece) => utf8.encode(piece)),
          4,
        ),
      ProtocolError,
    )
})

test('bytes that are not UTF-8, or end inside a character, are refused', () => {
  assert.throws(() => split([new Uint8Array([0xff])]), ProtocolError)
  assert.throws(() => split([utf8.encode('€').subarray(0, 2)]), ProtocolError)
})

test('arbitrary bytes end in lines or in a ProtocolError', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (pieces) => {
      try {
        split(pieces)
      } catch (cause) {
        assert.ok(cause instanceof ProtocolError)
      }
    }),
  )
})
