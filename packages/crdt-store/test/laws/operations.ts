/**
 * Random statements of the laws, each with what it does to an image of the tables. The image's side is written from what
 * SQL promises (https://sqlite.org/lang_insert.html, lang_upsert.html, lang_conflict.html), not from triggers and folds.
 * Few keys and few values, so that writes collide and values tie.
 */
import { must, type Prng, type SqliteValue } from '@patina/base'
import type { SqlStatement } from '@patina/sqlite'
import { type Image, type ImageRow, identity, type ModelTable } from '../model/replica.ts'
import { LAW_TABLES } from './tables.ts'

export interface Operation {
  /** The table that it writes. */
  readonly table: string
  readonly statement: SqlStatement
  /** Changes the image as the statement changes the tables; throws `Refused` where it must fail. */
  readonly effect: (image: Image) => void
}

/** The request fails, and nothing of it is visible. */
export class Refused extends Error {}

const [MACHINES, TAGS, READINGS] = LAW_TABLES as [ModelTable, ModelTable, ModelTable]
const NAMES = ['k1', 'k2', 'k3', '\u{1f600}', '']
const IDS = [1n, -1n, 2n ** 53n + 1n]
/** The last one makes a version large enough for a counter apart from the log. */
const LABELS = ['a', 'A', 'b', '', 'a\0b', '\uffee', '\u{10000}', 'long'.repeat(250)]
const NUMBERS = [null, 0n, 1n, 2n, 2n ** 63n - 1n, -(2n ** 63n)]
const ANYTHING: readonly SqliteValue[] = [null, 1n, 1, -0, Infinity, 'a', '1', '', new Uint8Array([0, 255])]
const LOADS = [null, 0.5, 1, -Infinity, 2 ** 53 + 2]

type Make = (draw: Draw) => Operation

/** What a statement is made of. */
class Draw {
  readonly prng: Prng
  constructor(prng: Prng) {
    this.prng = prng
  }
  pick<T>(items: readonly T[]): T {
    return this.prng.pick(items)
  }
  machine(): readonly SqliteValue[] {
    return [this.pick(LABELS), this.pick(NUMBERS), this.pick(ANYTHING)]
  }
}

/** By weight: a line that stands twice comes twice as often. */
const KINDS: readonly Make[] = [
  insertMachine('OR IGNORE'),
  insertMachine('OR REPLACE'),
  insertMachine('OR ABORT'),
  insertMachine('OR FAIL'),
  insertMachine('OR ROLLBACK'),
  insertDefaults,
  upsertMachine,
  updateMachine,
  updateMachine,
  updateMachine,
  countMachine,
  updateAll,
  moveMachine('OR REPLACE'),
  moveMachine('OR IGNORE'),
  deleteMachine,
  deleteMachine,
  insertTag,
  deleteTags,
  moveTag,
  replaceReading,
  updateReading,
  deleteReadings,
  manyMachines,
]

export function randomOperation(prng: Prng): Operation {
  const draw = new Draw(prng)
  return draw.pick(KINDS)(draw)
}

function insertMachine(conflict: 'OR IGNORE' | 'OR REPLACE' | 'OR ABORT' | 'OR FAIL' | 'OR ROLLBACK'): Make {
  return (draw) => {
    const [key, values] = [draw.pick(NAMES), draw.machine()]
    return {
      table: 'machines',
      statement: { sql: `INSERT ${conflict} INTO machines VALUES (?, ?, ?, ?)`, params: [key, ...values] },
      effect: (image) => {
        const isTaken = has(image, MACHINES, [key])
        if (isTaken && conflict === 'OR IGNORE') return
        if (isTaken && conflict !== 'OR REPLACE') throw new Refused()
        put(image, MACHINES, { key: [key], values })
      },
    }
  }
}

/** REPLACE with fewer columns: the others go back to their defaults. */
function insertDefaults(draw: Draw): Operation {
  const [key, extra] = [draw.pick(NAMES), draw.pick(ANYTHING)]
  return {
    table: 'machines',
    statement: { sql: 'REPLACE INTO machines (extra, id) VALUES (?, ?)', params: [extra, key] },
    effect: (image) => put(image, MACHINES, { key: [key], values: ['x', null, extra] }),
  }
}

function upsertMachine(draw: Draw): Operation {
  const [key, n] = [draw.pick(NAMES), draw.pick(NUMBERS)]
  const sql =
    'INSERT INTO machines (id, n) VALUES (?, ?) ON CONFLICT DO UPDATE SET n = excluded.n WHERE n IS NOT excluded.n'
  return {
    table: 'machines',
    statement: { sql, params: [key, n] },
    effect: (image) => {
      const [label, , extra] = get(image, MACHINES, [key])?.values ?? ['x', null, null]
      put(image, MACHINES, { key: [key], values: [label as SqliteValue, n, extra as SqliteValue] })
    },
  }
}

function updateMachine(draw: Draw): Operation {
  const key = draw.pick(NAMES)
  const column = draw.prng.below(3)
  const { name } = must(MACHINES.columns[column], 'three columns')
  const value = draw.machine()[column] as SqliteValue
  const sql = `UPDATE machines SET ${name} = ? WHERE id = ? RETURNING *`
  return {
    table: 'machines',
    statement: { sql, params: [value, key] },
    effect: (image) => setCell(image, MACHINES, { key: [key], column, value }),
  }
}

