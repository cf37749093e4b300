import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SqliteValue, Version } from '@patina/base'
import { openDatabase } from '@patina/sqlite'
import { type ActorOrdinal, type ColumnOrdinal, clockOf, type Stamp, sharedClock } from '../core/row-clock.ts'
import type { TableDefinition } from '../core/table.ts'
import { ClockTable } from './clock-table.ts'

const definition = {
  name: 't',
  ordinal: 0,
  key: [
    { name: 'a', affinity: 'text' },
    { name: 'b', affinity: 'integer' },
  ],
  columns: [],
} as unknown as TableDefinition

test('clocks of many keys are those of each, in the order of the keys, also where there is none', () => {
  const db = openDatabase(':memory:')
  ClockTable.create(db, definition)
  const clocks = new ClockTable(db, definition)
  const keys: SqliteValue[][] = Array.from({ length: 71 }, (_, i) => [`k${(i * 37) % 71}`, BigInt(i % 3)])
  const owner: Stamp = { actor: 3 as ActorOrdinal, version: 9 as Version }
  const cell = { column: 1 as ColumnOrdinal, columnVersion: 4, ...owner }
  for (const [i, key] of keys.entries())
    if (i % 5 !== 0)
      clocks.insert(key, i % 2 === 0 ? sharedClock(2 * i + 1, owner, i) : clockOf(i, owner, [cell]))
  assert.deepEqual(
    clocks.getMany(keys),
    keys.map((key) => clocks.get(key)),
  )
  assert.equal(clocks.getMany(keys)[5], undefined)
  assert.equal(clocks.getMany(keys)[6]?.causalLength, 13)
  db.close()
})
