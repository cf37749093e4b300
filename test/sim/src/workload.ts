/**
 * Workload: what clients of a fleet write: rows of one table that are made, changed, removed and made again, often the
 * same few rows from many nodes at once, because conflicts are what is to be proven. Every choice comes from the seed.
 */
import type { LocalRequest, SchemaFile } from '@patina/crdt-store'
import { RANK } from './event-heap.ts'
import type { Fleet } from './fleet.ts'
import type { Host } from './host.ts'

export interface Workload {
  readonly writesPerSecond: number
  readonly forMs: number
  /** Keys that all nodes write to. */
  readonly keys: number
  /** Rows of one request, at most. */
  readonly rowsMax: number
}

export const WORKLOAD_SCHEMA: readonly SchemaFile[] = [
  {
    name: 'workload.sql',
    sql: "CREATE TABLE things (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL DEFAULT '', count INTEGER NOT NULL DEFAULT 0)",
  },
]

const SECOND_MS = 1_000

/** Puts all writes into the world, counted from now. */
export function startWorkload(
  fleet: Fleet,
  { writesPerSecond, forMs, keys, rowsMax }: Workload,
  write: (host: Host, request: LocalRequest) => boolean,
): void {
  const { world } = fleet
  const zero = world.now
  const count = Math.floor((writesPerSecond * forMs) / SECOND_MS)
  for (let i = 0; i < count; i += 1)
    world.at(zero + (i * SECOND_MS) / writesPerSecond, RANK.step, () => {
      const rows = world.prng.between(1, rowsMax)
      const request = Array.from({ length: rows }, () => statement(fleet, keys, i))
      for (const host of world.prng.sample(fleet.running(), 1)) write(host, request)
    })
}

function statement({ world }: Fleet, keys: number, i: number): LocalRequest[number] {
  const key = BigInt(world.prng.below(keys))
  switch (world.prng.below(5)) {
    case 0:
      return { sql: 'DELETE FROM things WHERE id = ?', params: [key] }
    case 1:
      return { sql: 'UPDATE things SET name = ? WHERE id = ?', params: [`w${i}`, key] }
    case 2:
      return { sql: 'UPDATE things SET count = count + 1 WHERE id = ?', params: [key] }
    default:
      return { sql: 'INSERT OR REPLACE INTO things VALUES (?, ?, ?)', params: [key, `w${i}`, BigInt(i)] }
  }
}
