import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type ApplyOutcome, actorId, decodeChangesetHeader } from '@patina/base'
import BetterSqlite3 from 'better-sqlite3'
import { openStore, type Store, StoreOpenError } from '../src/index.ts'
import { contents, newStore, pull, rows, SCHEMA, write } from './two-stores.ts'

const folder = mkdtempSync(join(tmpdir(), 'patina-store-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0
const newPath = (): string => {
  files += 1
  return join(folder, `${files}.db`)
}

test('a file is opened again as it was: actor, knowledge, tables; the generation is greater', () => {
  const path = newPath()
  const first = newStore({ path })
  write(first, "INSERT INTO machines (id) VALUES ('a')")
  const [actor, generation, knowledge, held] = [
    first.actor,
    first.generation,
    first.knowledge(),
    contents(first),
  ]
  first.close()
  const second = newStore({ path })
  assert.equal(second.actor, actor)
  assert.ok(second.generation > generation)
  assert.deepEqual(second.knowledge(), knowledge)
  assert.deepEqual(contents(second), held)
  assert.equal(
    second.transact([[{ sql: "INSERT INTO tags VALUES ('t', 'a')", params: [] }]]).commits[0]?.version,
    2,
  )
  second.close()
})

test('a newer format and another cluster are refused with what to do', () => {
  const path = newPath()
  newStore({ path, clusterId: 'ams' }).close()
  assert.throws(
    () => openStore({ path, clusterId: 'nrt' }),
    (cause) =>
      cause instanceof StoreOpenError && cause.code === 'other-cluster' && /"ams"/.test(cause.message),
  )
  const raw = new BetterSqlite3(path)
  raw.exec("UPDATE __patina_meta SET value = 99 WHERE key = 'format'")
  raw.close()
  assert.throws(
    () => openStore({ path, clusterId: 'ams' }),
    (cause) => cause instanceof StoreOpenError && cause.code === 'newer-format',
  )
})

test('a file of format 1 is brought up to the format of today with all that it holds', () => {
  const path = newPath()
  const first = newStore({ path })
  write(first, "INSERT INTO machines (id) VALUES ('a')")
  first.close()
  const raw = new BetterSqlite3(path)
  raw.exec(
    "DROP TABLE __patina_lost; DROP TABLE __patina_forks; UPDATE __patina_meta SET value = 1 WHERE key = 'format'",
  )
  raw.close()
  const store = newStore({ path })
  assert.equal(store.actor, first.actor)
  assert.deepEqual(store.verify(), [])
  assert.deepEqual(store.knownForks(), { forks: [], answered: [] })
  store.close()
  const upgraded = new BetterSqlite3(path, { readonly: true })
  assert.equal(upgraded.prepare("SELECT value FROM __patina_meta WHERE key = 'format'").pluck().get(), 2)
  upgraded.close()
})

test('a program without Patina reads the file and cannot write a replicated table unnoticed', () => {
  const path = newPath()
  const store = newStore({ path })
  write(store, "INSERT INTO machines (id) VALUES ('a')")
  store.close()
  const raw = new BetterSqlite3(path)
  assert.equal(raw.prepare('SELECT count(*) FROM machines').pluck().get(), 1)
  assert.throws(() => raw.exec("INSERT INTO machines (id) VALUES ('b')"), /no such function: patina_capture/)
  raw.close()
})

test('what one store writes another reads, row for row and stamp for stamp, twice and late', () => {
  const [a, b] = [newStore(), newStore()]
  write(
    a,
    "INSERT INTO machines (id, app, port, load, extra) VALUES ('m', 'x', 9223372036854775807, 1.5, x'00ff')",
  )
  write(b, "INSERT INTO machines (id, app) VALUES ('n', 'y')")
  pull(b, a)
  pull(a, b)
  write(b, "UPDATE machines SET app = 'z' WHERE id = 'm'")
  write(a, "DELETE FROM machines WHERE id = 'm'")
  pull(a, b)
  pull(b, a)
  pull(b, a)
  assert.deepEqual(contents(a), contents(b))
  assert.deepEqual(rows(a, 'SELECT id, app FROM machines'), [['n', 'y']])
})

test('a large version travels in chunks, in any order, and is applied as a whole', () => {
  const [a, b] = [newStore(), newStore()]
  const chunks = write(
    a,
    `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 3000)
     INSERT INTO machines (id, app) SELECT 'm' || i, hex(zeroblob(40)) FROM s`,
  )
  assert.ok(chunks.length > 3)
  const last = chunks.at(-1) as Uint8Array
  assert.deepEqual(b.apply([last]).report.outcomes, [{ kind: 'buffered' }])
  assert.deepEqual(b.apply([last]).report.outcomes, [{ kind: 'duplicate' }])
  assert.deepEqual(rows(b, 'SELECT count(*) FROM machines'), [[0n]])
  const { report } = b.apply(chunks.slice(0, -1).toReversed())
  assert.deepEqual(report.outcomes.at(-1), { kind: 'applied' })
  assert.deepEqual(contents(b), contents(a))
  assert.deepEqual(
    b.apply(chunks).report.outcomes,
    chunks.map(() => ({ kind: 'duplicate' })),
  )
})

test('chunks that wait survive a restart and are asked for by seq only', () => {
  const path = newPath()
  const a = newStore()
  const chunks = write(
    a,
    `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 2000)
     INSERT INTO machines (id, app) SELECT 'm' || i, hex(zeroblob(40)) FROM s`,
  )
  const b = newStore({ path })
  b.apply([chunks[1] as Uint8Array])
  const partials = b.knowledge().find(({ actor }) => actor === a.actor)?.partials
  assert.equal(partials?.length, 1)
  b.close()
  const again = newStore({ path })
  assert.deepEqual(again.knowledge().find(({ actor }) => actor === a.actor)?.partials, partials)
  assert.deepEqual(again.knowledge().find(({ actor }) => actor === a.actor)?.have, [])
  again.apply(chunks)
  assert.deepEqual(contents(again), contents(a))
  again.close()
})

test('damaged changesets leave no trace, so that the good copy still gets in', () => {
  const [a, b] = [newStore(), newStore()]
  const [good] = write(a, "INSERT INTO machines (id) VALUES ('m')")
  assert.ok(good)
  for (let i = 0; i < good.length; i += 1) {
    const bad: Uint8Array = good.slice()
    bad[i] = (bad[i] as number) ^ 0x10
    const [outcome]: readonly ApplyOutcome[] = b.apply([bad, new Uint8Array(), new Uint8Array([1, 2, 3])])
      .report.outcomes
    assert.equal(outcome?.kind, 'dropped', `byte ${i}`)
  }
  assert.deepEqual(
    b
      .knowledge()
      .map(({ actor }) => actor)
      .filter((actor) => actor !== b.actor),
    [],
  )
  assert.deepEqual(b.apply([good]).report.outcomes, [{ kind: 'applied' }])
})

test('a row of a table that is not known here is kept, held, served on, and moves into the table once it is there', () => {
  const [a, b, c] = [newStore(), newStore(), newStore()]
  a.applySchema([{ name: 'new.sql', sql: 'CREATE TABLE fresh (id TEXT NOT NULL PRIMARY KEY, x TEXT)' }])
  const changesets = write(a, "INSERT INTO fresh VALUES ('f', 'y')")
  const [good] = write(a, "INSERT INTO machines (id) VALUES ('m')")
  assert.ok(good)
  const { report } = b.apply([...changesets, good])
  assert.deepEqual(
    report.outcomes.map(({ kind }) => kind),
    ['applied', 'applied'],
  )
  assert.deepEqual(b.verify(), [])
  pull(c, b)
  for (const late of [b, c]) {
    assert.deepEqual(late.knowledge().find(({ actor }) => actor === a.actor)?.have, [{ first: 1, last: 2 }])
    late.applySchema([{ name: 'new.sql', sql: 'CREATE TABLE fresh (id TEXT NOT NULL PRIMARY KEY, x TEXT)' }])
    assert.deepEqual(rows(late, 'SELECT * FROM fresh'), [['f', 'y']])
    assert.equal(late.stats().quarantined, 0)
  }
})

test('a changeset that an index of this node only refuses is quarantined; its neighbours are applied', () => {
  const [a, b] = [newStore(), newStore()]
  b.applySchema([
    {
      name: 'strict.sql',
      sql: `CREATE TABLE strict (id TEXT NOT NULL PRIMARY KEY, n); CREATE INDEX by_a ON strict (json_extract(n, '$.a'))`,
    },
  ])
  a.applySchema([{ name: 'loose.sql', sql: 'CREATE TABLE strict (id TEXT NOT NULL PRIMARY KEY, n)' }])
  const changesets = [
    ...write(a, "INSERT INTO machines (id) VALUES ('m')"),
    ...write(a, "INSERT INTO strict VALUES ('s', 'no JSON')"),
    ...write(a, "INSERT INTO machines (id) VALUES ('n')"),
  ]
  assert.deepEqual(
    b.apply(changesets).report.outcomes.map(({ kind }) => kind),
    ['applied', 'quarantined', 'applied'],
  )
  assert.deepEqual(rows(b, 'SELECT id FROM machines ORDER BY id'), [['m'], ['n']])
  assert.deepEqual(b.knowledge().find(({ actor }) => actor === a.actor)?.have, [{ first: 1, last: 3 }])
})

test('serve gives newest first within the budget, and the rest of the needs', () => {
  const a = newStore()
  const sent = Array.from({ length: 10 }, (_, i) =>
    write(a, 'INSERT INTO machines (id) VALUES (?)', `m${i}`),
  ).flat()
  const size = sent[0]?.length ?? 0
  const needs = [{ kind: 'versions' as const, actor: a.actor, versions: a.knowledge()[0]?.have ?? [] }]
  const first = a.serve(needs, 3 * size)
  assert.deepEqual(first.changesets.map(versionOf), [10, 9, 8])
  assert.deepEqual(first.rest, [{ kind: 'versions', actor: a.actor, versions: [{ first: 1, last: 7 }] }])
  assert.deepEqual([first.cleared, first.basis], [[], []])
  const rest = a.serve(first.rest, Number.MAX_SAFE_INTEGER)
  assert.deepEqual(rest.changesets.map(versionOf), [7, 6, 5, 4, 3, 2, 1])
  assert.deepEqual(first.changesets[0], sent[9])
})

test('a budget that ends inside a version leaves its other seqs as the rest', () => {
  const [a, b] = [newStore(), newStore()]
  write(
    a,
    `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 3000)
     INSERT INTO machines (id, app) SELECT 'm' || i, hex(zeroblob(40)) FROM s`,
  )
  let rest = a.serve([{ kind: 'versions', actor: a.actor, versions: a.knowledge()[0]?.have ?? [] }], 50_000)
  let answers = 1
  for (b.apply(rest.changesets); rest.rest.length > 0; answers += 1) {
    rest = a.serve(rest.rest, 50_000)
    b.apply(rest.changesets)
  }
  assert.ok(answers > 2)
  assert.deepEqual(contents(b), contents(a))
})

test('a version that is held without an entry is answered as cleared, with what the answerer holds', () => {
  const a = newStore()
  write(a, "INSERT INTO machines (id) VALUES ('m')")
  write(a, "UPDATE machines SET app = 'x'")
  a.database.exec('DELETE FROM __patina_log WHERE version = 1')
  const have = [{ first: 1, last: 2 }]
  const batch = a.serve([{ kind: 'versions', actor: a.actor, versions: have } as never], 1_000_000)
  assert.deepEqual(batch.cleared, [{ actor: a.actor, versions: [{ first: 1, last: 1 }] }])
  assert.deepEqual(batch.basis, [{ actor: a.actor, versions: have }])
  const seqs = { kind: 'seqs', actor: a.actor, version: 1, seqs: [{ first: 0, last: 5 }] }
  assert.deepEqual(a.serve([seqs as never], 1_000_000).cleared, batch.cleared)
  assert.deepEqual(a.serve([{ ...seqs, version: 2 } as never], 1_000_000).cleared, [])
})

test('an actor is named once in an answer, however many needs name it', () => {
  const a = newStore()
  write(a, "INSERT INTO machines (id) VALUES ('m')")
  write(a, "UPDATE machines SET app = 'x'")
  a.database.exec('DELETE FROM __patina_log')
  const need = (v: number) => ({ kind: 'versions', actor: a.actor, versions: [{ first: v, last: v }] })
  const { cleared } = a.serve([need(1), need(2), need(1)] as never, 1_000_000)
  assert.deepEqual(cleared, [{ actor: a.actor, versions: [{ first: 1, last: 2 }] }])
})

test('live of each version is what its cells and lives are that nobody has beaten; without any it is not in the log (I-CRDT-4)', () => {
  const [a, b] = ['a', 'b'].map((name) => newStore({ newActor: () => actorId(name.repeat(32)) })) as [
    Store,
    Store,
  ]
  write(a, "INSERT INTO machines (id) VALUES ('m'), ('n')")
  write(a, "UPDATE machines SET app = 'x' WHERE id = 'm'")
  write(a, "DELETE FROM machines WHERE id = 'n'")
  pull(b, a)
  write(b, "UPDATE machines SET port = 1, app = 'y'")
  pull(a, b)
  for (const store of [a, b])
    assert.deepEqual(
      rows(
        store,
        `SELECT substr(hex(a.actor), 1, 1), version, live FROM __patina_log AS l JOIN __patina_actors AS a ON a.ord = l.actor
         ORDER BY 1, 2`,
      ),
      // The second version had one cell and one life: both went to b.
      [
        ['A', 1n, 3n],
        ['A', 3n, 1n],
        ['B', 1n, 3n],
      ],
    )
})

test('the schema of these tests is taken as it is', () => {
  const store = newStore()
  assert.deepEqual(store.applySchema([{ name: 'test.sql', sql: SCHEMA }]), [])
})

function versionOf(bytes: Uint8Array): number {
  const decoded = decodeChangesetHeader(bytes)
  assert.ok(decoded.ok)
  return decoded.value.header.version
}

test('each commit tells which tables and columns it touched, and what lost touches nothing', () => {
  const [a, b] = [newStore(), newStore()]
  const touched = (sql: string): unknown => {
    const { commits, touched: tables } = a.transact([[{ sql, params: [] }]])
    const changesets = commits.flatMap((commit) => commit.changesets)
    assert.deepEqual(b.apply(changesets).touched, tables, sql)
    assert.deepEqual(b.apply(changesets).touched, [])
    return tables
  }
  assert.deepEqual(touched("INSERT INTO machines (id) VALUES ('m')"), [{ table: 'machines', columns: 'all' }])
  assert.deepEqual(touched('UPDATE machines SET port = 1, app = app'), [
    { table: 'machines', columns: ['port'] },
  ])
  assert.deepEqual(touched('UPDATE machines SET port = 1'), [])
  assert.deepEqual(touched('DELETE FROM machines'), [{ table: 'machines', columns: 'all' }])
  const failing = [
    [{ sql: "INSERT INTO tags VALUES ('t', 'm')", params: [] }],
    [
      { sql: "INSERT INTO machines (id) VALUES ('n')", params: [] },
      { sql: "INSERT INTO tags VALUES ('t', 'm')", params: [] },
    ],
  ]
  assert.deepEqual(a.transact(failing).touched, [{ table: 'tags', columns: 'all' }])
})

test('a commit tells its sender whether it deletes, and in which tables it changes something', () => {
  const store = newStore()
  const about = (...sql: string[]): unknown => {
    const [commit] = store.transact([sql.map((each) => ({ sql: each, params: [] }))]).commits
    return [commit?.deletes, commit?.tables]
  }
  const inserts = ["INSERT INTO machines (id) VALUES ('m'), ('n')", "INSERT INTO TAGS VALUES ('t', 'm')"]
  assert.deepEqual(about(...inserts), [false, ['machines', 'tags']])
  assert.deepEqual(about("UPDATE machines SET port = 1 WHERE id = 'm'"), [false, ['machines']])
  assert.deepEqual(about("UPDATE machines SET port = 2 WHERE id = 'm'", 'DELETE FROM tags'), [
    true,
    ['machines', 'tags'],
  ])
  // A deleted row that comes back is alive.
  assert.deepEqual(about("INSERT INTO tags VALUES ('t', 'n')"), [false, ['tags']])
})
