import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CellOptions, lineParser, type NumberText, readCells } from './cell.ts'
import { IntegerRangeError, ProtocolError } from './error.ts'

function read(text: string, options: CellOptions = {}): unknown {
  return readCells(lineParser(options)(text), options.blobs)
}

test('the kinds of cells', () => {
  assert.deepEqual(read('[null, 1, 1.5, "x", [], [0,255]]'), [null, 1, 1.5, 'x', [], [0, 255]])
  assert.deepEqual(read('[[], [0,255]]', { blobs: 'bytes' }), [new Uint8Array(), new Uint8Array([0, 255])])
})

test('an integer beyond 2^53 is refused, or a bigint where asked for', () => {
  for (const digits of ['9007199254740992', '-9007199254740993', '9223372036854775807']) {
    assert.throws(
      () => read(`["a", ${digits}]`),
      (cause) => cause instanceof IntegerRangeError && cause.digits === digits,
    )
    assert.deepEqual(read(`[1, ${digits}]`, { integers: 'bigint' }), [1, BigInt(digits)])
  }
  assert.deepEqual(read('[9007199254740991]'), [9007199254740991])
  assert.deepEqual(read('[9007199254740991]', { integers: 'bigint' }), [9007199254740991])
})

test('a REAL stays a number, however long', () => {
  const reals = '[9007199254740993.0, 1e20, 12345678901234567890.5, 0.12345678901234567890, 1E+300]'
  const values = reals.slice(1, -1).split(', ').map(Number)
  // Beside a long integer the slow way is taken.
  const beside = `[9223372036854775807, ${reals.slice(1)}`
  assert.deepEqual(read(reals), values)
  assert.deepEqual(read(beside, { integers: 'bigint' }), [9223372036854775807n, ...values])
})

test('digits in texts are texts', () => {
  assert.deepEqual(read('["9007199254740993"]'), ['9007199254740993'])
})

test('any int64 is exact or refused; any double is itself', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.double(), (integer, real) => {
      const text = `[${integer},${JSON.stringify(real)}]`
      const [first, second] = read(text, { integers: 'bigint' }) as [number | bigint, number]
      assert.equal(BigInt(first), integer)
      if (!Number.isInteger(real)) assert.equal(second, Number.isFinite(real) ? real : null)
      const safe = Number.isSafeInteger(Number(integer))
      if (safe) assert.equal((read(`[${integer}]`) as number[])[0], Number(integer))
      else assert.throws(() => read(`[${integer}]`), IntegerRangeError)
    }),
  )
})

test('numbers as text keep every character', () => {
  const [one, real, bytes] = read('[1, 1.0, [7]]', { numbers: 'text' }) as [
    NumberText,
    NumberText,
    NumberText[],
  ]
  assert.deepEqual([one.text, real.text, bytes[0]?.text], ['1', '1.0', '7'])
  assert.deepEqual(read('[[7]]', { numbers: 'text', blobs: 'bytes' }), [new Uint8Array([7])])
})

test('what is no cell is refused', () => {
  for (const text of [
    '{}',
    '1',
    'null',
    '[true]',
    '[{}]',
    '[[256]]',
    '[[-1]]',
    '[[0.5]]',
    '[["1"]]',
    '[[[1]]]',
  ])
    assert.throws(() => read(text), ProtocolError, text)
})
