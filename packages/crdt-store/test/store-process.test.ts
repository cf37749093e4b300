import assert from 'node:assert/strict'
import fs, { mkdtempSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Port } from '@patina/base'
import { openInLine } from '@patina/sqlite'
import { type StoreContract, type StoreEvent, storeHandlers } from '../src/index.ts'
import { SCHEMA } from './two-stores.ts'

const folder = mkdtempSync(join(tmpdir(), 'patina-store-process-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0

function openPort(durability: 'full' | 'normal'): {
  port: Port<StoreContract>
  events: StoreEvent[]
  path: string
} {
  files += 1
  const path = join(folder, `${files}.db`)
  const handlers = storeHandlers({ path, durability, schemaFiles: [{ name: 'test.sql', sql: SCHEMA }] })
  const port = openInLine<StoreContract>(handlers)
  const events: StoreEvent[] = []
  port.onEvent((event) => {
    if (event.kind !== 'changed') events.push(event)
  })
  return { port, events, path }
}

const insert = (id: string): { sql: string; params: string[] } => ({
  sql: 'INSERT INTO machines (id) VALUES (?)',
  params: [id],
})

test('requests that arrive together share a transaction, each with its version, told in order before the replies', async () => {
  const { port, events } = openPort('full')
  const replies = await Promise.all(['a', 'b', 'a', 'c'].map((id) => port.call('transact', [insert(id)])))
  assert.deepEqual(
    replies.map(
      (reply) => reply.ok && (reply.value.kind === 'committed' ? reply.value.version : reply.value.kind),
    ),
    [1, 2, 'failed', 3],
  )
  assert.deepEqual(
    events.flatMap((event) =>
      event.kind === 'committed' ? event.commits.map(({ version }) => version) : [],
    ),
    [1, 2, 3],
  )
  await port.close()
})

test('changesets of one store process are applied by another, and its state tells what is held', async () => {
  const [a, b] = [openPort('full'), openPort('normal')]
  await a.port.call('transact', [insert('m')])
  const changesets = a.events.flatMap((e) =>
    e.kind === 'committed' ? e.commits.flatMap((c) => c.changesets) : [],
  )
  const report = await b.port.call('apply', { changesets, cleared: [], basis: [] })
  assert.deepEqual(report.ok && report.value.outcomes, [{ kind: 'applied' }])
  const state = await b.port.call('state', null)
  assert.deepEqual(
    state.ok && state.value.knowledge.filter(({ have }) => have.length > 0).map(({ have }) => have),
    [[{ first: 1, last: 1 }]],
  )
  await Promise.all([a.port.close(), b.port.close()])
})

test('under normal durability the client is answered first, and peers hear of it after a sync', async () => {
  const path = join(folder, 'normal.db')
  const schemaFiles = [{ name: 'test.sql', sql: SCHEMA }]
  const { calls, start, stop } = storeHandlers({ path, durability: 'normal', schemaFiles })
  const told: string[] = []
  start?.((event) => told.push(event.kind))
  const reply = await calls.transact([insert('m')])
  assert.equal(reply.kind, 'committed')
  const toldAtOnce = told.includes('committed')
  const deadline = performance.now() + 5000
  while (!told.includes('committed') && performance.now() < deadline) await new Promise(setImmediate)
  assert.deepEqual([toldAtOnce, told], [false, ['changed', 'committed']])
  await stop?.()
})

test('what was applied is brought to the disk when that is asked for, in both durabilities', async (t) => {
  const synced = t.mock.method(fs, 'fdatasync')
  syncBuiltinESMExports()
  t.after(() => {
    synced.mock.restore()
    syncBuiltinESMExports()
  })
  for (const durability of ['full', 'normal'] as const) {
    const { port } = openPort(durability)
    const before = synced.mock.callCount()
    assert.deepEqual(await port.call('makeDurable', null), { ok: true, value: null })
    assert.equal(synced.mock.callCount(), before + 1, durability)
    await port.close()
  }
})

test('constant local writes do not keep changesets of others waiting', async () => {
  const a = openPort('full')
  await a.port.call('transact', [insert('remote')])
  await a.port.close()
  const changesets = a.events.flatMap((e) =>
    e.kind === 'committed' ? e.commits.flatMap((c) => c.changesets) : [],
  )
  const path = join(folder, 'busy.db')
  const { calls, stop } = storeHandlers({ path, schemaFiles: [{ name: 'test.sql', sql: SCHEMA }] })
  let isApplied = false
  // The next write is queued before the turn of the loop ends in which the last one was answered.
  const keepWriting = async (): Promise<void> => {
    const deadline = performance.now() + 5_000
    for (let n = 0; !isApplied && performance.now() < deadline; n += 1)
      await calls.transact([insert(`local-${n}`)])
  }
  const writing = keepWriting()
  const startedAt = performance.now()
  await calls.apply({ changesets, cleared: [], basis: [] })
  isApplied = true
  await writing
  // Its bound is 10 ms; the machine may be busy.
  assert.ok(performance.now() - startedAt < 1_000, 'the batch waited')
  await stop?.()
})

test('a checkpoint comes after more than 16 MiB of log', async () => {
  const { port } = openPort('normal')
  // Each is in the table and in the log: 12 MiB of pages.
  const app = 'x'.repeat(6_000_000)
  for (const id of ['a', 'b', 'c'])
    await port.call('transact', [{ sql: 'INSERT INTO machines (id, app) VALUES (?, ?)', params: [id, app] }])
  const stats = await port.call('stats', null)
  assert.ok(stats.ok && stats.value.walBytes > 30_000_000, JSON.stringify(stats))
  await port.close()
})

test('an invalid schema refuses the start and leaves the file to the next one', () => {
  const path = join(folder, 'refused.db')
  const bad = [{ name: 'bad.sql', sql: 'CREATE TABLE t (a TEXT)' }]
  assert.throws(() => storeHandlers({ path, schemaFiles: bad }), /bad\.sql:1: table t: it has no PRIMARY KEY/)
  storeHandlers({ path, schemaFiles: [] }).stop?.()
})

test('a fork is found and repaired by calls: checked, given up, written anew, and merged once more', async () => {
  const [a, b] = [openPort('full'), openPort('full')]
  const told = (events: readonly StoreEvent[]) =>
    events.flatMap((event) => (event.kind === 'committed' ? event.commits : []))
  await a.port.call('transact', [insert('m')])
  const [commit] = told(a.events)
  assert.ok(commit !== undefined)
  const { version, ts } = commit
  const check = async (of: { version: typeof version; ts: typeof ts }) => {
    const checked = await a.port.call('checkOwn', of)
    return checked.ok && checked.value
  }
  assert.equal(await check({ version, ts }), 'same')
  assert.equal(await check({ version, ts: (ts + 1) as typeof ts }), 'other')
  assert.equal(await check({ version: (version + 1) as typeof version, ts }), 'beyond')

  const before = await a.port.call('state', null)
  assert.ok(before.ok && before.value.abandoned.length === 0)
  const { actor } = before.value
  const abandoned = await a.port.call('abandon', { actor })
  assert.ok(abandoned.ok && abandoned.value.self > actor)
  while (!(await a.port.call('rewrite', null).then((done) => done.ok && done.value.isDone)));
  const after = await a.port.call('state', null)
  assert.ok(after.ok)
  assert.deepEqual([after.value.actor, after.value.abandoned], [abandoned.value.self, [actor]])
  const rewritten = told(a.events).slice(1)
  assert.equal(rewritten.length, 1, 'the row of the former actor')

  const changesets = rewritten.flatMap((each) => each.changesets)
  await b.port.call('apply', { changesets, cleared: [], basis: [] })
  const again = await b.port.call('applyAgain', { changesets: commit.changesets })
  assert.deepEqual(again.ok && again.value.outcomes.map(({ kind }) => kind), ['applied'])
  const cleared = await b.port.call('cleared', null)
  assert.deepEqual(cleared.ok && cleared.value, [{ actor, versions: [{ first: 1, last: 1 }] }])
  await Promise.all([a.port.close(), b.port.close()])
})
