/**
 * Memory of a store that was opened with 1,000,000 rows in its file, in a process of its own: what an agent's store
 * process holds before anybody has asked for anything.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { openStore } from '@patina/crdt-store'
import { Fleet } from '@patina/test-data'
import { processTree } from './process-figures.ts'
import type { Sample } from './sample.ts'

const ROWS = 1_000_000
const ROWS_PER_REQUEST = 1_000
const CHILD = new URL('../peers/open-store.ts', import.meta.url)

export async function openStoreMemory(folder: string, schema: string, insert: string): Promise<Sample> {
  const path = join(folder, 'large.db')
  fill(path, schema, insert)
  const child = fork(CHILD, [path], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  try {
    await once(child, 'message')
    const pss = processTree(child.pid as number)[0]?.pssBytes ?? Number.NaN
    return { what: 'memory of an open store, 1 M rows', value: pss / 1e6, unit: 'MB', goal: { floor: 100 } }
  } finally {
    child.kill()
  }
}

function fill(path: string, schema: string, insert: string): void {
  const store = openStore({ path, durability: 'normal' })
  store.applySchema([{ name: 'machines.sql', sql: schema }])
  let request: Parameters<typeof store.transact>[0][number][number][] = []
  for (const m of new Fleet({ seed: 1, instances: ROWS }).rows()) {
    const params = [m.id, m.app, m.region, m.node, m.addr, BigInt(m.port), m.state, BigInt(m.updated)]
    request.push({ sql: insert, params })
    if (request.length < ROWS_PER_REQUEST) continue
    store.transact([request])
    request = []
  }
  store.close()
}
