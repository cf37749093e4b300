/**
 * The store against plain better-sqlite3 on the same table in the same repetition: rows of the reference fleet without the
 * secondary index, requests and batches of 1,000 rows, one-row versions 200 a commit. Floors and aims: docs/benchmarks.md.
 * Both write with `synchronous=FULL`, and plain with the store's checkpoint interval, so that neither is favoured.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeChangesetHeader, must } from '@patina/base'
import { openStore, type Store } from '@patina/crdt-store'
import type { SqlStatement } from '@patina/sqlite'
import { Fleet, SCHEMA_FILE } from '@patina/test-data'
import BetterSqlite3 from 'better-sqlite3'
import { openStoreMemory } from './src/open-store-memory.ts'
import type { Bench, Sample } from './src/sample.ts'

const ROWS = 100_000
const WARM_UP_ROWS = 10_000
const ROWS_PER_REQUEST = 1_000
const ONE_ROW_VERSIONS = 20_000
const VERSIONS_PER_COMMIT = 200
const SERVE_BUDGET_BYTES = 1_048_576
const INSERT =
  'INSERT INTO machines (id, app, region, node, addr, port, state, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
const UPDATE = 'UPDATE machines SET state = ?, updated = ? WHERE id = ?'
/** The reference table alone: its index would make plain and store slower by the same time, and their ratio better. */
const SCHEMA = readFileSync(SCHEMA_FILE, 'utf8').replace(/CREATE INDEX[^;]*;/g, '')

type Row = readonly (string | bigint)[]

interface Work {
  readonly inserts: readonly Row[]
  readonly updates: readonly Row[]
  /** Each a row of the updates with another value, for versions of one row. */
  readonly singles: readonly Row[]
}

/** A million rows take half a minute to write: only when asked for, and once. */
const isLarge = process.argv.includes('--large')

