/** What verify finds in a file that something else has touched, and that it finds nothing in files of ours. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeChangeset, hlc, seq, version } from '@patina/base'
import type { Store } from '../src/index.ts'
import { newStore, pull, rows, write } from './two-stores.ts'

/** Two stores that have written, overwritten, deleted and exchanged. */
function used(): Store {
  const [store, other] = [newStore(), newStore()]
  for (const id of ['a', 'b', 'c', 'd']) write(store, 'INSERT INTO machines (id, app) VALUES (?, ?)', id, 'x')
  pull(other, store)
  write(other, "UPDATE machines SET app = 'y', load = 0.5 WHERE id < 'c'")
  write(store, "UPDATE machines SET app = 'z' WHERE id = 'a'")
  write(other, "DELETE FROM machines WHERE id = 'c'")
  write(other, "INSERT INTO tags VALUES ('t', 'a'), ('t', 'b')")
  write(other, "DELETE FROM tags WHERE machine = 'b'")
  write(other, "INSERT INTO tags VALUES ('t', 'b')")
  pull(store, other)
  return store
}

function kinds(store: Store): string[] {
  return [...new Set(store.verify().map(({ kind }) => kind))].sort()
}

test('nothing in a file that is as it should be, empty or used, also with parts that wait', () => {
  assert.deepEqual(newStore().verify(), [])
  const store = used()
  assert.deepEqual(store.verify(), [])
  const actor = '9'.repeat(32) as Store['actor']
  const header = { actor, version: version(3), firstSeq: seq(1), lastSeq: seq(2), versionLastSeq: seq(5) }
  store.apply([encodeChangeset({ ...header, ts: hlc(1), flags: 0 }, new Uint8Array([1]))])
  assert.deepEqual(store.verify(), [])
})

test('each kind of damage by its name', () => {
  const damages: readonly (readonly [string, readonly string[]])[] = [
    ['UPDATE __patina_have SET last = last - 1', ['log', 'memory', 'stamp']],
    ['UPDATE __patina_actors SET head = head - 1', ['have', 'memory']],
    ['UPDATE __patina_actors SET head = head + 1', ['memory']],
    ['UPDATE __patina_have SET first = 0 WHERE first = 1', ['have', 'memory']],
    ['UPDATE __patina_log SET payload = zeroblob(length(payload)) WHERE version = 2', ['checksum']],
    ['UPDATE __patina_log SET ts = ts + 1 WHERE version = 2', ['checksum']],
    ['UPDATE __patina_log SET first_seq = 1 WHERE version = 2', ['checksum', 'live', 'log']],
    ['UPDATE __patina_log SET live = live + 1 WHERE version = 2', ['live']],
    ['DELETE FROM __patina_log WHERE version = 1', ['live']],
    ['UPDATE machines__patina_clock SET version = version + 50', ['live', 'stamp']],
    ['UPDATE machines__patina_clock SET width = 9 WHERE cells IS NULL', ['live', 'stamp']],
    ["UPDATE machines__patina_clock SET cells = x'ffff' WHERE cells IS NOT NULL", ['live', 'stamp']],
    ['UPDATE machines__patina_clock SET actor = 77', ['live', 'stamp']],
    ['UPDATE __patina_log SET version_last_seq = -1 WHERE version = 2', ['checksum']],
    ["DELETE FROM machines__patina_clock WHERE k0 = 'd'", ['live', 'row']],
    ["UPDATE tags__patina_clock SET cl = cl + 1 WHERE k1 = 'a'", ['row']],
  ]
  for (const [sql, expected] of damages) {
    const store = used()
    const { changes } = store.database.prepare(sql).run()
    assert.ok(changes > 0, sql)
    assert.deepEqual(kinds(store), expected, sql)
    store.close()
  }
})

test('counters that stand apart from the log: of large versions, found where they are wrong, stray or gone', () => {
  const large = (): Store => {
    const store = newStore()
    write(store, "INSERT INTO machines (id, app) VALUES ('a', ?), ('b', 'y')", 'x'.repeat(2_000))
    return store
  }
  const apart = (store: Store): unknown => rows(store, 'SELECT version, live FROM __patina_live')
  const store = large()
  assert.deepEqual(apart(store), [[1n, 12n]])
  write(store, "UPDATE machines SET app = 'z' WHERE id = 'b'")
  assert.deepEqual(apart(store), [[1n, 10n]])
  assert.deepEqual(store.verify(), [])
  write(store, 'DELETE FROM machines')
  assert.deepEqual(apart(store), [])
  assert.deepEqual(store.verify(), [])
  for (const sql of [
    'UPDATE __patina_live SET live = live - 1',
    'DELETE FROM __patina_live',
    'INSERT INTO __patina_live VALUES (1, 7, 1)',
    'UPDATE __patina_log SET live = 12',
  ]) {
    const damaged = large()
    damaged.database.exec(sql)
    assert.deepEqual(kinds(damaged), ['live'], sql)
  }
})

test('a row that a program deleted or wrote beside Patina', () => {
  const store = used()
  const { database } = store
  for (const { name } of database.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all() as {
    name: string
  }[])
    database.exec(`DROP TRIGGER "${name}"`)
  database.exec("DELETE FROM machines WHERE id = 'a'; INSERT INTO tags VALUES ('é', '''quoted''')")
  assert.deepEqual(
    store.verify().map(({ kind, message }) => `${kind}: ${message}`),
    [
      "row: machines 'a': lives by its clock, but there is no row",
      "row: tags 'é', '''quoted''': there is a row that does not live by any clock",
    ],
  )
})

test('explain names the writer of each cell, and of the life', () => {
  const [store, other] = [newStore(), newStore()]
  write(store, "INSERT INTO machines (id, app) VALUES ('a', 'x')")
  pull(other, store)
  write(other, "UPDATE machines SET app = 'y' WHERE id = 'a'")
  pull(store, other)
  const row = store.explain('MACHINES', ['a'])
  assert.deepEqual(
    [row?.isAlive, row?.causalLength, row?.owner.actor],
    [true, 1, [store.actor, other.actor].sort()[1]],
  )
  const cells = new Map(row?.cells.map(({ column, ...rest }) => [column, rest]))
  assert.deepEqual([...cells.keys()], ['app', 'region', 'port', 'load', 'extra'])
  const { ts, ...app } = cells.get('app') ?? {}
  assert.deepEqual(app, { columnVersion: 2, actor: other.actor, version: 1 })
  assert.ok(ts !== undefined && ts > 1_700_000_000_000_000)
  assert.deepEqual(cells.get('port')?.actor, store.actor)
  write(other, "DELETE FROM machines WHERE id = 'a'")
  const dead = other.explain('machines', ['a'])
  assert.deepEqual([dead?.isAlive, dead?.causalLength, dead?.cells], [false, 2, []])
  for (const [table, key] of [
    ['machines', ['nobody']],
    ['nowhere', ['a']],
    ['tags', ['a']],
  ] as const)
    assert.equal(store.explain(table, [...key]), undefined)
})
