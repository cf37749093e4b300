/**
 * StoreRates: the same rows written by plain better-sqlite3, by requests of a store, and merged from their changesets: what
 * the benchmarks of the store measure on their tables. Both sides write with `synchronous=FULL`, and plain with the store's
 * checkpoint interval.
 */
import { decodeChangesetHeader } from '@patina/base'
import { openStore, type Store } from '@patina/crdt-store'
import type { SqlStatement } from '@patina/sqlite'
import BetterSqlite3 from 'better-sqlite3'

export const ROWS_PER_REQUEST = 1_000
export type Row = readonly (string | bigint)[]

/** better-sqlite3 on the same schema, set so that neither side is favoured. */
export function openPlain(path: string, schema: string): BetterSqlite3.Database {
  const db = new BetterSqlite3(path)
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'wal_autocheckpoint = 4000'])
    db.pragma(pragma)
  db.pragma('cache_size = -32768')
  db.defaultSafeIntegers(true)
  db.exec(schema)
  return db
}

export function openReplicated(path: string, schema: string): Store {
  const store = openStore({ path })
  store.applySchema([{ name: 'bench.sql', sql: schema }])
  return store
}

export function runPlain(db: BetterSqlite3.Database, sql: string, rows: readonly Row[], size: number): void {
  const [begin, statement, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare(sql), db.prepare('COMMIT')]
  for (const batch of batches(rows, size)) {
    begin.run()
    for (const row of batch) statement.run(...row)
    commit.run()
  }
}

export function runRequests(store: Store, sql: string, rows: readonly Row[], changesets: Uint8Array[]): void {
  for (const batch of batches(rows, ROWS_PER_REQUEST)) {
    const request: SqlStatement[] = batch.map((params) => ({ sql, params }))
    const { replies, commits } = store.transact([request])
    if (replies[0]?.kind !== 'committed') throw new Error(`not committed: ${JSON.stringify(replies[0])}`)
    for (const commit of commits) changesets.push(...commit.changesets)
  }
}

/** Chunks of one version in one transaction: a batch of 1,000 rows. Throws where one is not applied. */
export function applyVersions(store: Store, changesets: readonly Uint8Array[]): void {
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

export function* batches<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}

export function rate(count: number, work: () => void): number {
  const start = performance.now()
  work()
  return (count / (performance.now() - start)) * 1_000
}

export function headerOf(
  bytes: Uint8Array,
): Extract<ReturnType<typeof decodeChangesetHeader>, { ok: true }>['value'] {
  const decoded = decodeChangesetHeader(bytes)
  if (!decoded.ok) throw new Error(`not a changeset: ${decoded.error.kind}`)
  return decoded.value
}
