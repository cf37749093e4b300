/** Whose turn it is, in a real store process: the order of what came together, and that nobody starves beside writers. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Port } from '@patina/base'
import { openChildProcess } from '@patina/sqlite'
import { MAINTENANCE_WAIT_MS } from '../src/core/turns.ts'
import type { StoreContract, StoreEvent } from '../src/index.ts'
import { SCHEMA } from './two-stores.ts'

const MODULE = new URL('./store-child.ts', import.meta.url)
const WRITERS = 16

async function openStoreProcess(
  t: TestContext,
  bounds = {},
): Promise<{ port: Port<StoreContract>; sent: Uint8Array[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'patina-priorities-'))
  const port = openChildProcess<StoreContract>({
    module: MODULE,
    args: [join(folder, 'store.db')],
    ...bounds,
  })
  t.after(async () => {
    port.kill()
    await port.closed
    rmSync(folder, { recursive: true })
  })
  const sent: Uint8Array[] = []
  port.onEvent((event: StoreEvent) => {
    if (event.kind === 'committed') for (const { changesets } of event.commits) sent.push(...changesets)
  })
  assert.ok((await port.call('state', null)).ok)
  return { port, sent }
}

function write(port: Port<StoreContract>, id: string): ReturnType<typeof port.call<'transact'>> {
  return port.call('transact', [{ sql: 'INSERT INTO machines (id) VALUES (?)', params: [id] }])
}

const files = (sql: string) => [{ name: 'test.sql', sql: `${SCHEMA}\n${sql}` }]

test('of what came together, local writes are done first, then changesets of others, then a change of the schema', async (t) => {
  const other = await openStoreProcess(t)
  await write(other.port, 'remote')
  const { port } = await openStoreProcess(t)
  const order: string[] = []
  const startedAt = performance.now()
  let localMs = 0
  const noted = async (name: string, call: Promise<{ readonly ok: boolean }>): Promise<void> => {
    assert.ok((await call).ok, name)
    order.push(name)
  }
  await Promise.all([
    noted(
      'schema',
      port.call('schema', {
        mode: 'apply',
        files: files('CREATE TABLE more (id TEXT NOT NULL PRIMARY KEY);'),
      }),
    ),
    noted('remote', port.call('apply', { changesets: other.sent, cleared: [], basis: [] })),
    noted('local', write(port, 'local')).then(() => {
      localMs = performance.now() - startedAt
    }),
  ])
  // Where the first of them took so long that the schema was overdue, it went before the changesets, as it must.
  const expected = localMs < MAINTENANCE_WAIT_MS ? ['local', 'remote', 'schema'] : ['local']
  assert.deepEqual(order.slice(0, expected.length), expected)
})

test('beside writers that never pause, batches of others are applied and the schema changes', async (t) => {
  const other = await openStoreProcess(t)
  for (let n = 0; n < 50; n += 1) await write(other.port, `remote-${n}`)
  const { port } = await openStoreProcess(t)
  let isDone = false
  let writes = 0
  const writer = async (name: number): Promise<void> => {
    for (let n = 0; !isDone; n += 1, writes += 1) assert.ok((await write(port, `${name}-${n}`)).ok)
  }
  const writers = Array.from({ length: WRITERS }, (_, name) => writer(name))
  const waits: number[] = []
  for (const changeset of other.sent) {
    const startedAt = performance.now()
    assert.ok((await port.call('apply', { changesets: [changeset], cleared: [], basis: [] })).ok)
    waits.push(performance.now() - startedAt)
  }
  const startedAt = performance.now()
  assert.ok(
    (await port.call('schema', { mode: 'apply', files: files('CREATE INDEX by_app ON machines (app);') })).ok,
  )
  const schemaMs = performance.now() - startedAt
  isDone = true
  await Promise.all(writers)
  const longest = Math.max(...waits)
  t.diagnostic(
    `${writes} writes meanwhile; a batch waited ${longest.toFixed(0)} ms at most, the schema ${schemaMs.toFixed(0)} ms`,
  )
  assert.ok(writes > 0 && longest < 1_000 && schemaMs < 1_000)
})

test('batches of others and changes of the schema take no room from local writes', async (t) => {
  const { port } = await openStoreProcess(t, {
    pendingMax: 8,
    pendingMaxByKind: { transact: 4, apply: 2, schema: 1 },
  })
  const batch = { changesets: [], cleared: [], basis: [] }
  const calls = [
    ...Array.from({ length: 3 }, () => port.call('apply', batch)),
    ...Array.from({ length: 2 }, () => port.call('schema', { mode: 'diff', files: files('') })),
    ...Array.from({ length: 5 }, (_, n) => write(port, `${n}`)),
  ]
  const replies = await Promise.all<{ readonly ok: boolean }>(calls)
  assert.deepEqual(
    replies.map(({ ok }) => ok),
    [true, true, false, true, false, true, true, true, true, false],
  )
})
