import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openStore, type Store } from '@patina/crdt-store'
import { Disk } from './disk.ts'
import { WORKLOAD_SCHEMAS } from './workload.ts'

const folder = mkdtempSync(join(tmpdir(), 'patina-disk-'))
after(() => rmSync(folder, { recursive: true }))

function opened(disk: Disk): Store {
  const store = openStore({ path: disk.path })
  store.applySchema(WORKLOAD_SCHEMAS[0] ?? [])
  return store
}

function write(store: Store, id: bigint): void {
  store.transact([[{ sql: 'INSERT INTO things (id) VALUES (?)', params: [id] }]])
}

function ids(store: Store): unknown[] {
  return store.database.prepare('SELECT id FROM things ORDER BY id').pluck().all()
}

test('a loss of power leaves what was synced, and nothing after it', () => {
  const disk = new Disk(folder, 1)
  const store = opened(disk)
  write(store, 1n)
  disk.sync()
  write(store, 2n)
  disk.losePower()
  store.close()
  const again = opened(disk)
  assert.deepEqual(ids(again), [1n])
  again.close()
})

test('a killed process leaves all that it wrote, a replaced disk nothing', () => {
  const disk = new Disk(folder, 2)
  const store = opened(disk)
  write(store, 1n)
  store.close()
  const again = opened(disk)
  assert.deepEqual(ids(again), [1n])
  assert.equal(again.actor, store.actor)
  again.close()
  disk.replace()
  const other = opened(disk)
  assert.deepEqual(ids(other), [])
  assert.notEqual(other.actor, store.actor)
  other.close()
})
