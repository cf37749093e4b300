import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant, millis } from '@patina/base'
import type { Node } from '@patina/node'
import type { LagRow } from '@patina/sqlite'
import type { LiveQueryChild } from './live-query-child.ts'
import type { ReadersChild } from './readers-child.ts'
import { ToldTables } from './told-tables.ts'

/** Nobody else is there, and nobody has written. */
const ALONE = {
  self: () => ({
    actor: '1'.repeat(32),
    address: '10.0.0.1:1',
    state: 'alive',
    metadata: { name: 'a', tags: {} },
    sinceMs: 0,
  }),
  members: () => [],
  lag: () => [],
  pulsePeriodMs: () => millis(1_000),
} as unknown as Node

test('no rows of lag are told once too: results that read the table wait for the first word', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const told: (readonly LagRow[])[] = []
  const child = { members: () => {}, lag: (rows: readonly LagRow[]) => told.push(rows) }
  const readers = child as unknown as ReadersChild
  const tables = new ToldTables({ readers, liveQueries: child as unknown as LiveQueryChild }, () =>
    instant(0),
  )
  tables.start(ALONE)
  t.mock.timers.tick(5_000)
  tables.stop()
  assert.deepEqual(told, [[], []])
})
