import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codesIn, keysIn, namesUnder, unionIn } from './http-codes.ts'

test('names stand in the first cells under a heading, up to the next of its depth', () => {
  const table = (...names: string[]): string =>
    ['name', '---', ...names].map((n) => `| ${n} | x |`).join('\n')
  const page = `# P\n\n## A\n\n${table('`a`')}\n\n### B\n\n${table('`b-c`', 'd')}\n\n## E\n\n${table('e')}\n`
  assert.deepEqual(namesUnder(page, 'A'), ['a', 'b-c', 'd'])
  assert.deepEqual(namesUnder(page, 'B'), ['b-c', 'd'])
  assert.deepEqual(namesUnder(page, 'E'), ['e'])
  assert.deepEqual(namesUnder(page, 'F'), [])
})

test('codes are found in each form that sources have', () => {
  const source = [
    `{ status: 400, code: 'a-b', error: 'x' }`,
    `function overloaded(error: string, code = 'c')`,
    `overloaded('some sentence', 'd')`,
    `throw new RequestRefused(\n  'e',`,
    `code ?? 'f'`,
    `kind: 'not-a-code'`,
  ].join('\n')
  assert.deepEqual(codesIn(source).sort(), ['a-b', 'c', 'd', 'e', 'f'])
})

test('a union ends with its members', () => {
  const source = `type Code =\n  | 'a'\n  /** Why. */\n  | 'b-c'\n\nconst x = 'd'\ninterface E {\n  readonly kind: 'e' | 'f'\n  readonly m: 'g'\n}`
  assert.deepEqual(unionIn(source, 'Code'), ['a', 'b-c'])
  assert.deepEqual(unionIn(source, 'kind'), ['e', 'f'])
  assert.deepEqual(unionIn(source, 'none'), [])
})

test('keys of an answer are those of all its objects', () => {
  const source = `const { z } = x\nreturn {\n  a: x.y,\n  b,\n  c: { d: n.e + 1, f: n.g },\n  h:\n    s === undefined\n      ? null\n      : {\n          i: s.j,\n        },\n}`
  assert.deepEqual(keysIn(source), ['a', 'b', 'c', 'd', 'f', 'i'])
})
