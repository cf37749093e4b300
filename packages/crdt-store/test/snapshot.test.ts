/** Snapshots: taken beside writes, opened as a new actor, adopted in the place of a live file, and half-done adoptions. */
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openReader } from '@patina/sqlite'
import { adoptSnapshot, openStore, SnapshotError, type Store, writeSnapshot } from '../src/index.ts'
import { contents, newStore, pull, rows, SCHEMA, write } from './two-stores.ts'

const root = mkdtempSync(join(tmpdir(), 'patina-snapshot-'))
after(() => rmSync(root, { recursive: true }))
let folders = 0
const newFolder = (): string => {
  folders += 1
  return mkdtempSync(join(root, `${folders}-`))
}

function open(path: string): Store {
  const store = openStore({ path })
  store.applySchema([{ name: 'test.sql', sql: SCHEMA }])
  after(() => store.close())
  return store
}

function fill(store: Store, from: number, to: number): void {
  for (let n = from; n < to; n += 1)
    write(store, 'INSERT OR REPLACE INTO machines (id, port) VALUES (?, ?)', `m${n}`, BigInt(n))
}

test('a snapshot is what the store was, opens as another actor, and catches up with the rest', () => {
  const folder = newFolder()
  const store = newStore({ path: join(folder, 'a.db') })
  fill(store, 0, 20)
  write(store, 'UPDATE machines SET port = 7')
  const then = contents(store)
  const facts = store.snapshot(join(folder, 'copy.db'))
  assert.deepEqual(facts.versions, 21)
  assert.ok(facts.bytes > 0)
  fill(store, 100, 110)
  const copy = open(join(folder, 'copy.db'))
  assert.deepEqual(contents(copy), then)
  assert.notEqual(copy.actor, store.actor)
  assert.deepEqual(copy.verify(), [])
  fill(copy, 200, 201)
  pull(copy, store)
  pull(store, copy)
  assert.deepEqual(contents(copy), contents(store))
  const { actor } = copy
  copy.close()
  assert.equal(open(join(folder, 'copy.db')).actor, actor, 'only the first opening makes an actor')
  store.close()
})

test('a reader takes one while the writer goes on; what it holds is one moment of the store', () => {
  const folder = newFolder()
  const path = join(folder, 'a.db')
  const store = newStore({ path })
  fill(store, 0, 50)
  const reader = openReader(path)
  reader.exec('BEGIN')
  assert.equal(Number(reader.prepare('SELECT count(*) FROM machines').pluck().get()), 50)
  fill(store, 50, 60)
  reader.exec('COMMIT')
  writeSnapshot(reader, join(folder, 'copy.db'), () => store.sync())
  fill(store, 60, 70)
  reader.close()
  const copy = open(join(folder, 'copy.db'))
  assert.deepEqual(rows(copy, 'SELECT count(*) FROM machines'), [[60n]])
  assert.deepEqual(copy.verify(), [])
  store.close()
})

test('a path that is taken is refused, a failed sync leaves no file, a partial one of a crash is replaced', () => {
  const folder = newFolder()
  const store = newStore({ path: join(folder, 'a.db') })
  fill(store, 0, 3)
  const path = join(folder, 'copy.db')
  writeFileSync(path, 'mine')
  assert.throws(
    () => store.snapshot(path),
    new SnapshotError('exists', `${path} exists; give a path that is free, or remove the file`),
  )
  rmSync(path)
  const failing = (): never => {
    throw new Error('EIO')
  }
  assert.throws(() => writeSnapshot(store.database, path, failing), /EIO/)
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('copy')),
    [],
  )
  writeFileSync(`${path}-partial`, 'half')
  store.snapshot(path)
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('copy')),
    ['copy.db'],
  )
  store.close()
})

