/** Versions that an operator gives up, on real stores: what changes by it, and all that does not. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  type ActorId,
  type ActorKnowledge,
  type ActorVersions,
  type Range,
  type Version,
  version,
} from '@patina/base'
import { adoptSnapshot, openStore, type Store } from '../src/index.ts'
import { contents, newStore, pull, rows, SCHEMA, write } from './two-stores.ts'

const folder = mkdtempSync(join(tmpdir(), 'patina-give-up-'))
after(() => rmSync(folder, { recursive: true }))

const ranges = (...pairs: readonly [number, number][]): Range<Version>[] =>
  pairs.map(([first, last]) => ({ first: version(first), last: version(last) }))
const lostOf = (store: Store, actor: ActorId): unknown =>
  store.knowledge().find((known) => known.actor === actor)?.lost
const byActor = (store: Store): unknown => new Map(store.knowledge().map((known) => [known.actor, known]))
const of = (store: Store, ...pairs: readonly [number, number][]): ActorVersions[] => [
  { actor: store.actor, versions: ranges(...pairs) },
]

/** Versions 1 and 3 small, 2 in several chunks. */
function writer(): { readonly store: Store; readonly versions: readonly (readonly Uint8Array[])[] } {
  const store = newStore({ limits: { chunkBytesTarget: 200 } })
  const small = (id: string): readonly Uint8Array[] =>
    write(store, 'INSERT INTO machines (id) VALUES (?)', id)
  const first = small('a')
  const large =
    "INSERT INTO machines (id, app) SELECT value, printf('%200s', value) FROM json_each('[1, 2, 3]')"
  return { store, versions: [first, write(store, large), small('z')] }
}

/** A copy that has all but the end of version 2. */
function cut(options: Parameters<typeof newStore>[0] = {}): {
  readonly store: Store
  readonly origin: Store
  readonly large: readonly Uint8Array[]
} {
  const { store: origin, versions } = writer()
  const [first = [], large = [], last = []] = versions
  assert.ok(large.length > 1)
  const store = newStore(options)
  store.apply([...first, large[0] as Uint8Array, ...last])
  return { store, origin, large }
}

test('what is given up is told, not held, and its parts are gone', () => {
  const { store, origin } = cut()
  assert.equal(store.stats().bufferedChunks, 1)
  const before = contents(store)
  const [known] = store.giveUp(of(origin, [2, 2]))
  assert.deepEqual(known?.lost, ranges([2, 2]))
  assert.deepEqual(known?.have, ranges([1, 1], [3, 3]))
  assert.deepEqual([known?.partials, store.stats().bufferedChunks], [[], 0])
  assert.deepEqual(contents(store), before)
  assert.deepEqual(store.verify(), [])
  assert.deepEqual(store.giveUp(of(origin, [2, 2])), [], 'said again, it is no news')
})

test('what is held, and what is own, is never lost', () => {
  const { store, origin } = cut()
  write(store, "INSERT INTO machines (id) VALUES ('own')")
  assert.deepEqual(store.giveUp(of(store, [1, 9])), [])
  const [known] = store.giveUp(of(origin, [1, 5]))
  assert.deepEqual(known?.lost, ranges([2, 2], [4, 5]))
})

test('who never heard of what is given up knows now that it was written, and its time once it turns up', () => {
  const { store: origin, versions } = writer()
  const store = newStore()
  const [known] = store.giveUp(of(origin, [1, 3]))
  assert.deepEqual([known?.head, known?.headTs], [3, 0])
  assert.deepEqual(store.verify(), [])
  store.apply(versions.flat())
  const { head, headTs } = origin.knowledge()[0] as ActorKnowledge
  const after = store.knowledge().find(({ actor }) => actor === origin.actor)
  assert.deepEqual([after?.head, after?.headTs, after?.lost], [head, headTs, undefined])
  assert.deepEqual(store.verify(), [])
})

