/**
 * Rolling changes of a schema: three stores that take its stages at times of their own, write what their stage allows, and
 * hear of each other in any order. When all have the last stage and all changesets, they are the same (I-CRDT-3).
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actorId, type SqliteValue } from '@patina/base'
import fc from 'fast-check'
import type { Store } from '../../src/index.ts'
import { pull, reply } from '../two-stores.ts'
import { change, converged, storeWith } from './schema-stores.ts'

/** What the files of a stage say, and the columns that a write may name. */
const STAGES = [
  { columns: ['a'], sql: 'CREATE TABLE t (id INT NOT NULL PRIMARY KEY, a TEXT)' },
  {
    columns: ['a', 'b'],
    sql: `CREATE TABLE t (id INT NOT NULL PRIMARY KEY, b NOT NULL DEFAULT 'b', a TEXT); CREATE INDEX i ON t (b)`,
  },
  {
    columns: ['a', 'b', 'c'],
    sql: `CREATE TABLE t (id INT NOT NULL PRIMARY KEY, c TEXT, a TEXT, b NOT NULL DEFAULT 'b', g AS (a || b));
      CREATE TABLE u (id INT NOT NULL PRIMARY KEY, a TEXT); CREATE VIEW v AS SELECT g FROM t`,
  },
] as const

const STORES = 3
const STORE = fc.nat(STORES - 1)
const STEP = fc.oneof(
  fc.record({ kind: fc.constant('change' as const), store: STORE }),
  fc.record({ kind: fc.constant('pull' as const), store: STORE, from: STORE }),
  fc.record({
    kind: fc.constantFrom('insert' as const, 'update' as const, 'delete' as const),
    store: STORE,
    id: fc.nat(2),
    column: fc.nat(2),
    value: fc.constantFrom<SqliteValue>('x', 'y', 'z'),
  }),
)

function stepSql(kind: 'insert' | 'update' | 'delete', column: string): string {
  if (kind === 'insert') return `INSERT INTO t (id, ${column}) VALUES (:id, :value) ON CONFLICT DO NOTHING`
  return kind === 'update' ? `UPDATE t SET ${column} = :value WHERE id = :id` : 'DELETE FROM t WHERE id = :id'
}

function run(steps: readonly (typeof STEP extends fc.Arbitrary<infer Step> ? Step : never)[]): Store[] {
  const stores = Array.from({ length: STORES }, (_, i) =>
    storeWith(STAGES[0].sql, { newActor: () => actorId(String(i + 1).repeat(32)) }),
  )
  const stages = stores.map(() => 0)
  for (const step of steps) {
    const store = stores[step.store] as Store
    const stage = stages[step.store] as number
    if (step.kind === 'pull') pull(store, stores[step.from] as Store)
    else if (step.kind === 'change') {
      const next = Math.min(stage + 1, STAGES.length - 1)
      stages[step.store] = next
      change(store, STAGES[next]?.sql ?? '')
    } else {
      const { columns } = STAGES[stage] ?? STAGES[0]
      const sql = stepSql(step.kind, columns[step.column % columns.length] ?? 'a')
      const params = { ':id': BigInt(step.id), ...(step.kind === 'delete' ? {} : { ':value': step.value }) }
      const [outcome] = store.transact([[{ sql, params }]]).replies
      assert.equal(outcome?.kind, 'committed', JSON.stringify(outcome))
    }
    assert.deepEqual(store.verify(), [])
    assert.equal(store.stats().quarantined, 0)
  }
  return stores
}

test('T-B2: stages of a schema in any order, writers on all sides, converge without a restart', () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 30 }), (steps) => {
      const stores = run(steps)
      try {
        for (const store of stores) for (const { sql } of STAGES) change(store, sql)
        for (const _ of STAGES) for (const to of stores) for (const from of stores) pull(to, from)
        const [first] = stores
        assert.ok(first)
        for (const store of stores) {
          assert.deepEqual(store.verify(), [])
          assert.deepEqual(converged(store, 't', ['id']), converged(first, 't', ['id']))
          assert.equal(store.stats().quarantined, 0)
          assert.equal(reply(store, "INSERT INTO u VALUES (1, 'x')").kind, 'committed')
        }
      } finally {
        for (const store of stores) store.close()
      }
    }),
    { numRuns: 120 },
  )
})
