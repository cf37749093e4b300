import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Prng } from '@patina/base'
import type { Store } from '../src/index.ts'
import { contents, newStore, pull, rows } from './two-stores.ts'

/**
 * Random histories of three stores on few rows, so that writes collide: inserts, updates, deletes, re-inserts, key changes,
 * equal values; changesets are delivered late, twice, out of order or not at all until the end. A failing run names its seed.
 */
const SEEDS = 40
const STEPS = 60

const KEYS = ['k1', 'k2', 'k3']
const VALUES = [null, 'a', 'b', 1n, 1, 2n, new Uint8Array([1])]

function randomStatement(prng: Prng): {
  sql: string
  params: (string | number | bigint | null | Uint8Array)[]
} {
  const pick = <T>(items: readonly T[]): T => items[prng.below(items.length)] as T
  const [key, other] = [pick(KEYS), pick(KEYS)]
  switch (prng.below(7)) {
    case 0:
      return { sql: 'INSERT OR IGNORE INTO machines (id, extra) VALUES (?, ?)', params: [key, pick(VALUES)] }
    case 1:
      return {
        sql: 'REPLACE INTO machines (id, app, extra) VALUES (?, ?, ?)',
        params: [key, pick(['', 'x']), pick(VALUES)],
      }
    case 2:
      return { sql: 'DELETE FROM machines WHERE id = ?', params: [key] }
    case 3:
      return { sql: 'UPDATE OR IGNORE machines SET id = ? WHERE id = ?', params: [other, key] }
    case 4:
      return { sql: 'REPLACE INTO tags VALUES (?, ?)', params: [key, other] }
    case 5:
      return { sql: 'DELETE FROM tags WHERE name = ?', params: [key] }
    default:
      return {
        sql: 'UPDATE machines SET extra = ?, port = coalesce(port, 0) + 1 WHERE id = ?',
        params: [pick(VALUES), key],
      }
  }
}

function runHistory(seed: number): void {
  const prng = new Prng(seed)
  const stores = [newStore(), newStore(), newStore()]
  const inFlight: { to: Store; bytes: Uint8Array }[] = []
  for (let step = 0; step < STEPS; step += 1) {
    const writer = stores[prng.below(3)] as Store
    const requests = Array.from({ length: prng.between(1, 3) }, () =>
      Array.from({ length: prng.between(1, 3) }, () => randomStatement(prng)),
    )
    const { commits } = writer.transact(requests)
    for (const to of stores)
      if (to !== writer)
        for (const bytes of commits.flatMap(({ changesets }) => changesets))
          for (let copies = prng.below(3); copies > 0; copies -= 1) inFlight.push({ to, bytes })
    prng.shuffle(inFlight)
    for (const { to, bytes } of inFlight.splice(0, prng.below(4))) to.apply([bytes])
  }
  for (const to of stores)
    to.apply(prng.shuffle(inFlight.filter((each) => each.to === to).map(({ bytes }) => bytes)))
  for (const to of stores) for (const from of stores) if (from !== to) pull(to, from)
  const [first] = stores
  for (const store of stores) {
    assert.deepEqual(contents(store), contents(first as Store))
    assertLiveCounts(store)
  }
}

/** I-CRDT-4 by recount: cells and lives per version, from the clocks alone. */
function assertLiveCounts(store: Store): void {
  const recount = new Map<string, number>()
  const { stamps } = contents(store) as { stamps: unknown[][][] }
  const add = (actor: unknown, version: unknown): void => {
    const id = `${actor}/${version}`
    recount.set(id, (recount.get(id) ?? 0) + 1)
  }
  for (const [t, table] of stamps.entries())
    for (const row of table) {
      const [actor, version] = row.slice(t === 0 ? 2 : 3)
      add(actor, version)
      for (const cell of row.slice(t === 0 ? 4 : 5) as unknown[][]) add(cell[2], cell[3])
    }
  const log = rows(
    store,
    'SELECT hex(a.actor), l.version, l.live FROM __patina_log AS l JOIN __patina_actors AS a ON a.ord = l.actor WHERE first_seq = 0',
  )
  for (const row of log) {
    const [actor, version, live] = row as [string, bigint, bigint]
    assert.equal(Number(live), recount.get(`${actor}/${version}`) ?? 0, `live of ${actor}/${version}`)
  }
}

test('any delivery of any history ends in equal rows, stamps and counters on all stores', () => {
  for (let seed = 1; seed <= SEEDS; seed += 1)
    try {
      runHistory(seed)
    } catch (cause) {
      throw new Error(`seed ${seed}`, { cause })
    }
})
