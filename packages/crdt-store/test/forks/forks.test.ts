/** Forks and old disks, by name; and random histories of them on real stores. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type ActorId, actorId, type Hlc, hlc, type Need, version } from '@patina/base'
import { adoptSnapshot, openStore, type Store } from '../../src/index.ts'
import { newStore, pull, rows, SCHEMA, write } from '../two-stores.ts'
import { ForkMember } from './fork-member.ts'
import { runForks } from './fork-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'patina-forks-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0

/** A second copy of a store's disk, as it is now. */
function cloneOf(store: Store, options: { readonly versionBytesMax?: number } = {}): Store {
  files += 1
  const path = join(folder, `${files}.db`)
  writeFileSync(path, store.database.serialize())
  const clone = openStore({
    path,
    limits: options,
    nowMicros: () => 1_800_000_000_000_000 + 1_000_000 * files,
  })
  after(() => clone.close())
  return clone
}

const set = (store: Store, id: string, app: string): unknown =>
  write(store, 'INSERT INTO machines (id, app) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET app = ?2', id, app)
const apps = (store: Store): unknown => rows(store, 'SELECT id, app FROM machines ORDER BY id')

function settle(...members: readonly ForkMember[]): void {
  for (let round = 0; round < 3; round += 1)
    for (const to of members) for (const from of members) if (from !== to) to.meet(from, members)
  for (const { store } of members) assert.deepEqual(store.verify(), [])
}

test('a fork with both halves alive: each takes a greater actor, and what either wrote is on all nodes', () => {
  const [first, peer] = [newStore(), newStore()]
  set(first, 'shared', 'before')
  const second = cloneOf(first)
  const former = first.actor
  set(first, 'mine', 'first')
  set(first, 'both', 'from first')
  set(second, 'both', 'from second')
  set(second, 'its', 'second')
  pull(peer, first)
  settle(...[first, second, peer].map((store, i) => new ForkMember(`${i}`, store)))
  for (const { actor } of [first, second]) assert.ok(actor > former)
  assert.notEqual(first.actor, second.actor)
  for (const store of [first, second, peer])
    assert.deepEqual(apps(store), [
      ['both', 'from second'],
      ['its', 'second'],
      ['mine', 'first'],
      ['shared', 'before'],
    ])
})

test('a fork with one half dead: what only a peer has of it comes back, and reaches who has the other half', () => {
  const [first, heardFirst, heardSecond] = [newStore(), newStore(), newStore()]
  set(first, 'shared', 'before')
  const second = cloneOf(first)
  set(first, 'a', 'first')
  set(second, 'b', 'second')
  pull(heardFirst, first)
  pull(heardSecond, second)
  // The clone is gone. Both peers hold version 2, and each another one.
  settle(...[first, heardFirst, heardSecond].map((store, i) => new ForkMember(`${i}`, store)))
  for (const store of [first, heardFirst, heardSecond])
    assert.deepEqual(apps(store), [
      ['a', 'first'],
      ['b', 'second'],
      ['shared', 'before'],
    ])
})

test('a fork with both halves dead: who knows of it writes the cells anew, so that the living agree', () => {
  const [first, heardFirst, heardSecond] = [newStore(), newStore(), newStore()]
  set(first, 'shared', 'before')
  const second = cloneOf(first)
  set(first, 'a', 'first')
  set(second, 'b', 'second')
  pull(heardFirst, first)
  pull(heardSecond, second)
  settle(...[heardFirst, heardSecond].map((store, i) => new ForkMember(`${i}`, store)))
  assert.deepEqual(apps(heardFirst), [
    ['a', 'first'],
    ['b', 'second'],
    ['shared', 'before'],
  ])
  assert.deepEqual(apps(heardFirst), apps(heardSecond))
})

test('an old disk: what was written later comes back, no number is used twice, and the next write is a new actor’s', () => {
  const [now, peer] = [newStore(), newStore()]
  set(now, 'a', '1')
  const old = cloneOf(now)
  set(now, 'a', '2')
  set(now, 'b', '1')
  pull(peer, now)
  const { actor } = now
  const [old1, peer1] = [new ForkMember('old', old), new ForkMember('peer', peer)]
  settle(old1, peer1)
  assert.notEqual(old.actor, actor)
  set(old, 'c', '1')
  settle(old1, peer1)
  for (const store of [old, peer])
    assert.deepEqual(apps(store), [
      ['a', '2'],
      ['b', '1'],
      ['c', '1'],
    ])
  assert.equal(peer.knowledge().find((known) => known.actor === actor)?.head, 3)
})

