/**
 * Destructive changes of a table of the reference fleet (100,000 rows; `--large`: 1,000,000) beside writes: after each slice one row is
 * updated, as if it had waited for it. And what a row leaves that was inserted and deleted. Throws where a change of columns makes a
 * version, and where a query sees a deleted row.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store } from '@patina/crdt-store'
import type { SqlStatement } from '@patina/sqlite'
import { Fleet, SCHEMA_FILE } from '@patina/test-data'
import type { Bench, Sample } from './src/sample.ts'

const ROWS = process.argv.includes('--large') ? 1_000_000 : 100_000
const WARM_UP_ROWS = 2_000
const ROWS_PER_REQUEST = 1_000
const INSERT =
  'INSERT INTO machines (id, app, region, node, addr, port, state, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
const SCHEMA = readFileSync(SCHEMA_FILE, 'utf8')

export const bench: Bench = {
  name: 'destructive',
  repetitions: 1,
  repeat: async (repetition) => {
    const rows = repetition === 0 ? WARM_UP_ROWS : ROWS
    return [
      ...inFolder((store) => measureChanges(store, rows)),
      ...inFolder((store) => measureDeleted(store, rows)),
    ]
  },
}

function measureChanges(store: Store, rows: number): Sample[] {
  const ids = fill(store, rows)
  const head = ownHead(store)
  const drop = (sql: string) => (): unknown =>
    store.applySchema([{ name: 'machines.sql', sql }], { pace: 'in-slices', allowDestructive: true })
  const narrow = SCHEMA.replace(/^\s*node .*\n/m, '')
  const samples = inSlices(store, { what: 'drop a column', begin: drop(narrow), id: ids[0] })
  const written = ownHead(store)
  samples.push(...inSlices(store, { what: 'drop the table', begin: drop(''), id: undefined }))
  samples.push(
    ...inSlices(store, { what: 'purge it', begin: () => store.purge({ table: 'machines' }), id: undefined }),
  )
  if (ownHead(store) !== written || written < head)
    throw new Error('a change of the schema has made a version')
  return samples
}

interface Change {
  readonly what: string
  readonly begin: () => unknown
  /** A row that is written after each slice. */
  readonly id: string | undefined
}

function inSlices(store: Store, { what, begin, id }: Change): Sample[] {
  const started = performance.now()
  const waits: number[] = []
  const timed = (work: () => unknown): boolean => {
    const before = performance.now()
    const isMore = work() !== undefined
    if (id !== undefined)
      store.transact([[{ sql: 'UPDATE machines SET updated = updated + 1 WHERE id = ?', params: [id] }]])
    waits.push(performance.now() - before)
    return isMore
  }
  timed(begin)
  while (timed(() => store.schemaSlice()));
  const total = performance.now() - started
  waits.sort((a, b) => a - b)
  const at = (part: number): number => waits[Math.floor(part * (waits.length - 1))] ?? 0
  return [
    { what: `${what}: all of it`, value: total, unit: 'ms' },
    { what: `${what}: a write waits, p99`, value: at(0.99), unit: 'ms', goal: { floor: 50 } },
    { what: `${what}: a write waits, at most`, value: at(1), unit: 'ms' },
  ]
}

function measureDeleted(store: Store, rows: number): Sample[] {
  const empty = usedBytes(store)
  fill(store, rows)
  const full = usedBytes(store)
  for (;;) {
    const [outcome] = store.transact([
      [
        {
          sql: `DELETE FROM machines WHERE id IN (SELECT id FROM machines LIMIT ${ROWS_PER_REQUEST})`,
          params: [],
        },
      ],
    ]).replies
    if (outcome?.kind !== 'committed') throw new Error(`the delete was refused: ${JSON.stringify(outcome)}`)
    if (outcome.version === null) break
  }
  const before = performance.now()
  const seen = store.database.prepare('SELECT count(*) FROM machines').pluck().get()
  const query = performance.now() - before
  if (Number(seen) !== 0) throw new Error(`a query sees ${String(seen)} deleted rows`)
  return [
    { what: 'a row', value: (full - empty) / rows, unit: 'bytes' },
    {
      what: 'what a deleted row leaves',
      value: (usedBytes(store) - empty) / rows,
      unit: 'bytes',
      goal: { floor: 100 },
    },
    { what: 'a query over the table of deleted rows', value: query, unit: 'ms' },
  ]
}

/** Without pages that are free to be written again. */
function usedBytes({ database }: Store): number {
  const number = (pragma: string): number => Number(database.pragma(pragma, { simple: true }))
  return (number('page_count') - number('freelist_count')) * number('page_size')
}

function ownHead(store: Store): number {
  return store.knowledge().find(({ actor }) => actor === store.actor)?.head ?? 0
}

function inFolder<T>(work: (store: Store) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'patina-bench-'))
  const store = openStore({ path: join(folder, 'state.db'), durability: 'normal' })
  try {
    store.applySchema([{ name: 'machines.sql', sql: SCHEMA }])
    return work(store)
  } finally {
    store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Ids of the rows. */
function fill(store: Store, rows: number): string[] {
  let request: SqlStatement[] = []
  const ids: string[] = []
  for (const m of new Fleet({ seed: 1, instances: rows }).rows()) {
    const params = [m.id, m.app, m.region, m.node, m.addr, BigInt(m.port), m.state, BigInt(m.updated)]
    ids.push(m.id)
    request.push({ sql: INSERT, params })
    if (request.length < ROWS_PER_REQUEST) continue
    store.transact([request])
    request = []
  }
  return ids
}
