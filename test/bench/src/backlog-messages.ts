/**
 * Backlog messages: what a member that catches up is sent, changesets of the reference fleet as a store serves them, cut
 * into messages of one size. The first byte of each is for the carrier.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFilled, servedBy } from './filled-store.ts'

const ROWS = 20_000
const ROWS_PER_VERSION = 1_000
const SERVE_BUDGET_BYTES = 1_048_576

export function backlogMessages(bytes: number): Uint8Array[] {
  const folder = mkdtempSync(join(tmpdir(), 'patina-bench-'))
  try {
    const filling = { rows: ROWS, rowsPerVersion: ROWS_PER_VERSION }
    const store = openFilled(join(folder, 'backlog.db'), filling)
    const all = Buffer.concat([...servedBy(store, SERVE_BUDGET_BYTES)].flat())
    store.close()
    return Array.from({ length: Math.floor(all.length / bytes) }, (_, at) =>
      all.subarray(at * bytes, (at + 1) * bytes),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
