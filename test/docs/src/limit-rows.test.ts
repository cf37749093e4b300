import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitRows, namesIn, valueIn } from './limit-rows.ts'

test('rows of a table of limits, and of no other', () => {
  const page =
    '| limit | value | name | file | why |\n| --- | --- | --- | --- | --- |\n' +
    '| a frame | 65,536 | `frameBytesMax` | `a/limits.ts` | why |\n| b | 2^40 | `B_MAX` | `b.ts` | why |\n' +
    '| 4 | 4 | key id | `x` | no limit |\n'
  assert.deepEqual(limitRows(page), [
    { name: 'frameBytesMax', file: 'a/limits.ts', value: 65_536 },
    { name: 'B_MAX', file: 'b.ts', value: 2 ** 40 },
  ])
})

test('the number of a name, in each form that the sources use', () => {
  const source =
    'export const A_MAX: number = 17 * 1024 * 1024\nconst B_MS = 5_000\nexport const C_MAX = 2 ** 52\n' +
    "  fieldMax: 1_000,\n  knobMs: knob('ms', 500, 10, 30, 'x'),\n  split: knob(\n    'ms',\n    100,\n    1, 2, 'x'),\n" +
    '  bytes: 64 * MIB,\n  one: MIB,\n  idle: millis(10 * 60),\n  readonly typed: number\n'
  for (const [name, value] of [
    ['A_MAX', 17_825_792],
    ['B_MS', 5_000],
    ['C_MAX', 2 ** 52],
    ['fieldMax', 1_000],
    ['knobMs', 500],
    ['split', 100],
    ['bytes', 67_108_864],
    ['one', 1_048_576],
    ['idle', 600],
    ['typed', undefined],
    ['MAX', undefined],
  ] as const)
    assert.equal(valueIn(source, name), value, name)
})

test('names that a source of limits bounds', () => {
  const source =
    "  a: 1_000,\n  b: knob(\n    'ms', 1, 2, 3, 'max(1)'),\n  c: 64 * MIB,\n  d: 'text',\n  e: MIB,\n  f: millis(1),\n"
  assert.deepEqual(namesIn(source), ['a', 'b', 'c', 'e', 'f'])
})
