/**
 * Power loss: the file as the disk has it, which is the WAL up to the last sync. Each sync of the WAL is watched; the
 * copy of the file that is opened afterwards ends there. (A process that is killed keeps more: test/crash.) No peer may
 * have seen a version that such a copy lacks, else the copy gives its number to something else (I-CRDT-6).
 */
import assert from 'node:assert/strict'
import fs, { copyFileSync, fstatSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, mock, test } from 'node:test'
import { actorId, Prng, type Version } from '@patina/base'
import type { Durability } from '@patina/sqlite'
import { openStore, type Store } from '../src/index.ts'
import { headerOf } from './laws/copy.ts'
import { newStore, pull, rows, write } from './two-stores.ts'

const folder = mkdtempSync(join(tmpdir(), 'patina-power-'))
/** Bytes of the WAL when it was synced last. */
let synced = 0
const fdatasync = fs.fdatasyncSync
mock.method(fs, 'fdatasyncSync', (descriptor: number) => {
  fdatasync(descriptor)
  synced = fstatSync(descriptor).size
})
syncBuiltinESMExports()
after(() => {
  mock.restoreAll()
  syncBuiltinESMExports()
  rmSync(folder, { recursive: true })
})

let files = 0

/** A node that loses its power now and then. */
class Host {
  readonly durability: Durability
  #path: string
  store: Store

  constructor(durability: Durability) {
    this.durability = durability
    this.#path = this.#newPath()
    this.store = this.#open()
    this.store.sync()
  }

  /** What a commit that says FULL has synced: SQLite does it before the commit returns. */
  committed(): void {
    if (this.durability === 'full') synced = statSync(`${this.#path}-wal`).size
  }

  losePower(): void {
    const path = this.#newPath()
    copyFileSync(this.#path, path)
    copyFileSync(`${this.#path}-wal`, `${path}-wal`)
    truncateSync(`${path}-wal`, synced)
    this.store.close()
    this.#path = path
    this.store = this.#open()
    this.store.sync()
  }

  #open(): Store {
    const options = { path: this.#path, durability: this.durability, newActor: () => actorId('a'.repeat(32)) }
    const store = newStore(options)
    if (this.durability === 'full')
      synced = statSync(`${this.#path}-wal`, { throwIfNoEntry: false })?.size ?? 0
    return store
  }

  #newPath(): string {
    files += 1
    return join(folder, `${files}.db`)
  }
}

for (const durability of ['full', 'normal'] as const)
  test(`version numbers after a crash, durability ${durability}: none that a peer saw stands for something else`, () => {
    const prng = new Prng(1)
    for (let run = 0; run < 8; run += 1) {
      const host = new Host(durability)
      const peer = newStore()
      const seen = new Map<Version, string>()
      let acknowledged = 0
      for (let step = 0; step < 30; step += 1) {
        if (prng.chance(1, 6)) {
          host.losePower()
          const head = host.store.knowledge().find(({ actor }) => actor === host.store.actor)?.head ?? 0
          assert.ok(
            head >= seen.size,
            `run ${run}, step ${step}: a peer has seen ${seen.size}, the disk has ${head}`,
          )
          if (durability === 'full') assert.equal(head, acknowledged, 'an acknowledged write survives')
          acknowledged = head
        } else if (prng.chance(1, 3)) {
          const all = [{ first: 1 as Version, last: 9_999 as Version }]
          const needs = [{ kind: 'versions', actor: host.store.actor, versions: all } as const]
          for (const bytes of host.store.serve(needs, Number.MAX_SAFE_INTEGER).changesets) {
            const { version } = headerOf(bytes)
            const content = Buffer.from(bytes).toString('hex')
            assert.equal(
              seen.get(version) ?? content,
              content,
              `run ${run}, step ${step}: version ${version} twice`,
            )
            seen.set(version, content)
            peer.apply([bytes])
          }
        } else {
          write(host.store, "REPLACE INTO machines (id, port) VALUES ('m', ?)", BigInt(1000 * run + step))
          host.committed()
          acknowledged += 1
        }
      }
      pull(peer, host.store)
      const port = 'SELECT port FROM machines'
      assert.deepEqual(rows(peer, port), rows(host.store, port))
      host.store.close()
    }
  })

test('a group with local requests commits with FULL where durability is full; changesets of others with NORMAL', () => {
  const [FULL, NORMAL] = [2n, 1n]
  const other = newStore()
  for (const durability of ['full', 'normal'] as const) {
    const { store } = new Host(durability)
    const mode = (): unknown => store.database.pragma('synchronous', { simple: true })
    write(store, "INSERT INTO machines (id) VALUES ('m')")
    assert.equal(BigInt(mode() as number), durability === 'full' ? FULL : NORMAL)
    store.apply(write(other, 'INSERT INTO machines (id) VALUES (?)', durability))
    assert.equal(BigInt(mode() as number), NORMAL)
    write(store, "DELETE FROM machines WHERE id = 'm'")
    assert.equal(BigInt(mode() as number), durability === 'full' ? FULL : NORMAL)
    store.close()
  }
})

test('the generation of a start is on the disk before anybody hears of it, in both modes', () => {
  for (const durability of ['full', 'normal'] as const) {
    const path = join(folder, `generation-${durability}.db`)
    newStore({ path, durability }).close()
    synced = 0
    const store = openStore({ path, durability })
    const wal = statSync(`${path}-wal`).size
    assert.ok(durability === 'full' || synced === wal, `${synced} of ${wal} bytes of the WAL are synced`)
    store.close()
  }
})
