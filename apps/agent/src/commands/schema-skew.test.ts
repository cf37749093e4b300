import assert from 'node:assert/strict'
import { test } from 'node:test'
import { skewLines } from './schema-skew.ts'

const NONE = { count: 0, members: [] }
const some = (...names: string[]): { count: number; members: { actor: string; name: string }[] } => ({
  count: names.length,
  members: names.map((name, i) => ({ actor: `actor${i}`, name })),
})

test('a line for each table and way in which it differs', () => {
  const lines = skewLines({
    peers: { same: 2, other: 3, unknown: 1 },
    tables: [
      { table: 'a', differs: some('ams', ''), lacks: some('nrt'), only: NONE },
      { table: 'b', differs: NONE, lacks: NONE, only: { ...some('syd'), count: 30 } },
    ],
    elsewhere: some('fra'),
  })
  assert.deepEqual(lines, [
    'connected members: 2 with the same tables, 3 with others, 1 that have not told',
    '~ table a: defined otherwise at ams, actor1',
    '- table a: lacking at nrt',
    '+ table b: not here, but at syd and 29 more',
    '? further tables differ at fra',
  ])
})

test('nothing differs: one line', () => {
  const skew = { peers: { same: 2, other: 0, unknown: 0 }, tables: [], elsewhere: NONE }
  assert.deepEqual(skewLines(skew), ['connected members: 2 with the same tables, 0 with others'])
})
