/** The counterexamples that the rules of the store close, each by name: histories that break a simpler rule. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ActorId,
  actorId,
  decodeChangesetHeader,
  encodeChangeset,
  hlc,
  type Need,
  type Seq,
  version,
} from '@patina/base'
import { type LocalRequest, openStore, type Store } from '../src/index.ts'
import { StoreView } from './laws/store-view.ts'
import { LAW_TABLES } from './laws/tables.ts'
import { pull, rows, write } from './two-stores.ts'

const SQL = `
  CREATE TABLE machines (id TEXT NOT NULL PRIMARY KEY, label TEXT NOT NULL DEFAULT 'x' COLLATE NOCASE, n INTEGER, extra);
  CREATE TABLE tags (name TEXT NOT NULL, machine TEXT NOT NULL, PRIMARY KEY (name, machine)) WITHOUT ROWID;
`
const TABLES = LAW_TABLES.filter(({ name }) => SQL.includes(`TABLE ${name}`))

/** A store whose actor ends in the given hex digit: the name that `lines` shows, and the order of ties. */
function storeOf(name: string, nowMicros = (): number => 1_700_000_000_000_000): Store {
  const store = openStore({ path: ':memory:', newActor: () => actorId(name.padStart(32, '0')), nowMicros })
  store.applySchema([{ name: 'test.sql', sql: SQL }])
  return store
}

/** Rows with stamps, and counters above 0. */
function lines(store: Store): string[] {
  return new StoreView(store, TABLES).content()
}

/** Versions in the log. */
function logged(store: Store): string[] {
  const sql = `SELECT DISTINCT lower(substr(hex(a.actor), -1)) || '#' || version FROM __patina_log AS l
               JOIN __patina_actors AS a ON a.ord = l.actor ORDER BY version`
  return rows(store, sql).flat() as string[]
}

/** What a store holds of one actor. */
function held(store: Store, actor: ActorId): readonly unknown[] {
  return store.knowledge().find((known) => known.actor === actor)?.have ?? []
}

function exchange(...stores: readonly Store[]): void {
  for (const to of stores) for (const from of stores) if (from !== to) pull(to, from)
}

const one = (sql: string): LocalRequest => [{ sql, params: [] }]

test('keys-only rows: the life is what a version of them owns, so that it counts as live and stays served', () => {
  const [a, b, late] = [storeOf('a'), storeOf('b'), storeOf('c')]
  write(a, "INSERT INTO tags VALUES ('t', 'm'), ('t', 'n')")
  write(b, "INSERT INTO tags VALUES ('t', 'm')")
  exchange(a, b)
  assert.deepEqual(lines(a), [
    'live a#1 1',
    'live b#1 1',
    'tags "t","m" life 1(b#1) ',
    'tags "t","n" life 1(a#1) ',
  ])
  assert.deepEqual(lines(b), lines(a))
  write(b, "DELETE FROM tags WHERE machine = 'n'")
  pull(a, b)
  assert.deepEqual(lines(a), [
    'live b#1 1',
    'live b#2 1',
    'tags "t","m" life 1(b#1) ',
    'tags "t","n" life 2(b#2) ',
  ])
  pull(late, a)
  assert.deepEqual(lines(late), lines(a))
})

test('keys-only rows and compaction: an insert stays while its life stands, and goes with the delete; so do all but the last', () => {
  const [a, late] = [storeOf('a'), storeOf('c')]
  write(a, "INSERT INTO tags VALUES ('t', 'm'), ('t', 'n')")
  write(a, "DELETE FROM tags WHERE machine = 'n'")
  assert.deepEqual(logged(a), ['a#1', 'a#2'])
  for (let life = 0; life < 3; life += 1) {
    write(a, 'DELETE FROM tags')
    write(a, "INSERT INTO tags VALUES ('t', 'm')")
  }
  assert.deepEqual(logged(a), ['a#2', 'a#8'])
  pull(late, a)
  assert.deepEqual(lines(late), lines(a))
  assert.deepEqual(held(late, a.actor), [{ first: 1, last: 8 }])
})

test('a heartbeat table of n rows has n log rows, however long it beats', () => {
  const store = storeOf('a')
  for (let id = 0; id < 5; id += 1) write(store, 'INSERT INTO machines (id) VALUES (?)', `m${id}`)
  const all = 'UPDATE machines SET label = ?1, n = ?1, extra = ?1 WHERE id = ?2'
  for (let beat = 1; beat <= 100; beat += 1) write(store, all, BigInt(beat), `m${beat % 5}`)
  assert.deepEqual(logged(store), ['a#101', 'a#102', 'a#103', 'a#104', 'a#105'])
})

