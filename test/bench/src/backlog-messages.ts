/**
 * Backlog messages: what a member that catches up is sent, changesets of the reference fleet as a store serves them, cut
 * into messages of one size. The first byte of each is for the carrier.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from '@patina/base'
import { openStore, type Store } from '@patina/crdt-store'
import { SCHEMA_FILE } from '@patina/test-data'
import { insertOf, machines } from './statements.ts'

const ROWS = 20_000
const ROWS_PER_VERSION = 1_000
const SERVE_BUDGET_BYTES = 1_048_576

export function backlogMessages(bytes: number): Uint8Array[] {
  const folder = mkdtempSync(join(tmpdir(), 'patina-bench-'))
  try {
    const store = openStore({ path: join(folder, 'backlog.db'), durability: 'normal' })
    store.applySchema([{ name: 'machines.sql', sql: readFileSync(SCHEMA_FILE, 'utf8') }])
    fill(store)
    const all = Buffer.concat(served(store))
    store.close()
    return Array.from({ length: Math.floor(all.length / bytes) }, (_, at) =>
      all.subarray(at * bytes, (at + 1) * bytes),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function fill(store: Store): void {
  const rows = machines(ROWS)
  for (let at = 0; at < rows.length; at += ROWS_PER_VERSION)
    store.transact([
      rows.slice(at, at + ROWS_PER_VERSION).map((row) => {
        const [sql, params] = insertOf(row) as [string, (string | number)[]]
        return { sql, params: params.map((value) => (typeof value === 'number' ? BigInt(value) : value)) }
      }),
    ])
}

function served(store: Store): Uint8Array[] {
  const [own] = store.knowledge()
  const { actor, have } = must(own, 'the store knows itself')
  let needs: Parameters<Store['serve']>[0] = [{ kind: 'versions', actor, versions: have }]
  const changesets: Uint8Array[] = []
  while (needs.length > 0) {
    const batch = store.serve(needs, SERVE_BUDGET_BYTES)
    changesets.push(...batch.changesets)
    needs = batch.rest
  }
  return changesets
}