test('concurrent writes are not beaten by a repair, deletes and rows of keys alone are repaired, too', () => {
  const [first, peer] = [newStore(), newStore()]
  set(first, 'a', 'old')
  set(first, 'gone', 'old')
  write(first, "INSERT INTO tags VALUES ('t', 'm')")
  pull(peer, first)
  const second = cloneOf(first)
  write(first, "DELETE FROM machines WHERE id = 'gone'")
  write(second, "DELETE FROM tags WHERE name = 't'")
  set(peer, 'a', 'concurrent')
  settle(...[first, second, peer].map((store, i) => new ForkMember(`${i}`, store)))
  for (const store of [first, second, peer]) {
    assert.deepEqual(apps(store), [['a', 'concurrent']])
    assert.deepEqual(rows(store, 'SELECT * FROM tags'), [])
  }
})

test('a repair goes in slices that fit a version, and goes on after a restart', () => {
  const store = newStore({ path: join(folder, 'slices.db') })
  const values = ['x', 'y', 'z'].map((letter) => letter.repeat(600))
  write(store, 'INSERT INTO machines (id, app, region, extra) VALUES (?, ?, ?, ?)', 'wide', ...values)
  for (let id = 0; id < 6; id += 1) set(store, `m${id}`, 'v'.repeat(300))
  const before = rows(store, 'SELECT * FROM machines ORDER BY id')
  store.close()
  const limits = { versionBytesMax: 2_000 }
  const first = openStore({ path: join(folder, 'slices.db'), limits })
  const former = first.actor
  first.abandon()
  const [slice] = [first.rewrite()]
  assert.deepEqual([slice.commits.length, slice.isDone], [1, false])
  first.close()
  const again = openStore({ path: join(folder, 'slices.db'), limits })
  after(() => again.close())
  assert.ok(again.actor > former)
  let slices = 0
  while (!again.rewrite().isDone) slices += 1
  assert.ok(slices > 2, `${slices} more`)
  assert.deepEqual(again.verify(), [])
  assert.deepEqual(rows(again, 'SELECT * FROM machines ORDER BY id'), before)
  const written = again.explain('machines', ['wide'])
  assert.ok(written?.cells.every(({ actor }) => actor === again.actor))
  assert.deepEqual(again.rewrite(), { commits: [], isDone: true })
})

test('what turns up of an abandoned actor after its cells were written anew is written anew, too', () => {
  const [first, heardSecond] = [newStore(), newStore()]
  set(first, 'shared', 'before')
  const second = cloneOf(first)
  set(second, 'b', 'second')
  pull(heardSecond, second)
  const former = first.actor
  first.abandon()
  while (!first.rewrite().isDone);
  assert.equal(first.explain('machines', ['shared'])?.owner.actor, first.actor)
  first.apply(
    heardSecond.serve(
      [{ kind: 'versions', actor: former, versions: [{ first: version(1), last: version(2) }] }],
      1_000,
    ).changesets,
  )
  assert.equal(first.explain('machines', ['b'])?.owner.actor, former)
  assert.equal(first.rewrite().commits.length, 1)
  assert.equal(first.explain('machines', ['b'])?.owner.actor, first.actor)
  assert.deepEqual(first.rewrite(), { commits: [], isDone: true })
})

test('what an abandoned actor wins when a quarantined version of it is applied at last is written anew, too', () => {
  const [store, other] = [newStore(), newStore()]
  const index = `${SCHEMA}; CREATE INDEX parsed ON machines (json_extract(region, '$.a'));`
  store.applySchema([{ name: 'test.sql', sql: index }])
  const [bad] = write(other, "INSERT INTO machines (id, region) VALUES ('m', 'no JSON')") as [Uint8Array]
  assert.equal(store.apply([bad]).report.outcomes[0]?.kind, 'quarantined')
  store.abandon(other.actor)
  while (!store.rewrite().isDone);
  store.applySchema([{ name: 'test.sql', sql: SCHEMA }])
  assert.equal(store.explain('machines', ['m'])?.owner.actor, other.actor)
  assert.equal(store.rewrite().commits.length, 1)
  assert.equal(store.explain('machines', ['m'])?.owner.actor, store.actor)
  assert.deepEqual(store.verify(), [])
})

test('checkOwn: the same, another one, beyond the head, and unknown; also when the version has left the log', () => {
  const store = newStore()
  const times: Hlc[] = [0, 1, 2, 3].map((n) => {
    const { commits } = store.transact([
      [{ sql: 'INSERT OR REPLACE INTO tags VALUES (?, ?)', params: ['t', `${n}`] }],
    ])
    return commits[0]?.ts as Hlc
  })
  write(store, "DELETE FROM tags WHERE machine = '0'")
  assert.equal(store.serve([need(store, 1)], 1_000).cleared.length, 1)
  assert.equal(store.checkOwn(version(1), hlc((times[0] as number) + 1)), 'other')
  assert.equal(store.checkOwn(version(1), times[0] as Hlc), 'same')
  assert.equal(store.checkOwn(version(4), hlc(7)), 'other')
  assert.equal(store.checkOwn(version(4), times[3] as Hlc), 'same')
  assert.equal(store.checkOwn(version(9), hlc(7)), 'beyond')
  assert.equal(store.checkOwn(version(4), hlc(0)), 'unknown')
  // What is confirmed needs no time beside the log any more.
  write(store, "DELETE FROM tags WHERE machine = '2'")
  assert.equal(store.checkOwn(version(3), hlc(7)), 'unknown')
})

