/**
 * Changes of the schema of a table with 1,000,000 rows of the reference fleet: what each costs as a call, during which writes
 * wait. Each repetition adds columns of names of its own to the same file, which takes about half a minute to fill.
 * Throws where a change of columns makes a version: nothing may be sent.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store } from '@patina/crdt-store'
import type { SqlStatement } from '@patina/sqlite'
import { Fleet, SCHEMA_FILE } from '@patina/test-data'
import type { Bench, Sample } from './src/sample.ts'

const ROWS = 1_000_000
const WARM_UP_ROWS = 1_000
const ROWS_PER_REQUEST = 1_000
const REPETITIONS = 5
const INSERT =
  'INSERT INTO machines (id, app, region, node, addr, port, state, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'
const SCHEMA = readFileSync(SCHEMA_FILE, 'utf8').replace(/CREATE INDEX[^;]*;/g, '')

interface Filled {
  readonly folder: string
  readonly store: Store
}

let filled: Filled | undefined

export const bench: Bench = {
  name: 'schema',
  repetitions: REPETITIONS,
  repeat: async (repetition) => {
    if (repetition === 0) return inFolder(WARM_UP_ROWS, ({ store }) => measure(store, 0))
    filled ??= fill(ROWS)
    const samples = measure(filled.store, repetition)
    if (repetition === REPETITIONS) end(filled)
    return samples
  },
}

function measure(store: Store, repetition: number): Sample[] {
  const head = ownHead(store)
  const columns = (more: string): string => SCHEMA.replace(/\n\)/, `,\n  ${more}\n)`)
  const [nullable, constant, computed] = [
    `n${repetition} TEXT`,
    `c${repetition} TEXT NOT NULL DEFAULT 'none'`,
    `v${repetition} AS (port + 1)`,
  ]
  const index = `CREATE INDEX by_state ON machines (state);`
  const samples: Sample[] = [
    { ...change(store, 'add a nullable column', columns(nullable)), goal: { floor: 50 } },
    { ...change(store, 'add a column with a constant default', columns(constant)), goal: { floor: 50 } },
    change(store, 'add a VIRTUAL column', columns(computed)),
    change(store, 'nothing to change', columns(computed)),
    change(store, 'create an index', `${SCHEMA};${index}`),
    change(store, 'drop an index', SCHEMA),
  ]
  if (ownHead(store) !== head) throw new Error('a change of the schema has made a version')
  return samples
}

function change(store: Store, what: string, sql: string): Sample {
  const started = performance.now()
  store.applySchema([{ name: 'machines.sql', sql }])
  return { what, value: performance.now() - started, unit: 'ms' }
}

function ownHead(store: Store): number {
  return store.knowledge().find(({ actor }) => actor === store.actor)?.head ?? 0
}

function inFolder<T>(rows: number, work: (filled: Filled) => T): T {
  const made = fill(rows)
  try {
    return work(made)
  } finally {
    end(made)
  }
}

function fill(rows: number): Filled {
  const folder = mkdtempSync(join(tmpdir(), 'patina-bench-'))
  const store = openStore({ path: join(folder, 'state.db'), durability: 'normal' })
  store.applySchema([{ name: 'machines.sql', sql: SCHEMA }])
  let request: SqlStatement[] = []
  for (const m of new Fleet({ seed: 1, instances: rows }).rows()) {
    const params = [m.id, m.app, m.region, m.node, m.addr, BigInt(m.port), m.state, BigInt(m.updated)]
    request.push({ sql: INSERT, params })
    if (request.length < ROWS_PER_REQUEST) continue
    store.transact([request])
    request = []
  }
  return { folder, store }
}

function end({ folder, store }: Filled): void {
  store.close()
  rmSync(folder, { recursive: true, force: true })
}
