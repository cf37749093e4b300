/**
 * The store process over its port, without HTTP and peers, durability `full`: requests of one row, 64 waiting and one, and
 * requests of 1,000 rows, two waiting; against better-sqlite3 on the same table in this process, with as many rows a commit.
 * CPU of both ends per request; figures of /proc are there on Linux only.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Port } from '@patina/base'
import type { StoreContract } from '@patina/crdt-store'
import type { SqlStatement } from '@patina/sqlite'
import { openChildProcess } from '@patina/sqlite/port'
import { type Machine, SCHEMA_FILE } from '@patina/test-data'
import BetterSqlite3 from 'better-sqlite3'
import { stepsPerSecond } from './src/many-at-once.ts'
import { processTree } from './src/process-figures.ts'
import type { Bench, Sample } from './src/sample.ts'
import { insertOf, machines, touch } from './src/statements.ts'

const ROWS = 50_000
const ROWS_PER_REQUEST = 1_000
const BULK_WIDTH = 2
const WIDTH = 64
const REQUESTS = 30_000
const REQUESTS_ALONE = 3_000
const rows = machines(ROWS)
const inserts = rows.map((row) => bound(insertOf(row)))

export const bench: Bench = {
  name: 'process',
  repetitions: 3,
  repeat: async (repetition) => {
    if (repetition === 0) return []
    const folder = mkdtempSync(join(tmpdir(), 'patina-bench-'))
    try {
      return [...measurePlain(join(folder, 'plain.db')), ...(await measurePort(join(folder, 'store.db')))]
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function measurePlain(path: string): Sample[] {
  const db = new BetterSqlite3(path)
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'wal_autocheckpoint = 16000'])
    db.pragma(pragma)
  db.exec(readFileSync(SCHEMA_FILE, 'utf8'))
  const commitsPerSecond = (
    requests: readonly (readonly SqlStatement[])[],
    rowsPerCommit: number,
  ): number => {
    const start = performance.now()
    const all = requests.flat()
    const prepared = db.prepare(all[0]?.sql as string)
    for (let at = 0; at < all.length; at += rowsPerCommit)
      db.transaction(() => {
        for (const { params } of all.slice(at, at + rowsPerCommit)) prepared.run(params)
      })()
    return (all.length / (performance.now() - start)) * 1_000
  }
  // The same values again would cost SQLite nothing.
  let n = 0
  const updates = (count: number): SqlStatement[][] =>
    Array.from({ length: count }, () => {
      n += 1
      return [updateOf(n)]
    })
  const samples: Sample[] = [
    { what: 'plain, bulk', value: commitsPerSecond([inserts], 2 * ROWS_PER_REQUEST), unit: 'rows/s' },
    { what: 'plain, 64 a commit', value: commitsPerSecond(updates(REQUESTS), WIDTH), unit: 'requests/s' },
    { what: 'plain, 1 a commit', value: commitsPerSecond(updates(REQUESTS_ALONE), 1), unit: 'requests/s' },
  ]
  db.close()
  return samples
}

async function measurePort(path: string): Promise<Sample[]> {
  const module = new URL('peers/store-service.ts', import.meta.url)
  const port = openChildProcess<StoreContract>({ module, args: [path, SCHEMA_FILE.pathname] })
  try {
    const bulk = await stepsPerSecond({ steps: ROWS / ROWS_PER_REQUEST, width: BULK_WIDTH }, bulkStep(port))
    let n = 0
    const step = (): Promise<void> => {
      n += 1
      return committed(port, [updateOf(n)])
    }
    await stepsPerSecond({ steps: REQUESTS, width: WIDTH }, step)
    const before = cpuMicros(port.pid)
    const waiting = await stepsPerSecond({ steps: REQUESTS, width: WIDTH }, step)
    const after = cpuMicros(port.pid)
    const alone = await stepsPerSecond({ steps: REQUESTS_ALONE, width: 1 }, step)
    const cost = (end: 'caller' | 'store'): Sample => ({
      what: `CPU per request, 64 waiting, ${end}`,
      value: (after[end] - before[end]) / REQUESTS,
      unit: 'µs',
    })
    return [
      { what: 'port, bulk', value: bulk * ROWS_PER_REQUEST, unit: 'rows/s', of: 'plain, bulk' },
      { what: 'port, 64 waiting', value: waiting, unit: 'requests/s', of: 'plain, 64 a commit' },
      { what: 'port, 64 waiting, full', value: waiting, unit: 'requests/s', goal: { floor: 10_000 } },
      { what: 'port, 1 waiting', value: alone, unit: 'requests/s', of: 'plain, 1 a commit' },
      ...(process.platform === 'linux' ? [cost('caller'), cost('store')] : []),
    ]
  } finally {
    await port.close()
  }
}

function bulkStep(port: Port<StoreContract>): () => Promise<void> {
  let at = 0
  return () => {
    const request = inserts.slice(at, at + ROWS_PER_REQUEST)
    at += ROWS_PER_REQUEST
    return committed(port, request)
  }
}

async function committed(port: Port<StoreContract>, request: readonly SqlStatement[]): Promise<void> {
  const reply = await port.call('transact', request)
  if (!reply.ok || reply.value.kind !== 'committed')
    throw new Error(`not committed: ${JSON.stringify(reply)}`)
}

function updateOf(n: number): SqlStatement {
  return bound(touch(rows[(n * 7) % ROWS] as Machine, n))
}

/** As main hands them over: integers as such. */
function bound([sql, params]: ReturnType<typeof touch>): SqlStatement {
  return { sql, params: params.map((value) => (typeof value === 'number' ? BigInt(value) : value)) }
}

function cpuMicros(pid: number | undefined): { readonly caller: number; readonly store: number } {
  const { user, system } = process.cpuUsage()
  const [store] = pid === undefined || process.platform !== 'linux' ? [] : processTree(pid)
  return { caller: user + system, store: (store?.cpuSeconds ?? 0) * 1e6 }
}