export const bench: Bench = {
  name: 'store',
  repetitions: isLarge ? 1 : 5,
  repeat: async (repetition) => {
    const folder = mkdtempSync(join(tmpdir(), 'patina-bench-'))
    try {
      const samples = measure(folder, workOf(repetition === 0 ? WARM_UP_ROWS : ROWS))
      if (repetition > 0 && isLarge) samples.push(await openStoreMemory(folder, SCHEMA, INSERT))
      return samples
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function workOf(rows: number): Work {
  const inserts: Row[] = []
  for (const m of new Fleet({ seed: 1, instances: rows }).rows())
    inserts.push([m.id, m.app, m.region, m.node, m.addr, BigInt(m.port), m.state, BigInt(m.updated)])
  const id = (at: number): string => inserts[at % rows]?.[0] as string
  return {
    inserts,
    updates: inserts.map((_, at) => ['draining', BigInt(at), id(at)]),
    singles: Array.from({ length: Math.min(rows, ONE_ROW_VERSIONS) }, (_, at) => [
      'failed',
      BigInt(-at),
      id(at * 7),
    ]),
  }
}

function measure(folder: string, work: Work): Sample[] {
  const plain = openPlain(join(folder, 'plain.db'))
  const [local, remote] = ['local.db', 'remote.db'].map((name) => openReplicated(join(folder, name))) as [
    Store,
    Store,
  ]
  try {
    return [
      ...insertsAndUpdates(plain, local, remote, work),
      ...fileSizes(plain, local),
      serve(local),
      ...oneRowVersions(plain, local, remote, work.singles),
    ]
  } finally {
    plain.close()
    local.close()
    remote.close()
  }
}

function insertsAndUpdates(
  plain: BetterSqlite3.Database,
  local: Store,
  remote: Store,
  { inserts, updates }: Work,
): Sample[] {
  const plainInsert = rate(inserts.length, () => runPlain(plain, INSERT, inserts, ROWS_PER_REQUEST))
  const plainUpdate = rate(updates.length, () => runPlain(plain, UPDATE, updates, ROWS_PER_REQUEST))
  const inserted: Uint8Array[] = []
  const updated: Uint8Array[] = []
  const localInsert = rate(inserts.length, () => runRequests(local, INSERT, inserts, inserted))
  const localUpdate = rate(updates.length, () => runRequests(local, UPDATE, updates, updated))
  const mergeInsert = rate(inserts.length, () => applyVersions(remote, inserted))
  const mergeUpdate = rate(updates.length, () => applyVersions(remote, updated))
  return [
    { what: 'plain insert', value: plainInsert, unit: 'rows/s' },
    { what: 'plain update', value: plainUpdate, unit: 'rows/s' },
    ratio('local insert', localInsert, 'plain insert', { floor: 0.4, aim: 0.5 }),
    ratio('local update', localUpdate, 'plain update', { floor: 0.28, aim: 0.4 }),
    ratio('merge of inserts', mergeInsert, 'plain insert', { floor: 0.45, aim: 0.6 }),
    ratio('merge of updates', mergeUpdate, 'plain update', { floor: 0.3, aim: 0.45 }),
  ]
}

function oneRowVersions(
  plain: BetterSqlite3.Database,
  local: Store,
  remote: Store,
  rows: readonly Row[],
): Sample[] {
  const changesets: Uint8Array[] = []
  const plainRate = rate(rows.length, () => runPlain(plain, UPDATE, rows, VERSIONS_PER_COMMIT))
  const localRate = rate(rows.length, () => {
    for (const group of batches(rows, VERSIONS_PER_COMMIT)) {
      const { commits } = local.transact(group.map((params) => [{ sql: UPDATE, params }]))
      for (const commit of commits) changesets.push(...commit.changesets)
    }
  })
  const remoteRate = rate(rows.length, () => {
    for (const batch of batches(changesets, VERSIONS_PER_COMMIT)) remote.apply(batch)
  })
  const duplicates = rate(rows.length, () => {
    for (const batch of batches(changesets, VERSIONS_PER_COMMIT)) remote.apply(batch)
  })
  return [
    { what: 'plain one-row updates', value: plainRate, unit: 'rows/s' },
    ratio('local one-row versions', localRate, 'plain one-row updates', { floor: 0.25, aim: 0.4 }),
    ratio('remote one-row versions', remoteRate, 'plain one-row updates', { floor: 0.3, aim: 0.4 }),
    { what: 'duplicates dropped', value: duplicates, unit: 'rows/s', goal: { floor: 1e6 } },
  ]
}

/** Versions of 1,000 rows, all that the log holds by then, as a peer without any of it would ask. */
function serve(store: Store): Sample {
  const [own] = store.knowledge()
  const { actor, have } = must(own, 'the store knows itself')
  let needs: Parameters<Store['serve']>[0] = [{ kind: 'versions', actor, versions: have }]
  const served: Uint8Array[] = []
  const start = performance.now()
  while (needs.length > 0) {
    const batch = store.serve(needs, SERVE_BUDGET_BYTES)
    served.push(...batch.changesets)
    needs = batch.rest
  }
  const seconds = (performance.now() - start) / 1_000
  const rows = served.reduce((sum, bytes) => sum + rowsOf(bytes), 0)
  return { what: 'served from the log', value: rows / seconds, unit: 'rows/s', goal: { floor: 5e6 } }
}

function fileSizes(plain: BetterSqlite3.Database, local: Store): Sample[] {
  const megabytes = (db: BetterSqlite3.Database): number => {
    db.pragma('wal_checkpoint(TRUNCATE)')
    const number = (pragma: string): number => Number(db.pragma(pragma, { simple: true }))
    return (number('page_count') * number('page_size')) / 1e6
  }
  return [
    { what: 'plain file', value: megabytes(plain), unit: 'MB' },
    {
      what: 'file after insert and update',
      value: megabytes(local.database),
      unit: 'MB',
      of: 'plain file',
      goal: { floor: 3.1, aim: 2.5 },
    },
  ]
}

function openPlain(path: string): BetterSqlite3.Database {
  const db = new BetterSqlite3(path)
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'wal_autocheckpoint = 4000'])
    db.pragma(pragma)
  db.pragma('cache_size = -32768')
  db.defaultSafeIntegers(true)
  db.exec(SCHEMA)
  return db
}

function openReplicated(path: string): Store {
  const store = openStore({ path })
  store.applySchema([{ name: '001-machines.sql', sql: SCHEMA }])
  return store
}

function runPlain(db: BetterSqlite3.Database, sql: string, rows: readonly Row[], size: number): void {
  const [begin, statement, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare(sql), db.prepare('COMMIT')]
  for (const batch of batches(rows, size)) {
    begin.run()
    for (const row of batch) statement.run(...row)
    commit.run()
  }
}

function runRequests(store: Store, sql: string, rows: readonly Row[], changesets: Uint8Array[]): void {
  for (const batch of batches(rows, ROWS_PER_REQUEST)) {
    const request: SqlStatement[] = batch.map((params) => ({ sql, params }))
    const { replies, commits } = store.transact([request])
    if (replies[0]?.kind !== 'committed') throw new Error(`not committed: ${JSON.stringify(replies[0])}`)
    for (const commit of commits) changesets.push(...commit.changesets)
  }
}

/** Chunks of one version in one transaction: a batch of 1,000 rows. */
function applyVersions(store: Store, changesets: readonly Uint8Array[]): void {
  let batch: Uint8Array[] = []
  for (const bytes of changesets) {
    batch.push(bytes)
    const { header } = headerOf(bytes)
    if (header.lastSeq !== header.versionLastSeq) continue
    const { outcomes } = store.apply(batch).report
    if (outcomes.at(-1)?.kind !== 'applied') throw new Error(`not applied: ${JSON.stringify(outcomes)}`)
    batch = []
  }
}

function* batches<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}

function rate(count: number, work: () => void): number {
  const start = performance.now()
  work()
  return (count / (performance.now() - start)) * 1_000
}

function ratio(what: string, value: number, of: string, goal: { floor: number; aim: number }): Sample {
  return { what, value, unit: what.endsWith('versions') ? 'versions/s' : 'rows/s', of, goal }
}

function headerOf(
  bytes: Uint8Array,
): Extract<ReturnType<typeof decodeChangesetHeader>, { ok: true }>['value'] {
  const decoded = decodeChangesetHeader(bytes)
  if (!decoded.ok) throw new Error(`not a changeset: ${decoded.error.kind}`)
  return decoded.value
}

function rowsOf(bytes: Uint8Array): number {
  const { header } = headerOf(bytes)
  return header.lastSeq - header.firstSeq + 1
}