test('a claim that rested on the other half: who believed it asks once more, and gets the loser back', () => {
  const [first, writer, relay, told, other] = [newStore(), newStore(), newStore(), newStore(), newStore()]
  set(first, 'x', 'before')
  const second = cloneOf(first)
  const [lost] = write(writer, "INSERT INTO machines (id, app) VALUES ('m', 'a')")
  for (const store of [relay, second, other]) store.apply([lost as Uint8Array])
  write(second, "DELETE FROM machines WHERE id = 'm'")
  set(first, 'y', 'first')
  pull(relay, second)
  pull(told, first)
  // To the relay the loser is beaten by version 2 of the second half; who is told so holds version 2 of the first.
  const { cleared, basis } = relay.serve([need(writer, 1)], 1_000)
  assert.equal(cleared.length, 1)
  told.apply([], { cleared, basis })
  assert.equal(told.explain('machines', ['m']), undefined)
  // The relay and the second half are gone for good: nobody has the delete any more.
  const [again] = told.cleared()
  assert.deepEqual(again?.actor, writer.actor)
  const answer = other.serve([need(writer, 1)], 1_000)
  assert.deepEqual(told.apply(answer.changesets).report.outcomes, [{ kind: 'duplicate' }])
  assert.deepEqual(told.applyAgain(answer.changesets).report.outcomes, [{ kind: 'applied' }])
  assert.deepEqual(told.verify(), [])
  assert.deepEqual(rows(told, "SELECT app FROM machines WHERE id = 'm'"), [['a']])
  assert.deepEqual(told.applyAgain(answer.changesets).report.outcomes, [{ kind: 'duplicate' }])
})

test('times of own versions outside the log are bounded, and go when a peer has confirmed them', () => {
  const store = newStore({ limits: { statementsMax: 20_000 } })
  write(store, "INSERT INTO tags VALUES ('t', 'm')")
  const beat = "UPDATE machines SET app = app || '.'"
  set(store, 'a', '')
  const kept = (): number => Number((rows(store, 'SELECT count(*) FROM __patina_own')[0] as [bigint])[0])
  let last: Hlc = hlc(0)
  for (let round = 0; round < 60; round += 1) {
    const { commits } = store.transact(Array.from({ length: 200 }, () => [{ sql: beat, params: [] }]))
    last = commits.at(-1)?.ts as Hlc
  }
  assert.ok(kept() >= 10_000 && kept() <= 11_001, `${kept()} times are kept`)
  const { head } = store.knowledge()[0] as { head: number }
  assert.equal(store.checkOwn(version(head), last), 'same')
  assert.equal(kept(), 0)
  write(store, beat)
  assert.equal(kept(), 0, 'a version that was confirmed when it left the log')
})

test('what is remembered of forks survives a restart; who adopts a snapshot asks everybody once more', () => {
  const path = join(folder, 'remembered.db')
  const store = newStore({ path })
  assert.deepEqual(store.knownForks(), { forks: [], answered: [] })
  const [fork, peer, other] = ['a', 'b', 'c'].map((digit) => actorId(digit.repeat(32))) as [
    ActorId,
    ActorId,
    ActorId,
  ]
  store.keepForks({ forks: [fork], answered: [peer, other] })
  store.keepForks({ forks: [fork], answered: [peer] })
  store.close()
  const again = openStore({ path })
  assert.deepEqual(again.knownForks(), { forks: [fork], answered: [peer] })
  again.close()
  const source = newStore()
  source.keepForks({ forks: [other], answered: [fork] })
  const snapshot = join(folder, 'remembered.snapshot')
  source.snapshot(snapshot)
  adoptSnapshot(snapshot, { path })
  const adopted = openStore({ path })
  after(() => adopted.close())
  assert.deepEqual(adopted.knownForks().answered, [])
  assert.deepEqual(new Set(adopted.knownForks().forks), new Set([other, fork]))
})

test('the greatest actor has no successor: says so, and stays as it is', () => {
  const store = newStore({ newActor: () => actorId('f'.repeat(32)) })
  assert.throws(() => store.abandon(), /no actor is left above/)
  assert.equal(store.actor, 'f'.repeat(32))
  set(store, 'a', '1')
})

test('random histories with clones, old disks and deaths: the living agree, and nothing of theirs is lost', () => {
  const first = crypto.getRandomValues(new Uint32Array(1))[0] as number
  let repaired = 0
  for (let at = 0; repaired < 15; at += 1)
    if (runForks((first + at) >>> 0, folder) === 'repaired') repaired += 1
})

function need({ actor }: Store, number: number): Need {
  return { kind: 'versions', actor, versions: [{ first: version(number), last: version(number) }] }
}
