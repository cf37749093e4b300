/**
 * Adoption: a plain table that stands in the file with its rows becomes a replicated one. All rows are looked at first, and
 * one that could not travel refuses the schema as a whole. Then the rows are stamped as versions of this actor, a slice in a
 * transaction, so that other writers wait for a slice and not for the table. Meanwhile triggers refuse writes to it, so that
 * what was looked at stays true. Which rows are done is told by the clocks, in order of the key: whoever opens the file
 * after a crash goes on where it stopped.
 */
import { isUtf8 } from 'node:buffer'
import { type LocalCommit, must, nextVersion, type SqliteValue, valueBytes } from '@patina/base'
import { type Database, setSynchronous, valueFromSqlite } from '@patina/sqlite'
import type { Affinity, TableDefinition } from '../core/table.ts'
import type { TouchedTable } from '../core/touched.ts'
import { SchemaError } from '../errors.ts'
import type { StoreLimits } from '../limits.ts'
import { Capture } from './capture.ts'
import { CLOCK_SUFFIX, ClockTable } from './clock-table.ts'
import { LiveLedger } from './live-ledger.ts'
import { type StampedRequest, stampRequest } from './local-write.ts'
import { quote } from './quote.ts'
import { replicatedTable } from './replicated-table.ts'
import { readSchema } from './schema.ts'
import { type Refuse, refuser } from './schema-rules.ts'
import { catalogue, type Origin, structureOf } from './schema-structure.ts'
import { type StoreParts, writeBookkeeping } from './store-parts.ts'
import { writeVersion } from './version-writer.ts'

/** Rows of one slice, which is one version: about 20 ms. */
export const ADOPTED_ROWS = 2_000
/** Values of one slice; a longer row is a slice alone. */
const ADOPTED_BYTES = 1_048_576
const GUARD = '__patina_adopting_'
const EVENTS = ['insert', 'update', 'delete'] as const

/** Whether rows of the table still wait to be stamped. */
export function isAdopting(db: Database, table: string): boolean {
  const guard = `${table}${GUARD}insert`
  return (
    db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = ?").get(guard) !== undefined
  )
}

/** Refuses a table that stands in the file if it could not converge, by its definition or by what hangs on it. */
export function refuseUnadoptable(db: Database, table: string, at: Origin | undefined): void {
  const refuse = refuser(table, at)
  const { sql, indexes } = structureOf(db, table)
  const trigger = catalogue(db).find((row) => row.type === 'trigger' && row.tbl_name.toLowerCase() === table)
  if (trigger !== undefined)
    refuse(
      'adopted-trigger',
      `the table in the database has the trigger ${trigger.name}; drop it with a SQLite shell`,
    )
  try {
    readSchema([{ name: table, sql: [sql, ...indexes.map((index) => index.sql)].join(';\n') }])
  } catch (cause) {
    if (!(cause instanceof SchemaError)) throw cause
    const fault = cause.message.replace(/^.*?:\d+: (?:table .*?: )?/, '')
    refuse(cause.code, `as it stands in the database: ${fault}`, cause.column)
  }
}

/** Makes clocks and guards of a table whose rows can all travel. Call in the transaction of the schema change. */
export function beginAdoption(
  db: Database,
  definition: TableDefinition,
  { at, limits }: { readonly at: Origin | undefined; readonly limits: StoreLimits },
): void {
  refuseRows(db, definition, limits, refuser(definition.name, at))
  ClockTable.create(db, definition)
  const table = quote(definition.name)
  for (const event of EVENTS)
    db.exec(`CREATE TRIGGER ${quote(`${definition.name}${GUARD}${event}`)} BEFORE ${event} ON ${table} BEGIN
      SELECT RAISE(ABORT, 'the table is being taken over into replication; try again in a moment'); END`)
}

/** What became of a slice. */
export interface AdoptedSlice {
  /** The version of these rows; undefined where there was none left. */
  readonly commit: LocalCommit | undefined
  /** All rows are stamped: the table is a replicated one from here on. */
  readonly isLast: boolean
  readonly touched: readonly TouchedTable[]
}

/** Stamps the next rows of a table that is being adopted, in a transaction of its own. */
export function adoptSlice(
  parts: StoreParts,
  definition: TableDefinition,
  durability: 'full' | 'normal',
): AdoptedSlice {
  setSynchronous(parts.db, durability === 'full' ? 'FULL' : 'NORMAL')
  const draft = parts.knowledge.draft()
  const slice = parts.transactions.run((): AdoptedSlice => {
    const { rows, isLast } = nextRows(parts.db, definition, parts.limits)
    if (isLast) endAdoption(parts.db, definition)
    if (rows.length === 0) return { commit: undefined, isLast, touched: [] }
    const version = nextVersion(draft.head(parts.self.actor))
    const stamped = stampRows(parts, definition, rows, version)
    const commit = writeVersion(parts, stamped, version)
    draft.hold(parts.self.actor, version, commit.ts)
    writeBookkeeping(parts, draft, new LiveLedger())
    return { commit, isLast, touched: [] }
  })
  parts.knowledge.adopt(draft.changes())
  return slice
}

