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
import { type ActorId, Prng, type Version } from '@patina/base'
import { openStore, type Store } from '../../src/index.ts'
import { contents, newStore, pull, rows } from '../two-stores.ts'
import { headerOf, nameOf, untilKilled } from './killed.ts'

const CRASHES = Number(process.env.CRASHES ?? 50)
/** The kill comes so long after the first word of the process, at most. */
const LIVES_MS = 60
const WRITER = new URL('./writer.ts', import.meta.url).pathname
const SEED = Number(process.env.SEED ?? 1)

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
      assert.deepEqual(store.verify(), [], where)
      assert.deepEqual(rows(store, 'PRAGMA integrity_check'), [['ok']], where)
      for (const bytes of heard)
        assert.ok(isThere(store, bytes), `${where}: ${nameOf(bytes)} was said and is lost`)
      for (const bytes of own(store)) {
        const before = said.get(nameOf(bytes))
        assert.ok(
          before === undefined || Buffer.from(before).equals(bytes),
          `${where}: ${nameOf(bytes)} has two contents`,
        )
        said.set(nameOf(bytes), bytes)
      }
      pull(peer, store)
      pull(store, peer)
      assert.deepEqual(contents(store), contents(peer), where)
      store.close()
    }
    assert.ok(said.size > CRASHES, `only ${said.size} changesets were said`)
  })

function isThere(store: Store, bytes: Uint8Array): boolean {
  const { actor, version, firstSeq, lastSeq } = headerOf(bytes)
  const known = store.knowledge().find((held) => held.actor === actor)
  if (known?.have.some(({ first, last }) => first <= version && version <= last)) return true
  const partial = known?.partials.find((waiting) => waiting.version === version)
  return partial?.seqs.some(({ first, last }) => first <= firstSeq && lastSeq <= last) ?? false
}

/** Everything that the store itself has written, as it would serve it. */
function own(store: Store): readonly Uint8Array[] {
  const have = store.knowledge().find(({ actor }: { actor: ActorId }) => actor === store.actor)?.have ?? []
  const versions = have.map(({ first, last }) => ({ first: first as Version, last: last as Version }))
  const need = { kind: 'versions', actor: store.actor, versions } as const
  return store.serve([need], Number.MAX_SAFE_INTEGER).changesets
}
