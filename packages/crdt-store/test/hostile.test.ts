import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  type ActorId,
  actorId,
  ByteWriter,
  COUNTER_MAX,
  encodeChangeset,
  hlc,
  type Need,
  type Seq,
  type SqliteValue,
  STORAGE_CLASS,
  seq,
  type Version,
  version,
} from '@patina/base'
import BetterSqlite3 from 'better-sqlite3'
import { type KeyedRowChange, PayloadWriter } from '../src/core/changeset.ts'
import { handlersOf, openStore, type Store, StoreOpenError } from '../src/index.ts'
import { newStore, reply, rows, write } from './two-stores.ts'

const folder = mkdtempSync(join(tmpdir(), 'patina-hostile-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0
const newPath = (): string => {
  files += 1
  return join(folder, `${files}.db`)
}

function storeOf(sql: string, path = ':memory:'): Store {
  const store = openStore({ path })
  store.applySchema([{ name: 'test.sql', sql }])
  return store
}

const EVE = actorId('e'.repeat(32))

interface Forged {
  readonly actor?: ActorId
  readonly version?: number
  readonly ts?: number
  readonly seqs?: readonly [first: number, last: number, versionLast: number]
  readonly changes?: readonly Partial<KeyedRowChange>[]
}

/** A changeset with a good checksum and whatever content. */
function forge({
  actor = EVE,
  version: v = 1,
  ts = 1,
  seqs = [0, 0, 0],
  changes = [{}],
}: Forged): Uint8Array {
  const writer = new PayloadWriter()
  for (const change of changes)
    writer.add({ table: 'machines', keyColumns: ['id'], key: ['m'], causalLength: 1, cells: [], ...change })
  const [firstSeq, lastSeq, versionLastSeq] = seqs.map(seq) as [Seq, Seq, Seq]
  const header = { actor, version: version(v), firstSeq, lastSeq, versionLastSeq, ts: hlc(ts), flags: 0 }
  return encodeChangeset(header, writer.toBytes())
}

const cell = (
  column: string,
  columnVersion: number,
  value: SqliteValue,
): KeyedRowChange['cells'][number] => ({
  column,
  columnVersion,
  value,
})

test('two valid writes may merge into a row that breaks a CHECK: it is for local writes only', () => {
  const sql = `CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, a INT NOT NULL DEFAULT 0, b INT NOT NULL DEFAULT 9,
               CHECK (a <= b))`
  const [a, b] = [storeOf(sql), storeOf(sql)]
  b.apply(write(a, "INSERT INTO t VALUES ('x', 1, 5)"))
  const [fromA, fromB] = [write(a, 'UPDATE t SET a = 5'), write(b, 'UPDATE t SET b = 2')]
  assert.deepEqual(b.apply(fromA).report.outcomes, [{ kind: 'applied' }])
  assert.deepEqual(a.apply(fromB).report.outcomes, [{ kind: 'applied' }])
  assert.deepEqual(rows(a, 'SELECT * FROM t'), [['x', 5n, 2n]])
  assert.deepEqual(rows(b, 'SELECT * FROM t'), rows(a, 'SELECT * FROM t'))
  assert.equal(reply(a, "INSERT INTO t VALUES ('y', 9, 1)").kind, 'failed')
})

test('a version that an index of this file refuses does not keep the store from starting', () => {
  const path = newPath()
  const table = 'CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, n)'
  const indexed = `${table}; CREATE INDEX by_a ON t (json_extract(n, '$.a'))`
  const [loose, refusing] = [storeOf(table), storeOf(indexed, path)]
  const [bad, good] = [
    write(loose, "INSERT INTO t VALUES ('s', 'no JSON')"),
    write(loose, "INSERT INTO t VALUES ('n', 1)"),
  ]
  assert.deepEqual(
    refusing.apply([...bad, ...good]).report.outcomes.map(({ kind }) => kind),
    ['quarantined', 'applied'],
  )
  refusing.close()
  const again = storeOf(indexed, path)
  assert.equal(again.stats().quarantined, 1)
  assert.deepEqual(rows(again, 'SELECT * FROM t'), [['n', 1n]])
  again.close()
})

test('forged counters and times are refused, so that local writes keep numbers of their own', () => {
  const store = newStore()
  const huge = [{ causalLength: 2 ** 41 + 1 }, { cells: [cell('app', 2 ** 41, 'x')] }]
  for (const [i, change] of huge.entries())
    assert.equal(
      store.apply([forge({ version: 10 + i, changes: [change] })]).report.outcomes[0]?.kind,
      'quarantined',
    )
  const late = {
    version: 2,
    changes: [{ key: ['n'], causalLength: 2 ** 40 - 1, cells: [cell('app', 2 ** 40, 'x')] }],
  }
  assert.equal(store.apply([forge(late)]).report.outcomes[0]?.kind, 'applied')
  assert.equal(store.apply([forge({ version: COUNTER_MAX + 1 })]).report.outcomes[0]?.kind, 'dropped')
  assert.equal(store.apply([forge({ version: 3, ts: COUNTER_MAX + 1 })]).report.outcomes[0]?.kind, 'dropped')
  assert.equal(
    store.apply([forge({ version: COUNTER_MAX, ts: COUNTER_MAX })]).report.outcomes[0]?.kind,
    'applied',
  )
  assert.equal(write(store, "UPDATE machines SET app = 'y' WHERE id = 'n'").length, 1)
  assert.equal(write(store, "DELETE FROM machines WHERE id = 'n'").length, 1)
  assert.equal(write(store, "INSERT INTO machines (id) VALUES ('n')").length, 1)
})

test('versions under our own name that we never wrote are dropped: an old disk, a clone, or a forger', () => {
  const store = newStore()
  write(store, "INSERT INTO machines (id) VALUES ('a')")
  for (const seqs of [
    [0, 0, 0],
    [0, 0, 5],
  ] as const) {
    const outcome = store.apply([forge({ actor: store.actor, version: 5, seqs })]).report.outcomes[0]
    assert.equal(outcome?.kind, 'dropped')
  }
  assert.equal(store.transact([[{ sql: 'DELETE FROM machines', params: [] }]]).commits[0]?.version, 2)
})

test('a clock that is no clock, stands in the year 3000 or steps back, stops no write', () => {
  let now = Number.NaN
  const store = newStore({ nowMicros: () => now })
  const ts = (sql: string): number => store.transact([[{ sql, params: [] }]]).commits[0]?.ts ?? -1
  const times = [Number.NaN, 1.5e15 + 0.25, 3.3e16, 1e15, -5].map((next, i) => {
    now = next
    return ts(`INSERT INTO machines (id) VALUES ('m${i}')`)
  })
  assert.deepEqual(
    times.toSorted((a, b) => a - b),
    times,
  )
  assert.ok(new Set(times).size === 5 && times.every((time) => time > 0 && time <= COUNTER_MAX))
})

test('a write that answers another one carries a later time', () => {
  const [a, b] = [
    newStore({ nowMicros: () => 1_700_000_000_100_000 }),
    newStore({ nowMicros: () => 1_700_000_000_000_000 }),
  ]
  const first = a.transact([[{ sql: "INSERT INTO machines (id) VALUES ('m')", params: [] }]]).commits[0]
  b.apply(first?.changesets ?? [])
  const second = b.transact([[{ sql: "UPDATE machines SET app = 'x'", params: [] }]]).commits[0]
  assert.ok((second?.ts ?? 0) > (first?.ts ?? 0))
})

test('an error of our own in one request of a group fails that request alone, and nothing is told that is not so', () => {
  const store = newStore()
  write(store, "INSERT INTO machines (id) VALUES ('k')")
  store.database.exec("DELETE FROM machines__patina_clock WHERE k0 = 'k'")
  const request = (sql: string): { sql: string; params: never[] }[] => [{ sql, params: [] }]
  const { replies, commits } = store.transact([
    request("INSERT INTO machines (id) VALUES ('y')"),
    request("DELETE FROM machines WHERE id = 'k'"),
    request("INSERT INTO machines (id) VALUES ('z')"),
  ])
  assert.deepEqual(
    replies.map((each) => (each.kind === 'committed' ? each.version : each.code)),
    [2, 'internal', 3],
  )
  assert.deepEqual(
    commits.map((commit) => commit.version),
    [2, 3],
  )
})

test('one whole version wins over chunks of another cut, and wrong chunks go', () => {
  const store = newStore()
  const chunk = forge({ seqs: [1, 1, 7], changes: [{ key: ['wrong'] }] })
  assert.equal(store.apply([chunk]).report.outcomes[0]?.kind, 'buffered')
  assert.equal(store.apply([forge({ seqs: [0, 0, 5] })]).report.outcomes[0]?.kind, 'dropped')
  assert.equal(store.apply([forge({})]).report.outcomes[0]?.kind, 'applied')
  assert.deepEqual(rows(store, 'SELECT id FROM machines'), [['m']])
  assert.deepEqual(rows(store, 'SELECT count(*) FROM __patina_log'), [[1n]])
  assert.deepEqual(store.knowledge().find(({ actor }) => actor === EVE)?.partials, [])
})

test('overlapping cuts of one version apply each row change once', () => {
  const store = newStore()
  const change = (id: string): Partial<KeyedRowChange> => ({ key: [id] })
  store.apply([
    forge({ seqs: [0, 1, 3], changes: [change('a'), change('b')] }),
    forge({ seqs: [1, 2, 3], changes: [change('b'), change('c')] }),
    forge({ seqs: [2, 3, 3], changes: [change('c'), change('d')] }),
  ])
  assert.deepEqual(rows(store, 'SELECT id FROM machines ORDER BY id'), [['a'], ['b'], ['c'], ['d']])
})

test('versions that wait for chunks have a bound; beyond it chunks are dropped and asked for again', () => {
  const store = newStore({ limits: { waitingVersionsMax: 3 } })
  const kinds = [1, 2, 3, 4].map(
    (v) => store.apply([forge({ version: v, seqs: [0, 0, 1] })]).report.outcomes[0]?.kind,
  )
  assert.deepEqual(kinds, ['buffered', 'buffered', 'buffered', 'dropped'])
  const rest = forge({ version: 1, seqs: [1, 1, 1], changes: [{ key: ['n'] }] })
  assert.equal(store.apply([rest]).report.outcomes[0]?.kind, 'applied')
})

test('a version that got no chunk for ten minutes gives its place to another, when all are taken', () => {
  let micros = 1_700_000_000_000_000
  const store = newStore({ limits: { waitingVersionsMax: 2 }, nowMicros: () => micros })
  const kindOf = (bytes: Uint8Array): string | undefined => store.apply([bytes]).report.outcomes[0]?.kind
  assert.equal(kindOf(forge({ version: 1, seqs: [0, 0, 2] })), 'buffered')
  micros += 400_000_000
  assert.equal(kindOf(forge({ version: 2, seqs: [0, 0, 1] })), 'buffered')
  assert.equal(kindOf(forge({ version: 3, seqs: [0, 0, 1] })), 'dropped')
  micros += 400_000_000
  assert.equal(
    kindOf(forge({ version: 3, seqs: [0, 0, 1] })),
    'buffered',
    'the first has waited for too long',
  )
  assert.deepEqual(
    store.knowledge().flatMap(({ partials }) => partials.map((partial) => Number(partial.version))),
    [2, 3],
  )
  assert.equal(store.stats().bufferedChunks, 2)
  assert.deepEqual(store.verify(), [])
  assert.equal(kindOf(forge({ version: 4, seqs: [0, 0, 1] })), 'dropped', 'the others have not')
})

test('a payload that names a table twice, the second time with another key, is applied where the key is ours, and the rest kept', () => {
  const store = newStore()
  const payload = new ByteWriter()
  payload.varint(2)
  for (const key of ['id', 'app']) payload.text('machines').varint(1).text(key).varint(0)
  // Two shapes without columns, one of each table; then a row of each: shape, key, causal length.
  payload.varint(2).varint(0).varint(0).varint(1).varint(0)
  for (const shape of [0, 1])
    payload
      .varint(2 * shape + 1)
      .u8(STORAGE_CLASS.text + 8)
      .raw(new Uint8Array([107]))
      .varint(1)
  const header = {
    actor: EVE,
    version: version(1),
    firstSeq: seq(0),
    lastSeq: seq(1),
    versionLastSeq: seq(1),
  }
  const bytes = encodeChangeset({ ...header, ts: hlc(1), flags: 0 }, payload.written())
  const [outcome] = store.apply([bytes]).report.outcomes
  assert.deepEqual(outcome, { kind: 'applied' })
  assert.deepEqual(rows(store, 'SELECT id FROM machines'), [['k']])
  assert.deepEqual(rows(store, 'SELECT "table", "column" FROM __patina_unknown'), [['machines', '']])
  assert.deepEqual(store.verify(), [])
})

test('reasons do not grow with what a peer sent', () => {
  const store = newStore()
  const columns = Array.from({ length: 300 }, (_, i) => cell(`${i}`.repeat(300), 1, null))
  const twice = forge({ changes: [{ cells: [...columns, cell('a', 1, 1n), cell('a', 1, 2n)] }] })
  const [outcome] = store.apply([twice]).report.outcomes
  assert.ok(outcome?.kind === 'quarantined' && outcome.reason.length < 1000)
})

test('a request whose changes cannot become one version ends while it runs, not after it filled the memory', () => {
  const store = newStore({ limits: { versionRowsMax: 100, versionBytesMax: 100_000 } })
  const many = `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 5000)
                INSERT INTO machines (id) SELECT i FROM s`
  const tall = reply(store, many)
  assert.deepEqual([tall.kind, tall.kind === 'refused' && tall.code], ['refused', 'too-many-rows'])
  const wide = `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 50)
                INSERT INTO machines (id, extra) SELECT i, zeroblob(20000) FROM s`
  const large = reply(store, wide)
  assert.deepEqual([large.kind, large.kind === 'refused' && large.code], ['refused', 'version-too-large'])
  assert.deepEqual(rows(store, 'SELECT count(*) FROM machines'), [[0n]])
})

test('a text that is large once compiled is refused; a long one is compiled once a request, and not kept behind it', async () => {
  const store = newStore()
  const listed = reply(store, `DELETE FROM machines WHERE port IN (${'1,'.repeat(400_000)}1)`)
  assert.deepEqual([listed.kind, listed.kind === 'refused' && listed.code], ['refused', 'too-long'])
  const values = (i: number): string =>
    `INSERT OR IGNORE INTO machines (id) VALUES ${"('m'),".repeat(100_000)}('${i}')`
  const long = { sql: values(0), params: [] }
  assert.equal(store.transact([[long, long, long]]).replies[0]?.kind, 'committed')
  const before = process.memoryUsage.rss()
  for (let i = 1; i <= KEPT_TEXTS; i += 1) {
    assert.equal(reply(store, values(i)).kind, 'committed')
    // What is not needed any more goes between two turns of the loop.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const grown = (process.memoryUsage.rss() - before) / 2 ** 20
  assert.ok(grown < KEPT_TEXTS * 5, `${grown} MiB for ${KEPT_TEXTS} texts, each of 12 MiB when compiled`)
})

/** Different texts, one after the other: each kept would be seen. */
const KEPT_TEXTS = 40

test('the texts of one request have a bound together', () => {
  const store = newStore()
  const text = (i: number): string => `DELETE FROM machines WHERE id = '${i}${'x'.repeat(1_000_000)}'`
  const statements = (count: number): { sql: string; params: never[] }[] =>
    Array.from({ length: count }, (_, i) => ({ sql: text(i), params: [] }))
  const [few, many] = [10, 20].map((count) => store.transact([statements(count)]).replies[0])
  assert.equal(few?.kind, 'committed')
  assert.deepEqual([many?.kind, many?.kind === 'refused' && many.code], ['refused', 'too-long'])
})

test('serve: a budget of nothing makes progress, a chunk goes once, a version with an entry is never called cleared', () => {
  const store = newStore()
  for (const id of ['a', 'b']) write(store, 'INSERT INTO machines (id) VALUES (?)', id)
  const { actor } = store
  const versions: Need = { kind: 'versions', actor, versions: [{ first: version(1), last: version(2) }] }
  assert.equal(store.serve([versions], 0).changesets.length, 1)
  const touching = [
    { first: seq(0), last: seq(0) },
    { first: seq(0), last: seq(9) },
  ]
  assert.equal(
    store.serve([{ kind: 'seqs', actor, version: version(1), seqs: touching }], 1e6).changesets.length,
    1,
  )
  const beyond: Need = { kind: 'seqs', actor, version: version(1), seqs: [{ first: seq(1), last: seq(7) }] }
  assert.deepEqual(store.serve([beyond], 1e6).cleared, [])
  const all: Need = {
    kind: 'versions',
    actor,
    versions: [{ first: version(1), last: Number.MAX_SAFE_INTEGER as Version }],
  }
  assert.equal(store.serve([all], 1e6).changesets.length, 2)
})

test('T-F5: a replicated table is written by requests only, also through the connection itself', () => {
  const store = newStore()
  assert.throws(
    () => store.database.exec("INSERT INTO machines (id) VALUES ('m')"),
    /written by requests only/,
  )
})

test('T-F5: a file whose triggers or clocks another program has dropped is refused, before a write is lost', () => {
  for (const harm of [
    'DROP TRIGGER machines__patina_update',
    'DROP TABLE machines__patina_clock',
    'DROP TABLE __patina_meta',
    "UPDATE __patina_meta SET value = 'x' WHERE key = 'format'",
  ]) {
    const path = newPath()
    newStore({ path }).close()
    const raw = new BetterSqlite3(path)
    raw.exec(harm)
    raw.close()
    assert.throws(
      () => openStore({ path }),
      (cause) => cause instanceof StoreOpenError && cause.code === 'damaged',
      harm,
    )
  }
})

test('a trigger or a UNIQUE index of another program is refused with what to drop, and then the file opens', () => {
  const cases = [
    ['foreign-trigger', 'TRIGGER audit', 'AFTER INSERT ON Machines BEGIN SELECT 1; END'],
    ['foreign-trigger', 'TRIGGER audit', 'BEFORE UPDATE ON machines__patina_clock BEGIN SELECT 1; END'],
    ['foreign-index', 'UNIQUE INDEX one', 'ON machines (app)'],
    ['foreign-index', 'UNIQUE INDEX one', "ON machines (app) WHERE app <> ''"],
    ['foreign-index', 'UNIQUE INDEX one', 'ON machines__patina_clock (version)'],
  ] as const
  for (const [code, what, where] of cases) {
    const path = newPath()
    newStore({ path }).close()
    const inShell = (sql: string): void => {
      const raw = new BetterSqlite3(path)
      raw.exec(sql)
      raw.close()
    }
    inShell(`CREATE ${what} ${where}`)
    assert.throws(
      () => openStore({ path }),
      (cause) =>
        cause instanceof StoreOpenError &&
        cause.code === code &&
        cause.message.includes(what.replace('TRIGGER', 'trigger').replace('INDEX', 'index')),
      `${what} ${where}`,
    )
    inShell(`DROP ${what.replace('UNIQUE ', '')}`)
    openStore({ path }).close()
  }
})

test("plain indexes, tables, views and triggers of its own are another program's business", () => {
  const path = newPath()
  newStore({ path }).close()
  const raw = new BetterSqlite3(path)
  raw.exec(`CREATE INDEX plain ON machines (app); CREATE TABLE own (a UNIQUE); CREATE UNIQUE INDEX o ON own (a);
    CREATE TRIGGER t AFTER INSERT ON own BEGIN SELECT 1; END; CREATE VIEW v AS SELECT * FROM machines`)
  raw.close()
  openStore({ path }).close()
})

test('names fold by ASCII, as in SQLite: letters beyond it stay what they are', () => {
  const sql = 'CREATE TABLE "Ä" ("É" TEXT NOT NULL PRIMARY KEY, "Ö" TEXT, "ö" TEXT, Ascii TEXT)'
  const [a, b] = [storeOf(sql), storeOf(sql)]
  b.apply(write(a, `INSERT INTO "Ä" VALUES ('k', '1', '2', '3')`))
  b.apply(write(a, `UPDATE "Ä" SET "ö" = '4', ASCII = '5'`))
  assert.deepEqual(rows(b, 'SELECT * FROM "Ä"'), [['k', '1', '4', '5']])
})

test('keys that are one to SQLite and two to peers are refused', () => {
  const store = storeOf(
    'CREATE TABLE n (k NUMERIC NOT NULL PRIMARY KEY); CREATE TABLE b (k BLOB NOT NULL PRIMARY KEY)',
  )
  for (const [sql, value] of [
    ['INSERT INTO n VALUES (?)', -(2 ** 63)],
    ['INSERT INTO b VALUES (?)', 1n],
    ['INSERT INTO b VALUES (?)', 'text'],
  ] as const) {
    const refused = reply(store, sql, value)
    assert.deepEqual(
      [refused.kind, refused.kind === 'refused' && refused.code],
      ['refused', 'key-class'],
      sql,
    )
  }
  assert.equal(write(store, 'INSERT INTO n VALUES (?)', -(2n ** 63n)).length, 1)
})

test('after a disk error nothing more is acknowledged, local or remote', async () => {
  const store = storeOf('CREATE TABLE machines (id TEXT NOT NULL PRIMARY KEY, extra)', newPath())
  // A disk that is full: SQLite says so with the same code.
  store.database.pragma('max_page_count=40')
  const { calls, start, stop } = handlersOf(store)
  const events: string[] = []
  start?.((event) => events.push(event.kind))
  const big = { sql: 'INSERT INTO machines VALUES (?, zeroblob(1000000))', params: ['big'] }
  const [local, remote] = await Promise.allSettled([
    calls.transact([big]),
    calls.apply({ changesets: [forge({})], cleared: [], basis: [] }),
  ])
  assert.deepEqual([local.status, remote.status, events], ['rejected', 'rejected', ['fatal']])
  await stop?.()
})
