/** Parameters by position and by name, run through a real statement. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SqliteValue } from '@patina/base'
import fc from 'fast-check'
import { openDatabase } from './open.ts'
import { type BindError, bindArguments } from './parameters.ts'
import { parameterNames } from './sql-text.ts'

const db = openDatabase(':memory:')

type Params = readonly SqliteValue[] | { readonly [name: string]: SqliteValue }

function run(sql: string, params: Params): unknown {
  const bound = bindArguments(parameterNames(sql), params)
  assert.ok(
    bound.ok,
    JSON.stringify(bound, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  )
  return db
    .prepare(sql)
    .raw()
    .get(...bound.value)
}

function refused(sql: string, params: Params): BindError['kind'] | undefined {
  const bound = bindArguments(parameterNames(sql), params)
  return bound.ok ? undefined : bound.error.kind
}

describe('bindArguments', () => {
  it('binds by position', () => {
    assert.deepEqual(run('SELECT 1', []), [1n])
    assert.deepEqual(run('SELECT ?, ?, ?', [1n, 1, 'x']), [1n, 1, 'x'])
    assert.deepEqual(run('SELECT ?2, ?1', ['a', 'b']), ['b', 'a'])
    assert.deepEqual(run('SELECT ?3', ['a', 'b', 'c']), ['c'])
    assert.deepEqual(run('SELECT ?, ?3, ?, ?', ['a', 'b', 'c', 'd', 'e']), ['a', 'c', 'd', 'e'])
    assert.deepEqual(run('SELECT :a, ?, :a, @b', ['x', 'y', 'z']), ['x', 'y', 'x', 'z'])
  })

  it('binds by name; what is not given is NULL', () => {
    assert.deepEqual(run('SELECT :a, @b, $c', { ':a': 1n, '@b': null, $c: 2 }), [1n, null, 2])
    assert.deepEqual(run('SELECT :a, ?, @b', { ':a': 1n }), [1n, null, null])
    assert.deepEqual(run('SELECT ?2', { '?2': 'x' }), ['x'])
    assert.deepEqual(run('SELECT :__proto__, :constructor', { ':constructor': 'c' }), [null, 'c'])
    assert.deepEqual(run('SELECT 1', {}), [1n])
  })

  it('refuses what does not fit', () => {
    assert.equal(refused('SELECT ?', []), 'parameter-count')
    assert.equal(refused('SELECT 1', [1n]), 'parameter-count')
    assert.equal(refused('SELECT ?3', ['a']), 'parameter-count')
    assert.equal(refused('SELECT :a', { ':b': 1n }), 'unknown-parameter')
    assert.equal(refused('SELECT :a', { a: 1n }), 'unknown-parameter')
    assert.equal(refused('SELECT :a', { ':a': 1n, '@a': 1n }), 'unknown-parameter')
    assert.equal(refused('SELECT :a, @a', { ':a': 1n }), 'ambiguous-parameter')
    assert.equal(refused('SELECT ?', [Number.NaN]), 'not-a-number')
    assert.equal(refused('SELECT :a', { ':a': 2n ** 63n }), 'integer-range')
  })

  it('gives each index its value, in any mixture', () => {
    const token = fc.constantFrom('?', '?1', '?2', '?5', ':a', ':b', '@c')
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 8 }), (tokens) => {
        const sql = `SELECT ${tokens.join(', ')}`
        const names = parameterNames(sql)
        const row = run(
          sql,
          names.map((_, i) => `value ${i + 1}`),
        )
        assert.deepEqual(
          row,
          indexesOf(tokens).map((index) => `value ${index}`),
        )
      }),
    )
  })
})

/** SQLite's rule: `?` is one more than the largest so far, `?N` is N, a name is its first index or one more. */
function indexesOf(tokens: readonly string[]): readonly number[] {
  const byName = new Map<string, number>()
  let largest = 0
  return tokens.map((token) => {
    const numbered = /^\?(\d+)$/.exec(token)
    const index = numbered ? Number(numbered[1]) : (byName.get(token) ?? largest + 1)
    if (!token.startsWith('?')) byName.set(token, index)
    largest = Math.max(largest, index)
    return index
  })
}
