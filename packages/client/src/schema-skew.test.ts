import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProtocolError } from './error.ts'
import { readSkew } from './schema-skew.ts'

const NONE = { count: 0, members: [] }
const ONE = { count: 1, members: [{ actor: '1', name: 'ams' }] }
const TABLE = { table: 't', differs: ONE, lacks: NONE, only: NONE }
const SKEW = { peers: { same: 0, other: 1, unknown: 0 }, tables: [TABLE], elsewhere: NONE }

test('an answer is given on as it came, with the fields of newer agents', () => {
  assert.deepEqual(readSkew({ ...SKEW, more: 1 }), { ...SKEW, more: 1 })
})

test('what is no answer is refused', () => {
  const bad = [
    undefined,
    {},
    { ...SKEW, peers: { same: 0 } },
    { ...SKEW, tables: {} },
    { ...SKEW, tables: [{ ...TABLE, table: 1 }] },
    { ...SKEW, tables: [{ ...TABLE, lacks: undefined }] },
    { ...SKEW, elsewhere: { count: 1, members: [{ actor: 1, name: '' }] } },
  ]
  for (const answer of bad) assert.throws(() => readSkew(answer), ProtocolError)
})
