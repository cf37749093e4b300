import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStore, type Store } from '../../src/index.ts'
import { ForkMember } from '../forks/fork-member.ts'
import { pull, rows, write } from '../two-stores.ts'
import { change, converged, storeWith } from './schema-stores.ts'

const OLD = 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT)'
const NEW = `CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT, b INT NOT NULL DEFAULT 7, c);
  CREATE TABLE u (x INT NOT NULL, y TEXT NOT NULL, z BLOB, PRIMARY KEY (y, x)) WITHOUT ROWID`

function entries(store: Store): unknown[] {
  return rows(store, 'SELECT "table", "column", cl, colv, value FROM __patina_unknown ORDER BY 1, key, 2')
}

/** In sync, whatever each of them knows. */
function meet(...stores: readonly Store[]): void {
  for (const to of stores) for (const from of stores) pull(to, from)
  for (const store of stores) assert.deepEqual(store.verify(), [])
}

test('T-B2: an old node applies what it knows, keeps the rest as it is, passes it on, and shows it after its upgrade', () => {
  const [ahead, behind, late] = [storeWith(NEW), storeWith(OLD), storeWith(NEW)]
  write(ahead, "INSERT INTO t VALUES ('r', 'known', 1, 2.5)")
  write(ahead, "INSERT INTO u VALUES (1, 'k', x'00')")
  meet(ahead, behind)
  assert.deepEqual(rows(behind, 'SELECT * FROM t'), [['r', 'known']])
  assert.deepEqual(entries(behind), [
    ['t', 'b', 1n, 1n, 1n],
    ['t', 'c', 1n, 1n, 2.5],
    ['u', '', 1n, 0n, null],
    ['u', 'z', 1n, 1n, Buffer.of(0)],
  ])
  write(behind, "UPDATE t SET a = 'by the old one' WHERE id = 'r'")
  write(ahead, "UPDATE t SET b = 5 WHERE id = 'r'")
  meet(ahead, behind)
  // A node that has only ever met the old one gets everything.
  meet(late, behind)
  assert.deepEqual(rows(late, 'SELECT * FROM t'), [['r', 'by the old one', 5n, 2.5]])
  change(behind, NEW)
  assert.deepEqual(entries(behind), [])
  for (const store of [behind, late])
    for (const [table, keys] of [
      ['t', ['id']],
      ['u', ['y', 'x']],
    ] as const)
      assert.deepEqual(converged(store, table, keys), converged(ahead, table, keys))
  meet(ahead, behind, late)
})

test('a new life or a death takes the unknown cells of the one before with it, also one that is written here', () => {
  const [ahead, behind] = [storeWith(NEW), storeWith(OLD)]
  write(ahead, "INSERT INTO t (id, b) VALUES ('local', 1), ('remote', 2), ('reborn', 3)")
  meet(ahead, behind)
  assert.equal(entries(behind).length, 6)
  write(behind, "DELETE FROM t WHERE id IN ('local', 'reborn')")
  write(behind, "INSERT INTO t VALUES ('reborn', 'again')")
  write(ahead, "DELETE FROM t WHERE id = 'remote'")
  meet(ahead, behind)
  assert.deepEqual(entries(behind), [])
  change(behind, NEW)
  assert.deepEqual(rows(behind, 'SELECT * FROM t'), [['reborn', 'again', 7n, null]])
  assert.deepEqual(converged(behind, 't', ['id']), converged(ahead, 't', ['id']))
})

test('rows of an unknown table are born, updated, deleted and born again before the table is known', () => {
  const [a, b, behind] = [storeWith(NEW), storeWith(NEW), storeWith(OLD)]
  write(a, "INSERT INTO u VALUES (1, 'dead', x'01'), (2, 'alive', x'02'), (3, 'both', x'03')")
  pull(b, a)
  write(a, "DELETE FROM u WHERE y = 'dead'")
  write(a, "UPDATE u SET z = x'aa' WHERE y = 'both'")
  write(b, "UPDATE u SET z = x'bb' WHERE y = 'both'")
  write(b, 'DELETE FROM u WHERE x = 2')
  write(b, "INSERT INTO u VALUES (2, 'alive', x'22')")
  meet(behind, b, a)
  change(behind, NEW)
  assert.deepEqual(rows(behind, 'SELECT x, y, hex(z) FROM u'), [
    [2n, 'alive', '22'],
    [3n, 'both', 'BB'],
  ])
  meet(a, b, behind)
  for (const store of [b, behind])
    assert.deepEqual(converged(store, 'u', ['y', 'x']), converged(a, 'u', ['y', 'x']))
  assert.equal(behind.explain('u', ['dead', 1n])?.causalLength, a.explain('u', ['dead', 1n])?.causalLength)
})

test('a table with other key columns here stays unknown as a whole, and harms nobody', () => {
  const [a, b] = [
    storeWith('CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a TEXT)'),
    storeWith('CREATE TABLE t (key TEXT NOT NULL PRIMARY KEY, a TEXT)'),
  ]
  write(a, "INSERT INTO t VALUES ('x', 'of a')")
  write(b, "INSERT INTO t VALUES ('x', 'of b')")
  meet(a, b)
  assert.deepEqual([rows(a, 'SELECT a FROM t'), rows(b, 'SELECT a FROM t')], [[['of a']], [['of b']]])
  assert.equal(entries(b).length, 2)
  write(b, "DELETE FROM t WHERE key = 'x'")
  meet(a, b)
  assert.equal(entries(b).length, 2)
})

