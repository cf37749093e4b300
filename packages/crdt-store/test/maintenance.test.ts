import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { handlersOf, type Maintenance, type Store } from '../src/index.ts'
import { contents, newStore, write } from './two-stores.ts'

const folder = mkdtempSync(join(tmpdir(), 'patina-maintenance-'))
after(() => rmSync(folder, { recursive: true }))

/** A file of some 20 MB, of which `share` is emptied. */
function emptied(name: string, share: number): Store {
  const store = newStore({ path: join(folder, name) })
  for (let id = 0; id < 20; id += 1)
    write(store, 'INSERT INTO machines (id, extra) VALUES (?, zeroblob(500000))', `m${id}`)
  write(store, 'DELETE FROM machines WHERE CAST(substr(id, 2) AS INTEGER) < ?', BigInt(share * 20))
  return store
}

const vacuumed = ({ wal: _, ...vacuum }: Maintenance): Omit<Maintenance, 'wal'> => vacuum

const freePages = (store: Store): number => Number(store.database.pragma('freelist_count', { simple: true }))

function fileBytes(store: Store): number {
  store.database.pragma('wal_checkpoint(TRUNCATE)')
  return statSync(store.database.name).size
}

test('a file that is mostly empty shrinks in slices; what is in it stays', () => {
  const store = emptied('empty.db', 1)
  const [before, free, rows] = [fileBytes(store), freePages(store), contents(store)]
  assert.ok(free > 4_000, `${free} pages are free`)
  const first = store.maintain(0)
  assert.deepEqual([first.freedPages, first.isDone], [64, false])
  let freed = first.freedPages
  for (let slice = store.maintain(0); ; slice = store.maintain(0)) {
    freed += slice.freedPages
    if (slice.isDone) break
  }
  assert.ok(freed > free / 2, `${freed} pages are freed`)
  assert.ok(fileBytes(store) < before - 4_096 * (freed - 1))
  assert.deepEqual(contents(store), rows)
  assert.deepEqual(store.verify(), [])
  assert.deepEqual(vacuumed(store.maintain(1_000)), { freedPages: 0, isDone: true })
  store.close()
})

test('a file with some room is left as it is', () => {
  const store = emptied('some.db', 0.1)
  assert.ok(freePages(store) > 0)
  assert.deepEqual(vacuumed(store.maintain(1_000)), { freedPages: 0, isDone: true })
  store.close()
})

test('a file that knows no incremental vacuum keeps its pages, and nobody works for nothing', () => {
  const path = join(folder, 'plain.db')
  const plain = new DatabaseSync(path)
  plain.exec('PRAGMA auto_vacuum = NONE; CREATE TABLE other (id)')
  plain.close()
  const store = newStore({ path })
  for (let id = 0; id < 20; id += 1)
    write(store, 'INSERT INTO machines (id, extra) VALUES (?, zeroblob(500000))', `m${id}`)
  write(store, 'DELETE FROM machines')
  assert.ok(freePages(store) > 1_024)
  assert.deepEqual(vacuumed(store.maintain(60_000)), { freedPages: 0, isDone: true })
  store.close()
})

test('the store process does it while nobody asks for anything', async () => {
  const store = emptied('idle.db', 1)
  const before = freePages(store)
  const handlers = handlersOf(store)
  handlers.start?.(() => undefined)
  const deadline = performance.now() + 20_000
  while (freePages(store) === before) {
    assert.ok(performance.now() < deadline, 'nothing is freed')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await handlers.stop?.()
})
