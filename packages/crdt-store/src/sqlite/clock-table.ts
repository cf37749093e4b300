/**
 * `<table>__patina_clock`: who wrote the cells of this row, and does it live? One packed row clock per row, found by the
 * same key. A rowid table on purpose: a changed length costs five times as much in a WITHOUT ROWID table (measured).
 */
import type { SqliteValue, Version } from '@patina/base'
import type { Database } from '@patina/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import { type ActorOrdinal, packCells, type RowClock, unpackCells } from '../core/row-clock.ts'
import type { TableDefinition } from '../core/table.ts'
import { quote } from './quote.ts'

export const CLOCK_SUFFIX = '__patina_clock'

/** A clock and where it stands: writing it again needs no second search by key. Valid within a transaction. */
export interface StoredClock extends RowClock {
  readonly rowid: number
}

/** Keys looked up by one statement: half of a statement's cost is the call. */
const KEYS_PER_LOOKUP = 32

interface ClockRow {
  readonly rowid: number
  readonly cl: number
  readonly actor: ActorOrdinal
  readonly version: Version
  readonly width: number
  readonly cells: Uint8Array | null
}

/** Where a key has no clock. */
interface Absent {
  readonly at: number
  readonly rowid: null
}

type Found = ClockRow & Pick<Absent, 'at'>

export class ClockTable {
  readonly #get: BetterSqlite3.Statement<unknown[], ClockRow>
  readonly #getMany: BetterSqlite3.Statement<unknown[], Absent | Found>
  readonly #after: BetterSqlite3.Statement<[number, number], unknown[]>
  readonly #keyWidth: number
  readonly #last: BetterSqlite3.Statement<[], number>
  readonly #insert: BetterSqlite3.Statement<unknown[]>
  readonly #update: BetterSqlite3.Statement<unknown[]>

  static create(db: Database, table: TableDefinition): void {
    const types = {
      blob: 'BLOB',
      text: 'TEXT',
      numeric: 'NUMERIC',
      integer: 'INTEGER',
      real: 'REAL',
    } as const
    const columns = table.key.map(({ affinity }, i) => `k${i} ${types[affinity]} NOT NULL`)
    db.exec(`CREATE TABLE ${quote(table.name + CLOCK_SUFFIX)} (
      ${columns.join(', ')},            -- the row's key
      cl      INTEGER NOT NULL,         -- causal length: odd = alive, even = deleted
      actor   INTEGER NOT NULL,         -- life owner: actor …
      version INTEGER NOT NULL,         -- … and version
      width   INTEGER NOT NULL,         -- while cells is NULL: so many columns share the owner's stamp
      cells   BLOB,                     -- else every stamped column: packed, see core/row-clock.ts
      UNIQUE (${table.key.map((_, i) => `k${i}`).join(', ')})
    )`)
  }

  constructor(db: Database, { name, key }: TableDefinition) {
    const clock = quote(name + CLOCK_SUFFIX)
    const columns = key.map((_, i) => `k${i}`)
    const where = columns.map((column) => `${column} = ?`).join(' AND ')
    this.#get = db
      .prepare<unknown[], ClockRow>(
        `SELECT rowid, cl, actor, version, width, cells FROM ${clock} WHERE ${where}`,
      )
      .safeIntegers(false)
    const places = Array.from({ length: KEYS_PER_LOOKUP }, (_, at) => `(${at}${', ?'.repeat(key.length)})`)
    const matches = columns.map((column, i) => `${column} = wanted.column${i + 2}`).join(' AND ')
    this.#getMany = db
      .prepare<unknown[], Absent | Found>(
        `SELECT wanted.column1 AS at, clock.rowid AS rowid, cl, actor, version, width, cells
         FROM (VALUES ${places.join(', ')}) AS wanted
         LEFT JOIN ${clock} AS clock ON ${matches}`,
      )
      .safeIntegers(false)
    this.#keyWidth = key.length
    this.#after = db
      .prepare<[number, number], unknown[]>(
        `SELECT ${columns.join(', ')}, CAST(rowid AS REAL), CAST(cl AS REAL), CAST(actor AS REAL), CAST(version AS REAL),
           CAST(width AS REAL), cells
         FROM ${clock} WHERE rowid > ? ORDER BY rowid LIMIT ?`,
      )
      .raw()
    this.#last = db.prepare<[], number>(`SELECT max(rowid) FROM ${clock}`).pluck().safeIntegers(false)
    this.#insert = db
      .prepare(
        `INSERT INTO ${clock} (cl, actor, version, width, cells, ${columns.join(', ')})
         VALUES (?, ?, ?, ?, ?, ${columns.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
      )
      .safeIntegers(false)
    this.#update = db
      .prepare(`UPDATE ${clock} SET cl = ?, actor = ?, version = ?, width = ?, cells = ? WHERE rowid = ?`)
      .safeIntegers(false)
  }

  get(key: readonly SqliteValue[]): StoredClock | undefined {
    const row = this.#get.get(...key)
    return row === undefined ? undefined : storedClock(row)
  }

  /** Clocks of many keys, in their order. They hold until one of these rows is written. */
  getMany(keys: readonly (readonly SqliteValue[])[]): (StoredClock | undefined)[] {
    const clocks: (StoredClock | undefined)[] = []
    const whole = keys.length - (keys.length % KEYS_PER_LOOKUP)
    for (let at = 0; at < whole; at += KEYS_PER_LOOKUP)
      for (const row of this.#getMany.all(...keys.slice(at, at + KEYS_PER_LOOKUP).flat()))
        clocks[at + row.at] = row.rowid === null ? undefined : storedClock(row)
    for (const key of keys.slice(whole)) clocks.push(this.get(key))
    return clocks
  }

  /** Up to `max` clocks that stand behind a place, in the order of their places; 0 is before all. Keys are exact. */
  after(rowid: number, max: number): { readonly key: readonly SqliteValue[]; readonly clock: StoredClock }[] {
    return this.#after.all(rowid, max).map((row) => {
      const [place, cl, actor, version, width, cells] = row.slice(this.#keyWidth)
      const clock = storedClock({ rowid: place, cl, actor, version, width, cells } as ClockRow)
      return { key: row.slice(0, this.#keyWidth) as SqliteValue[], clock }
    })
  }

  /** The clock at a place, and its key. */
  at(rowid: number): { readonly key: readonly SqliteValue[]; readonly clock: StoredClock } | undefined {
    const [found] = this.after(rowid - 1, 1)
    return found?.clock.rowid === rowid ? found : undefined
  }

  /** The place of the last clock; 0 where there is none. */
  last(): number {
    return this.#last.get() ?? 0
  }

  /** Writes the clock of a row that has none; false where it has one, which stays as it is. */
  insert(key: readonly SqliteValue[], { causalLength, owner, width, cells }: RowClock): boolean {
    const packed = cells === undefined ? null : packCells(cells)
    return this.#insert.run(causalLength, owner.actor, owner.version, width, packed, ...key).changes === 1
  }

  update({ rowid }: StoredClock, { causalLength, owner, width, cells }: RowClock): void {
    const packed = cells === undefined ? null : packCells(cells)
    this.#update.run(causalLength, owner.actor, owner.version, width, packed, rowid)
  }
}

function storedClock({ rowid, cl, actor, version, width, cells }: ClockRow): StoredClock {
  return {
    rowid,
    causalLength: cl,
    owner: { actor, version },
    width,
    cells: cells === null ? undefined : unpackCells(cells),
  }
}
