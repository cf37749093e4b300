/**
 * The store against plain better-sqlite3 on the same table in the same repetition: rows of the reference fleet without the
 * secondary index, requests and batches of 1,000 rows, one-row versions 200 a commit. Floors and aims: docs/benchmarks.md.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from '@patina/base'
import type { Store } from '@patina/crdt-store'
import { Fleet, SCHEMA_FILE } from '@patina/test-data'
import type BetterSqlite3 from 'better-sqlite3'
import { openStoreMemory } from './src/open-store-memory.ts'
import type { Bench, Sample } from './src/sample.ts'
import {
  applyVersions,
  batches,
  headerOf,
  openPlain,
  openReplicated,
  ROWS_PER_REQUEST,
  type Row,
  rate,
  runPlain,
  runRequests,
} from './src/store-rates.ts'

const ROWS = 100_000
const WARM_UP_ROWS = 10_000
const ONE_ROW_VERSIONS = 20_000
const VERSIONS_PER_COMMIT = 200
const SERVE_BUDGET_BYTES = 1_048_576
const INSERT =
  'INSERT INTO machines (id, app, region, node, addr, port, state, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
const UPDATE = 'UPDATE machines SET state = ?, updated = ? WHERE id = ?'
/** The reference table alone: its index would make plain and store slower by the same time, and their ratio better. */
const SCHEMA = readFileSync(SCHEMA_FILE, 'utf8').replace(/CREATE INDEX[^;]*;/g, '')

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
  const plain = openPlain(join(folder, 'plain.db'), SCHEMA)
  const [local, remote] = ['local.db', 'remote.db'].map((name) =>
    openReplicated(join(folder, name), SCHEMA),
  ) as [Store, Store]
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

function ratio(what: string, value: number, of: string, goal: { floor: number; aim: number }): Sample {
  return { what, value, unit: what.endsWith('versions') ? 'versions/s' : 'rows/s', of, goal }
}

function rowsOf(bytes: Uint8Array): number {
  const { header } = headerOf(bytes)
  return header.lastSeq - header.firstSeq + 1
}