test('a copy that turns up is applied and is lost no more, whole or in chunks, and survives a restart half-way', () => {
  const path = join(folder, 'turns-up.db')
  const { store, origin, large } = cut({ path })
  store.giveUp(of(origin, [2, 2]))
  store.apply([large[0] as Uint8Array])
  assert.deepEqual(lostOf(store, origin.actor), ranges([2, 2]))
  const known = byActor(store)
  store.close()
  const again = openStore({ path })
  after(() => again.close())
  assert.deepEqual(byActor(again), known, 'memory is what the file says, with the chunk that came since')
  again.apply(large.slice(1))
  assert.equal(lostOf(again, origin.actor), undefined)
  assert.deepEqual(contents(again), contents(origin))
  assert.deepEqual(again.verify(), [])
  again.giveUp(of(origin, [1, 3]))
  assert.equal(lostOf(again, origin.actor), undefined)
})

test('no claim is believed because its basis is given up', () => {
  const [loser, winner, told, reader] = [newStore(), newStore(), newStore(), newStore()]
  const beaten = write(loser, "INSERT INTO machines (id, app) VALUES ('m', 'a')")
  for (const store of [winner, reader]) store.apply(beaten)
  write(winner, "DELETE FROM machines WHERE id = 'm'")
  const need = { kind: 'versions' as const, actor: loser.actor, versions: ranges([1, 1]) }
  const { cleared, basis } = winner.serve([need], 1_000)
  assert.equal(cleared.length, 1)
  told.apply([], { cleared, basis })
  told.giveUp(of(winner, [1, 1]))
  told.apply([])
  assert.deepEqual(told.knowledge().find(({ actor }) => actor === loser.actor)?.have ?? [], [])
  pull(told, reader)
  assert.deepEqual(contents(told), contents(reader))
})

test('a failed disk leaves nothing given up, in the file and in memory', () => {
  const { store, origin } = cut()
  store.database.exec(
    "CREATE TRIGGER stop BEFORE INSERT ON __patina_lost BEGIN SELECT RAISE(ABORT, 'full'); END",
  )
  assert.throws(() => store.giveUp(of(origin, [2, 2])), /full/)
  assert.equal(lostOf(store, origin.actor), undefined)
  assert.equal(store.stats().bufferedChunks, 1)
  assert.deepEqual(store.verify(), [])
  store.database.exec('DROP TRIGGER stop')
})

test('more ranges than an actor may have are not taken', () => {
  const store = newStore({ limits: { lostRangesMax: 2 } })
  const other = newStore()
  const taken = store.giveUp(of(other, [1, 1], [3, 3]))
  assert.deepEqual(taken[0]?.lost, ranges([1, 1], [3, 3]))
  assert.deepEqual(store.giveUp(of(other, [5, 5])), [])
  assert.deepEqual(store.giveUp(of(other, [2, 2]))[0]?.lost, ranges([1, 3]), 'what joins ranges has room')
})

test('a snapshot carries what is given up, and whoever adopts one keeps what only the old file knew', () => {
  const [path, snapshot] = [join(folder, 'old.db'), join(folder, 'snapshot.db')]
  const { store: source, origin } = cut()
  source.giveUp(of(origin, [2, 2]))
  source.snapshot(snapshot)
  const stranger = newStore()
  const old = openStore({ path })
  old.applySchema([{ name: 'test.sql', sql: SCHEMA }])
  old.giveUp(of(stranger, [4, 4]))
  old.close()
  adoptSnapshot(snapshot, { path })
  const adopted = openStore({ path })
  after(() => adopted.close())
  assert.deepEqual(lostOf(adopted, origin.actor), ranges([2, 2]))
  assert.deepEqual(lostOf(adopted, stranger.actor), ranges([4, 4]))
})

test('verify finds what the file has given up and memory has not', () => {
  const { store, origin } = cut()
  const [ordinal] = rows(store, 'SELECT ord FROM __patina_actors WHERE head = 3')[0] as [bigint]
  store.database.prepare('INSERT INTO __patina_lost VALUES (?, 2, 2)').run(ordinal)
  assert.deepEqual(
    store.verify().map(({ kind, message }) => [kind, message]),
    [['memory', `${origin.actor}: other versions are given up in the file`]],
  )
})
