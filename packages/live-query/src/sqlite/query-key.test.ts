/** What makes two statements one query, and what does not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SqlStatement } from '@patina/sqlite'
import { queryKey, shownHash } from './query-key.ts'

const key = (sql: string, params: SqlStatement['params'] = [], columns = ['a']): string =>
  queryKey({ sql, params }, columns)

test('blanks, comments and the order of names do not matter', () => {
  assert.equal(key('SELECT a FROM t'), key(' SELECT  a /* x */ FROM t;'))
  assert.equal(key('SELECT :x, :y', { ':x': 1, ':y': 'b' }), key('SELECT :x, :y', { ':y': 'b', ':x': 1 }))
  assert.match(key('SELECT 1'), /^[0-9a-f]{64}$/)
  assert.equal(shownHash(key('SELECT 1')), key('SELECT 1').slice(0, 16))
})

test('text, parameters, their storage classes and names of columns do', () => {
  const keys = [
    key('SELECT a FROM t'),
    key('select a FROM t'),
    key('SELECT a FROM t', [], ['A']),
    key('SELECT ?', [1]),
    key('SELECT ?', [1n]),
    key('SELECT ?', ['1']),
    key('SELECT ?', [null]),
    key('SELECT ?', [new Uint8Array([1])]),
    key('SELECT :a', { ':a': 1 }),
    key(`SELECT 'a b'`),
    key(`SELECT 'a  b'`),
  ]
  assert.equal(new Set(keys).size, keys.length)
})
