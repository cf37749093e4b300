import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeStatement, encodeStatements } from './statement.ts'

test('the forms of a statement', () => {
  assert.equal(encodeStatement('SELECT 1'), '"SELECT 1"')
  assert.equal(encodeStatement(['SELECT ?', [1]]), '["SELECT ?",[1]]')
  assert.equal(encodeStatement(['SELECT :a', { ':a': 'x' }]), '["SELECT :a",{":a":"x"}]')
  assert.equal(encodeStatements(['A', ['B', []]]), '["A",["B",[]]]')
})

test('values keep their kind and their digits', () => {
  const params = [
    null,
    true,
    1,
    0.5,
    1e300,
    9007199254740993n,
    -(2n ** 63n),
    7n,
    'ü',
    new Uint8Array([0, 255]),
  ]
  assert.equal(
    encodeStatement(['S', params]),
    '["S",[null,true,1,0.5,1e+300,9007199254740993,-9223372036854775808,7,"ü",[0,255]]]',
  )
  assert.equal(encodeStatement(['S', { __proto__: null, ':b': new Uint8Array() }]), '["S",{":b":[]}]')
})

test('every int64 arrives with its digits', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (integer) => {
      assert.equal(encodeStatement(['S', [integer]]), `["S",[${integer}]]`)
    }),
  )
})

test('what JSON would change silently is refused', () => {
  for (const param of [Number.NaN, Number.POSITIVE_INFINITY, 2n ** 63n, -(2n ** 63n) - 1n])
    assert.throws(() => encodeStatement(['S', { ':a': param }]), RangeError)
})
