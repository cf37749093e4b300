/**
 * Changeset payload: the row changes of one chunk ↔ bytes, behind the header that `base` owns. Format 1:
 *
 *   tables  varint count, each: name · key columns (count, names) · columns used here (count, names)
 *   shapes  varint count, each: table index · columns (count, indexes into the table's columns)
 *   rows    until the header's count is reached, each: varint 2·shape + allFirst · key values · causal length ·
 *           per column of the shape: [column version, absent where allFirst: all are 1] · value
 *   value   one byte class + 8·n: n < 31 is a length (BLOB, TEXT) or the value (INTEGER); n = 31: varint follows; REAL: 8 bytes
 *
 * A shape names a table and a set of columns once, so that a row carries nothing but its values.
 */
import {
  assert,
  type ByteReader,
  ByteWriter,
  CELL_BYTES_MAX,
  type CellChange,
  type DecodeError,
  decode,
  type Result,
  type RowChange,
  refuse,
  type SqliteValue,
  STORAGE_CLASS,
  storageClass,
  valueBytes,
} from '@patina/base'

/** Bounds of names; SQLite itself allows 32,767 columns. */
export const NAME_BYTES_MAX = 1_024
export const COLUMNS_MAX = 32_767

/** A row change with the names of its key columns, which receivers check against their own definition. */
export interface KeyedRowChange extends RowChange {
  readonly keyColumns: readonly string[]
}

/** Causal lengths and column versions of others are at most this: a forged one must leave room for local writes. */
const LIFE_MAX: number = 2 ** 40
/**
 * Names, shapes, rows and values of one chunk, counted together: what a byte of a hostile payload becomes in memory is up to 200
 * times as large, so their number is bounded and not only their bytes. A writer's chunk of 64 KiB has at most a tenth of it,
 * a single row of COLUMNS_MAX columns three quarters (name, place in the shape and value of each).
 */
export const CHUNK_PARTS_MAX = 131_072

const INLINE_MAX = 30
const INLINE_NEXT = 31
const utf8 = new TextEncoder()

interface TableEntry {
  readonly index: number
  readonly keyColumns: readonly string[]
  readonly columns: Map<string, number>
}

/** Encodes row changes one by one; the dictionary is collected on the way. One chunk at a time. */
export class PayloadWriter {
  readonly #tables = new Map<string, TableEntry>()
  /** Shape bytes → index. */
  readonly #shapes = new Map<string, number>()
  readonly #shapeBytes = new ByteWriter(64)
  readonly #rows = new ByteWriter(512)
  #dictionaryBytes = 0
  #count = 0
  /** Rows of one shape mostly follow each other; then nothing is looked up. */
  #last: { readonly change: KeyedRowChange; readonly shape: number } | undefined

  /** Row changes so far. */
  get count(): number {
    return this.#count
  }

  /** Size of the payload so far, a few bytes of counts aside. */
  get bytes(): number {
    return this.#dictionaryBytes + this.#shapeBytes.length + this.#rows.length
  }

  /** Forgets everything and keeps the memory for the next chunk. */
  clear(): void {
    this.#tables.clear()
    this.#shapes.clear()
    this.#shapeBytes.clear()
    this.#rows.clear()
    this.#dictionaryBytes = 0
    this.#count = 0
    this.#last = undefined
  }