test('versions that are beaten in unknown cells leave the log here as everywhere', () => {
  const [ahead, behind] = [storeWith(NEW), storeWith(OLD)]
  const logged = (store: Store): unknown =>
    rows(store, 'SELECT version, live FROM __patina_log ORDER BY version')
  write(ahead, "INSERT INTO t VALUES ('r', 'a', 1, 1)")
  for (let i = 0; i < 5; i += 1) {
    write(ahead, 'UPDATE t SET b = ?, c = ?', BigInt(i), BigInt(i))
    write(ahead, 'INSERT OR REPLACE INTO u VALUES (1, ?, ?)', 'k', Buffer.of(i))
    meet(behind, ahead)
    assert.deepEqual(logged(behind), logged(ahead))
  }
})

test('rows of a plain table that is adopted merge with what peers have written into that table meanwhile', () => {
  const [ahead, behind] = [storeWith(NEW), storeWith(OLD)]
  write(
    ahead,
    "INSERT INTO u VALUES (1, 'wins', x'ff'), (1, 'loses', x'00'), (1, 'later', x'05'), (9, 'theirs', x'99')",
  )
  write(ahead, "DELETE FROM u WHERE y = 'later'")
  pull(behind, ahead)
  behind.database.exec(`CREATE TABLE u (x INT NOT NULL, y TEXT NOT NULL, z BLOB, PRIMARY KEY (y, x)) WITHOUT ROWID;
    INSERT INTO u VALUES (1, 'wins', x'10'), (1, 'loses', x'10'), (1, 'later', x'10'), (2, 'ours', x'10')`)
  change(behind, NEW)
  meet(ahead, behind)
  assert.deepEqual(rows(behind, 'SELECT y, hex(z) FROM u'), [
    ['loses', '10'],
    ['ours', '10'],
    ['theirs', '99'],
    ['wins', 'FF'],
  ])
  assert.deepEqual(converged(behind, 'u', ['y', 'x']), converged(ahead, 'u', ['y', 'x']))
})

for (const half of ['alive', 'dead after one peer heard it'] as const)
  test(`of a fork, what the half that is ${half} wrote into columns that the other does not know is on all nodes`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'patina-unknown-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const [first, peer] = [storeWith(OLD), storeWith(OLD)]
    const abandoned = first.actor
    write(first, "INSERT INTO t VALUES ('shared', 'before')")
    writeFileSync(join(folder, 'clone.db'), first.database.serialize())
    const second = openStore({ path: join(folder, 'clone.db') })
    t.after(() => second.close())
    change(second, NEW)
    write(first, "UPDATE t SET a = 'first' WHERE id = 'shared'")
    write(second, "UPDATE t SET b = 2, c = 'second' WHERE id = 'shared'")
    write(second, "INSERT INTO u VALUES (1, 'k', x'01')")
    const other = storeWith(OLD)
    pull(other, first)
    if (half !== 'alive') pull(peer, second)
    const stores = half === 'alive' ? [first, second, peer, other] : [first, peer, other]
    const members = stores.map((store, i) => new ForkMember(`${i}`, store))
    for (let round = 0; round < 4; round += 1)
      for (const to of members) for (const from of members) if (from !== to) to.meet(from, members)
    for (const store of stores) assert.deepEqual(store.verify(), [])
    // Both contents stand under one number elsewhere: only what is written anew is sure to be on all nodes.
    const former =
      'SELECT count(*) FROM __patina_unknown JOIN __patina_actors ON ord = __patina_unknown.actor'
    for (const store of stores)
      assert.deepEqual(rows(store, `${former} WHERE hex(__patina_actors.actor) = upper('${abandoned}')`), [
        [0n],
      ])
    for (const store of [first, peer, other]) change(store, NEW)
    for (const store of stores) {
      assert.deepEqual(rows(store, 'SELECT * FROM t'), [['shared', 'first', 2n, 'second']])
      assert.deepEqual(rows(store, 'SELECT x, y FROM u'), [[1n, 'k']])
      assert.deepEqual(converged(store, 't', ['id']), converged(first, 't', ['id']))
      assert.deepEqual(converged(store, 'u', ['y', 'x']), converged(first, 'u', ['y', 'x']))
      assert.deepEqual(store.verify(), [])
    }
  })

test('what a crash left between the schema and the rows moves at the next start', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-unknown-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'state.db')
  const ahead = storeWith(NEW)
  write(ahead, "INSERT INTO t VALUES ('r', 'a', 1, 2)")
  const killed = storeWith(OLD, { path })
  pull(killed, ahead)
  // The last statement of the schema's transaction is its COMMIT; what comes then fails.
  failAt(killed, 'CREATE TEMP VIEW', () => change(killed, `${NEW}; CREATE VIEW v AS SELECT 1`))
  killed.close()
  const next = openStore({ path })
  t.after(() => next.close())
  assert.deepEqual(rows(next, 'SELECT * FROM t'), [['r', 'a', 7n, null]])
  while (next.schemaSlice() !== undefined);
  assert.deepEqual(rows(next, 'SELECT * FROM t'), [['r', 'a', 1n, 2n]])
  assert.deepEqual(entries(next), [])
  assert.deepEqual(next.verify(), [])
})

function failAt(store: Store, sql: string, work: () => void): void {
  const exec = store.database.exec.bind(store.database)
  store.database.exec = (text) => {
    if (text.startsWith(sql)) throw new Error('killed')
    return exec(text)
  }
  assert.throws(work, /killed/)
}
