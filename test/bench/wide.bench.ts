/**
 * A table of 60 columns: inserts, updates of two columns, and their merges, in requests and batches of 1,000 rows, against
 * better-sqlite3 on the same table in the same repetition. What a change costs should follow its cells, not the width.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, Sample } from './src/sample.ts'
import {
  applyVersions,
  openPlain,
  openReplicated,
  ROWS_PER_REQUEST,
  type Row,
  rate,
  runPlain,
  runRequests,
} from './src/store-rates.ts'

const ROWS = 20_000
const WARM_UP_ROWS = 2_000
/** Beside the key; every other one a text. */
const COLUMNS = 59
const names = Array.from({ length: COLUMNS }, (_, at) => `c${at}`)
const SCHEMA = `CREATE TABLE wide (id TEXT NOT NULL PRIMARY KEY, ${names
  .map((name, at) => `${name} ${at % 2 === 0 ? "TEXT NOT NULL DEFAULT ''" : 'INTEGER NOT NULL DEFAULT 0'}`)
  .join(', ')})`
const INSERT = `INSERT INTO wide (id, ${names.join(', ')}) VALUES (?${', ?'.repeat(COLUMNS)})`
const UPDATE = 'UPDATE wide SET c10 = ?, c11 = ? WHERE id = ?'

export const bench: Bench = {
  name: 'wide',
  repetitions: 5,
  repeat: async (repetition) => {
    const folder = mkdtempSync(join(tmpdir(), 'patina-bench-'))
    try {
      return measure(folder, repetition === 0 ? WARM_UP_ROWS : ROWS)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function measure(folder: string, rows: number): Sample[] {
  const inserts = Array.from({ length: rows }, (_, at): Row => [keyOf(at), ...cellsOf(at)])
  const updates = Array.from({ length: rows }, (_, at): Row => ['changed', BigInt(-at), keyOf(at)])
  const plain = openPlain(join(folder, 'plain.db'), SCHEMA)
  const local = openReplicated(join(folder, 'local.db'), SCHEMA)
  const remote = openReplicated(join(folder, 'remote.db'), SCHEMA)
  try {
    const samples: Sample[] = []
    for (const [what, sql, work] of [
      ['insert', INSERT, inserts],
      ['update', UPDATE, updates],
    ] as const) {
      const changesets: Uint8Array[] = []
      const of = `plain ${what}, 60 columns`
      const sample = (name: string, value: number): Sample => ({
        what: `${name} ${what}, 60 columns`,
        value,
        unit: 'rows/s',
        ...(name === 'plain' ? {} : { of }),
      })
      samples.push(
        sample(
          'plain',
          rate(rows, () => runPlain(plain, sql, work, ROWS_PER_REQUEST)),
        ),
        sample(
          'local',
          rate(rows, () => runRequests(local, sql, work, changesets)),
        ),
        sample(
          'merged',
          rate(rows, () => applyVersions(remote, changesets)),
        ),
      )
    }
    return samples
  } finally {
    for (const db of [plain, local, remote]) db.close()
  }
}

/** Random to the eye, the same each time. */
function keyOf(at: number): string {
  return (Math.imul(at + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')
}

function cellsOf(row: number): Row {
  return names.map((name, at) => (at % 2 === 0 ? `${name} of ${row}` : BigInt(row + at)))
}
