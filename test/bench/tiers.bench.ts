/**
 * The files of the two tiers against what `patina-aggregator plan` says of them: the global table of the reference fleet with 100,000 apps,
 * and one region of it; `--apps N`: of so many, up to five million. As members have them that were sent everything, first as roll-ups write
 * it at a start, 500 rows a version, and then when every row has been changed once by a version of its own.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { must } from '@patina/base'
import { openStore, type Store } from '@patina/crdt-store'
import { CLUSTER_ID } from '@patina/test-cluster'
import { Fleet, type Machine, SCHEMA_FILE } from '@patina/test-data'
import { fileMegabytes } from './src/database-size.ts'
import { countsOf, FLEET_REGIONS, rollUp } from './src/entries.ts'
import { servedBy } from './src/filled-store.ts'
import type { Bench, Sample } from './src/sample.ts'
import { insertOf } from './src/statements.ts'

const AGGREGATOR = fileURLToPath(new URL('../../apps/aggregator/src/main.ts', import.meta.url))
const GLOBAL_SCHEMA = fileURLToPath(new URL('../../apps/aggregator/schema/app-regions.sql', import.meta.url))
const INSTANCES_PER_APP = 10
const SEED = 1
/** What one transaction of an aggregator writes at most. */
const ROWS_PER_VERSION = 500
const VERSIONS_PER_COMMIT = 16
const BATCH_BYTES = 1_048_576
const CHANGESETS_AT_ONCE = 512

const { values } = parseArgs({ strict: false, options: { apps: { type: 'string', default: '100000' } } })
const apps = Number(values.apps)

type Cell = string | bigint
type Write = { readonly sql: string; readonly params: readonly Cell[] }

interface Disk {
  readonly written: number
  readonly changed: number
}

/** The rows of one tier, and the change of each that leaves its size as it is. */
interface Table {
  readonly schema: string
  readonly inserts: () => Iterable<Write>
  readonly updates: () => Iterable<Write>
}

export const bench: Bench = {
  name: 'tiers',
  repetitions: 1,
  repeat: async (repetition) => (repetition === 0 ? [] : measure()),
}

function measure(): Sample[] {
  const instances = apps * INSTANCES_PER_APP
  const fleet = new Fleet({ seed: SEED, instances })
  const { entries, meanRegion } = rollUp(fleet)
  console.error(`${entries.size} entries of ${instances} instances`)
  const plan = plannedDisk({ instances, entries: entries.size })
  return [
    { what: 'entries', value: entries.size, unit: 'times' },
    ...sizes('global', plan.global, globalTable(entries)),
    ...sizes('a region', plan.region, regionTable(fleet, meanRegion)),
  ]
}

function globalTable(entries: ReadonlyMap<string, number>): Table {
  return {
    schema: GLOBAL_SCHEMA,
    *inserts() {
      const sql = 'INSERT INTO app_regions (app, region, instances, healthy) VALUES (?, ?, ?, ?)'
      for (const [key, packed] of entries) {
        const { instances, healthy } = countsOf(packed)
        yield { sql, params: [...key.split('|'), BigInt(instances), BigInt(healthy)] }
      }
    },
    *updates() {
      const sql = 'UPDATE app_regions SET healthy = healthy + 1 WHERE app = ? AND region = ?'
      for (const key of entries.keys()) yield { sql, params: key.split('|') }
    },
  }
}

function regionTable(fleet: Fleet, region: string): Table {
  const rows: Machine[] = []
  for (const row of fleet.rows()) if (row.region === region) rows.push(row)
  return {
    schema: fileURLToPath(SCHEMA_FILE),
    *inserts() {
      for (const row of rows) {
        const [sql, params] = insertOf(row) as [string, (string | number)[]]
        yield { sql, params: params.map((value) => (typeof value === 'number' ? BigInt(value) : value)) }
      }
    },
    *updates() {
      const sql = 'UPDATE machines SET state = ?, updated = updated + 1 WHERE id = ?'
      for (const { id } of rows) yield { sql, params: ['failed', id] }
    },
  }
}

/** In megabytes, of a member that was sent everything. */
function sizes(tier: string, planned: Disk, table: Table): Sample[] {
  const folder = mkdtempSync(join(tmpdir(), 'patina-bench-'))
  try {
    const written = fileOf(folder, 'written', table.schema, [[table.inserts(), ROWS_PER_VERSION]])
    const changed = fileOf(folder, 'changed', table.schema, [
      [table.inserts(), ROWS_PER_VERSION],
      [table.updates(), 1],
    ])
    return [
      ...besidePlan(`${tier}, written`, written, planned.written),
      ...besidePlan(`${tier}, each row changed`, changed, planned.changed),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function besidePlan(what: string, value: number, planned: number): Sample[] {
  const of = `${what}: planned`
  return [
    { what: of, value: planned, unit: 'MB' },
    { what, value, unit: 'MB', of },
  ]
}

type Work = readonly [writes: Iterable<Write>, rowsPerVersion: number]

function fileOf(folder: string, name: string, schema: string, works: readonly Work[]): number {
  const [origin, member] = ['origin', 'member'].map((role) => join(folder, `${name}-${role}.db`)) as [
    string,
    string,
  ]
  const source = openWith(origin, schema)
  for (const [writes, rowsPerVersion] of works) write(source, writes, rowsPerVersion)
  const target = openWith(member, schema)
  for (const changesets of servedBy(source, BATCH_BYTES))
    for (let at = 0; at < changesets.length; at += CHANGESETS_AT_ONCE)
      target.apply(changesets.slice(at, at + CHANGESETS_AT_ONCE))
  for (const store of [source, target]) store.close()
  const megabytes = fileMegabytes(member)
  for (const path of [origin, member]) rmSync(path)
  return megabytes
}

function write(store: Store, writes: Iterable<Write>, rowsPerVersion: number): void {
  const requests: Write[][] = []
  let request: Write[] = []
  for (const one of writes) {
    request.push(one)
    if (request.length < rowsPerVersion) continue
    requests.push(request)
    request = []
    if (requests.length === VERSIONS_PER_COMMIT) store.transact(requests.splice(0))
  }
  if (request.length > 0) requests.push(request)
  if (requests.length > 0) store.transact(requests)
}

function openWith(path: string, schema: string): Store {
  const store = openStore({ path, durability: 'normal', clusterId: CLUSTER_ID })
  store.applySchema([{ name: 'tier.sql', sql: readFileSync(schema, 'utf8') }])
  return store
}

/** Megabytes on the disk of a member of each tier. */
function plannedDisk({ instances, entries }: { readonly instances: number; readonly entries: number }): {
  readonly global: Disk
  readonly region: Disk
} {
  const size = { instances, apps, regions: FLEET_REGIONS, entries }
  const options = Object.entries(size).flatMap(([name, value]) => [`--${name}`, String(value)])
  const argv = ['--conditions=@patina/source', AGGREGATOR, 'plan', '--json', ...options]
  const { stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
  const { tiers } = JSON.parse(stdout) as { readonly tiers: readonly { tier: string; diskMb: Disk }[] }
  const of = (name: string): Disk => must(tiers.find(({ tier }) => tier === name)?.diskMb, name)
  return { global: of('global'), region: of('a region') }
}
