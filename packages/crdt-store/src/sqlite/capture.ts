/**
 * Capture: triggers on each replicated table report every changed row to a JavaScript function, which only appends to a
 * list (about 1 µs a row). The triggers are stored in the file on purpose: a program that writes the file without Patina
 * gets "no such function" instead of silently forking its copy.
 */
import { assert, must, type SqliteValue } from '@patina/base'
import { type Database, valueFromSqlite } from '@patina/sqlite'
import type { RowEvent, RowValues } from '../core/fold.ts'
import type { TableDefinition } from '../core/table.ts'
import { RequestRefused } from '../errors.ts'
import { quote } from './quote.ts'

const KIND = { insert: 0, update: 1, delete: 2 } as const
const EVENTS = ['insert', 'update', 'delete'] as const

/** Values per call of a trigger: SQLite's bound on arguments was 127 for most of its life. */
const VALUES_PER_CALL = 120

/** What triggers do: report (local request), stay silent (changes with stamps of their own), or refuse. */
type Mode = 'local' | 'remote' | 'off'

/** Bounds of what one request may make the capture hold; a row may change several times before it is folded. */
export interface CaptureLimits {
  readonly eventsMax: number
  readonly bytesMax: number
}

export class Capture {
  readonly #tables: TableDefinition[] = []
  readonly #limits: CaptureLimits
  #events: RowEvent[] = []
  #parts: SqliteValue[] = []
  #bytes = 0
  #mode: Mode = 'off'

  constructor(db: Database, limits: CaptureLimits) {
    this.#limits = limits
    const options = { varargs: true, safeIntegers: true }
    db.function('patina_captures', () => this.#captures())
    db.function('patina_capture', options, (table: bigint, kind: bigint, ...values: SqliteValue[]) =>
      this.#capture(Number(table), Number(kind), values),
    )
    db.function('patina_capture_part', options, (...values: SqliteValue[]) => this.#captureParts(values))
  }

  /** The triggers of a table, as they must stand in the file. */
  static triggers(table: TableDefinition): readonly string[] {
    const names = [...table.key, ...table.columns].map(({ name }) => quote(name))
    const before = names.map((name) => `OLD.${name}`)
    const after = names.map((name) => `NEW.${name}`)
    const events = { insert: after, update: [...before, ...after], delete: before } as const
    return EVENTS.map(
      (event) =>
        `CREATE TRIGGER ${quote(`${table.name}__patina_${event}`)} AFTER ${event.toUpperCase()} ON ${quote(table.name)} ` +
        // Asked first, because handing over the values of a row costs 1 to 2 µs, which a merge need not pay.
        `WHEN patina_captures() BEGIN ${captureCalls(table, KIND[event], events[event])} END`,
    )
  }

  static createTriggers(db: Database, table: TableDefinition): void {
    for (const trigger of Capture.triggers(table)) db.exec(trigger)
  }

  /** Before a table's columns change: its triggers name them all. */
  static dropTriggers(db: Database, { name }: Pick<TableDefinition, 'name'>): void {
    for (const event of EVENTS) db.exec(`DROP TRIGGER IF EXISTS ${quote(`${name}__patina_${event}`)}`)
  }

  watch(table: TableDefinition): void {
    this.#tables[table.ordinal] = table
  }

  start(mode: 'local' | 'remote'): void {
    this.#mode = mode
    this.clear()
  }

  stop(): void {
    this.#mode = 'off'
    this.clear()
  }

  clear(): void {
    this.#events = []
    this.#parts = []
    this.#bytes = 0
  }

  /** The events since the last call, in order. */
  take(): readonly RowEvent[] {
    const events = this.#events
    this.clear()
    return events
  }

  /** Whether triggers report: SQLite has no boolean. */
  #captures(): 0 | 1 {
    if (this.#mode === 'off')
      throw new Error('replicated tables are written by requests only (Store.transact)')
    return this.#mode === 'local' ? 1 : 0
  }

  #capture(ordinal: number, kind: number, values: SqliteValue[]): null {
    const table = must(this.#tables[ordinal], 'triggers name tables of this file')
    this.#count(values)
    if (this.#parts.length === 0) this.#events.push(eventOf(table, kind, values))
    else {
      this.#events.push(eventOf(table, kind, [...this.#parts, ...values]))
      this.#parts = []
    }
    return null
  }

  #captureParts(values: SqliteValue[]): null {
    this.#count(values)
    for (const value of values) this.#parts.push(value)
    return null
  }

  /** Takes Node's Buffer away, and ends the statement as soon as it is clear that its changes cannot become one version. */
  #count(values: SqliteValue[]): void {
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i] as SqliteValue
      if (typeof value === 'string') this.#bytes += value.length
      else if (value instanceof Uint8Array) {
        this.#bytes += value.length
        values[i] = valueFromSqlite(value)
      }
    }
    const { eventsMax, bytesMax } = this.#limits
    if (this.#events.length >= eventsMax)
      throw new RequestRefused(
        'too-many-rows',
        `the request changes more than ${eventsMax} rows; split it into several requests`,
      )
    if (this.#bytes > bytesMax)
      throw new RequestRefused(
        'version-too-large',
        `the request touches more than ${bytesMax} bytes of values; split it into several requests`,
      )
  }
}

function eventOf(table: TableDefinition, kind: number, values: RowValues): RowEvent {
  const width = table.key.length + table.columns.length
  assert(values.length === (kind === KIND.update ? 2 * width : width), 'triggers report whole rows')
  if (kind === KIND.insert) return { table, before: undefined, after: values }
  if (kind === KIND.delete) return { table, before: values, after: undefined }
  return { table, before: values.slice(0, width), after: values.slice(width) }
}

function captureCalls(table: TableDefinition, kind: number, values: readonly string[]): string {
  const calls: string[] = []
  let rest = values
  for (; rest.length > VALUES_PER_CALL; rest = rest.slice(VALUES_PER_CALL))
    calls.push(`SELECT patina_capture_part(${rest.slice(0, VALUES_PER_CALL).join(', ')});`)
  calls.push(`SELECT patina_capture(${[table.ordinal, kind, ...rest].join(', ')});`)
  return calls.join(' ')
}
