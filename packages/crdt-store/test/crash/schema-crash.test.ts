/**
 * Crashes while definitions change: a process that drops, changes and adds columns and tables in slices, with writes in between, is killed
 * with SIGKILL at random moments, again and again on one file. After each the file agrees with itself, has lost nothing that was
 * said, and with the widest schema shows what a peer shows that has never changed its own. `CRASHES=1000`: more of them.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Prng } from '@patina/base'
import { openStore, type Store } from '../../src/index.ts'
import { schemaSql, WIDEST } from '../laws/schema-tables.ts'
import { seenLines } from '../laws/schema-view.ts'
import { pull } from '../two-stores.ts'
import { checkOpened, crashes, SEED, untilKilled } from './killed.ts'

const CRASHES = crashes(10)
const LIVES_MS = 120
const WRITER = new URL('./schema-writer.ts', import.meta.url).pathname

function widen(store: Store, where: string): void {
  // A start goes on with what the process before it left; the files may want something else only then.
  while (store.schemaSlice() !== undefined);
  assert.deepEqual(store.verify(), [], where)
  store.applySchema([{ name: 'widest.sql', sql: schemaSql(WIDEST) }], { allowDestructive: true })
  assert.deepEqual(store.verify(), [], where)
}

test('T-B3: killed at random moments while definitions change', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-schema-crash-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'a.db')
  const prng = new Prng(SEED)
  const peer = openStore({ path: ':memory:' })
  widen(peer, 'peer')
  let said = 0
  for (let crash = 0; crash < CRASHES; crash += 1) {
    const where = `seed ${SEED}, crash ${crash}`
    const heard = await untilKilled(t, [WRITER, path, `${prng.u32()}`], prng.below(LIVES_MS))
    said += heard.length
    peer.apply(heard)
    const store = openStore({ path })
    checkOpened(store, heard, where)
    pull(peer, store)
    pull(store, peer)
    widen(store, where)
    assert.deepEqual(seenLines(store, WIDEST), seenLines(peer, WIDEST), where)
    store.close()
  }
  assert.ok(said > CRASHES, `only ${said} changesets were said`)
})