  add(change: KeyedRowChange): void {
    const last = this.#last
    const shape = last !== undefined && hasShapeOf(change, last.change) ? last.shape : this.#shapeOf(change)
    if (last === undefined || last.shape !== shape) this.#last = { change, shape }
    const rows = this.#rows
    const allFirst = areFirst(change)
    rows.varint(2 * shape + (allFirst ? 1 : 0))
    for (const value of change.key) writeValue(rows, value)
    rows.varint(change.causalLength)
    for (const { columnVersion, value } of change.cells) {
      if (!allFirst) rows.varint(columnVersion)
      writeValue(rows, value)
    }
    this.#count += 1
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const writer = joiner
    writer.clear()
    writer.varint(this.#tables.size)
    for (const [name, { keyColumns, columns }] of this.#tables) {
      writer.text(name)
      writeNames(writer, keyColumns)
      writeNames(writer, [...columns.keys()])
    }
    writer.varint(this.#shapes.size).raw(this.#shapeBytes.written())
    const rows = this.#rows.written()
    const bytes = new Uint8Array(writer.length + rows.length)
    bytes.set(writer.written())
    bytes.set(rows, writer.length)
    return bytes
  }

  #shapeOf(change: KeyedRowChange): number {
    const table = this.#tableOf(change)
    const columns = change.cells.map(({ column }) => this.#columnOf(table, column))
    const key = `${table.index}:${columns.join(',')}`
    const known = this.#shapes.get(key)
    if (known !== undefined) return known
    const index = this.#shapes.size
    this.#shapes.set(key, index)
    this.#shapeBytes.varint(table.index).varint(columns.length)
    for (const column of columns) this.#shapeBytes.varint(column)
    return index
  }

  #tableOf({ table, keyColumns }: KeyedRowChange): TableEntry {
    const known = this.#tables.get(table)
    if (known !== undefined) return known
    const entry = { index: this.#tables.size, keyColumns, columns: new Map<string, number>() }
    this.#tables.set(table, entry)
    this.#dictionaryBytes += table.length + keyColumns.join().length + 4
    return entry
  }

  #columnOf({ columns }: TableEntry, name: string): number {
    const known = columns.get(name)
    if (known !== undefined) return known
    columns.set(name, columns.size)
    this.#dictionaryBytes += name.length + 1
    return columns.size - 1
  }
}

/** One buffer for the dictionaries of all chunks, which are as large as the names of a schema. */
const joiner = new ByteWriter()

function areFirst({ cells }: KeyedRowChange): boolean {
  for (const { columnVersion } of cells) if (columnVersion !== 1) return false
  return true
}

/** Same table and same columns in the same order. The key columns are not compared. */
export function hasShapeOf(a: KeyedRowChange, b: KeyedRowChange): boolean {
  if (a.table !== b.table || a.cells.length !== b.cells.length) return false
  for (let i = 0; i < a.cells.length; i += 1) if (a.cells[i]?.column !== b.cells[i]?.column) return false
  return true
}

/** Upper estimate of what a row adds to a payload; used to cut chunks. */
export function rowChangeBytes(change: RowChange): number {
  let bytes = 8
  for (const value of change.key) bytes += 6 + valueBytes(value)
  for (const { value } of change.cells) bytes += 10 + valueBytes(value)
  return bytes
}

/** At least `rowChangeBytes`, and cheap: no text is read. */
export function rowChangeBytesMax(change: RowChange): number {
  let bytes = 8
  for (const value of change.key) bytes += 6 + valueBytesMax(value)
  for (const { value } of change.cells) bytes += 10 + valueBytesMax(value)
  return bytes
}

function valueBytesMax(value: SqliteValue): number {
  return typeof value === 'string' ? 3 * value.length : valueBytes(value)
}

/**
 * All row changes of a payload; `count` from the header. Junk gives an error and nothing else. Takes at most 4 bytes of memory per
 * byte of the payload, and 32 MiB for CHUNK_PARTS_MAX objects.
 */
export function decodePayload(bytes: Uint8Array, count: number): Result<KeyedRowChange[], DecodeError> {
  return decode(bytes, (reader) => {
    const parts = new PartsBudget()
    const tables = readTables(reader, parts)
    const shapes = readShapes(reader, tables, parts)
    const changes: KeyedRowChange[] = []
    // A row takes at least three bytes, so a false count cannot ask for more memory than the payload has.
    if (count > reader.remaining()) refuse('row count', count)
    for (let i = 0; i < count; i += 1) changes.push(readRow(reader, shapes, parts))
    return changes
  })
}

/** Counts what a payload makes of itself, before it is made. */
class PartsBudget {
  #spent = 0