function endAdoption(db: Database, definition: TableDefinition): void {
  for (const event of EVENTS) db.exec(`DROP TRIGGER ${quote(`${definition.name}${GUARD}${event}`)}`)
  Capture.createTriggers(db, definition)
}

type Row = readonly SqliteValue[]

/** Rows behind the last clock, in order of the key. */
function nextRows(
  db: Database,
  { name, key, columns }: TableDefinition,
  limits: StoreLimits,
): { readonly rows: readonly Row[]; readonly isLast: boolean } {
  const clockKeys = key.map((_, i) => `k${i}`)
  const last = db
    .prepare(
      `SELECT ${clockKeys.join(', ')} FROM ${quote(name + CLOCK_SUFFIX)} ORDER BY ${clockKeys.map((k) => `${k} DESC`).join(', ')} LIMIT 1`,
    )
    .raw()
    .get() as Row | undefined
  const keys = key.map((column) => quote(column.name)).join(', ')
  const behind = last === undefined ? '' : `WHERE (${keys}) > (${key.map(() => '?').join(', ')})`
  const selected = [...key, ...columns].map((column) => quote(column.name)).join(', ')
  const statement = db.prepare(`SELECT ${selected} FROM ${quote(name)} ${behind} ORDER BY ${keys}`).raw()
  const rowsMax = Math.min(ADOPTED_ROWS, limits.versionRowsMax)
  const rows: Row[] = []
  let bytes = 0
  for (const cells of statement.iterate(...(last ?? []))) {
    const row = (cells as unknown[]).map(valueFromSqlite)
    const length = row.reduce<number>((sum, value) => sum + valueBytes(value), 0)
    if (rows.length > 0 && (rows.length >= rowsMax || bytes + length > ADOPTED_BYTES))
      return { rows, isLast: false }
    rows.push(row)
    bytes += length
  }
  return { rows, isLast: true }
}

function stampRows(
  parts: StoreParts,
  definition: TableDefinition,
  rows: readonly Row[],
  version: LocalCommit['version'],
): StampedRequest {
  const events = rows.map((after) => ({ table: definition, before: undefined, after }))
  const { db, limits, self, actors } = parts
  const tables = new Map([[definition.name, replicatedTable(db, definition)]])
  const context = { db, tables, order: actors.order, limits }
  return must(
    stampRequest(events, { actor: self.ordinal, version }, context),
    'rows that are inserted are changes',
  )
}

/** Every value is read once. */
function refuseRows(db: Database, definition: TableDefinition, limits: StoreLimits, refuse: Refuse): void {
  db.function('patina_is_utf8', { deterministic: true }, (bytes: Uint8Array) => (isUtf8(bytes) ? 1 : 0))
  const shownKey = definition.key.map(({ name }) => `quote(${quote(name)})`).join(` || ', ' || `)
  for (const [what, condition, column] of faultsOf(definition, limits)) {
    const found = db
      .prepare<[], string>(`SELECT ${shownKey} FROM ${quote(definition.name)} WHERE ${condition} LIMIT 1`)
      .pluck()
      .get()
    if (found !== undefined)
      refuse('adopted-row', `the row ${found} in the database ${what}; correct it`, column)
  }
}

/** What no row may be: a sentence about it, and the condition that finds it. */
function faultsOf(
  { key, columns }: TableDefinition,
  { cellBytesMax, versionBytesMax }: StoreLimits,
): [what: string, condition: string, column?: string][] {
  const all = [...key, ...columns].map(({ name }) => name)
  const length = (name: string): string => `coalesce(length(CAST(${quote(name)} AS BLOB)), 0)`
  // Half of the bound leaves room for names and framing.
  const rowBytesMax = Math.floor(versionBytesMax / 2)
  return [
    ...key.flatMap(({ name, affinity }): [string, string, string][] => [
      [`has NULL in its key column ${name}`, `${quote(name)} IS NULL`, name],
      [
        `has a key in ${name} that peers could take for another one`,
        ambiguousKey(quote(name), affinity),
        name,
      ],
    ]),
    ...all.map((name): [string, string, string] => [
      `has more than ${cellBytesMax} bytes in ${name}`,
      `${length(name)} > ${cellBytesMax}`,
      name,
    ]),
    ...all.map((name): [string, string, string] => [
      `has TEXT in ${name} that is not UTF-8`,
      `typeof(${quote(name)}) = 'text' AND NOT patina_is_utf8(CAST(${quote(name)} AS BLOB))`,
      name,
    ]),
    [`has more than ${rowBytesMax} bytes`, `${all.map(length).join(' + ')} > ${rowBytesMax}`],
  ]
}

/** Keys that are one to SQLite and two to peers, as local writes refuse them. */
function ambiguousKey(column: string, affinity: Affinity): string {
  if (affinity === 'blob') return `typeof(${column}) <> 'blob'`
  if (affinity === 'integer' || affinity === 'numeric')
    return `typeof(${column}) = 'real' AND abs(${column}) >= 9223372036854775808.0`
  return 'FALSE'
}
