/**
 * Crashes while names are purged: a process that takes a column and a table out of its schema, purges them and brings them back is
 * killed with SIGKILL at random moments, again and again on one file. After each the file agrees with itself and lacks nothing that
 * was said; a purge that had begun is brought to its end; and once a peer that heard all has purged the same, both hold the same.
 * `CRASHES=1000`: more of them.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Prng } from '@patina/base'
import { openStore, type Store } from '../../src/index.ts'
import { seenLines } from '../laws/schema-view.ts'
import { pull, rows } from '../two-stores.ts'
import { checkOpened, crashes, SEED, untilKilled } from './killed.ts'
import { GONE, NARROW, schemaFiles } from './purged-schema.ts'

const CRASHES = crashes(10)
const LIVES_MS = 60
const PURGER = new URL('./purger.ts', import.meta.url).pathname
const SEEN = [
  {
    name: 't',
    key: ['id'],
    columns: [{ name: 'a', definition: '', default: null }],
    sql: NARROW,
  },
]

function finish(store: Store, where: string): void {
  while (store.schemaSlice() !== undefined) assert.deepEqual(store.verify(), [], where)
}

function hasPurged(store: Store): boolean {
  return rows(store, "SELECT 1 FROM sqlite_schema WHERE name = '__patina_purged'").length > 0
}

/** What the file says of purges that are not done. */
function purgesUnderWay(store: Store): readonly unknown[] {
  return hasPurged(store) ? rows(store, 'SELECT name, part FROM __patina_purged WHERE done = 0') : []
}

/** Nothing was written of a name since its purge began: a name that comes back is not in that list. */
function purgedAndThere(store: Store): readonly unknown[] {
  const sql = `SELECT name, part FROM __patina_purged AS p JOIN __patina_unknown AS u ON u."table" = p.name
               WHERE p.part IN ('', u."column")`
  return hasPurged(store) ? rows(store, sql) : []
}

/** Without the names, and with nothing left of them. */
function purge(store: Store, where: string): void {
  store.applySchema(schemaFiles(NARROW), { allowDestructive: true })
  for (const request of GONE) store.purge(request)
  finish(store, where)
  assert.deepEqual(rows(store, 'SELECT "table", "column" FROM __patina_unknown'), [], where)
  assert.deepEqual(store.verify(), [], where)
}

test('T-B3: killed at random moments while names are purged', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-purge-crash-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'a.db')
  const prng = new Prng(SEED)
  const peer = openStore({ path: ':memory:' })
  peer.applySchema(schemaFiles(NARROW))
  let [said, underWay] = [0, 0]
  for (let crash = 0; crash < CRASHES; crash += 1) {
    const where = `seed ${SEED}, crash ${crash}`
    const heard = await untilKilled(t, [PURGER, path, `${prng.u32()}`], prng.below(LIVES_MS))
    said += heard.length
    peer.apply(heard)
    const store = openStore({ path })
    checkOpened(store, heard, where)
    if (purgesUnderWay(store).length > 0) underWay += 1
    finish(store, where)
    assert.deepEqual([purgesUnderWay(store), purgedAndThere(store)], [[], []], where)
    pull(peer, store)
    pull(store, peer)
    for (const each of [store, peer]) purge(each, where)
    assert.deepEqual(seenLines(store, SEEN), seenLines(peer, SEEN), where)
    store.close()
  }
  assert.ok(said > CRASHES, `only ${said} changesets were said`)
  t.diagnostic(`${underWay} of ${CRASHES} crashes left a purge under way`)
  assert.ok(underWay > 0 || CRASHES < 100, 'no crash came while a purge was under way')
})
