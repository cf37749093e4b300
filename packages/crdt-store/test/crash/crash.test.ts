/**
 * Crashes: a process that writes and applies is killed with SIGKILL at random moments, again and again on one file. After
 * each, the file agrees with itself, holds everything that was said, says it with the same bytes, and converges with who
 * heard it (I-CRDT-1, 2, 6). `CRASHES=1000` in the environment: more of them.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Prng } from '@patina/base'
import { openStore } from '../../src/index.ts'
import { contents, newStore, pull } from '../two-stores.ts'
import { checkContents, checkOpened, crashes, nameOf, SEED, servedBy, untilKilled } from './killed.ts'

const CRASHES = crashes(50)
/** The kill comes so long after the first word of the process, at most. */
const LIVES_MS = 60
const WRITER = new URL('./writer.ts', import.meta.url).pathname

for (const durability of ['full', 'normal'] as const)
  test(`T-E2: killed at random moments, durability ${durability}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'patina-crash-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'a.db')
    const prng = new Prng(SEED)
    const peer = newStore()
    const said = new Map<string, Uint8Array>()
    for (let crash = 0; crash < CRASHES / 2; crash += 1) {
      const where = `seed ${SEED}, ${durability}, crash ${crash}`
      const heard = await untilKilled(t, [WRITER, path, durability, `${prng.u32()}`], prng.below(LIVES_MS))
      for (const bytes of heard) said.set(nameOf(bytes), bytes)
      peer.apply(heard)
      const store = openStore({ path, durability })
      checkOpened(store, heard, where)
      const own = servedBy(store, (actor) => actor === store.actor)
      checkContents(said, own, where)
      pull(peer, store)
      pull(store, peer)
      assert.deepEqual(contents(store), contents(peer), where)
      store.close()
    }
    assert.ok(said.size > CRASHES, `only ${said.size} changesets were said`)
  })
