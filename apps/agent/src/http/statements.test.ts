import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseJsonBody } from './json-body.ts'
import { decodeStatement, decodeStatements } from './statements.ts'

function decode(text: string): ReturnType<typeof decodeStatement> {
  const body = parseJsonBody(text)
  assert.ok(body.ok, text)
  return decodeStatement(body.value.value, body.value.exact)
}

function paramsOf(text: string): unknown {
  const statement = decode(`["S", ${text}]`)
  assert.ok(statement.ok, text)
  return statement.value.params
}

test('the four forms of a statement', () => {
  assert.deepEqual(decode('"S"'), { ok: true, value: { sql: 'S', params: [] } })
  assert.deepEqual(decode('["S", ["a"]]'), { ok: true, value: { sql: 'S', params: ['a'] } })
  assert.deepEqual(decode('["S", {":a": "b"}]'), { ok: true, value: { sql: 'S', params: { ':a': 'b' } } })
  assert.deepEqual(decode('{"query": "S", "params": ["a"], "named_params": {":a": 1}, "other": 1}'), {
    ok: true,
    value: { sql: 'S', params: ['a'] },
  })
  assert.deepEqual(decode('{"query": "S", "named_params": {"@a": null}}'), {
    ok: true,
    value: { sql: 'S', params: { '@a': null } },
  })
  assert.deepEqual(decode('{"query": "S", "params": null}'), { ok: true, value: { sql: 'S', params: [] } })
})

test('other shapes are refused', () => {
  const shapes = [
    '1',
    'null',
    'true',
    '[]',
    '["S"]',
    '["S", 1]',
    '["S", [], 1]',
    '[1, []]',
    '["S", null]',
    '{}',
  ]
  const objects = ['{"query": 1}', '{"query": "S", "params": {}}', '{"query": "S", "named_params": []}']
  for (const text of [...shapes, ...objects]) assert.equal(decode(text).ok, false, text)
})

test('parameter values keep their storage class', () => {
  assert.deepEqual(paramsOf('[null, true, false, 1, -0, "x", 9007199254740993, 1.0, 1e3]'), [
    null,
    1n,
    0n,
    1n,
    0n,
    'x',
    9007199254740993n,
    1,
    1000,
  ])
  assert.deepEqual(paramsOf('[7]'), [7n])
})

test('arrays of bytes are blobs, with the exact parser too; all else is JSON text', () => {
  assert.deepEqual(paramsOf('[[], [0, 255]]'), [new Uint8Array(), Uint8Array.of(0, 255)])
  assert.deepEqual(paramsOf('[[0, 255], 1.5]'), [Uint8Array.of(0, 255), 1.5])
  assert.deepEqual(paramsOf('[[256], [-1], ["a"], {"a": 1}]'), ['[256]', '[-1]', '["a"]', '{"a":1}'])
  assert.deepEqual(paramsOf('[[1.0], {"a": 1.0, "b": 2}]'), ['[1.0]', '{"a":1.0,"b":2}'])
})

test('texts that UTF-8 cannot hold are refused', () => {
  for (const text of ['"\\ud800"', '["S", ["\\ud800"]]', '["S", {":a": "\\udc00"}]'])
    assert.equal(decode(text).ok, false, text)
})

test('more parameters than SQLite takes are refused before they are looked at', () => {
  const error = 'a statement has more than 32766 parameters'
  const named = Object.fromEntries(Array.from({ length: 32_767 }, (_, i) => [`:${i}`, 1]))
  assert.deepEqual(decode(`["S", [${'1,'.repeat(32_766)}1]]`), { ok: false, error })
  assert.deepEqual(decode(JSON.stringify(['S', named])), { ok: false, error })
  assert.equal(decode(`["S", [${'1,'.repeat(32_765)}1]]`).ok, true)
})

test('a list names the statement that is wrong', () => {
  assert.deepEqual(decodeStatements({ value: ['a', 5], exact: false }), {
    ok: false,
    error: 'statement 2: a statement is a text, an array or an object',
  })
  assert.equal(decodeStatements({ value: 'a', exact: false }).ok, false)
})

test('arbitrary JSON never throws', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value)
      const body = parseJsonBody(`[${text}, ["S", [${text}]]]`)
      assert.ok(body.ok)
      decodeStatements(body.value)
    }),
  )
})
