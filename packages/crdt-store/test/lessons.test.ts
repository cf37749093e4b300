/**
 * What broke elsewhere, as tests that bear the names of docs/lessons.md. Others of these names stand with what they try: T-E1 and
 * T-F2 in test/laws, T-E2 in test/crash, T-E3 in test/faults, T-F1 in test/exhaustive, T-F5 in hostile.test.ts.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { decodeChangesetHeader, encodeChangeset, RangeSet } from '@patina/base'
import fc from 'fast-check'
import { openStore, type Store } from '../src/index.ts'
import { contents, newStore, rows, write } from './two-stores.ts'

function header(bytes: Uint8Array): {
  readonly header: Parameters<typeof encodeChangeset>[0]
  readonly at: number
} {
  const decoded = decodeChangesetHeader(bytes)
  assert.ok(decoded.ok)
  return { header: decoded.value.header, at: decoded.value.payloadOffset }
}

test('T-E4: one malformed changeset among 1,000: 999 are applied, one is kept, with its reason', () => {
  const [a, b] = [newStore(), newStore()]
  const { commits } = a.transact(
    Array.from({ length: 1_000 }, (_, i) => [
      { sql: 'INSERT INTO machines (id) VALUES (?)', params: [`m${i}`] },
    ]),
  )
  const sent = commits.flatMap(({ changesets }) => changesets)
  const bad = header(sent[500] as Uint8Array)
  sent[500] = encodeChangeset(bad.header, new Uint8Array([255, 255, 255]))
  const { outcomes } = b.apply(sent).report
  const quarantined = outcomes.filter(({ kind }) => kind === 'quarantined')
  assert.equal(outcomes.filter(({ kind }) => kind === 'applied').length, 999)
  assert.match(
    quarantined.map((each) => ('reason' in each ? each.reason : '')).join(),
    /^payload not understood: \{/,
  )
  assert.equal(b.stats().quarantined, 1)
  assert.deepEqual(rows(b, 'SELECT count(*) FROM machines'), [[999n]])
  assert.deepEqual(b.verify(), [])
})

test('T-E5: cut, inverted, swollen or arbitrary, a changeset is an outcome and never an error, and the good one gets in', () => {
  const a = newStore({ limits: { chunkBytesTarget: 100 } })
  const chunks = write(
    a,
    `INSERT INTO tags VALUES ${Array.from({ length: 20 }, (_, i) => `('t', 'machine-${i}')`).join()}`,
  )
  const b = newStore()
  const tryOut = (bytes: Uint8Array): void => {
    const [outcome] = b.apply([bytes]).report.outcomes
    assert.ok(outcome?.kind === 'dropped' || outcome?.kind === 'duplicate', String(outcome?.kind))
  }
  const [first] = chunks as [Uint8Array]
  for (let length = 0; length < first.length; length += 1) tryOut(first.subarray(0, length))
  for (let at = 0; at < 8 * first.length; at += 1)
    tryOut(first.with(at >> 3, (first[at >> 3] as number) ^ (1 << (at & 7))))
  // Huge lengths wherever a length may stand.
  for (let at = 0; at < first.length; at += 1)
    tryOut(
      new Uint8Array([
        ...first.subarray(0, at),
        255,
        255,
        255,
        255,
        255,
        255,
        255,
        127,
        ...first.subarray(at + 1),
      ]),
    )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), tryOut), { numRuns: 500 })
  assert.deepEqual(
    b.knowledge().filter(({ head }) => head > 0),
    [],
    'nothing of it is recorded',
  )
  b.apply(chunks)
  assert.deepEqual(contents(b), contents(a))
})

test('T-E5: what a payload claims to hold takes no memory before it is there', () => {
  const [a, b] = [newStore(), newStore()]
  const [bytes] = write(a, "INSERT INTO machines (id) VALUES ('m')") as [Uint8Array]
  const good = header(bytes)
  const payload = bytes.subarray(good.at)
  const before = process.memoryUsage()
  for (let at = 0; at < payload.length; at += 1) {
    const swollen = new Uint8Array([
      ...payload.subarray(0, at),
      255,
      255,
      255,
      255,
      15,
      ...payload.subarray(at + 1),
    ])
    const [outcome] = newStore().apply([encodeChangeset(good.header, swollen)]).report.outcomes
    assert.ok(outcome?.kind === 'quarantined' || outcome?.kind === 'applied', String(outcome?.kind))
  }
  const { arrayBuffers } = process.memoryUsage()
  assert.ok(
    arrayBuffers - before.arrayBuffers < 64 * 1024 * 1024,
    `${arrayBuffers - before.arrayBuffers} bytes`,
  )
  b.apply([bytes])
  assert.deepEqual(contents(b), contents(a))
})

test('T-E6: a version as large as may be goes in chunks, applied as one when the last is there; a larger one is refused', () => {
  const [a, b] = [newStore(), newStore()]
  const insert = (count: number): ReturnType<Store['transact']> =>
    a.transact([
      [
        {
          sql: `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ?)
                INSERT INTO machines (id, app) SELECT 'm' || i, printf('%.*c', 1000, 'x') FROM s`,
          params: [BigInt(count)],
        },
      ],
    ])
  const [refused] = insert(17_000).replies
  assert.deepEqual(
    [refused?.kind, refused && 'code' in refused && refused.code],
    ['refused', 'version-too-large'],
  )
  assert.deepEqual(rows(a, 'SELECT count(*) FROM machines'), [[0n]])
  const { replies, commits } = insert(16_000)
  assert.equal(replies[0]?.kind, 'committed')
  const chunks = commits.flatMap(({ changesets }) => changesets)
  assert.ok(chunks.length > 200 && chunks.every(({ length }) => length < 70_000), `${chunks.length} chunks`)
  for (const chunk of chunks.slice(1).toReversed()) b.apply([chunk])
  assert.deepEqual(rows(b, 'SELECT count(*) FROM machines'), [[0n]])
  b.apply(chunks.slice(0, 1))
  assert.deepEqual(rows(b, 'SELECT count(*), sum(length(app)) FROM machines'), [[16_000n, 16_000_000n]])
})

test('T-C1: 500 writers publish the same again ten times: no version, nothing to send, nothing in the log', () => {
  const store = newStore()
  const publish = (app: string): ReturnType<Store['transact']> =>
    store.transact(
      Array.from({ length: 500 }, (_, writer) => [
        {
          sql: `INSERT INTO machines (id, app, port) VALUES (?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET app = excluded.app, port = excluded.port`,
          params: [`m${writer}`, app, BigInt(writer)],
        },
      ]),
    )
  assert.equal(publish('web').commits.length, 500)
  const state = (): unknown => [
    store.knowledge(),
    rows(store, 'SELECT count(*), sum(length(payload)) FROM __patina_log'),
  ]
  const before = state()
  for (let round = 0; round < 10; round += 1) {
    const { commits, replies } = publish('web')
    assert.equal(commits.length, 0)
    assert.ok(replies.every((reply) => reply.kind === 'committed' && reply.version === null))
  }
  assert.deepEqual(state(), before)
  assert.equal(publish('other').commits.length, 500)
})

test('T-M1: a writer ten minutes ahead holds no key: who writes after it wins, and nobody follows its clock', () => {
  let micros = 1_800_000_000_000_000
  const store = (aheadMicros: number): Store =>
    newStore({
      nowMicros: () => {
        micros += 1_000
        return micros + aheadMicros
      },
    })
  const [ahead, here, other] = [store(600_000_000), store(0), store(0)]
  const first = write(ahead, "INSERT INTO machines (id, app) VALUES ('m', 'from the future')")
  for (const each of [here, other]) each.apply(first)
  const second = write(here, "UPDATE machines SET app = 'now' WHERE id = 'm'")
  const { ts } = header(second[0] as Uint8Array).header
  assert.ok(ts <= micros, `${ts - micros} µs ahead of the clock here`)
  for (const each of [ahead, other]) each.apply(second)
  for (const each of [ahead, here, other]) assert.deepEqual(rows(each, 'SELECT app FROM machines'), [['now']])
})

test('T-N2: a node restored from a snapshot of yesterday asks for what came since alone, and uses no number again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'patina-restored-'))
  after(() => rmSync(folder, { recursive: true }))
  const [node, peer] = [newStore(), newStore()]
  const insert = (store: Store, id: string): readonly Uint8Array[] =>
    write(store, 'INSERT INTO machines (id) VALUES (?)', id)
  for (let i = 0; i < 200; i += 1) peer.apply(insert(node, `before ${i}`))
  const path = join(folder, 'yesterday.db')
  node.snapshot(path)
  const since = Array.from({ length: 20 }, (_, i) => insert(node, `since ${i}`)).flat()
  peer.apply(since)
  insert(peer, 'of another')
  // The machine is lost, and with it whatever nobody else had.
  const restored = openStore({ path })
  after(() => restored.close())
  assert.notEqual(restored.actor, node.actor)
  const held = new Map(restored.knowledge().map(({ actor, have }) => [actor, have]))
  const needs = peer.knowledge().map(({ actor, have }) => ({
    kind: 'versions' as const,
    actor,
    versions: [...RangeSet.of(have).subtract(RangeSet.of(held.get(actor) ?? []))],
  }))
  const { changesets } = peer.serve(needs, Number.MAX_SAFE_INTEGER)
  assert.equal(changesets.length, since.length + 1)
  restored.apply(changesets)
  assert.deepEqual(rows(restored, 'SELECT count(*) FROM machines'), [[221n]])
  const [own] = insert(restored, 'again')
  const { actor, version } = header(own as Uint8Array).header
  assert.deepEqual([actor, version], [restored.actor, 1])
  peer.apply([own as Uint8Array])
  assert.deepEqual(contents(peer), contents(restored))
})
