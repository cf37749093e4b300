/** FilledStore: a store of the reference table with rows of the reference fleet, as if they had been written here. */
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { openStore, type Store } from '@patina/crdt-store'
import { CLUSTER_ID } from '@patina/test-cluster'
import { Fleet, type Machine, SCHEMA_FILE } from '@patina/test-data'
import { insertOf } from './statements.ts'

const SEED = 1
/** Groups of requests share a commit, as they do where many come at a time. */
const VERSIONS_PER_COMMIT = 16

export interface Filling {
  readonly rows: number
  readonly rowsPerVersion: number
}

/** With the table and no row. The caller closes it. */
export function openEmpty(path: string): Store {
  mkdirSync(dirname(path), { recursive: true })
  const store = openStore({ path, durability: 'normal', clusterId: CLUSTER_ID })
  store.applySchema([{ name: 'machines.sql', sql: readFileSync(SCHEMA_FILE, 'utf8') }])
  return store
}

/** The caller closes it. Linear in the rows: some 60,000 a second. */
export function openFilled(path: string, { rows, rowsPerVersion }: Filling): Store {
  const store = openEmpty(path)
  const fleet = new Fleet({ seed: SEED, instances: rows }).rows()
  for (let left = rows; left > 0; ) {
    const requests = []
    for (; left > 0 && requests.length < VERSIONS_PER_COMMIT; left -= rowsPerVersion) {
      const taken = Array.from(
        { length: Math.min(left, rowsPerVersion) },
        () => fleet.next().value as Machine,
      )
      requests.push(taken.map(requestOf))
    }
    store.transact(requests)
  }
  return store
}

/** All that its log has of its own actor, as a peer would be sent it, batch by batch. */
export function* servedBy(store: Store, batchBytes: number): Generator<readonly Uint8Array[], void> {
  let needs = store.knowledge().map(({ actor, have }): Parameters<Store['serve']>[0][number] => ({
    kind: 'versions',
    actor,
    versions: have,
  }))
  while (needs.length > 0) {
    const batch = store.serve(needs, batchBytes)
    yield batch.changesets
    needs = [...batch.rest]
  }
}

function requestOf(row: Machine): { sql: string; params: (string | bigint)[] } {
  const [sql, params] = insertOf(row) as [string, (string | number)[]]
  return { sql, params: params.map((value) => (typeof value === 'number' ? BigInt(value) : value)) }
}