test('cleared without its winner: the only holder of the winner dies, and who was told to forget the loser does not', () => {
  const [writer, winner, relay, told, other] = [...'abcde'].map((name) => storeOf(name)) as [
    Store,
    Store,
    Store,
    Store,
    Store,
  ]
  const [loser] = write(writer, "INSERT INTO machines (id, label) VALUES ('m', 'a')")
  other.apply([loser as Uint8Array])
  winner.apply([loser as Uint8Array])
  write(winner, "UPDATE machines SET label = 'b', n = 1, extra = 1")
  pull(relay, winner)
  assert.deepEqual(logged(relay), ['b#1'])
  const need = {
    kind: 'versions',
    actor: writer.actor,
    versions: [{ first: version(1), last: version(1) }],
  } as const
  const { changesets, cleared, basis } = relay.serve([need], 1_000)
  assert.deepEqual([changesets, cleared], [[], [{ actor: writer.actor, versions: need.versions }]])
  told.apply([], { cleared, basis })
  // Here the relay and the winner die. A version with only a pending claim is still lacked, and there where it is held.
  assert.deepEqual(held(told, writer.actor), [])
  pull(told, other)
  assert.deepEqual(lines(told), lines(other))
  assert.deepEqual(
    lines(told)[1],
    'machines "m" life 1(a#1) label="a"@1(a#1) n=null@1(a#1) extra=null@1(a#1)',
  )
})

test('claims under constant writes of one cell: what entered since the question comes too, so that each answer closes', () => {
  const [a, b] = [storeOf('a'), storeOf('b')]
  write(a, "INSERT INTO machines (id) VALUES ('m')")
  pull(b, a)
  const beat = (): unknown =>
    write(a, "UPDATE machines SET label = label || '.', n = 1 + ifnull(n, 0), extra = n")
  const need = (first: number, last: number): Need => ({
    kind: 'versions',
    actor: a.actor,
    versions: [{ first: version(first), last: version(last) }],
  })
  const answer = (needs: readonly Need[]): void => {
    const { changesets, cleared, basis } = a.serve(needs, Number.MAX_SAFE_INTEGER)
    b.apply(changesets, { cleared, basis })
  }
  for (let asked = 2; asked <= 20; asked += 2) {
    beat()
    const question = [need(asked, asked)]
    beat()
    // Of the version that was asked for only a claim is left, and what has beaten it came after the question.
    answer(question)
    assert.deepEqual(held(b, a.actor), [{ first: 1, last: asked - 1 }])
    answer([need(asked + 1, asked + 1)])
    assert.deepEqual(held(b, a.actor), [{ first: 1, last: asked + 1 }])
    assert.deepEqual(lines(b), lines(a))
  }
})

test('claims that rest on each other close together, through two relays of whom each knows one half', () => {
  const [a, b, first, second, c] = [...'abcde'].map((name) => storeOf(name)) as [
    Store,
    Store,
    Store,
    Store,
    Store,
  ]
  write(a, "INSERT INTO tags VALUES ('t', 'm')")
  pull(b, a)
  write(b, 'DELETE FROM tags')
  pull(first, b)
  write(b, "INSERT INTO tags VALUES ('t', 'm')")
  pull(second, b)
  const versions = [{ first: version(1), last: version(1) }]
  const ask = (relay: Store, actor: ActorId): void => {
    const { changesets, cleared, basis } = relay.serve([{ kind: 'versions', actor, versions }], 1_000)
    c.apply(changesets, { cleared, basis })
  }
  ask(first, a.actor)
  ask(second, b.actor)
  for (const { actor } of [a, b]) assert.deepEqual(held(c, actor), [])
  const { changesets } = second.serve(
    [{ kind: 'versions', actor: b.actor, versions: [{ first: version(2), last: version(2) }] }],
    1_000,
  )
  c.apply(changesets)
  assert.deepEqual(lines(c), lines(second))
  for (const { actor } of [a, b]) assert.deepEqual(held(c, actor), held(second, actor))
})

test('concurrent deletes of a row: the greater actor owns the death, on both sides', () => {
  const [a, b] = [storeOf('a'), storeOf('b')]
  write(b, "INSERT INTO tags VALUES ('t', 'm')")
  pull(a, b)
  write(a, 'DELETE FROM tags')
  write(b, 'DELETE FROM tags')
  exchange(a, b)
  for (const store of [a, b]) assert.deepEqual(lines(store), ['live b#2 1', 'tags "t","m" life 2(b#2) '])
})