  spend(parts: number): void {
    this.#spent += parts
    if (this.#spent > CHUNK_PARTS_MAX) refuse('parts of a chunk', this.#spent)
  }
}

interface TableNames {
  readonly name: string
  readonly keyColumns: readonly string[]
  readonly columns: readonly string[]
}

interface Shape {
  readonly table: TableNames
  readonly columns: readonly string[]
}

function readTables(reader: ByteReader, parts: PartsBudget): TableNames[] {
  const tables: TableNames[] = []
  const count = reader.varint('table count', reader.remaining())
  for (let i = 0; i < count; i += 1) {
    parts.spend(1)
    const name = reader.text('table name', NAME_BYTES_MAX)
    const keyColumns = readNames(reader, 'key column', parts)
    if (keyColumns.length === 0) refuse('key column count', 0)
    tables.push({ name, keyColumns, columns: readNames(reader, 'column', parts) })
  }
  return tables
}

function readShapes(reader: ByteReader, tables: readonly TableNames[], parts: PartsBudget): Shape[] {
  const shapes: Shape[] = []
  const count = reader.varint('shape count', reader.remaining())
  for (let i = 0; i < count; i += 1) {
    const index = reader.varint('table index')
    const table = tables[index] ?? refuse('table index', index)
    const columns: string[] = []
    const width = reader.varint('column count', table.columns.length)
    parts.spend(1 + width)
    for (let c = 0; c < width; c += 1) {
      const column = reader.varint('column index')
      columns.push(table.columns[column] ?? refuse('column index', column))
    }
    if (new Set(columns).size !== columns.length) refuse('columns of a shape', columns.length)
    shapes.push({ table, columns })
  }
  return shapes
}

function readRow(reader: ByteReader, shapes: readonly Shape[], parts: PartsBudget): KeyedRowChange {
  const head = reader.varint('shape')
  const { table, columns } = shapes[Math.floor(head / 2)] ?? refuse('shape', head)
  parts.spend(1 + table.keyColumns.length + columns.length)
  const key = table.keyColumns.map(() => readValue(reader))
  if (key.includes(null)) refuse('key', 'NULL')
  const causalLength = reader.varint('causal length', LIFE_MAX)
  if (causalLength === 0) refuse('causal length', 0)
  if (causalLength % 2 === 0 && columns.length > 0) refuse('cells of a deleted row', columns.length)
  const cells: CellChange[] = columns.map((column) => {
    const columnVersion = head % 2 === 1 ? 1 : reader.varint('column version', LIFE_MAX)
    if (columnVersion === 0) refuse('column version', 0)
    return { column, columnVersion, value: readValue(reader) }
  })
  return { table: table.name, keyColumns: table.keyColumns, key, causalLength, cells }
}

function writeNames(writer: ByteWriter, names: readonly string[]): void {
  writer.varint(names.length)
  for (const name of names) writer.text(name)
}

function readNames(reader: ByteReader, what: string, parts: PartsBudget): string[] {
  const count = reader.varint(`${what} count`, Math.min(COLUMNS_MAX, reader.remaining()))
  parts.spend(count)
  return Array.from({ length: count }, () => reader.text(what, NAME_BYTES_MAX))
}

function writeValue(writer: ByteWriter, value: SqliteValue): void {
  const tag = storageClass(value)
  if (value === null) writer.u8(tag)
  else if (typeof value === 'string') writeText(writer, tag, value)
  else if (typeof value === 'number') writer.u8(tag).f64(value)
  else if (typeof value === 'bigint') writeInteger(writer, value)
  else writeBytes(writer, tag, value)
}

/** Longer texts are left to the encoder: it reads them faster than a loop. */
const ASCII_UNITS_MAX = 64

/** Short ASCII texts are most values of a fleet, and written in place. */
function writeText(writer: ByteWriter, tag: number, text: string): void {
  const start = writer.length
  const { length } = text
  if (length <= ASCII_UNITS_MAX) {
    if (length <= INLINE_MAX) writer.u8(tag + 8 * length)
    else writer.u8(tag + 8 * INLINE_NEXT).varint(length)
    if (writer.ascii(text)) return
    writer.rewind(start)
  }
  writeBytes(writer, tag, utf8.encode(text))
}

function writeBytes(writer: ByteWriter, tag: number, bytes: Uint8Array): void {
  assert(bytes.length <= CELL_BYTES_MAX, 'cells are bounded when they are captured')
  if (bytes.length <= INLINE_MAX) writer.u8(tag + 8 * bytes.length).raw(bytes)
  else writer.u8(tag + 8 * INLINE_NEXT).bytes(bytes)
}

function writeInteger(writer: ByteWriter, value: bigint): void {
  if (value >= 0n && value <= BigInt(INLINE_MAX)) writer.u8(STORAGE_CLASS.integer + 8 * Number(value))
  else writer.u8(STORAGE_CLASS.integer + 8 * INLINE_NEXT).int64(value)
}

const utf8Checked = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readValue(reader: ByteReader): SqliteValue {
  const byte = reader.u8()
  const inline = byte >> 3
  switch (byte & 7) {
    case STORAGE_CLASS.null:
      return inline === 0 ? null : refuse('value tag', byte)
    case STORAGE_CLASS.blob:
      return readBytes(reader, inline).slice()
    case STORAGE_CLASS.text:
      return readText(readBytes(reader, inline))
    case STORAGE_CLASS.real: {
      const real = inline === 0 ? reader.f64() : refuse('value tag', byte)
      return Number.isNaN(real) ? refuse('real', 'NaN') : real
    }
    case STORAGE_CLASS.integer:
      return inline === INLINE_NEXT ? reader.int64('integer') : BigInt(inline)
    default:
      return refuse('value tag', byte)
  }
}

function readBytes(reader: ByteReader, inline: number): Uint8Array {
  return inline === INLINE_NEXT ? reader.bytes('value', CELL_BYTES_MAX) : reader.raw(inline)
}

function readText(bytes: Uint8Array): string {
  try {
    return utf8Checked.decode(bytes)
  } catch {
    return refuse('text', 'not UTF-8')
  }
}
