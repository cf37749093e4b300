import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ActorId, actorId, NO_SCHEMA, type SchemaHashes } from '@patina/base'
import { SchemaSkew, SKEWED_TABLES_MAX } from './schema-skew.ts'
import { encodeSchemaWord } from './schema-word.ts'

const actor = (n: number): ActorId => actorId(n.toString(16).padStart(32, '0'))
const [A, B, C] = [actor(1), actor(2), actor(3)] as const

/** Tables with their stages: `{ t: 1 }`; equal stages have equal hashes. */
function schema(stages: { readonly [table: string]: number }): SchemaHashes {
  const tables = Object.entries(stages)
    .map(([table, stage]) => ({ table, hash: stage.toString(16).padStart(16, '0') }))
    .toSorted((a, b) => (a.table < b.table ? -1 : 1))
  let sum = 7
  for (const char of JSON.stringify(tables)) sum = (Math.imul(sum, 31) + char.charCodeAt(0)) >>> 0
  return { all: sum.toString(16).padStart(16, '0'), tables }
}

function says(skew: SchemaSkew, from: ActorId, stages: { readonly [table: string]: number }): void {
  assert.equal(skew.received(from, encodeSchemaWord(schema(stages))), true)
}

test('a peer hears our word when its session opens; before it has told, it is unknown', () => {
  const skew = new SchemaSkew(schema({ t: 1 }))
  assert.deepEqual(skew.opened(A), { to: [A], bytes: encodeSchemaWord(schema({ t: 1 })) })
  assert.deepEqual(skew.view(), { tables: [], same: 0, other: 0, unknown: 1, elsewhere: [] })
  says(skew, A, { t: 1 })
  assert.deepEqual(skew.view(), { tables: [], same: 1, other: 0, unknown: 0, elsewhere: [] })
})

test('what differs, what a peer lacks and what only it has is told by table', () => {
  const skew = new SchemaSkew(schema({ same: 1, changed: 1, new: 1 }))
  for (const peer of [A, B, C]) skew.opened(peer)
  says(skew, A, { same: 1, changed: 2, new: 1 })
  says(skew, B, { same: 1, changed: 2 })
  says(skew, C, { same: 1, changed: 1, new: 1, old: 1 })
  assert.deepEqual(skew.view(), {
    tables: [
      { table: 'changed', differs: [A, B], lacks: [], only: [] },
      { table: 'new', differs: [], lacks: [B], only: [] },
      { table: 'old', differs: [], lacks: [], only: [C] },
    ],
    same: 0,
    other: 3,
    unknown: 0,
    elsewhere: [],
  })
})

test('a change is told to all who are connected, and only where it is one', () => {
  const skew = new SchemaSkew(schema({ t: 1 }))
  skew.opened(A)
  skew.opened(B)
  skew.closed(B)
  says(skew, A, { t: 2 })
  assert.equal(skew.view().other, 1)
  assert.deepEqual(skew.changed(schema({ t: 1 })).to, [])
  const word = skew.changed(schema({ t: 2 }))
  assert.deepEqual(word, { to: [A], bytes: encodeSchemaWord(schema({ t: 2 })) })
  assert.deepEqual(skew.view(), { tables: [], same: 1, other: 0, unknown: 0, elsewhere: [] })
})

test('each peer hears the word once more in its turn', () => {
  const skew = new SchemaSkew(NO_SCHEMA)
  assert.deepEqual(skew.again().to, [])
  for (const peer of [A, B, C]) skew.opened(peer)
  skew.again()
  skew.closed(B)
  const told = Array.from({ length: 3 }, () => skew.again().to).flat()
  assert.deepEqual(told, [A, C])
})

test('junk changes nothing, nor does the word of somebody without a session; the last word counts, until the end', () => {
  const skew = new SchemaSkew(schema({ t: 1 }))
  skew.opened(A)
  says(skew, A, { t: 2 })
  assert.equal(skew.received(A, Uint8Array.of(9, 9)), false)
  says(skew, B, { t: 9 })
  assert.equal(skew.view().other, 1)
  says(skew, A, { t: 1 })
  assert.deepEqual([skew.view().same, skew.view().other], [1, 0])
  skew.closed(A)
  assert.deepEqual(skew.view(), { tables: [], same: 0, other: 0, unknown: 0, elsewhere: [] })
})

test('a list that was cut says nothing of what is behind its end', () => {
  const many: Record<string, number> = {}
  for (let i = 0; i < 4_000; i += 1) many[`t${String(i).padStart(5, '0')}`] = 1
  const skew = new SchemaSkew(schema(many))
  skew.opened(A)
  says(skew, A, { ...many, t03999: 2 })
  assert.deepEqual(skew.view(), { tables: [], same: 0, other: 1, unknown: 0, elsewhere: [A] })
})

test('bounds: tables of a view, and different words kept', () => {
  const skew = new SchemaSkew(NO_SCHEMA)
  const many: Record<string, number> = {}
  for (let i = 0; i < SKEWED_TABLES_MAX + 10; i += 1) many[`t${i}`] = 1
  skew.opened(A)
  says(skew, A, many)
  assert.equal(skew.view().tables.length, SKEWED_TABLES_MAX)
  for (let i = 0; i < 100; i += 1) {
    skew.opened(actor(100 + i))
    says(skew, actor(100 + i), { t: i })
  }
  assert.deepEqual([skew.view().other, skew.view().unknown], [64, 37])
})