test('the life owner moves off shared columns: the cells keep the stamp of who wrote them', () => {
  const [a, b] = [storeOf('a'), storeOf('b')]
  write(a, "INSERT INTO machines VALUES ('m', 'z', 9, 9)")
  // Greater by actor and smaller in each value: it owns the life and no cell.
  write(b, "INSERT INTO machines VALUES ('m', 'a', 1, 1)")
  exchange(a, b)
  for (const store of [a, b])
    assert.deepEqual(lines(store), [
      'live a#1 3',
      'live b#1 1',
      'machines "m" life 1(b#1) label="z"@1(a#1) n=9@1(a#1) extra=9@1(a#1)',
    ])
})

test('the life owner moves with an update that loses every cell, and by a later version of the same actor', () => {
  const [a, b] = [storeOf('a'), storeOf('b')]
  write(a, "INSERT INTO machines VALUES ('m', 'z', 9, 9)")
  pull(b, a)
  write(a, "UPDATE machines SET n = 10 WHERE id = 'm'")
  write(a, "UPDATE machines SET n = 11 WHERE id = 'm'")
  write(b, "UPDATE machines SET n = 12 WHERE id = 'm'")
  exchange(a, b)
  for (const store of [a, b])
    assert.deepEqual(lines(store), [
      'live a#1 2',
      'live a#3 1',
      'live b#1 1',
      'machines "m" life 1(b#1) label="z"@1(a#1) n=11@3(a#3) extra=9@1(a#1)',
    ])
})

test('equal writes: the stamp of the greater actor wins on every node, and counters agree', () => {
  const [a, b, c] = [storeOf('a'), storeOf('b'), storeOf('c')]
  const insert = "INSERT INTO machines VALUES ('m', 'z', 9, x'00')"
  const sent = [a, b, c].map((store) => write(store, insert))
  for (const store of [a, b, c]) for (const changesets of sent.toReversed()) store.apply(changesets)
  for (const store of [a, b, c])
    assert.deepEqual(lines(store), [
      'live c#1 4',
      `machines "m" life 1(c#1) label="z"@1(c#1) n=9@1(c#1) extra=x'00'@1(c#1)`,
    ])
})

test('1 → 1.0 and a → A under NOCASE are captured, by UPDATE, UPSERT and REPLACE, though SQL calls them equal', () => {
  const [a, b] = [storeOf('a'), storeOf('b')]
  const steps: readonly (readonly [sql: string, row: readonly unknown[]])[] = [
    ["INSERT INTO machines VALUES ('m', 'a', 1, 1)", ['m', 'a', 1n, 1n]],
    ['UPDATE machines SET extra = 1.0', ['m', 'a', 1n, 1]],
    ["UPDATE machines SET label = 'A'", ['m', 'A', 1n, 1]],
    [
      "INSERT INTO machines VALUES ('m', 'a', 1, 1) ON CONFLICT DO UPDATE SET label = excluded.label, extra = excluded.extra",
      ['m', 'a', 1n, 1n],
    ],
    ["REPLACE INTO machines VALUES ('m', 'A', 1, 1.0)", ['m', 'A', 1n, 1]],
  ]
  for (const [sql, row] of steps) {
    const changesets = write(a, sql)
    assert.equal(changesets.length, 1, sql)
    b.apply(changesets)
    assert.deepEqual(rows(b, 'SELECT * FROM machines'), [row], sql)
  }
  assert.deepEqual(write(a, "UPDATE machines SET label = 'A', extra = 1.0"), [], 'the same again')
  assert.deepEqual(lines(b), lines(a))
})

test('REPLACE is folded: an update of the columns that differ, so that a concurrent update of another one stands', () => {
  const [a, b] = [storeOf('a'), storeOf('b')]
  write(a, "INSERT INTO machines VALUES ('m', 'x', 1, NULL)")
  pull(b, a)
  assert.deepEqual(write(a, "REPLACE INTO machines (id, n) VALUES ('m', 1)"), [], 'the same row is no change')
  write(a, "REPLACE INTO machines (id, n) VALUES ('m', 2)")
  write(b, "UPDATE machines SET label = 'kept'")
  exchange(a, b)
  for (const store of [a, b])
    assert.deepEqual(lines(store), [
      'live a#1 1',
      'live a#2 1',
      'live b#1 2',
      'machines "m" life 1(b#1) label="kept"@2(b#1) n=2@2(a#2) extra=null@1(a#1)',
    ])
})

test('a delete and an insert in two requests are a new life: what wrote into the old one is gone everywhere', () => {
  const [a, b] = [storeOf('a'), storeOf('b')]
  write(a, "INSERT INTO machines VALUES ('m', 'x', 1, NULL)")
  pull(b, a)
  for (let i = 2; i < 6; i += 1) write(b, `UPDATE machines SET n = ${i}`)
  write(a, 'DELETE FROM machines')
  write(a, "INSERT INTO machines (id) VALUES ('m')")
  exchange(a, b)
  for (const store of [a, b])
    assert.deepEqual(lines(store), [
      'live a#3 4',
      'machines "m" life 3(a#3) label="x"@1(a#3) n=null@1(a#3) extra=null@1(a#3)',
    ])
})

