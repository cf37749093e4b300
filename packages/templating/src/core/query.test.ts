import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asksForOrder, type QueryParam, type QueryParams, queryKey } from './query.ts'

const keyOf = (params: QueryParams): string => queryKey({ sql: 'SELECT ?', params })

test('a key tells values of different classes apart', () => {
  const values: QueryParam[] = [
    null,
    1,
    1n,
    '1',
    'null',
    true,
    Uint8Array.of(1),
    Uint8Array.of(1, 1),
    11,
    '',
    -0.5,
  ]
  const keys = new Set(values.map((value) => keyOf([value])))
  assert.equal(keys.size, values.length)
})

test('names have no order, and are not positions', () => {
  assert.equal(keyOf({ ':a': 1, ':b': 2 }), keyOf({ ':b': 2, ':a': 1 }))
  assert.notEqual(keyOf({ ':a': 1, ':b': 2 }), keyOf({ ':a': 2, ':b': 1 }))
  assert.notEqual(keyOf({}), keyOf({ '': null }))
})

test('a text that asks for an order', () => {
  assert.ok(asksForOrder('SELECT a FROM t\nORDER   by a'))
  assert.ok(!asksForOrder('SELECT reorder, bygone FROM t'))
})
