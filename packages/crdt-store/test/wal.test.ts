/** T-H1, the store's half: who holds the write-ahead log is noticed in time, and when it is gone the log ends. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openReader } from '@patina/sqlite'
import { handlersOf, type Store, type StoreEvent } from '../src/index.ts'
import { newStore, write } from './two-stores.ts'

const MIB = 1024 * 1024
const WAL_MAX = 16 * MIB

const folder = mkdtempSync(join(tmpdir(), 'patina-wal-'))
after(() => rmSync(folder, { recursive: true }))

function open(name: string): Store {
  return newStore({ path: join(folder, name), limits: { walBytesMax: WAL_MAX } })
}

const walBytes = (store: Store): number => statSync(`${store.database.name}-wal`).size

let ids = 0
/** Half a megabyte in the table, and as much in the log of changesets. */
function writeSome(store: Store): void {
  ids += 1
  write(store, 'INSERT INTO machines (id, extra) VALUES (?, randomblob(500000))', `m${ids}`)
}

test('a log that nobody holds begins anew, and its file is cut back', () => {
  const store = open('free.db')
  for (let n = 0; n < 14; n += 1) writeSome(store)
  assert.ok(walBytes(store) > (WAL_MAX * 3) / 4, `${walBytes(store)}`)
  assert.equal(store.maintain(0).wal.kind, 'reset')
  assert.equal(walBytes(store), 0)
  assert.equal(store.maintain(0).wal.kind, 'small')
  store.close()
})

test('a log that a reader holds is an alarm from three quarters of its bound on; without the reader it ends', () => {
  const store = open('held.db')
  writeSome(store)
  const reader = openReader(store.database.name)
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM machines').get()
  let state = store.maintain(0).wal
  for (let n = 0; n < 100 && !(state.kind === 'held' && state.isAlarming); n += 1) {
    writeSome(store)
    state = store.maintain(0).wal
  }
  assert.equal(state.kind, 'held')
  assert.ok(state.walBytes > (WAL_MAX * 3) / 4 && state.walBytes < WAL_MAX, `${state.walBytes}`)
  assert.ok(Number(store.database.pragma('busy_timeout', { simple: true })) === 5_000, 'as it was')
  reader.exec('COMMIT')
  assert.equal(store.maintain(0).wal.kind, 'reset')
  reader.close()
  store.close()
})

test('a reader of what is in the file alone holds it, too', () => {
  const store = open('file.db')
  writeSome(store)
  store.database.pragma('wal_checkpoint(TRUNCATE)')
  const reader = openReader(store.database.name)
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM machines').get()
  for (let n = 0; n < 14; n += 1) writeSome(store)
  const state = store.maintain(0).wal
  assert.deepEqual([state.kind, state.kind === 'held' && state.isAlarming], ['held', true])
  reader.close()
  store.close()
})

test('the store process tells of it, again and again', async () => {
  const store = open('told.db')
  const reader = openReader(store.database.name)
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM machines').get()
  for (let n = 0; n < 14; n += 1) writeSome(store)
  const handlers = handlersOf(store)
  const events: StoreEvent[] = []
  handlers.start?.((event) => events.push(event))
  const deadline = performance.now() + 10_000
  while (events.filter(({ kind }) => kind === 'wal-held').length < 2) {
    assert.ok(performance.now() < deadline, 'nothing is told')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  reader.close()
  await handlers.stop?.()
})

test('while the log is held nothing is moved through it', () => {
  const store = open('full.db')
  for (let n = 0; n < 40; n += 1) writeSome(store)
  write(store, 'DELETE FROM machines')
  const reader = openReader(store.database.name)
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM machines').get()
  for (let n = 0; n < 14; n += 1) writeSome(store)
  write(store, 'DELETE FROM machines')
  const held = store.maintain(100)
  assert.deepEqual([held.wal.kind, held.freedPages], ['held', 0])
  reader.close()
  assert.ok(store.maintain(100).freedPages > 0)
  store.close()
})