test('a wrong clock loses no write: the column version decides, not the time', () => {
  const [slow, fast] = [storeOf('a', () => 0), storeOf('b', () => 4_000_000_000_000_000)]
  write(fast, "INSERT INTO machines (id, n) VALUES ('m', 9)")
  pull(slow, fast)
  write(slow, 'UPDATE machines SET n = 1')
  exchange(slow, fast)
  for (const store of [slow, fast]) assert.deepEqual(rows(store, 'SELECT n FROM machines'), [[1n]])
})

test('INSERT OR ROLLBACK in a group: nobody is acknowledged twice, the culprit fails alone, versions stay dense', () => {
  const [a, b] = [storeOf('a'), storeOf('b')]
  b.apply(write(a, "INSERT INTO machines (id) VALUES ('taken')"))
  const culprits = ['INSERT OR ROLLBACK', 'INSERT OR FAIL', 'INSERT OR ABORT'].map((insert) =>
    one(`${insert} INTO machines (id) VALUES ('fresh'), ('taken')`),
  )
  const good = ['p', 'q', 'r', 's'].map((id) => one(`INSERT INTO machines (id) VALUES ('${id}')`))
  const { replies, commits } = a.transact(
    good.flatMap((request, i) => [request, ...(culprits[i] ? [culprits[i]] : [])]),
  )
  assert.deepEqual(
    replies.map((reply) => (reply.kind === 'committed' ? reply.version : reply.kind)),
    [2, 'failed', 3, 'failed', 4, 'failed', 5],
  )
  assert.deepEqual(
    commits.map((commit) => commit.version),
    [2, 3, 4, 5],
  )
  b.apply(commits.flatMap(({ changesets }) => changesets))
  assert.deepEqual(rows(b, 'SELECT id FROM machines ORDER BY id'), [['p'], ['q'], ['r'], ['s'], ['taken']])
  assert.deepEqual(lines(b), lines(a))
})

const EVE: ActorId = actorId('e'.padStart(32, '0'))

/** A changeset whose checksum is right for whatever payload. */
function poisoned(of: number, payload: Uint8Array, rowsOfIt = 1): Uint8Array {
  const last = (rowsOfIt - 1) as Seq
  const seqs = { firstSeq: 0 as Seq, lastSeq: last, versionLastSeq: last }
  return encodeChangeset({ actor: EVE, version: version(of), ...seqs, ts: hlc(1), flags: 0 }, payload)
}

/** Payload of a version as its writer encoded it. */
function payloadOf(changeset: Uint8Array | undefined): Uint8Array {
  const decoded = decodeChangesetHeader(changeset ?? new Uint8Array())
  assert.ok(decoded.ok)
  return (changeset as Uint8Array).subarray(decoded.value.payloadOffset)
}

test('poisoned payload with a good header: kept, held, served on as it came, reported, and its neighbours are applied', () => {
  const [a, b, c] = [storeOf('a'), storeOf('b'), storeOf('c')]
  const [good] = write(a, "INSERT INTO machines (id) VALUES ('m')")
  const payload = payloadOf(good)
  const bad = [
    poisoned(1, new Uint8Array()),
    poisoned(2, new Uint8Array([255, 255, 255, 255, 255, 255, 255, 255, 255])),
    poisoned(3, payload.subarray(0, payload.length - 1)),
    poisoned(4, new Uint8Array([...payload, 0])),
    poisoned(5, payload, 2),
    poisoned(6, payload, 4_000_000_000),
    poisoned(7, new Uint8Array(1000).fill(0x80)),
  ]
  const { outcomes } = b.apply([...bad, good as Uint8Array]).report
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    [...bad.map(() => 'quarantined'), 'applied'],
  )
  assert.equal(b.stats().quarantined, bad.length)
  assert.deepEqual(b.knowledge().find(({ actor }) => actor === EVE)?.have, [{ first: 1, last: bad.length }])
  assert.deepEqual(lines(b), lines(a), 'no row, stamp or counter of it')
  const needs = [
    { kind: 'versions', actor: EVE, versions: [{ first: version(1), last: version(9) }] } as const,
  ]
  const served = b.serve(needs, Number.MAX_SAFE_INTEGER)
  assert.deepEqual(served.changesets.map(Buffer.from), bad.toReversed().map(Buffer.from))
  pull(c, b)
  assert.equal(c.stats().quarantined, bad.length)
  assert.deepEqual(lines(c), lines(a))
  assert.deepEqual(
    b.apply(bad).report.outcomes.map(({ kind }) => kind),
    bad.map(() => 'duplicate'),
  )
})
