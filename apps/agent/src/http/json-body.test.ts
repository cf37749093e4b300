import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonText, parseJsonBody } from './json-body.ts'

function parsed(text: string): unknown {
  const body = parseJsonBody(text)
  assert.ok(body.ok)
  return body.value.value
}

test('a plain text takes the plain parser', () => {
  const body = parseJsonBody('[1, "a", 999999999999999]')
  assert.deepEqual(body, { ok: true, value: { value: [1, 'a', 999999999999999], exact: false } })
})

test('what texts hold does not make a body exact, with escaped quotes in them, too', () => {
  for (const text of [
    '["10.0.0.1", "3e8", "1234567890123456", 7]',
    '{"1.5":[true,false,null,1],"a\\"1.5":2}',
    '["\\\\",1,"\\\\\\"2.5",3]',
    '["a\\\\\\\\",1]',
  ]) {
    const body = parseJsonBody(text)
    assert.ok(body.ok, text)
    assert.equal(body.value.exact, false, text)
  }
})

test('one exact number anywhere makes a body exact', () => {
  for (const text of ['1.5', '["a",1.5]', '["\\"",1e2]', '["\\\\",2E3,"x"]', '{"a":[1234567890123456]}']) {
    const body = parseJsonBody(text)
    assert.ok(body.ok, text)
    assert.equal(body.value.exact, true, text)
  }
})

test('any body comes through with its numbers and texts', () => {
  const value = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('"', '\\', '1', '.', 'e') }),
    fc.integer(),
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(value, fc.double({ noNaN: true, noDefaultInfinity: true }))), (values) => {
      const body = parseJsonBody(JSON.stringify(values))
      assert.ok(body.ok)
      const got = (body.value.value as (string | number | bigint)[]).map((one) =>
        typeof one === 'bigint' ? Number(one) : one,
      )
      assert.deepEqual(got, JSON.parse(JSON.stringify(values)))
      const fraction = values.some((one) => typeof one === 'number' && !Number.isInteger(one))
      if (fraction) assert.equal(body.value.exact, true)
    }),
  )
})

test('integers keep every digit, numbers with point or exponent are reals', () => {
  assert.deepEqual(parsed('[1, 1.0, 1e2, 9007199254740993, -9223372036854775808]'), [
    1n,
    1,
    100,
    9007199254740993n,
    -9223372036854775808n,
  ])
})

test('integers beyond int64 are reals', () => {
  assert.deepEqual(parsed('[9223372036854775807, 9223372036854775808]'), [9223372036854775807n, 2 ** 63])
})

test('what is not JSON is an error, never a throw', () => {
  fc.assert(fc.property(fc.string(), (text) => typeof parseJsonBody(text).ok === 'boolean'))
})

test('every int64 comes through', () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (integer) => {
      const body = parseJsonBody(`[${integer}]`)
      assert.ok(body.ok)
      const [value] = body.value.value as [number | bigint]
      assert.equal(BigInt(value), integer)
    }),
  )
})

test('a part of an exact body goes back to text with its kinds of numbers', () => {
  assert.equal(
    jsonText(parsed('{"a":1,"b":2.0,"c":[9007199254740993,1.5],"d":1e300}')),
    '{"a":1,"b":2.0,"c":[9007199254740993,1.5],"d":1e+300}',
  )
})

test('a body of more values than a loop can take is refused before it is parsed', () => {
  const { ok, error } = parseJsonBody(`[1.5${',1'.repeat(4_000_000)}]`) as { ok: boolean; error?: object }
  assert.deepEqual(
    [ok, error],
    [false, { kind: 'too-many', message: 'the body has more than 4000000 values; split it' }],
  )
})

test('a number beyond every double is no number of ours', () => {
  for (const text of ['[1e400]', '[-1e400]', `[1${'0'.repeat(400)}]`, '{"a":{"b":1e309}}'])
    assert.deepEqual(
      parseJsonBody(text),
      { ok: false, error: { kind: 'invalid', message: 'a number is out of range' } },
      text,
    )
  assert.deepEqual(parsed('[1e-400, 1.7976931348623157e308]'), [0, Number.MAX_VALUE])
})
