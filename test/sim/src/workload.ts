/**
 * Workload: what clients of a fleet write: rows that are made, changed, removed and made again, often the same few rows
 * from many nodes at once, because conflicts are what is to be proven; now and then a transaction so large that it leaves
 * in several chunks. A node that has the later schema writes to what that adds, too. Every choice comes from the seed.
 */
import type { LocalRequest, SchemaFile } from '@patina/crdt-store'
import { RANK } from './event-heap.ts'
import type { Fleet } from './fleet.ts'
import type { Host } from './host.ts'
import type { World } from './world.ts'

export interface Workload {
  readonly writesPerSecond: number
  readonly forMs: number
  /** Keys that all nodes write to. */
  readonly keys: number
  /** Rows of one request, at most. */
  readonly rowsMax: number
  /** Of the requests, one in so many is a large one; 0: none. */
  readonly largeOneIn: number
  /** Rows of a large one, of 300 bytes each; a chunk holds some 200. */
  readonly largeRows: number
}

export const NO_WORKLOAD: Workload = {
  writesPerSecond: 0,
  forMs: 0,
  keys: 20,
  rowsMax: 3,
  largeOneIn: 0,
  largeRows: 500,
}

/** Where requests go. */
export interface WorkloadTarget {
  /** False where nobody runs there, or may not write yet. */
  write(host: Host, request: LocalRequest): boolean
  /** Place of its schema in WORKLOAD_SCHEMAS. */
  schemaOf(host: Host): number
}

const THINGS =
  "CREATE TABLE things (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL DEFAULT '', count INTEGER NOT NULL DEFAULT 0"

/** What is deployed, one after the other. */
export const WORKLOAD_SCHEMAS: readonly (readonly SchemaFile[])[] = [
  [{ name: 'workload.sql', sql: `${THINGS})` }],
  [
    {
      name: 'workload.sql',
      sql: `${THINGS}, note TEXT);
CREATE TABLE places (name TEXT NOT NULL, floor INTEGER NOT NULL, thing INTEGER, size REAL, PRIMARY KEY (name, floor)) STRICT`,
    },
  ],
]

const SECOND_MS = 1_000
/** Large ones begin at one of these keys, so that they meet each other and nobody else. */
const LARGE_KEY = 1_000_000
const LARGE_PLACES = 3
const LARGE_BYTES = 150

const LARGE = `WITH RECURSIVE n (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1)
  INSERT OR REPLACE INTO things (id, name, count) SELECT ?2 + i, ?3 || hex(zeroblob(${LARGE_BYTES})), i FROM n`

/** Puts all writes into the world, counted from now. */
export function startWorkload(fleet: Fleet, workload: Workload, target: WorkloadTarget): void {
  const { world } = fleet
  const zero = world.now
  const count = Math.floor((workload.writesPerSecond * workload.forMs) / SECOND_MS)
  for (let i = 0; i < count; i += 1)
    world.at(zero + (i * SECOND_MS) / workload.writesPerSecond, RANK.step, () => {
      const rows = world.prng.between(1, workload.rowsMax)
      for (const host of world.prng.sample(fleet.running(), 1))
        target.write(host, requestOf(fleet, workload, { i, rows, schema: target.schemaOf(host) }))
    })
}

interface Request {
  /** Number of the request: no two write the same. */
  readonly i: number
  readonly rows: number
  readonly schema: number
}

function requestOf(fleet: Fleet, workload: Workload, { i, rows, schema }: Request): LocalRequest {
  const { prng } = fleet.world
  if (workload.largeOneIn > 0 && prng.chance(1, workload.largeOneIn))
    return largeRequest(fleet.world, workload.largeRows)
  return Array.from({ length: rows }, () =>
    schema > 0 && prng.chance(1, 3) ? laterStatement(fleet, workload, i) : statement(fleet, workload, i),
  )
}

/** So many rows in one statement. */
export function largeRequest({ prng }: World, rows: number): LocalRequest {
  const first = LARGE_KEY + prng.below(LARGE_PLACES) * Math.ceil(rows / 2)
  return [{ sql: LARGE, params: [BigInt(rows), BigInt(first), `large ${prng.u32()} `] }]
}

function statement({ world }: Fleet, { keys }: Workload, i: number): LocalRequest[number] {
  const key = BigInt(world.prng.below(keys))
  switch (world.prng.below(5)) {
    case 0:
      return { sql: 'DELETE FROM things WHERE id = ?', params: [key] }
    case 1:
      return { sql: 'UPDATE things SET name = ? WHERE id = ?', params: [`w${i}`, key] }
    case 2:
      return { sql: 'UPDATE things SET count = count + 1 WHERE id = ?', params: [key] }
    default:
      return {
        sql: 'INSERT OR REPLACE INTO things (id, name, count) VALUES (?, ?, ?)',
        params: [key, `w${i}`, BigInt(i)],
      }
  }
}

/** By the later schema. */
function laterStatement({ world }: Fleet, { keys }: Workload, i: number): LocalRequest[number] {
  const key = world.prng.below(keys)
  const place = [`p${key % 5}`, BigInt(key >> 3)]
  switch (world.prng.below(4)) {
    case 0:
      return { sql: 'DELETE FROM places WHERE name = ? AND floor = ?', params: place }
    case 1:
      return { sql: 'UPDATE things SET note = ? WHERE id = ?', params: [`n${i}`, BigInt(key)] }
    case 2:
      return { sql: 'UPDATE places SET size = ? WHERE name = ? AND floor = ?', params: [i / 8, ...place] }
    default:
      return {
        sql: 'INSERT OR REPLACE INTO places (name, floor, thing) VALUES (?, ?, ?)',
        params: [...place, BigInt(key)],
      }
  }
}
