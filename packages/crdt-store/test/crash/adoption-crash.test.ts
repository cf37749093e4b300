/**
 * Crashes while a snapshot is adopted: a process that writes, adopts the file of another store and writes on is killed with SIGKILL at
 * random moments, again and again in one folder. Each start ends what was half done; the file agrees with itself, holds everything
 * that was said under whatever actor, with the same bytes, and converges with who heard it. `CRASHES=1000`: more of them.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Prng } from '@patina/base'
import { openStore } from '../../src/index.ts'
import { contents, newStore, pull, SCHEMA } from '../two-stores.ts'
import { checkContents, checkOpened, crashes, nameOf, SEED, servedBy, untilKilled } from './killed.ts'

const CRASHES = crashes(10)
const LIVES_MS = 100
const ADOPTER = new URL('./adopter.ts', import.meta.url).pathname

test('T-E2: killed at random moments while snapshots are adopted', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-adoption-crash-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'a.db')
  const prng = new Prng(SEED)
  const peer = newStore()
  const said = new Map<string, Uint8Array>()
  const halfDone = new Set<string>()
  for (let crash = 0; crash < CRASHES; crash += 1) {
    const where = `seed ${SEED}, crash ${crash}`
    const heard = await untilKilled(t, [ADOPTER, path, `${prng.u32()}`], prng.below(LIVES_MS))
    for (const bytes of heard) said.set(nameOf(bytes), bytes)
    peer.apply(heard)
    for (const name of readdirSync(folder))
      if (/^a\.db-(?:adopting|replaced)$/.test(name)) halfDone.add(where)
    const store = openStore({ path })
    assert.deepEqual(
      readdirSync(folder).filter((name) => /^a\.db-(?:adopting|replaced)/.test(name)),
      [],
      where,
    )
    checkOpened(store, heard, where)
    checkContents(
      said,
      servedBy(store, () => true),
      where,
    )
    pull(peer, store)
    pull(store, peer)
    store.applySchema([{ name: 'test.sql', sql: SCHEMA }])
    assert.deepEqual(contents(store), contents(peer), where)
    store.close()
  }
  assert.ok(said.size > CRASHES, `only ${said.size} changesets were said`)
  t.diagnostic(`${halfDone.size} of ${CRASHES} crashes left an adoption half done`)
  assert.ok(halfDone.size > 0 || CRASHES < 100, 'no crash came while an adoption was under way')
})