/** A peer far ahead with a snapshot of it, and a live file with versions that nobody else has. */
function behind(): {
  readonly folder: string
  readonly path: string
  readonly snapshot: string
  readonly expected: unknown
} {
  const folder = newFolder()
  const [peer, path, snapshot] = [newStore(), join(folder, 'live.db'), join(folder, 'snapshot.db')]
  const live = newStore({ path })
  fill(live, 0, 5)
  pull(peer, live)
  fill(peer, 5, 42)
  peer.snapshot(snapshot)
  // Own versions that the peer lacks: alive, overwritten, of an actor in between, and a delete.
  for (let n = 0; n < 30; n += 1)
    write(live, "INSERT OR REPLACE INTO machines (id, port) VALUES ('mine', ?)", BigInt(n))
  write(live, "DELETE FROM machines WHERE id = 'm4'")
  const third = newStore()
  write(third, "INSERT INTO tags VALUES ('t', 'third')")
  pull(live, third)
  const both = newStore()
  pull(both, peer)
  pull(both, live)
  live.close()
  return { folder, path, snapshot, expected: contents(both) }
}

test('adopting: the file of a peer takes the place of the own one, and keeps what only that had', () => {
  const { folder, path, snapshot, expected } = behind()
  const before = openStore({ path })
  const [{ actor }] = [before]
  before.close()
  const facts = adoptSnapshot(snapshot, { path })
  assert.deepEqual([facts.fromSnapshot, facts.fromOldFile], [5 + 37, 30 + 1 + 1])
  const store = open(path)
  assert.deepEqual(contents(store), expected)
  assert.notEqual(store.actor, actor)
  assert.deepEqual(store.verify(), [])
  store.close()
  assert.deepEqual(readdirSync(folder), ['live.db', 'live.db-lock', 'snapshot.db'])
})

test('adopting takes over more than one answer holds, with claims that wait for the last one, beyond the bound of peers', () => {
  const folder = newFolder()
  const [path, snapshot] = [join(folder, 'live.db'), join(folder, 'snapshot.db')]
  const peer = newStore()
  fill(peer, 0, 1)
  peer.snapshot(snapshot)
  const live = newStore({ path })
  for (let n = 0; n < 8; n += 1) {
    write(live, "INSERT OR REPLACE INTO machines (id, port) VALUES ('beat', ?)", BigInt(n))
    write(live, 'INSERT INTO machines (id, extra) VALUES (?, zeroblob(1000000))', `large${n}`)
  }
  const expected = newStore()
  pull(expected, peer)
  pull(expected, live)
  live.close()
  const facts = adoptSnapshot(snapshot, { path, limits: { pendingClaimRangesMax: 1 } })
  assert.deepEqual(facts, { fromSnapshot: 1, fromOldFile: 16 })
  const store = open(path)
  assert.deepEqual(contents(store), contents(expected))
  assert.deepEqual(store.verify(), [])
  store.close()
})

test('versions in chunks are taken over also where the snapshot has as many that wait as may (seed 3151289360)', () => {
  const folder = newFolder()
  const [path, snapshot] = [join(folder, 'live.db'), join(folder, 'snapshot.db')]
  const limits = { chunkBytesTarget: 64, waitingVersionsMax: 1 }
  const inChunks = (store: Store): readonly Uint8Array[] =>
    write(store, "INSERT INTO machines (id, app) VALUES ('a', ?), ('b', ?)", 'x'.repeat(60), 'y'.repeat(60))
  const [peer, gone] = [newStore({ limits }), newStore({ limits })]
  const [chunk, ...rest] = inChunks(gone)
  assert.ok(chunk !== undefined && rest.length > 0)
  peer.apply([chunk])
  peer.snapshot(snapshot)
  const live = newStore({ path, limits })
  inChunks(live)
  live.close()
  assert.deepEqual(adoptSnapshot(snapshot, { path, limits }), { fromSnapshot: 0, fromOldFile: 1 })
  const store = open(path)
  assert.deepEqual(rows(store, 'SELECT count(*) FROM machines'), [[2n]])
  assert.deepEqual([store.verify(), store.stats().bufferedChunks], [[], 1])
  store.close()
})