/** Counts in steps of two, so that a row is written twice in one request. */
function countMachine(draw: Draw): Operation {
  const key = draw.pick(NAMES)
  const sql = 'UPDATE machines SET n = CASE WHEN n < 9 THEN n + 1 ELSE 0 END WHERE id = ?'
  return {
    table: 'machines',
    statement: { sql, params: [key] },
    effect: (image) => {
      const n = get(image, MACHINES, [key])?.values[1]
      const value = typeof n === 'bigint' && n < 9n ? n + 1n : 0n
      setCell(image, MACHINES, { key: [key], column: 1, value })
    },
  }
}

function updateAll(draw: Draw): Operation {
  const value = draw.pick(ANYTHING)
  return {
    table: 'machines',
    statement: { sql: 'UPDATE machines SET extra = :value', params: { ':value': value } },
    effect: (image) => {
      for (const { key } of [...rowsOf(image, MACHINES).values()])
        setCell(image, MACHINES, { key, column: 2, value })
    },
  }
}

function moveMachine(conflict: 'OR REPLACE' | 'OR IGNORE'): Make {
  return (draw) => {
    const [from, to] = [draw.pick(NAMES), draw.pick(NAMES)]
    return {
      table: 'machines',
      statement: { sql: `UPDATE ${conflict} machines SET id = ? WHERE id = ?`, params: [to, from] },
      effect: (image) => {
        if (from === to || (conflict === 'OR IGNORE' && has(image, MACHINES, [to]))) return
        const row = get(image, MACHINES, [from])
        if (row === undefined) return
        remove(image, MACHINES, [from])
        put(image, MACHINES, { key: [to], values: row.values })
      },
    }
  }
}

function deleteMachine(draw: Draw): Operation {
  const key = draw.pick(NAMES)
  return {
    table: 'machines',
    statement: { sql: 'DELETE FROM machines WHERE id = ?', params: [key] },
    effect: (image) => remove(image, MACHINES, [key]),
  }
}

function insertTag(draw: Draw): Operation {
  const key = [draw.pick(['t', 'u']), draw.pick(NAMES)]
  return {
    table: 'tags',
    statement: { sql: 'REPLACE INTO tags VALUES (?, ?)', params: key },
    effect: (image) => put(image, TAGS, { key, values: [] }),
  }
}

function deleteTags(draw: Draw): Operation {
  const name = draw.pick(['t', 'u'])
  return {
    table: 'tags',
    statement: { sql: 'DELETE FROM tags WHERE name = ?', params: [name] },
    effect: (image) => {
      for (const { key } of [...rowsOf(image, TAGS).values()]) if (key[0] === name) remove(image, TAGS, key)
    },
  }
}

function moveTag(draw: Draw): Operation {
  const [from, to] = [draw.pick(NAMES), draw.pick(NAMES)]
  return {
    table: 'tags',
    statement: {
      sql: "UPDATE OR REPLACE tags SET machine = ? WHERE name = 't' AND machine = ?",
      params: [to, from],
    },
    effect: (image) => {
      if (!has(image, TAGS, ['t', from])) return
      remove(image, TAGS, ['t', from])
      put(image, TAGS, { key: ['t', to], values: [] })
    },
  }
}

function replaceReading(draw: Draw): Operation {
  const [id, load, raw] = [draw.pick(IDS), draw.pick(LOADS), draw.pick(ANYTHING)]
  return {
    table: 'readings',
    statement: { sql: 'REPLACE INTO readings VALUES (?, ?, ?)', params: [id, load, raw] },
    effect: (image) => put(image, READINGS, { key: [id], values: [load, raw] }),
  }
}

function updateReading(draw: Draw): Operation {
  const [id, load] = [draw.pick(IDS), draw.pick(LOADS)]
  return {
    table: 'readings',
    statement: { sql: 'UPDATE readings SET load = ? WHERE id = ?', params: [load, id] },
    effect: (image) => setCell(image, READINGS, { key: [id], column: 0, value: load }),
  }
}

function deleteReadings(): Operation {
  return {
    table: 'readings',
    statement: { sql: 'DELETE FROM readings', params: [] },
    effect: (image) => rowsOf(image, READINGS).clear(),
  }
}

/** Enough rows for several chunks under the limits of these stores. */
function manyMachines(draw: Draw): Operation {
  const [count, extra] = [draw.prng.between(3, 8), draw.pick(ANYTHING)]
  const sql = `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ?)
               INSERT OR REPLACE INTO machines (id, extra) SELECT 'k' || i, ? FROM s WHERE true`
  return {
    table: 'machines',
    statement: { sql, params: [BigInt(count), extra] },
    effect: (image) => {
      for (let i = 1; i <= count; i += 1) put(image, MACHINES, { key: [`k${i}`], values: ['x', null, extra] })
    },
  }
}

function rowsOf(image: Image, { name }: ModelTable): Map<string, ImageRow> {
  return must(image.get(name), 'an image has all tables')
}

function get(image: Image, table: ModelTable, key: readonly SqliteValue[]): ImageRow | undefined {
  return rowsOf(image, table).get(identity(key))
}

function has(image: Image, table: ModelTable, key: readonly SqliteValue[]): boolean {
  return get(image, table, key) !== undefined
}

function put(image: Image, table: ModelTable, row: ImageRow): void {
  rowsOf(image, table).set(identity(row.key), row)
}

function remove(image: Image, table: ModelTable, key: readonly SqliteValue[]): void {
  rowsOf(image, table).delete(identity(key))
}

function setCell(
  image: Image,
  table: ModelTable,
  {
    key,
    column,
    value,
  }: { readonly key: readonly SqliteValue[]; readonly column: number; readonly value: SqliteValue },
): void {
  const row = get(image, table, key)
  if (row !== undefined) put(image, table, { key, values: row.values.with(column, value) })
}