test('adopting where there is no file yet is restoring; the snapshot can be used again, for another actor', () => {
  const { folder, snapshot } = behind()
  const paths = ['one.db', 'two.db'].map((name) => join(folder, name))
  for (const path of paths) adoptSnapshot(snapshot, { path })
  const stores = paths.map((path) => open(path))
  assert.equal(new Set(stores.map(({ actor }) => actor)).size, 2)
  for (const store of stores) assert.deepEqual(rows(store, 'SELECT count(*) FROM machines'), [[42n]])
})

test('what is no snapshot, is not there, or belongs to another cluster is refused, and the live file stays as it was', () => {
  const { folder, path } = behind()
  const live = contents(openedBriefly(path))
  const plain = join(folder, 'plain.db')
  copyFileSync(path, plain)
  const foreign = newStore({ clusterId: 'other' })
  foreign.snapshot(join(folder, 'foreign.db'))
  writeFileSync(join(folder, 'text.db'), 'no database, but long enough to be read as one by whoever tries it')
  for (const [name, wanted] of [
    ['plain.db', /plain\.db was not made as a snapshot; make one with patina backup/],
    ['text.db', /text\.db was not made as a snapshot/],
    ['nowhere.db', /there is no file at .*nowhere\.db/],
    ['foreign.db', /belongs to the cluster "other", not "default"/],
  ] as const)
    assert.throws(() => adoptSnapshot(join(folder, name), { path }), wanted)
  const busy = openStore({ path })
  assert.throws(
    () => adoptSnapshot(join(folder, 'foreign.db'), { path }),
    /another process has .*live\.db open/,
  )
  busy.close()
  assert.deepEqual(contents(openedBriefly(path)), live)
  assert.ok(!existsSync(`${path}-adopting`))
})

test('a reader that has the file open stops an adoption before anything is moved', () => {
  const { path, snapshot } = behind()
  const live = contents(openedBriefly(path))
  const reader = openReader(path)
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM machines').get()
  assert.throws(() => adoptSnapshot(snapshot, { path }), SnapshotError)
  reader.close()
  assert.deepEqual(contents(openedBriefly(path)), live)
})

test('every state that a crash can leave is finished by the next start: the old file, or the adopted one, and no other', () => {
  const { folder, path, snapshot, expected } = behind()
  const old = contents(openedBriefly(path))
  const kept = join(folder, 'kept')
  copyFileSync(path, kept)
  adoptSnapshot(snapshot, { path })
  const adopted = join(folder, 'adopted')
  copyFileSync(path, adopted)
  const put = (from: string, ...suffixes: readonly string[]): void => {
    for (const suffix of suffixes) copyFileSync(from, path + suffix)
  }
  const states: readonly (readonly [string, () => unknown, unknown])[] = [
    ['preparing', () => [put(kept, ''), writeFileSync(`${path}-adopting`, 'half')], old],
    ['removing', () => [put(kept, ''), writeFileSync(`${path}-adopting-lock-journal`, '')], old],
    ['prepared', () => [put(kept, ''), put(adopted, '-adopting')], old],
    ['the old one moved away', () => [put(kept, '-replaced'), put(adopted, '-adopting')], expected],
    ['the new one in place', () => [put(kept, '-replaced'), put(adopted, '')], expected],
    ['the old one alone, by hand', () => put(kept, '-replaced'), old],
  ]
  for (const [state, make, wanted] of states) {
    for (const name of readdirSync(folder)) if (name.startsWith('live.db')) rmSync(join(folder, name))
    make()
    assert.deepEqual(contents(openedBriefly(path)), wanted, state)
    const left = readdirSync(folder).filter((name) => /^live\.db-(?:adopting|replaced)/.test(name))
    assert.deepEqual(left, [], state)
  }
})

/** What a file holds, read by a store that is closed again. */
function openedBriefly(path: string): Store {
  const store = openStore({ path })
  store.applySchema([{ name: 'test.sql', sql: SCHEMA }])
  const memory = openStore({ path: ':memory:' })
  memory.applySchema([{ name: 'test.sql', sql: SCHEMA }])
  pull(memory, store)
  assert.deepEqual(contents(memory), contents(store))
  store.close()
  return memory
}
